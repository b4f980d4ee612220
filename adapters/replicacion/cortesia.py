"""How large the pages of a backfill are, and how it gives way to people who write meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable

from adapters.health.compuerta import Compuerta

LOTE_INICIAL, LOTE_MIN, LOTE_MAX = 500, 25, 5_000
"""Rows a page. The drivers read and write a page in one go, and no other thread runs meanwhile: at most
some 25 ms, which the window does not show."""
OBJETIVO_S = 0.2
"""What a page is to take when nobody works, seconds: long enough to be worth its round trips, short enough
for whoever cancels."""
OBJETIVO_AMABLE_S = 0.012
"""The same while somebody writes: little more than one save takes, so that one which meets a page waits for
some milliseconds at most."""
DESCANSOS = 9.0
"""How long the stores are left to the operators after a page, in times of what it took: one save in ten
meets one."""
PAUSA_MAX_S = 0.25
"""Longest pause, seconds."""
HUECO_S = 0.05
"""Longest wait for a moment in which no write is in the air, seconds; then a page goes in all the same."""
_PASO_S = 0.002
CALMA_S = 10.0
"""So long after the last write somebody still is taken to be there, seconds."""


class Cortesia:
    """Adapts the pages to the time they take, with another size for when somebody writes.

    Args:
        compuerta: what every write of this program passes through.
    """

    def __init__(self, compuerta: Compuerta, *, ahora_s: Callable[[], float] = time.monotonic) -> None:
        self._compuerta = compuerta
        self._ahora_s = ahora_s
        self._lotes = {False: LOTE_INICIAL, True: LOTE_MIN}
        self._pasadas = 0
        self._visto_s: float | None = None

    @property
    def hay_operadores(self) -> bool:
        """Whether somebody writes, or did a moment ago."""
        if self._compuerta.en_vuelo or self._compuerta.pasadas != self._pasadas:
            self._pasadas, self._visto_s = self._compuerta.pasadas, self._ahora_s()
        return self._visto_s is not None and self._ahora_s() - self._visto_s < CALMA_S

    def hay_alguien(self) -> None:
        """Somebody writes in another program."""
        self._visto_s = self._ahora_s()

    @property
    def lote(self) -> int:
        """Rows of the next page."""
        return self._lotes[self.hay_operadores]

    def tras(self, filas: int, duracion_s: float, *, amable: bool) -> float:
        """A page of that many rows took that long, with or without somebody there.

        Returns: how long to pause, seconds.
        """
        lote = self._lotes[amable]
        factor = (OBJETIVO_AMABLE_S if amable else OBJETIVO_S) / max(duracion_s, 1e-6)
        # A page that was not full says nothing of what a full one would take, one of another size little.
        if lote / 2 <= filas and (factor < 1 or filas >= lote):
            self._lotes[amable] = int(min(LOTE_MAX, max(LOTE_MIN, lote * min(2.0, max(0.5, factor)))))
        return min(PAUSA_MAX_S, DESCANSOS * duracion_s) if amable else 0.0

    def descansar(self, pausa_s: float, esperar: Callable[[float], object]) -> None:
        """Pause, and let the next page begin between two writes and not beside one."""
        esperar(pausa_s)
        for _ in range(round(HUECO_S / _PASO_S)):
            if not self._compuerta.en_vuelo:
                return
            esperar(_PASO_S)
