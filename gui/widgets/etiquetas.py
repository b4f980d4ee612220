"""Labels that show data: always plain text, in a tone of the theme."""

from __future__ import annotations

import html

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


def etiqueta(texto: str = "", *, tono: str = "", papel: str = "", parent: QWidget | None = None) -> QLabel:
    """A label that never takes its text for markup."""
    resultado = QLabel(parent)
    resultado.setTextFormat(Qt.TextFormat.PlainText)
    resultado.setText(texto)
    if tono:
        resultado.setProperty("tono", tono)
    if papel:
        resultado.setProperty("papel", papel)
    return resultado


def sin_formato(texto: str) -> str:
    """`texto` for a tooltip, which would otherwise guess that it is HTML."""
    return f'<p style="white-space: pre-wrap">{html.escape(texto)}</p>' if texto else ""


def cambiar_tono(widget: QWidget, tono: str) -> None:
    """Give it another tone; the style sheet is asked again only when it changed."""
    if widget.property("tono") == tono:
        return
    widget.setProperty("tono", tono)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class EtiquetaElidida(QLabel):
    """One line that gives way: it ends in «…» where there is no room, and tells the whole on hover."""

    def __init__(self, texto: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setText(texto)

    def setText(self, texto: str) -> None:  # noqa: N802  Qt's name
        """Show that, and all of it on hover."""
        super().setText(texto)
        self.setToolTip(sin_formato(texto))

    def minimumSizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """A few characters: the layout may take the rest."""
        medidas = self.fontMetrics()
        return QSize(medidas.averageCharWidth() * 4, medidas.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's signature
        """The text, cut at the right where it must be."""
        pintor = QPainter(self)
        pintor.setPen(self.palette().color(self.foregroundRole()))
        texto = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        pintor.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, texto)
        pintor.end()
