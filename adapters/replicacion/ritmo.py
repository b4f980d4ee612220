"""How many rows a batch takes, and how long the engine steps aside after it. Pure: times come in."""

from __future__ import annotations

LOTE_INICIAL = 500
LOTE_MIN = 50
LOTE_MAX = 5_000
OBJETIVO_S = 0.075
"""What a batch is to take, seconds: long enough to be worth its round trips, short enough that cancelling,
an operator's write and the window's turn never wait for it."""
PAUSA_MAX_S = 0.25
"""Longest pause after a batch, seconds."""


class RitmoDeLotes:
    """Adapts the size of the next batch to the time that the last one took.

    Args:
        lote: rows a batch, for ever; None to adapt.
    """

    def __init__(self, lote: int | None = None) -> None:
        self._fijo = lote is not None
        self.lote = lote or LOTE_INICIAL

    def tras(self, filas: int, duracion_s: float) -> None:
        """A batch of that many rows took that long."""
        if self._fijo or not filas:
            return
        factor = min(2.0, max(0.5, OBJETIVO_S / max(duracion_s, 1e-6)))
        if factor > 1 and filas < self.lote:
            return  # a batch that was not full says nothing of what a full one would take
        self.lote = int(min(LOTE_MAX, max(LOTE_MIN, self.lote * factor)))

    @staticmethod
    def pausa_s(duracion_s: float, *, hay_operadores: bool) -> float:
        """How long to leave the stores to the operators: as long as they were taken from them."""
        return min(PAUSA_MAX_S, duracion_s) if hay_operadores else 0.0
