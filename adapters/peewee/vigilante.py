"""Deadlines for calls that no time-out of their driver can end: one daemon thread, a heap of deadlines.

A backend that was stopped (SIGSTOP) neither answers nor closes, and psycopg then waits for ever whatever its
settings say. Whoever is about to make such a call says when and how to cut it; the watchdog cuts.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

_log = logging.getLogger(__name__)


class Plazo:
    """One deadline, as a context manager around the call it bounds.

    Attributes:
        vencido: the deadline passed and the call was cut.
    """

    __slots__ = ("_cortar", "_lock", "limite_s", "vencido")

    def __init__(self, limite_s: float, cortar: Callable[[], None]) -> None:
        self.limite_s = limite_s
        self.vencido = False
        self._cortar: Callable[[], None] | None = cortar
        # Held while cutting, so that a call which ends meanwhile cannot hand on what is being cut.
        self._lock = threading.Lock()

    @property
    def activo(self) -> bool:
        """Whether the call still runs and was not cut."""
        return self._cortar is not None

    def vencer(self) -> None:
        """Cut the call unless it has ended."""
        with self._lock:
            cortar, self._cortar = self._cortar, None
            if cortar is not None:
                self.vencido = True
                cortar()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, traza: TracebackType | None
    ) -> None:
        with self._lock:
            self._cortar = None


class Vigilante:
    """Cuts calls that outlive their deadline. Its thread starts with the first one."""

    def __init__(self) -> None:
        self._cambio = threading.Condition()
        self._plazos: list[tuple[float, int, Plazo]] = []
        self._orden = itertools.count()
        self._hilo: threading.Thread | None = None

    def vigilar(self, limite_s: float, cortar: Callable[[], None]) -> Plazo:
        """Call `cortar`, from another thread, at `limite_s` (monotonic) unless the context was left by then.

        `cortar` must not block. What it raises is a bug, which the log tells.
        """
        plazo = Plazo(limite_s, cortar)
        with self._cambio:
            heapq.heappush(self._plazos, (limite_s, next(self._orden), plazo))
            if self._hilo is None:
                self._hilo = threading.Thread(target=self._vigilar, name="DualRepo-vigilante", daemon=True)
                self._hilo.start()
            elif self._plazos[0][2] is plazo:
                # Only an earlier deadline than all others needs the thread awake: most calls cost no switch.
                self._cambio.notify()
        return plazo

    def _vigilar(self) -> None:
        while True:
            plazo = self._siguiente_vencido()
            try:
                plazo.vencer()
            except Exception:  # noqa: BLE001  told in the log
                # Whatever went wrong with this one: without this thread no later call would ever be cut.
                _log.exception("Error interno al cortar una operación que pasó de su plazo")

    def _siguiente_vencido(self) -> Plazo:
        with self._cambio:
            while True:
                while self._plazos and not self._plazos[0][2].activo:
                    heapq.heappop(self._plazos)
                if not self._plazos:
                    self._cambio.wait()
                    continue
                falta_s = self._plazos[0][0] - time.monotonic()
                if falta_s <= 0:
                    return heapq.heappop(self._plazos)[2]
                self._cambio.wait(falta_s)


VIGILANTE = Vigilante()
"""Shared by all stores of the process."""
