"""A choice from a list, with an arrow in a colour of the theme; a style sheet takes one only from a file."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from gui.widgets.iconos import dibujar


class Desplegable(QComboBox):
    """Paints its own arrow in the room that the style sheet leaves at the right."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  Qt's name
        """The box as styled, then the arrow, in proportion to the font."""
        super().paintEvent(event)
        lado = self.fontMetrics().height()
        caja = QRectF(0, 0, lado, lado)
        caja.moveCenter(QRectF(self.rect()).center())
        caja.moveRight(self.width() - lado * 0.4)
        pintor = QPainter(self)
        pintor.setRenderHint(QPainter.RenderHint.Antialiasing)
        dibujar(pintor, caja, "abajo", "muted")
        pintor.end()
