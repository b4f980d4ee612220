"""How many rows each store has that the other lacks, for when both are behind and one has to be read."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.errors import AlmacenError
from core.domain.models.almacen import NombreAlmacen

VALE_S = 0.5
"""How long a count is good enough, seconds: reads come in numbers, and the replication is at work."""


class CuentaPendientes:
    """Counts at most every so often. Two threads may count at once, which harms nobody.

    Args:
        contar: asks one store, within its deadline. Raises AlmacenError.
        ahora_s: monotonic clock, seconds.
    """

    def __init__(self, contar: Callable[[NombreAlmacen], int], *, ahora_s: Callable[[], float]) -> None:
        self._contar = contar
        self._ahora_s = ahora_s
        self._sabidas: dict[NombreAlmacen, tuple[float, int]] = {}

    def cuantas(self, nombre: NombreAlmacen) -> int:
        """How many tareas of that store wait for the other one; 0 where it does not say."""
        vista_s, cuantas = self._sabidas.get(nombre, (float("-inf"), 0))
        if self._ahora_s() - vista_s < VALE_S:
            return cuantas
        try:
            cuantas = self._contar(nombre)
        except AlmacenError:  # noted by whoever asked; then the other one is read, or this one says why not
            cuantas = 0
        self._sabidas[nombre] = (self._ahora_s(), cuantas)
        return cuantas
