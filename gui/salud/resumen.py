"""Asks for the counts of the status bar: soon after a change, seldom otherwise, never twice at once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.domain.errors import DualTareasError
from core.domain.events import (
    CuarentenaCambiada,
    EscriturasConfirmadas,
    EscrituraTerminada,
    Evento,
    ReplicacionTerminada,
    SaludObservada,
)
from core.domain.models.consulta import Resumen
from gui.bridge import Puente
from gui.salud.palabras import cambia_de_estado

_log = logging.getLogger(__name__)

TRAS_CAMBIO_MS = 400
"""How long after a change: a burst of writes is counted once."""
DESCANSO = 10
"""Under a steady stream of writes, times the duration of a count: a million rows are not counted for free."""
CADA_MS = 15_000
CAMBIAN = (EscrituraTerminada, EscriturasConfirmadas, ReplicacionTerminada, CuarentenaCambiada)
"""The events after which the counts may be others."""


class VigiaResumen(QObject):
    """Asks and tells.

    Signals:
        preguntado: the stores are being asked.
        resumido: (Resumen) their answer.
    """

    preguntado = Signal()
    resumido = Signal(object)

    def __init__(self, puente: Puente, resumir: Callable[[], Resumen], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._puente = puente
        self._resumir = resumir
        self._en_curso = False
        self._otra_vez = False
        self._empezo_s = 0.0
        self._pronto = QTimer(self)
        self._pronto.setSingleShot(True)
        self._pronto.setInterval(TRAS_CAMBIO_MS)
        self._pronto.timeout.connect(self.pedir)
        self._periodico = QTimer(self)
        self._periodico.setInterval(CADA_MS)
        self._periodico.timeout.connect(self.pedir)
        self._periodico.start()

    @Slot(object)
    def recibir(self, evento: Evento) -> None:
        """Count again soon if the counts may have changed."""
        if isinstance(evento, CAMBIAN) or (isinstance(evento, SaludObservada) and cambia_de_estado(evento)):
            self.pedir_pronto()

    @Slot()
    def pedir_pronto(self) -> None:
        """Count a little later. Asking again meanwhile changes nothing: a stream must not put it off."""
        if self._en_curso:
            self._otra_vez = True
        elif not self._pronto.isActive():
            self._pronto.start()

    @Slot()
    def pedir(self) -> None:
        """Count now, or right after the count that is under way."""
        if self._en_curso:
            self._otra_vez = True
            return
        self._en_curso = True
        self._pronto.stop()
        self._empezo_s = time.monotonic()
        self.preguntado.emit()
        self._puente.lanzar(self._resumir, exito=self._llego, error=self._fallo)

    def _llego(self, resumen: Resumen) -> None:
        self._termino()
        self.resumido.emit(resumen)

    def _fallo(self, error: BaseException) -> None:
        # The health banners tell of a store that is down; the old counts stay on show.
        if isinstance(error, DualTareasError):
            _log.debug("No se pudo contar: %s", error)
        self._termino()

    def _termino(self) -> None:
        self._en_curso = False
        tardo_ms = (time.monotonic() - self._empezo_s) * 1000
        self._pronto.setInterval(max(TRAS_CAMBIO_MS, min(CADA_MS, round(tardo_ms * DESCANSO))))
        if self._otra_vez:
            self._otra_vez = False
            self._pronto.start()
