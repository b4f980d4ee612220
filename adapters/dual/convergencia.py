"""Two writers met: one store took this write, the other held something that its writer never saw."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID

from adapters.nodo import ahora_ms
from adapters.replicacion.empujar import INTENTOS, empujar
from core.conflictos import son_concurrentes
from core.domain.errors import AlmacenError
from core.domain.models.almacen import (
    Conflicto,
    Desenlace,
    NombreAlmacen,
    ResultadoAlmacen,
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
    confirmar: Confirmar,
) -> ResultadoEscritura:
    """Settle such a write: the higher version wins in both stores, the other value is kept.

    If ours is the higher, it is pushed over what refused it and the result becomes confirmed in both. If it
    is the lower, it is kept in `conflictos`, the winner is pushed over it, and the result becomes a conflict
    in both, so that its writer is told. Any other result is returned as it came.

    A crash or an outage in here loses nothing: the row that was taken is pendiente, and replication applies
    the same rule to it later.
    """
    rechazo = next((uno for uno in resultado.por_almacen if uno.actual is not None), None)
    if rechazo is None or resultado.en_ninguno:
        return resultado
    actual, almacen = rechazo.actual, almacenes[rechazo.almacen]
    try:
        for _ in range(INTENTOS):
            if actual is not None and actual.version > fila.version:
                return _perdida(resultado, fila, actual, almacenes, rechazo.almacen, confirmar)
            if empujar(almacen, fila, ahora_ms=ahora_ms):
                return _con(
                    resultado, replace(rechazo, desenlace=Desenlace.CONFIRMADA, error="", actual=None)
                )
            actual = almacen.leer(fila.id)
    except AlmacenError as error:
        _log.warning("⚠️ %s: la convergencia queda para más tarde: %s", rechazo.almacen.etiqueta, error)
        return _con(resultado, replace(rechazo, desenlace=Desenlace.FALLIDA, error=str(error), actual=None))
    motivo = "la tarea cambia sin parar; se copiará más tarde"
    return _con(resultado, replace(rechazo, desenlace=Desenlace.FALLIDA, error=motivo, actual=None))


def _perdida(
    resultado: ResultadoEscritura,
    fila: Tarea,
    actual: Tarea,
    almacenes: Mapping[NombreAlmacen, Almacen],
    rechazo: NombreAlmacen,
    confirmar: Confirmar,
) -> ResultadoEscritura:
    if son_concurrentes(fila, actual):
        almacenes[rechazo].guardar_conflicto(
            Conflicto(perdedora=fila, version_ganadora=actual.version, cuando_ms=ahora_ms())
        )
    if empujar(almacenes[rechazo.otro], actual, ahora_ms=ahora_ms):
        confirmar({actual.id: actual.version})
    tomada = replace(
        resultado.de(rechazo.otro),
        desenlace=Desenlace.CONFLICTO,
        error="otra escritura más reciente ganó; este valor se conserva en Conflictos",
        actual=actual,
    )
    return _con(resultado, tomada)


def _con(resultado: ResultadoEscritura, uno: ResultadoAlmacen) -> ResultadoEscritura:
    if uno.almacen is NombreAlmacen.SQL:
        return replace(resultado, sql=uno)
    return replace(resultado, mongo=uno)
