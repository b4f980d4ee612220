"""Questions that an operator's own act raises: plain text, answered later, never blocking the event loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QAbstractButton, QLabel, QMessageBox, QWidget

from gui.widgets.iconos import estampa

LADO_ICONO_PX = 32


@dataclass(frozen=True, slots=True)
class Respuesta:
    """One button.

    Attributes:
        hacer: what it leads to.
        prudente: Esc and Enter mean this one.
    """

    texto: str
    hacer: Callable[[], None]
    prudente: bool = False


class Pregunta(QMessageBox):
    """Shown at once, modal to the window of `parent`, gone when answered."""

    def __init__(self, parent: QWidget, texto: str, detalle: str, respuestas: tuple[Respuesta, ...]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIconPixmap(estampa("aviso", "warn", lado_px=LADO_ICONO_PX, escala=self.devicePixelRatioF()))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(texto)
        self.setInformativeText(detalle)
        for parte in self.findChildren(QLabel):  # setTextFormat leaves the detail out
            parte.setTextFormat(Qt.TextFormat.PlainText)
        self._que: dict[QObject, Callable[[], None]] = {}
        for respuesta in respuestas:
            papel = (
                QMessageBox.ButtonRole.RejectRole if respuesta.prudente else QMessageBox.ButtonRole.AcceptRole
            )
            boton = self.addButton(respuesta.texto, papel)
            self._que[boton] = respuesta.hacer
            if respuesta.prudente:
                self.setDefaultButton(boton)
                self.setEscapeButton(boton)
        self.buttonClicked.connect(self._contestar)
        self.open()

    @Slot(QAbstractButton)
    def _contestar(self, boton: QAbstractButton) -> None:
        self._que[boton]()
