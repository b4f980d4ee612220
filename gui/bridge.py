"""The one way from worker threads to the window: results and events arrive on the GUI thread.

A signal object of its own for each piece of work loses results when it is collected before they are
delivered; `Puente` is one object that lives as long as the window.

No worker ever holds whoever waits for its answer. It would let go a moment after the answer was delivered,
and if the window had closed by then, its widgets would be destroyed in the worker while the GUI thread still
delivers events to them: Qt ends the process for that, somewhere else.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from adapters.events import BusEventos
from core.domain.errors import DualTareasError
from core.domain.events import Evento

_log = logging.getLogger(__name__)
T = TypeVar("T")

TURNO_S = 0.006
"""Longest that deliveries go on before the event loop looks at the rest, seconds."""


@dataclass(frozen=True, slots=True)
class _Respuesta:
    """That work has ended; who waits for it is found under its number."""

    numero: int
    futuro: Future[Any]


class _Buzon(QObject):
    """The end that workers hold: a child of the bridge, so that who lets go of it last destroys nothing."""

    llegada = Signal(object)

    def echar(self, recado: _Respuesta | Evento) -> None:
        """From any thread: it arrives on the GUI thread."""
        try:
            self.llegada.emit(recado)
        except RuntimeError:  # Qt has destroyed this object: the window is gone, and its callbacks with it
            _log.debug("Resultado descartado: la ventana ya se ha cerrado")


@dataclass(frozen=True, slots=True)
class _Espera:
    """Who waits for an answer. Touched on the GUI thread only."""

    exito: Callable[[Any], None]
    error: Callable[[BaseException], None]

    def contestar(self, futuro: Future[Any]) -> None:
        if futuro.cancelled():
            return
        fallo = futuro.exception()
        if fallo is None:
            self.exito(futuro.result())
        else:
            self.error(fallo)


class Puente(QObject):
    """Runs work elsewhere and brings the answers home. Used from the GUI thread.

    Signals:
        evento: each `core.domain.events.Evento`, always on the GUI thread, in the order published.
    """

    evento = Signal(object)

    def __init__(self, ejecutor: Executor, parent: QObject | None = None) -> None:
        """Make it on the GUI thread; `ejecutor`, for what names no other, stays its owner's to shut down."""
        super().__init__(parent)
        self._ejecutor = ejecutor
        self._cerrado = False
        self._cancelar_bus: list[Callable[[], None]] = []
        self._numeros = itertools.count()
        self._esperas: dict[int, _Espera] = {}
        self._cola: deque[_Respuesta | Evento] = deque()  # touched on the GUI thread only
        self._turno = QTimer(self)
        self._turno.setSingleShot(True)
        self._turno.timeout.connect(self._entregar)
        self._buzon = _Buzon(self)
        self._buzon.llegada.connect(self._encolar, Qt.ConnectionType.QueuedConnection)

    def lanzar(
        self,
        funcion: Callable[[], T],
        *,
        exito: Callable[[T], None],
        error: Callable[[BaseException], None],
        ejecutor: Executor | None = None,
    ) -> Future[T]:
        """Run `funcion` on a worker and then `exito` or `error` on the GUI thread.

        Neither is called for work that was cancelled before it began, nor after `cerrar`. A DualTareasError
        is the world's fault and goes to `error` as it is; anything else is a bug and is logged as well.
        """
        if self._cerrado:
            nada: Future[T] = Future()
            nada.cancel()
            return nada
        futuro = (ejecutor or self._ejecutor).submit(funcion)
        numero = next(self._numeros)
        self._esperas[numero] = _Espera(exito, error)
        futuro.add_done_callback(partial(_al_terminar, self._buzon, numero))
        return futuro

    def conectar_bus(self, bus: BusEventos) -> None:
        """Forward every event of `bus` until `cerrar`."""
        self._cancelar_bus.append(bus.suscribir(self._buzon.echar))

    def cerrar(self) -> None:
        """Drop every callback that has not run yet and take no more work; never waits. Idempotent."""
        self._cerrado = True
        for cancelar in self._cancelar_bus:
            cancelar()
        self._cancelar_bus.clear()
        self._esperas.clear()

    @Slot(object)
    def _encolar(self, recado: _Respuesta | Evento) -> None:
        self._cola.append(recado)
        if not self._turno.isActive():
            self._turno.start(0)

    @Slot()
    def _entregar(self) -> None:
        """Deliver in order, for no longer than a turn: keys, mouse and timers come in between.

        Qt itself would deliver all that is queued before it looks at anything else.
        """
        fin_s = time.monotonic() + TURNO_S
        try:
            while self._cola and time.monotonic() < fin_s:
                self._dar(self._cola.popleft())
        finally:  # a receiver that fails keeps nobody else from what is theirs
            if self._cola:
                self._turno.start(0)

    def _dar(self, recado: _Respuesta | Evento) -> None:
        if self._cerrado:
            return
        if isinstance(recado, _Respuesta):
            self._esperas.pop(recado.numero).contestar(recado.futuro)
        else:
            self.evento.emit(recado)


def _al_terminar(buzon: _Buzon, numero: int, futuro: Future[Any]) -> None:
    """In the worker: hand the outcome over."""
    fallo = None if futuro.cancelled() else futuro.exception()
    if fallo is not None and not isinstance(fallo, DualTareasError):
        _log.error("Error inesperado en una tarea de fondo", exc_info=fallo)
    buzon.echar(_Respuesta(numero, futuro))
