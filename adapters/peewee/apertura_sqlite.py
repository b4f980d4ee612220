"""Opening a file in bounded time: a network folder that hangs answers neither `stat` nor `open`.

Nothing can cut such a call short, so a thread of its own makes it, and whoever asked goes on without it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

from adapters.peewee.errores import SQL
from core.domain.errors import AlmacenNoDisponible


class Cerrable(Protocol):
    """What is opened."""

    def cerrar(self) -> None:
        """Free it."""


C = TypeVar("C", bound=Cerrable)


class Apertura(Generic[C]):
    """Opens one file, one call at a time: however often it is asked, no more than one thread hangs.

    Args:
        abrir: opens it; never runs twice at once.
        lugar: the file, for people.
    """

    def __init__(self, abrir: Callable[[], C], lugar: object) -> None:
        self._abrir = abrir
        self._lugar = lugar
        # Held from before the thread starts until it is done; those who wait for it have their own deadlines.
        self._en_curso = threading.Lock()

    def abrir(self, limite_s: float) -> C:
        """What `abrir` gives or raises, by `limite_s` (monotonic). Raises AlmacenNoDisponible if it hangs."""
        if not self._en_curso.acquire(timeout=_queda_s(limite_s)):
            raise self._no_responde()
        futuro: Future[C] = Future()
        threading.Thread(target=self._correr, args=(futuro,), name="DualRepo-archivo", daemon=True).start()
        try:
            return futuro.result(_queda_s(limite_s))
        except TimeoutError:
            if futuro.done():  # at the last moment, or it is the system's own time-out
                return futuro.result()
            futuro.add_done_callback(_cerrar)
            raise self._no_responde() from None

    def _correr(self, futuro: Future[C]) -> None:
        try:
            abierta = self._abrir()
        except BaseException as error:  # noqa: BLE001  it rises where somebody waits for it
            self._en_curso.release()
            futuro.set_exception(error)
        else:
            self._en_curso.release()
            futuro.set_result(abierta)

    def _no_responde(self) -> AlmacenNoDisponible:
        return AlmacenNoDisponible(
            SQL,
            f"La carpeta de {self._lugar} no responde. Si está en la red, compruebe la conexión con ella.",
        )


def _queda_s(limite_s: float) -> float:
    return max(0.0, limite_s - time.monotonic())


def _cerrar(futuro: Future[C]) -> None:
    """Nobody waits any more for what came too late."""
    if futuro.exception() is None:
        futuro.result().cerrar()
