"""Two writers met: one store took this write, the other held something that its writer never saw."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID

from adapters.dual.desenlace import con_uno, desenlace_de
from adapters.replicacion.empujar import INTENTOS, empujar
from adapters.replicacion.perdedoras import Conservar
from core.conflictos import pierde_algo
from core.domain.errors import AlmacenError
from core.domain.models.almacen import (
    Desenlace,
    NombreAlmacen,
    ResultadoEscritura,
)
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen

_log = logging.getLogger("adapters.dual")
Confirmar = Callable[[Mapping[UUID, int]], None]


def converger(
    resultado: ResultadoEscritura,
    fila: Tarea,
    almacenes: Mapping[NombreAlmacen, Almacen],
    *,
    responde: Callable[[NombreAlmacen], bool],
    confirmar: Confirmar,
    conservar: Conservar,
) -> ResultadoEscritura:
    """Settle such a write: the higher version wins in both stores, the other value is kept.

    If ours is the higher, it is pushed over what refused it and the result becomes confirmed in both. If it
    is the lower, it is kept in `conflictos`, the winner is pushed over it, and the result becomes a conflict
    in both, so that its writer is told. Where no store acknowledged and an answer was lost, the row is read
    back first. Any other result is returned as it came.

    A crash or an outage in here loses nothing: the row that was taken is pendiente, and replication applies
    the same rule to it later.
    """
    if resultado.en_ninguno:
        resultado = releer(resultado, fila, almacenes, responde=responde)
    rechazo = next((uno for uno in resultado.por_almacen if uno.actual is not None), None)
    if rechazo is None or resultado.en_ninguno:
        return resultado
    actual, almacen = rechazo.actual, almacenes[rechazo.almacen]
    try:
        for _ in range(INTENTOS):
            if actual is not None and actual.version > fila.version:
                return _perdida(resultado, fila, actual, almacenes, rechazo.almacen, confirmar, conservar)
            if empujar(almacen, fila, otro=almacenes[rechazo.almacen.otro], conservar=conservar):
                return con_uno(
                    resultado, replace(rechazo, desenlace=Desenlace.CONFIRMADA, error="", actual=None)
                )
            actual = almacen.leer(fila.id)
    except AlmacenError as error:
        _para_luego(error)
        rechazo = replace(rechazo, desenlace=desenlace_de(error), error=str(error), actual=None)
        return con_uno(resultado, rechazo)
    motivo = "la tarea cambia sin parar; se copiará más tarde"
    return con_uno(resultado, replace(rechazo, desenlace=Desenlace.FALLIDA, error=motivo, actual=None))


def releer(
    resultado: ResultadoEscritura,
    fila: Tarea,
    almacenes: Mapping[NombreAlmacen, Almacen],
    *,
    responde: Callable[[NombreAlmacen], bool],
) -> ResultadoEscritura:
    """Look whether a write whose answer was lost is there. One that is not may still land: it stays so."""
    for uno in resultado.por_almacen:
        if uno.desenlace is not Desenlace.DESCONOCIDA or not responde(uno.almacen):
            continue
        try:
            hay = almacenes[uno.almacen].leer(fila.id)
        except AlmacenError as error:
            _log.debug("%s: no se pudo releer: %s", uno.almacen.etiqueta, error)
            continue
        if hay is not None and hay.misma_escritura(fila):
            resultado = con_uno(resultado, replace(uno, desenlace=Desenlace.CONFIRMADA, error=""))
        else:
            resultado = con_uno(resultado, replace(uno, releida=True))
    return resultado


def _perdida(
    resultado: ResultadoEscritura,
    fila: Tarea,
    actual: Tarea,
    almacenes: Mapping[NombreAlmacen, Almacen],
    rechazo: NombreAlmacen,
    confirmar: Confirmar,
    conservar: Conservar,
) -> ResultadoEscritura:
    suerte = ""  # an ancestor of the winner, or its equal: nothing of it is lost
    try:
        if pierde_algo(fila, actual):
            suerte = f"; este valor queda en {rechazo.otro.etiqueta} hasta que se pueda guardar en Conflictos"
            conservar(fila, actual.version, almacenes[rechazo], almacenes[rechazo.otro])
            suerte = "; este valor se conserva en Conflictos"
        if empujar(almacenes[rechazo.otro], actual, otro=almacenes[rechazo], conservar=conservar):
            confirmar({actual.id: actual.version})
    except AlmacenError as error:
        _para_luego(error)  # and the writer is told all the same that it lost
    tomada = replace(
        resultado.de(rechazo.otro),
        desenlace=Desenlace.CONFLICTO,
        error=f"otra escritura más reciente ganó{suerte}",
        actual=actual,
    )
    return con_uno(resultado, tomada)


def _para_luego(error: AlmacenError) -> None:
    _log.warning("⚠️ %s: la convergencia queda para más tarde: %s", error.almacen.etiqueta, error)
