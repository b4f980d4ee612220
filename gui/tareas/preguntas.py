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

    def reasignar(self, respuestas: tuple[Respuesta, ...]) -> None:
        """The same buttons lead elsewhere."""
        for boton, respuesta in zip(self._que, respuestas, strict=True):
            self._que[boton] = respuesta.hacer

    @Slot(QAbstractButton)
    def _contestar(self, boton: QAbstractButton) -> None:
        self._que[boton]()


class UnaPregunta:
    """At most one question of its owner is on screen; who asks again is answered by the one that is there."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent
        self._abierta: Pregunta | None = None
        self._asunto = ""

    def hacer(self, asunto: str, texto: str, detalle: str, respuestas: tuple[Respuesta, ...]) -> None:
        """Ask; a question about something else gives way, the same one leads to these answers from now on."""
        if self._abierta is not None and asunto == self._asunto:
            self._abierta.reasignar(respuestas)
            return
        self.retirar()
        self._asunto = asunto
        self._abierta = Pregunta(self._parent, texto, detalle, respuestas)
        self._abierta.finished.connect(self._olvidar)

    def retirar(self) -> None:
        """There is nothing to be asked any more."""
        if self._abierta is not None:
            self._abierta.close()

    def abierta(self, asunto: str) -> bool:
        """Whether that question waits for its answer."""
        return self._abierta is not None and self._asunto == asunto

    def _olvidar(self, _resultado: int) -> None:
        self._abierta = None
