"""Pings of one store, on its own lane, never two at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Protocol

from adapters.health.registro import RegistroSalud
from adapters.vuelo import SinEmpezar, SinRespuesta, Vuelo
from core.domain.errors import AlmacenError, AlmacenNoDisponible
from core.domain.models.almacen import NombreAlmacen, Pong
from core.health import PingFallido, PingRespondido

_log = logging.getLogger(__name__)

GRACIA_S = 0.3
"""What a ping may take beyond its deadline to come back from the driver, seconds."""


class SePuedePinguear(Protocol):
    """The part of a store that a ping needs."""

    @property
    def nombre(self) -> NombreAlmacen:
        """Which store it is."""
        ...

    def ping(self, timeout_s: float) -> Pong:
        """Answer within `timeout_s` seconds or raise AlmacenError."""
        ...


class Pinger:
    """Asks one store for a sign of life and notes the answer in the registry.

    A ping asked for while another is in the air joins it: with a frozen server the second would only
    queue behind the first, and its caller would wait twice.
    """

    def __init__(
        self, almacen: SePuedePinguear, ejecutor: Executor, registro: RegistroSalud, *, timeout_s: float
    ) -> None:
        self.nombre = almacen.nombre
        self._almacen = almacen
        self._ejecutor = ejecutor
        self._registro = registro
        self._timeout_s = timeout_s
        self._vuelo: Vuelo[Pong] | None = None
        self._denunciado: Vuelo[Pong] | None = None
        # Guards `_vuelo`: who finds no ping in the air starts one, everybody else joins.
        self._lock = threading.Lock()

    def pedir(self) -> Vuelo[Pong]:
        """The ping in the air, started now if there is none."""
        with self._lock:
            if self._vuelo is None or self._vuelo.futuro.done():
                self._vuelo = Vuelo(self._ejecutor, self._hacer)
            return self._vuelo

    def esperar(self, vuelo: Vuelo[Pong]) -> Pong:
        """Its answer. Raises AlmacenError; a worker that does not come back counts as no answer."""
        plazo_s = self._timeout_s + GRACIA_S
        try:
            return vuelo.esperar(plazo_s, cola_s=plazo_s)
        except SinRespuesta:
            raise self._sin_respuesta(vuelo) from None
        except SinEmpezar:
            # Not the store's fault, and nothing is noted of it: the executor is busy, or closed.
            raise AlmacenNoDisponible(self.nombre, "no se le pudo preguntar: la cola está ocupada") from None

    def en_el_aire(self) -> bool:
        """Whether a ping is running; one that should be back by now is reported as unanswered."""
        vuelo = self._vuelo
        if vuelo is None or vuelo.futuro.done():
            return False
        if vuelo.duracion_ms > (self._timeout_s + GRACIA_S) * 1000:
            self._sin_respuesta(vuelo)
        return True

    def _sin_respuesta(self, vuelo: Vuelo[Pong]) -> AlmacenNoDisponible:
        """Noted once for each ping, however many wait for it."""
        mensaje = f"no respondió al ping en {self._timeout_s:g} s"
        if vuelo is not self._denunciado:
            self._denunciado = vuelo
            self._registro.observar(self.nombre, PingFallido(mensaje, agotado=True))
        return AlmacenNoDisponible(self.nombre, mensaje)

    def _hacer(self) -> Pong:
        inicio_s = time.monotonic()
        try:
            pong = self._almacen.ping(self._timeout_s)
        except AlmacenError as error:
            agotado = time.monotonic() - inicio_s >= self._timeout_s * 0.9
            self._registro.observar(self.nombre, PingFallido(str(error), agotado=agotado))
            raise
        except Exception as error:
            # A driver's error that nobody translated: our bug, but the store's state must not go stale.
            _log.exception("El ping a %s falló de forma inesperada", self.nombre.etiqueta)
            self._registro.observar(self.nombre, PingFallido(f"error inesperado: {type(error).__name__}"))
            raise AlmacenNoDisponible(self.nombre, f"error inesperado: {type(error).__name__}") from error
        self._registro.observar(self.nombre, PingRespondido(pong))
        return pong


def ping_en_paralelo(pingers: Mapping[NombreAlmacen, Pinger]) -> dict[NombreAlmacen, Pong | AlmacenError]:
    """Ping every store at once and wait for each answer, or for why there is none."""
    vuelos = {nombre: pinger.pedir() for nombre, pinger in pingers.items()}
    respuestas: dict[NombreAlmacen, Pong | AlmacenError] = {}
    for nombre, vuelo in vuelos.items():
        try:
            respuestas[nombre] = pingers[nombre].esperar(vuelo)
        except AlmacenError as error:
            respuestas[nombre] = error
    return respuestas
