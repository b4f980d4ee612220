"""Versions that both stores are known to hold, for rows read before the stores were told. No Qt in here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from core.domain.models.tarea import Tarea

RECORDADAS_MAX = 20_000
"""Most confirmations kept: far more than come while one page is on its way."""


class Confirmaciones:
    """Remembers the last confirmations by id.

    A page is read, then both stores are told that they hold a row of it, then the page arrives and says that
    the row still waits. Nothing would ever correct that but the next refresh.
    """

    def __init__(self, maximo: int = RECORDADAS_MAX) -> None:
        self._maximo = maximo
        self._versiones: dict[str, int] = {}

    def anotar(self, pares: Iterable[tuple[str, int]]) -> None:
        """Both stores hold these versions; the oldest are forgotten."""
        for id, version in pares:
            # Taken out first, so that it counts as new in the order of the dictionary.
            self._versiones[id] = max(version, self._versiones.pop(id, 0))
        sobran = max(0, len(self._versiones) - self._maximo)
        for id in [*islice(self._versiones, sobran)]:
            del self._versiones[id]

    def aplicar(self, tarea: Tarea) -> Tarea:
        """The row with what is known by now (see `Almacen.confirmar`)."""
        if not tarea.pendiente:
            return tarea
        comun = max(tarea.version_comun, self._versiones.get(str(tarea.id), 0))
        return replace(tarea, version_comun=comun, pendiente=tarea.version > comun)
