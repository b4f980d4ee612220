"""The one way from worker threads to the window: results and events arrive on the GUI thread.

A signal object of its own for each piece of work loses results when it is collected before they are
delivered; `Puente` is one object that lives as long as the window.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
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


class Puente(QObject):
    """Runs work elsewhere and brings the answers home.

    Signals:
        evento: each `core.domain.events.Evento`, always on the GUI thread, in the order published.
    """

    evento = Signal(object)
    _llegada = Signal(object)

    def __init__(self, ejecutor: Executor, parent: QObject | None = None) -> None:
        """Make it on the GUI thread; `ejecutor`, for what names no other, stays its owner's to shut down."""
        super().__init__(parent)
        self._ejecutor = ejecutor
        self._cerrado = False
        self._cancelar_bus: list[Callable[[], None]] = []
        self._cola: deque[Callable[[], None]] = deque()  # touched on the GUI thread only
        self._turno = QTimer(self)
        self._turno.setSingleShot(True)
        self._turno.timeout.connect(self._entregar)
        self._llegada.connect(self._encolar, Qt.ConnectionType.QueuedConnection)

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
        futuro.add_done_callback(partial(self._al_terminar, exito, error))
        return futuro

    def conectar_bus(self, bus: BusEventos) -> None:
        """Forward every event of `bus` until `cerrar`."""
        self._cancelar_bus.append(bus.suscribir(self._al_publicar))

    def cerrar(self) -> None:
        """Drop every callback that has not run yet and take no more work; never waits. Idempotent."""
        self._cerrado = True
        for cancelar in self._cancelar_bus:
            cancelar()
        self._cancelar_bus.clear()

    def _al_terminar(
        self, exito: Callable[[Any], None], error: Callable[[BaseException], None], futuro: Future[Any]
    ) -> None:
        """In the worker: hand the outcome over."""
        if futuro.cancelled():
            return
        fallo = futuro.exception()
        if fallo is not None and not isinstance(fallo, DualTareasError):
            _log.error("Error inesperado en una tarea de fondo", exc_info=fallo)
        if fallo is None:
            self._emitir(partial(exito, futuro.result()))
        else:
            self._emitir(partial(error, fallo))

    def _al_publicar(self, evento: Evento) -> None:
        """In the publisher's thread: hand the event over."""
        self._emitir(partial(self.evento.emit, evento))

    def _emitir(self, recado: Callable[[], None]) -> None:
        if self._cerrado:
            return
        try:
            self._llegada.emit(recado)
        except RuntimeError:  # Qt has destroyed this object: the window is gone, and its callbacks with it
            _log.debug("Resultado descartado: la ventana ya se ha cerrado")

    @Slot(object)
    def _encolar(self, recado: Callable[[], None]) -> None:
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
                recado = self._cola.popleft()
                if not self._cerrado:
                    recado()
        finally:  # a receiver that fails keeps nobody else from what is theirs
            if self._cola:
                self._turno.start(0)
