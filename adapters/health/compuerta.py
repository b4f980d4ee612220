"""The gate that writes pass through: who is inside can be counted, and for an instant it can be nobody."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PASO_S = 5.0
"""Longest that a write waits at a closed gate, seconds. It is closed for less than that by construction;
should a stopped process break that, a write that goes on is better than one that is refused."""
CALMA_MIN_S, CALMA_MAX_S = 0.25, 2.0
"""Bounds of how long writers are kept waiting for those in the air, seconds; in vain,
and it is tried again."""
_RECIENTES = 16
"""Writes that tell what a write takes of late."""


class Compuerta:
    """Counts the writes in the air, and closes while a store is declared up to date.

    Between the moment when one store has a write and the moment when the other one has it, too, a reader
    that changed stores would go back in time. So the change is made when no write is in the air.
    """

    def __init__(self, *, ahora_s: Callable[[], float] = time.monotonic) -> None:
        self._ahora_s = ahora_s
        # Guards all below; held for arithmetic only, never while a store is asked.
        self._condicion = threading.Condition()
        self._dentro = 0
        self._pasadas = 0
        self._cerrada = False
        self._duraciones_s: deque[float] = deque(maxlen=_RECIENTES)

    @property
    def calma_s(self) -> float:
        """How long those in the air may need to end, seconds: with a slow network between, none would be the
        last one within a time that does well elsewhere."""
        with self._condicion:
            ultimas_s = max(self._duraciones_s, default=0.0)
        return min(CALMA_MAX_S, max(CALMA_MIN_S, 1.25 * ultimas_s))

    @property
    def pasadas(self) -> int:
        """How many writes have begun so far: whoever finds it changed knows that somebody works here."""
        return self._pasadas

    @property
    def en_vuelo(self) -> int:
        """How many writes are in the air."""
        return self._dentro

    @contextmanager
    def escritura(self) -> Iterator[None]:
        """One write, from the choice of its stores until what became of it in each is noted."""
        with self._condicion:
            self._condicion.wait_for(lambda: not self._cerrada, PASO_S)
            self._dentro += 1
            self._pasadas += 1
        desde_s = self._ahora_s()
        try:
            yield
        finally:
            with self._condicion:
                self._dentro -= 1
                self._duraciones_s.append(self._ahora_s() - desde_s)
                self._condicion.notify_all()

    @contextmanager
    def en_calma(self, plazo_s: float) -> Iterator[bool]:
        """Keep new writes waiting until those in the air have ended; whether they did within `plazo_s`.

        What is done inside must be a matter of microseconds: every writer waits for it.
        """
        limite_s = time.monotonic() + plazo_s
        with self._condicion:
            libre = self._condicion.wait_for(lambda: not self._cerrada, plazo_s)
            if libre:  # else it is closed by somebody else, who has to open it
                self._cerrada = True
            en_calma = libre and self._condicion.wait_for(
                lambda: not self._dentro, max(0.0, limite_s - time.monotonic())
            )
        try:
            yield en_calma
        finally:
            with self._condicion:
                if libre:
                    self._cerrada = False
                self._condicion.notify_all()
