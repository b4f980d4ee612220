"""The health monitor: pings each store when its turn comes, so that writes find fresh knowledge."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from adapters.health.pinger import Pinger
from adapters.health.registro import RegistroSalud

_ESPERA_MAX_S = 0.25
"""Longest sleep, seconds: bounds how late an answer that nobody announced is noticed."""


class HealthMonitor:
    """One thread that decides when; the pings themselves run on the ping lanes."""

    def __init__(
        self,
        pingers: Sequence[Pinger],
        registro: RegistroSalud,
        *,
        ahora_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pingers = pingers
        self._registro = registro
        self._ahora_s = ahora_s
        self._despertar = threading.Event()
        self._cerrado = False
        self._hilo = threading.Thread(target=self._bucle, name="DualRepo-monitor", daemon=True)

    def start(self) -> None:
        """Begin to ping; the first pings go out at once."""
        self._hilo.start()

    def close(self, timeout_s: float = 1.0) -> None:
        """End the thread, waiting no longer than `timeout_s` seconds for it; idempotent."""
        self._cerrado = True
        self._despertar.set()
        if self._hilo.is_alive():
            self._hilo.join(timeout_s)

    def _bucle(self) -> None:
        while not self._cerrado:
            espera_s = min((self._turno(pinger) for pinger in self._pingers), default=_ESPERA_MAX_S)
            self._despertar.wait(min(max(espera_s, 0.01), _ESPERA_MAX_S))
            self._despertar.clear()

    def _turno(self, pinger: Pinger) -> float:
        """Ping if it is time to; seconds until the next look at this store."""
        if pinger.en_el_aire():
            return _ESPERA_MAX_S
        falta_s = self._registro.instantanea(pinger.nombre).proximo_s - self._ahora_s()
        if falta_s > 0:
            return falta_s
        self._pedir(pinger)
        return _ESPERA_MAX_S

    def _pedir(self, pinger: Pinger) -> None:
        vuelo = pinger.pedir()
        if vuelo.futuro.cancelled():
            # The lane takes no more work: the program is closing, and there is nothing left to watch.
            self._cerrado = True
            return
        vuelo.futuro.add_done_callback(lambda _futuro: self._despertar.set())
