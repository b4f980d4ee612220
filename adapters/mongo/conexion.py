"""The driver's client: made lazily, replaced when interrupted, every call inside a deadline."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote

import pymongo
from pymongo import MongoClient, monitoring
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.topology_description import TopologyDescription
from pymongo.write_concern import WriteConcern

from adapters.mongo.documento import Documento
from adapters.mongo.errores import ErrorDelDriver, a_medias, no_disponible, traducir
from adapters.mongo.opciones import comprobar_opciones
from adapters.mongo.sonda import ninguno_a_la_vista, rechazo, todos_fallaron
from core.domain.errors import ConfiguracionInvalida

T = TypeVar("T")

BASE_POR_DEFECTO = "dual_tareas"
ESPERA_SIN_SERVIDOR_S = 2.0
"""Longest wait for a server when the last look at all of them failed, seconds."""
_PASO_DEL_DRIVER_S = 0.5  # it waits for a server in steps of that length, also beyond the deadline
_PLAZO_MIN_S = 0.001  # to the driver, 0 means no deadline at all
_CIERRE_S = 0.2  # for saying goodbye to the server; a frozen one would keep us for ever
_ESCRITURAS = frozenset({"insert", "update", "delete", "findAndModify", "bulkWrite", "createIndexes"})


class Envios(monitoring.CommandListener):
    """Knows whether this thread has sent a write since `olvidar()`, and whether one changed anything.

    It is called right before the bytes leave: an operation that failed and left no note here certainly
    was not applied, which no exception of the driver tells. Nor does one tell what the requests before the
    one that failed have done.
    """

    def __init__(self) -> None:
        self._hilo = threading.local()

    def olvidar(self) -> None:
        """Start anew."""
        self._hilo.enviada = self._hilo.aplicada = False

    @property
    def aplicada(self) -> bool:
        """Whether a write of this thread was carried out."""
        return bool(getattr(self._hilo, "aplicada", False))

    @property
    def enviada(self) -> bool:
        """Whether a write was sent by this thread."""
        return bool(getattr(self._hilo, "enviada", False))

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """The driver is about to send a command."""
        if event.command_name in _ESCRITURAS:
            self._hilo.enviada = True

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """A server has answered; `n` documents are those that a write found or made."""
        if event.command_name in _ESCRITURAS and event.reply.get("n"):
            self._hilo.aplicada = True

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to note."""


class Latidos(monitoring.ServerHeartbeatListener):
    """When each server last answered the driver, which asks them all every two seconds."""

    def __init__(self) -> None:
        self._vistos: dict[tuple[str, int | None], float] = {}

    def started(self, event: monitoring.ServerHeartbeatStartedEvent) -> None:
        """Nothing to note."""

    def succeeded(self, event: monitoring.ServerHeartbeatSucceededEvent) -> None:
        """A server has answered."""
        self._vistos[event.connection_id] = time.monotonic()

    def failed(self, event: monitoring.ServerHeartbeatFailedEvent) -> None:
        """Nothing to note."""

    def desde(self, inicio_s: float, topologia: TopologyDescription) -> bool:
        """Whether the server that operations go to has answered since `inicio_s` (monotonic)."""
        return any(
            servidor.is_writable and self._vistos.get(direccion, -math.inf) > inicio_s
            for direccion, servidor in topologia.server_descriptions().items()
        )


class Conexion:
    """One database of one MongoDB deployment.

    Args:
        url: `mongodb://…` or `mongodb+srv://…`.
        base: database; None for the one named in the URL, or `dual_tareas`.
        timeout_s: deadline of an operation, seconds.

    Raises: ConfiguracionInvalida for a URL that the driver does not take.
    """

    def __init__(self, url: str, *, base: str | None, timeout_s: float) -> None:
        anfitriones, base_de_url = partes_de_url(url)
        comprobar_opciones(url)
        self.nombre_base = base or base_de_url or BASE_POR_DEFECTO
        self.direccion = f"{anfitriones}/{self.nombre_base}"
        self.timeout_s = timeout_s
        self._url = url
        self._envios = Envios()
        self._latidos = Latidos()
        self._lock = threading.Lock()  # guards the two below; nothing is sent while it is held
        self._cliente: MongoClient[Documento] | None = self._nuevo_cliente()
        self._cerrada = False

    def ejecutar(
        self,
        funcion: Callable[[Database[Documento]], T],
        *,
        escritura: bool = False,
        plazo_s: float | None = None,
        sin_servidor_s: float = ESPERA_SIN_SERVIDOR_S,
    ) -> T:
        """`funcion(database)` within a deadline, the driver's errors translated.

        Args:
            escritura: it writes: an answer that never came is then a ResultadoDesconocido.
            plazo_s: deadline, seconds; None for the one of this connection.
            sin_servidor_s: a shorter one for when no server is known to answer.

        Raises: AlmacenError.
        """
        inicio_s = time.monotonic()
        fin_s = inicio_s + (plazo_s or self.timeout_s)
        cliente = self._abrir()
        topologia = cliente.topology_description
        if ninguno_a_la_vista(topologia):
            if porque := rechazo(topologia):
                raise no_disponible(porque)
            if todos_fallaron(topologia):
                fin_s = min(fin_s - _PASO_DEL_DRIVER_S, time.monotonic() + sin_servidor_s)
        self._envios.olvidar()
        try:
            # A context variable: it must be set in the thread that runs the operation.
            with pymongo.timeout(max(_PLAZO_MIN_S, fin_s - time.monotonic())):
                return funcion(self._base(cliente))
        except ErrorDelDriver as error:
            traducido = traducir(
                error,
                enviada=escritura and self._envios.enviada,
                escritura=escritura,
                topologia=cliente.topology_description,
                vive=self._latidos.desde(inicio_s, cliente.topology_description),
            )
            a_la_mitad = escritura and self._envios.aplicada
            raise (a_medias(traducido) if a_la_mitad else traducido) from error

    def interrumpir(self) -> None:
        """End what waits for the server; the next operation makes a new client."""
        with self._lock:
            cliente, self._cliente = self._cliente, None
        if cliente is not None:
            _soltar(cliente)

    def close(self) -> None:
        """Interrupt and take no more operations; idempotent."""
        with self._lock:
            self._cerrada = True
        self.interrumpir()

    def otra(self) -> Conexion:
        """A new one to the same database, which can be interrupted alone; to be closed by whoever asked."""
        return Conexion(self._url, base=self.nombre_base, timeout_s=self.timeout_s)

    def _abrir(self) -> MongoClient[Documento]:
        with self._lock:
            if self._cerrada:
                raise no_disponible("este programa ya cerró la conexión")
            if self._cliente is None:
                self._cliente = self._nuevo_cliente()
            return self._cliente

    def _base(self, cliente: MongoClient[Documento]) -> Database[Documento]:
        # Majority reads: what was read back may be confirmed to the other store, so it must not roll back.
        return cliente.get_database(
            self.nombre_base,
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern(w="majority", j=True),
        )

    def _nuevo_cliente(self) -> MongoClient[Documento]:
        try:
            return MongoClient(
                self._url,
                connect=False,
                appname="dual-tareas",
                tz_aware=True,
                # Dates that Python cannot hold and broken UTF-8 must not make a list unreadable.
                datetime_conversion="DATETIME_AUTO",
                unicode_decode_error_handler="replace",
                timeoutMS=round(self.timeout_s * 1000),
                serverSelectionTimeoutMS=2000,
                connectTimeoutMS=2000,
                heartbeatFrequencyMS=2000,
                # One attempt, one outcome: a retry behind our back would hide that the first was sent, and
                # would make a read wait for a dead server while the other database could answer it.
                retryWrites=False,
                retryReads=False,
                event_listeners=[self._envios, self._latidos],
            )
        except (PyMongoError, ValueError, TypeError):
            raise _url_invalida() from None  # the driver's message may quote the password


def partes_de_url(url: str) -> tuple[str, str]:
    """Hosts and database of a MongoDB URL, without user, password and options; the database may be empty.

    By hand, for the driver's own parser looks `mongodb+srv` names up in the network.
    """
    esquema, separador, resto = url.partition("://")
    if esquema not in ("mongodb", "mongodb+srv") or not separador:
        raise _url_invalida()
    autoridad, _, ruta = resto.partition("?")[0].partition("/")
    anfitriones = autoridad.rpartition("@")[2]
    return anfitriones, unquote(ruta)


def _url_invalida() -> ConfiguracionInvalida:
    return ConfiguracionInvalida(
        "MONGO_URL no es una dirección de MongoDB válida; "
        "debe tener la forma mongodb://usuario:contraseña@servidor:27017/base."
    )


def _soltar(cliente: MongoClient[Any]) -> None:
    """Close a client without waiting for its server, cancelling what runs on it.

    `close()` leaves connections alone that are in use. The driver's own monitor can cancel them when a
    heartbeat fails; there is no public way to ask for that.
    """
    topologia = cliente._topology
    servidores = list(topologia._servers.values()) if topologia is not None else []
    for servidor in servidores:
        servidor.pool.reset(interrupt_connections=True)
    with pymongo.timeout(_CIERRE_S):
        cliente.close()
