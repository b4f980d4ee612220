"""One long job at a time, on a worker: its progress a few times a second, and a way to stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gui.bridge import Puente

R = TypeVar("R")
Avisar = Callable[[Any], None]
Hacer = Callable[[threading.Event, Avisar], R]

CADA_MS = 250
"""Between two looks at the progress: a worker may tell it as often as it likes."""


class Trabajo(QObject):
    """Runs what it is given.

    Signals:
        avanza: (object) what the job last told of itself, at most four times a second.
        cambia: a job began or ended.
    """

    avanza = Signal(object)
    cambia = Signal()

    def __init__(self, puente: Puente, ejecutor: Executor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._puente = puente
        self._ejecutor = ejecutor
        self._parar: threading.Event | None = None
        # Written by the worker, read by the timer: one reference, which is atomic.
        self._ultimo: object = None
        self.asunto = ""
        self._reloj = QTimer(self)
        self._reloj.setInterval(CADA_MS)
        self._reloj.timeout.connect(self._contar)

    @property
    def ocupado(self) -> bool:
        """Whether a job is under way."""
        return self._parar is not None

    @property
    def cancelando(self) -> bool:
        """Whether the job under way was told to stop."""
        return self._parar is not None and self._parar.is_set()

    def lanzar(
        self,
        asunto: str,
        hacer: Hacer[R],
        *,
        exito: Callable[[R], None],
        error: Callable[[BaseException], None],
    ) -> bool:
        """Do that, unless something is being done already; whether it began.

        Args:
            asunto: what it is, for `asunto`.
            hacer: on a worker, with the event that stops it and what takes its progress.
        """
        if self._parar is not None:
            return False
        parar = self._parar = threading.Event()
        self.asunto, self._ultimo = asunto, None
        self._puente.lanzar(
            partial(hacer, parar, self._anotar),
            exito=partial(self._terminar, exito),
            error=partial(self._terminar, error),
            ejecutor=self._ejecutor,
        )
        self._reloj.start()
        self.cambia.emit()
        return True

    @Slot()
    def cancelar(self) -> None:
        """Stop what is under way, if anything is; it ends as soon as it can."""
        if self._parar is not None and not self._parar.is_set():
            self._parar.set()
            self.cambia.emit()

    def _anotar(self, avance: object) -> None:
        """In the worker."""
        self._ultimo = avance

    @Slot()
    def _contar(self) -> None:
        if self._ultimo is not None:
            self.avanza.emit(self._ultimo)

    def _terminar(self, seguir: Callable[[Any], None], con: Any) -> None:
        self._parar, self._ultimo = None, None
        self._reloj.stop()
        seguir(con)
        self.cambia.emit()
