"""The standard library's Executor over a QThreadPool of its own.

A worker is one long QRunnable that takes work from a queue until it is told to stop. One runnable a piece
of work would look simpler, but the Python thread state of a Qt thread ends with each runnable, and with
it every `threading.local`: peewee would open a new connection for every operation.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

from PySide6.QtCore import QRunnable, QThread, QThreadPool
from shiboken6 import isValid

from adapters.dual.carriles import Carriles

_log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

ESPERA_FINAL_MS = 1000
"""How long a forgotten executor waits for its workers when it is collected or the program ends."""


class _Encargo:
    """One call and the future that its caller holds."""

    __slots__ = ("_args", "_funcion", "_kwargs", "futuro")

    def __init__(self, funcion: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.futuro: Future[Any] = Future()
        self._funcion = funcion
        self._args = args
        self._kwargs = kwargs

    def hacer(self) -> None:
        """Run the call unless it was cancelled first; whatever it raises belongs to the caller."""
        if not self.futuro.set_running_or_notify_cancel():
            return
        try:
            resultado = self._llamar()
        except BaseException as error:  # noqa: BLE001  kept for the future's owner, as every Executor does
            self.futuro.set_exception(error)
            del self.futuro  # the exception's traceback holds this frame, which holds self
        else:
            self.futuro.set_result(resultado)

    def _llamar(self) -> Any:
        """The call, forgotten once it is made: what it holds must not die in the worker after the answer."""
        funcion, args, kwargs = self._funcion, self._args, self._kwargs
        del self._funcion, self._args, self._kwargs
        try:
            return funcion(*args, **kwargs)
        finally:  # a traceback would keep them
            del funcion, args, kwargs


_Cola = SimpleQueue["_Encargo | None"]


class _Obrero(QRunnable):
    """Takes work until it finds None. Holds the queue only, so that the executor can be collected."""

    def __init__(self, cola: _Cola, libres: threading.Semaphore, nombre: str) -> None:
        super().__init__()
        self._cola = cola
        self._libres = libres
        self._nombre = nombre

    def run(self) -> None:
        threading.current_thread().name = self._nombre
        QThread.currentThread().setObjectName(self._nombre)
        while (encargo := self._cola.get()) is not None:
            encargo.hacer()
            del encargo  # not kept alive while waiting for the next one
            self._libres.release()


class QtExecutor(Executor):
    """Runs calls on `hilos` Qt threads that live as long as the executor.

    Args:
        hilos: most threads; each starts when it is first needed.
        nombre: the threads are named `nombre_0`, `nombre_1`, …
    """

    def __init__(self, hilos: int, nombre: str) -> None:
        if hilos < 1:
            raise ValueError("hilos must be at least 1")
        self._hilos = hilos
        self._nombre = nombre
        self._pool = QThreadPool()
        self._pool.setObjectName(nombre)
        self._pool.setMaxThreadCount(hilos)
        self._pool.setExpiryTimeout(-1)
        self._cola: _Cola = SimpleQueue()
        self._libres = threading.Semaphore(0)
        self._obreros = 0
        self._cerrado = False
        # Held to start a worker or to close, never while anything runs: no work may enter a closed queue.
        self._lock = threading.Lock()
        self._final = weakref.finalize(self, _despedir, self._pool, self._cola, hilos)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Schedule `fn(*args, **kwargs)`. Raises RuntimeError after `shutdown`."""
        encargo = _Encargo(fn, args, kwargs)
        futuro = encargo.futuro  # from here on the piece of work is its worker's alone
        with self._lock:
            if self._cerrado:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._cola.put(encargo)
            self._asegurar_obrero()
        return futuro

    def _asegurar_obrero(self) -> None:
        if self._libres.acquire(blocking=False) or self._obreros >= self._hilos:
            return
        self._pool.start(_Obrero(self._cola, self._libres, f"{self._nombre}_{self._obreros}"))
        self._obreros += 1

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; `cancel_futures` drops what has not begun, `wait` waits for the rest."""
        with self._lock:
            self._cerrado = True
            if cancel_futures:
                self._vaciar()
            for _ in range(self._hilos):
                self._cola.put(None)
        self._final.detach()
        if wait:
            self._pool.waitForDone(-1)

    def _vaciar(self) -> None:
        while True:
            try:
                encargo = self._cola.get_nowait()
            except Empty:
                return
            if encargo is not None:
                encargo.futuro.cancel()
                encargo.futuro.set_running_or_notify_cancel()

    def esperar(self, plazo_ms: int) -> bool:
        """After `shutdown`: whether every worker came back within `plazo_ms`."""
        return self._pool.waitForDone(plazo_ms)


def _despedir(pool: QThreadPool, cola: _Cola, hilos: int) -> None:
    """Stop the workers of an executor that nobody shut down; ~QThreadPool would wait for ever."""
    for _ in range(hilos):
        cola.put(None)
    if isValid(pool) and not pool.waitForDone(ESPERA_FINAL_MS):  # at exit Qt may have gone first
        _log.warning("Los hilos de %s siguen ocupados al cerrar", pool.objectName())


@dataclass(frozen=True, slots=True)
class Ejecutores:
    """Where the window's work runs, as bulkheads: a store that hangs fills the one and leaves the others.

    Attributes:
        lecturas: lists, counts, pings.
        escrituras: what an operator saves or deletes; it must not queue behind reads.
        largos: jobs of minutes.
    """

    lecturas: QtExecutor
    escrituras: QtExecutor
    largos: QtExecutor

    @classmethod
    def crear(cls, *, casos: int, largos: int) -> Ejecutores:
        """Pools of that many workers; `casos` for reads, and as many for writes."""
        return cls(
            lecturas=QtExecutor(casos, "DualTareas-lecturas"),
            escrituras=QtExecutor(casos, "DualTareas-escrituras"),
            largos=QtExecutor(largos, "DualTareas-largos"),
        )

    def __iter__(self) -> Iterator[QtExecutor]:
        return iter((self.lecturas, self.escrituras, self.largos))

    def close(self) -> None:
        """Take no more work and drop what has not begun; does not wait for what runs."""
        for ejecutor in self:
            ejecutor.shutdown(wait=False, cancel_futures=True)


def carriles_qt() -> Carriles:
    """The four write lanes of the dual repository on Qt threads, one worker each."""
    return Carriles.crear(lambda nombre: QtExecutor(1, nombre))
