"""The one way from worker threads to the window: results and events arrive on the GUI thread.

A signal object of its own for each piece of work loses results when it is collected before they are
delivered; `Puente` is one object that lives as long as the window.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from adapters.events import BusEventos
from core.domain.errors import DualTareasError
from core.domain.events import Evento

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Puente(QObject):
    """Runs work elsewhere and brings the answers home.

    Signals:
        evento: each `core.domain.events.Evento`, always on the GUI thread, in the order published.
    """

    evento = Signal(object)
    _resultado = Signal(object, object)
    _llegada = Signal(object)

    def __init__(self, ejecutor: Executor, parent: QObject | None = None) -> None:
        """Make it on the GUI thread; `ejecutor`, for what names no other, stays its owner's to shut down."""
        super().__init__(parent)
        self._ejecutor = ejecutor
        self._cerrado = False
        self._cancelar_bus: list[Callable[[], None]] = []
        self._resultado.connect(self._entregar, Qt.ConnectionType.QueuedConnection)
        self._llegada.connect(self._reenviar, Qt.ConnectionType.QueuedConnection)

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
            self._emitir(self._resultado, exito, futuro.result())
        else:
            self._emitir(self._resultado, error, fallo)

    def _al_publicar(self, evento: Evento) -> None:
        """In the publisher's thread: hand the event over."""
        self._emitir(self._llegada, evento)

    def _emitir(self, senal: Any, *valores: object) -> None:
        if self._cerrado:
            return
        try:
            senal.emit(*valores)
        except RuntimeError:  # Qt has destroyed this object: the window is gone, and its callbacks with it
            _log.debug("Resultado descartado: la ventana ya se ha cerrado")

    @Slot(object, object)
    def _entregar(self, receptor: Callable[[Any], None], valor: Any) -> None:
        if not self._cerrado:
            receptor(valor)

    @Slot(object)
    def _reenviar(self, evento: Evento) -> None:
        if not self._cerrado:
            self.evento.emit(evento)
