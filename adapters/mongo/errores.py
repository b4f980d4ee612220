"""Driver errors into ours, all of them here, by type and server code, never by message.

What matters most is what a failed write may have left behind: nothing was sent, the server said no, or
nobody knows. Sentences repeat nothing of what the driver says, which may be long and may hold data.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable

from bson.errors import BSONError
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    ExecutionTimeout,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)
from pymongo.read_preferences import ReadPreference
from pymongo.topology_description import TopologyDescription

from core.domain.errors import (
    AlmacenError,
    AlmacenNoDisponible,
    AlmacenSoloLectura,
    OperacionFallida,
    ResultadoDesconocido,
)
from core.domain.models.almacen import NombreAlmacen

ErrorDelDriver = (PyMongoError, BSONError, OverflowError)
"""What an operation of the driver can raise because of the world or of data."""

CLAVE_DUPLICADA = 11000
_RECHAZO_POR_NO_SER_PRIMARIO = frozenset({10107, 13435, 10058})  # refused before it was begun
_USUARIO_O_CONTRASENA = frozenset({18, 8000})
_INTERRUMPIDA = frozenset({11601, 262, 91, 11600, 11602, 189})
_FRASES = {
    13: "el usuario de MONGO_URL no tiene permiso para esta operación",
    121: "el documento no cumple las reglas de validación de la colección",
    CLAVE_DUPLICADA: "otro documento ya tiene ese valor en un índice único de la colección",
    14031: "el servidor se ha quedado sin espacio en disco",
    10334: "el documento es demasiado grande",
    17419: "el documento es demasiado grande",
    17280: "un valor es demasiado grande para un índice de la colección",
}
_SIN_ESE_NOMBRE = "el nombre del servidor no existe en la red"
_FRASES_DNS = {
    "NXDOMAIN": _SIN_ESE_NOMBRE,
    "NoAnswer": "ese nombre no anuncia ningún servidor MongoDB (no tiene registros SRV)",
}
"""What looking up a `mongodb+srv` address met, by the name of its error: its library is the driver's own,
loaded only when it is needed."""


def traducir(
    error: Exception,
    *,
    enviada: bool = False,
    escritura: bool = False,
    topologia: TopologyDescription | None = None,
    vive: bool = False,
) -> AlmacenError:
    """The error of ours that says the same.

    Args:
        error: one of `ErrorDelDriver`.
        enviada: a write had been sent when it was raised, so that it may have been applied.
        escritura: it was raised by an operation that writes.
        topologia: what the driver knew of the servers, for the reason why none was found.
        vive: the server answered something else in the meantime.
    """
    if isinstance(error, ServerSelectionTimeoutError):
        return _sin_servidor(escritura, enviada, topologia)
    if isinstance(error, NotPrimaryError):
        return _no_es_primario(error, enviada)
    if isinstance(error, WriteConcernError):
        return _desconocido("la mayoría de las réplicas no confirmó la escritura a tiempo")
    if isinstance(error, BulkWriteError):
        return _desconocido("la mayoría de las réplicas no confirmó las escrituras a tiempo")
    if not enviada and _demasiado_lenta(error, vive):
        return _fallida("el servidor la dejó porque tardaba demasiado")
    if isinstance(error, ExecutionTimeout | NetworkTimeout):
        return _cortada("no respondió a tiempo", enviada)
    if isinstance(error, WaitQueueTimeoutError):
        return _cortada("todas las conexiones siguen ocupadas", enviada)
    if isinstance(error, AutoReconnect | ConnectionFailure):
        return _cortada(motivo([error]) or "se cortó la conexión", enviada)
    # The second is what a thread meets whose pool is closed while it takes a connection: it has no public
    # name.
    if isinstance(error, InvalidOperation) or type(error).__name__ == "_PoolClosedError":
        return _cortada("se cerró la conexión desde este programa", enviada)
    if isinstance(error, OperationFailure):
        return _rechazada(error, enviada)
    if isinstance(error, ConfigurationError) and (frase := motivo([error])):
        return _cortada(frase, enviada)
    if isinstance(error, ConfigurationError):
        return _fallida("este programa no puede hablar con la versión o la configuración de ese servidor")
    if isinstance(error, DocumentTooLarge):
        return _fallida(_FRASES[17419])
    return _fallida(f"los datos no se pueden leer o escribir como documento ({type(error).__name__})")


def a_medias(error: AlmacenError) -> AlmacenError:
    """The error of an operation of several requests of which some were carried out."""
    if isinstance(error, ResultadoDesconocido):
        return error
    return ResultadoDesconocido(NombreAlmacen.MONGO, f"En MongoDB solo quedó guardada una parte. {error}")


def frase_de_codigo(codigo: int, nombre: str = "") -> str:
    """What a server's error code means for an operator."""
    return _FRASES.get(codigo) or (
        f"el servidor rechazó la operación ({nombre}, código {codigo})"
        if nombre
        else f"el servidor rechazó la operación (código {codigo})"
    )


def motivo(errores: Iterable[BaseException]) -> str:
    """Why a server could not be reached, from the first error that tells; empty if none does."""
    for error in errores:
        causa: BaseException | None = error
        while causa is not None:
            if frase := _motivo_de(causa):
                return frase
            causa = causa.__cause__
    return ""


def _motivo_de(causa: BaseException) -> str:
    if isinstance(causa, ConnectionRefusedError):
        return "conexión rechazada: el servidor no está en marcha o escucha en otro puerto"
    if isinstance(causa, socket.gaierror):
        return _SIN_ESE_NOMBRE
    if type(causa).__module__.startswith("dns."):
        return _FRASES_DNS.get(type(causa).__name__, "el servicio de nombres (DNS) no contesta")
    if isinstance(causa, ssl.SSLError):
        return "falló la conexión cifrada (TLS)"
    if isinstance(causa, OperationFailure) and causa.code in _USUARIO_O_CONTRASENA:
        return "el servidor rechazó el usuario o la contraseña de MONGO_URL"
    if isinstance(causa, TimeoutError | NetworkTimeout):
        return "el servidor no responde"
    return ""


def _sin_servidor(escritura: bool, enviada: bool, topologia: TopologyDescription | None) -> AlmacenError:
    if topologia is not None and topologia.has_readable_server(ReadPreference.SECONDARY):
        frase = "no hay ningún primario; solo responden réplicas de lectura"
        return _solo_lectura(frase) if escritura else _cortada(frase, enviada)
    servidores = topologia.server_descriptions().values() if topologia is not None else ()
    porque = motivo(servidor.error for servidor in servidores if servidor.error is not None)
    return _cortada(porque or "no se encuentra ningún servidor en la dirección de MONGO_URL", enviada)


def _no_es_primario(error: NotPrimaryError, enviada: bool) -> AlmacenError:
    codigo = error.details.get("code") if isinstance(error.details, dict) else None
    if enviada and codigo in _RECHAZO_POR_NO_SER_PRIMARIO:
        return _solo_lectura("el servidor ya no es el primario")
    return _cortada("el servidor se detiene o cede su papel de primario", enviada)


def _rechazada(error: OperationFailure, enviada: bool) -> AlmacenError:
    codigo = error.code or 0
    if codigo in _USUARIO_O_CONTRASENA:
        return _cortada(_motivo_de(error), enviada=False)
    if codigo in _INTERRUMPIDA:
        return _cortada("el servidor interrumpió la operación", enviada)
    if codigo == 371:  # UserWritesBlocked
        return _solo_lectura("el servidor las tiene bloqueadas")
    detalles = error.details or {}
    return _fallida(frase_de_codigo(codigo, str(detalles.get("codeName", ""))))


def _demasiado_lenta(error: Exception, vive: bool) -> bool:
    """Whether it was this operation that took too long, and no server that is gone.

    A server gives up a moment before we do, and which of the two is seen first is chance. The driver raises
    the server's error also where it asked none, then without the name of the code.
    """
    if isinstance(error, ExecutionTimeout):
        return vive or "codeName" in (error.details or {})
    return vive and isinstance(error, NetworkTimeout)


def _cortada(frase: str, enviada: bool) -> AlmacenError:
    if enviada:
        return _desconocido(frase)
    return no_disponible(frase)


def no_disponible(frase: str) -> AlmacenNoDisponible:
    """Nothing was sent, because of `frase`."""
    return AlmacenNoDisponible(NombreAlmacen.MONGO, f"MongoDB no está disponible: {frase}.")


def _desconocido(frase: str) -> ResultadoDesconocido:
    return ResultadoDesconocido(
        NombreAlmacen.MONGO, f"No se sabe si la escritura quedó guardada en MongoDB: {frase}."
    )


def _solo_lectura(frase: str) -> AlmacenSoloLectura:
    return AlmacenSoloLectura(NombreAlmacen.MONGO, f"MongoDB no admite escrituras: {frase}.")


def _fallida(frase: str) -> OperacionFallida:
    return OperacionFallida(NombreAlmacen.MONGO, f"MongoDB no hizo la operación: {frase}.")
