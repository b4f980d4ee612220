"""Keep the value that loses a conflict before anything is written over it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from core.domain.errors import AlmacenError, OperacionFallida
from core.domain.models.almacen import Conflicto
from core.domain.models.conflicto import ConflictoGuardado, LugarConflicto
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen

_log = logging.getLogger(__name__)

PAGINA = 200
"""Losers read at a time."""


def conservar(
    perdedora: Tarea,
    version_ganadora: int,
    donde: Almacen,
    copia: Almacen,
    *,
    ahora_ms: Callable[[], int],
) -> None:
    """Into `conflictos` of one store, and of the other one if it can: a store that is emptied some day must
    not take the only copy with it. The list of conflicts shows the two as one.

    Raises AlmacenError when `donde` did not take it.
    """
    conflicto = Conflicto(perdedora=perdedora, version_ganadora=version_ganadora, cuando_ms=ahora_ms())
    donde.guardar_conflicto(conflicto)
    try:
        copia.guardar_conflicto(conflicto)
    except AlmacenError as error:
        _log.warning(
            "⚠️ Lo que perdió la tarea %s se conserva en %s y no en %s: %s",
            perdedora.id,
            donde.nombre.etiqueta,
            copia.nombre.etiqueta,
            error,
        )


def copiar_todas(origen: Almacen, destino: Almacen, *, parar: Callable[[], bool]) -> bool:
    """All losers that `origen` keeps, with what became of them, to one that was emptied or is another one.

    Returns: whether it came to the end; `parar` is asked before each page. Raises AlmacenError.
    """
    for resueltos in (False, True):
        tras: LugarConflicto | None = None
        while not parar():
            guardados = origen.listar_conflictos(tras=tras, limite=PAGINA, resueltos=resueltos)
            for uno in guardados:
                _copiar(uno, destino)
            if len(guardados) < PAGINA:
                break
            tras = guardados[-1].lugar
        else:
            return False
    return True


def _copiar(uno: ConflictoGuardado, destino: Almacen) -> None:
    try:
        destino.guardar_conflicto(uno.conflicto)
        if uno.resuelta_en_ms is not None:
            destino.resolver_conflicto(*uno.clave, uno.resolucion, uno.resuelta_en_ms)
    except OperacionFallida as error:  # of this one; the first copy stays where it is
        _log.warning("⚠️ Lo que perdió la tarea %s no se copia: %s", uno.clave[0], error)
