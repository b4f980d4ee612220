"""One call on a lane, waited for with two deadlines: one to begin, one to end once begun."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Generic, TypeVar

T = TypeVar("T")


class SinEmpezar(Exception):
    """The call was still queueing at its deadline and has been withdrawn: it will never run."""


class SinRespuesta(Exception):
    """The call is running and did not end in time; it may yet have its effect."""


class Vuelo(Generic[T]):
    """A call submitted to an executor.

    Time spent queueing is not time spent by the store: the clock of `timeout_s` starts when the call runs.
    """

    def __init__(self, ejecutor: Executor, funcion: Callable[[], T]) -> None:
        self._funcion = funcion
        self._en_marcha = threading.Event()
        self._inicio_s = 0.0
        self._fin_s = 0.0
        self.futuro = self._enviar(ejecutor)
        # A lane that closes cancels its queue: whoever waits for the start must hear of that too.
        self.futuro.add_done_callback(lambda _futuro: self._en_marcha.set())

    def _enviar(self, ejecutor: Executor) -> Future[T]:
        try:
            return ejecutor.submit(self._correr)
        except RuntimeError:
            # The lane has closed with the program: the same as withdrawn before it began.
            retirado: Future[T] = Future()
            retirado.cancel()
            retirado.set_running_or_notify_cancel()
            return retirado

    def _correr(self) -> T:
        self._inicio_s = time.monotonic()
        self._en_marcha.set()
        try:
            return self._funcion()
        finally:
            self._fin_s = time.monotonic()

    @property
    def duracion_ms(self) -> float:
        """Time spent running so far, milliseconds; 0 before it began."""
        if not self._inicio_s:
            return 0.0
        return ((self._fin_s or time.monotonic()) - self._inicio_s) * 1000

    def esperar(self, timeout_s: float, *, cola_s: float) -> T:
        """The result, or what the call raised.

        Args:
            timeout_s: longest run, seconds, counted from its start.
            cola_s: longest queueing, seconds, from now.

        Raises: SinEmpezar, SinRespuesta.
        """
        empezado = self._en_marcha.wait(cola_s)
        if (not empezado and self.futuro.cancel()) or self.futuro.cancelled():
            raise SinEmpezar
        try:
            return self.futuro.result(max(0.0, self._inicio_s + timeout_s - time.monotonic()))
        except TimeoutError:
            if self.futuro.done():
                return self.futuro.result()  # it ended just now, or the TimeoutError is its own
            raise SinRespuesta from None
