"""Keep the value that loses a conflict before anything is written over it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from core.domain.errors import AlmacenError
from core.domain.models.almacen import Conflicto
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen

_log = logging.getLogger(__name__)


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
