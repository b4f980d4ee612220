"""One view's button in the rail, with a count that asks for attention."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from gui.tema import color

MARGEN_PX = 6


class BotonVista(QToolButton):
    """Icon and name, or the icon alone; the count stands in a pill at the right, or on the icon's corner."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cuenta = ""

    @property
    def cuenta(self) -> str:
        """What the pill says; empty where there is none."""
        return self._cuenta

    def contar(self, cuenta: str) -> None:
        """Say that; empty for nothing."""
        self._cuenta = cuenta
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  Qt's name
        super().paintEvent(event)
        if not self._cuenta:
            return
        pintor = QPainter(self)
        pintor.setRenderHint(QPainter.RenderHint.Antialiasing)
        fuente = self.font()
        fuente.setBold(True)
        fuente.setPointSizeF(fuente.pointSizeF() * 0.85)
        pintor.setFont(fuente)
        caja = self._caja(pintor)
        pintor.setPen(Qt.PenStyle.NoPen)
        pintor.setBrush(color("warn"))
        pintor.drawRoundedRect(caja, caja.height() / 2, caja.height() / 2)
        pintor.setPen(color("surface"))
        pintor.drawText(caja, Qt.AlignmentFlag.AlignCenter, self._cuenta)
        pintor.end()

    def _caja(self, pintor: QPainter) -> QRectF:
        metrica = pintor.fontMetrics()
        alto = metrica.height() + 2
        ancho = max(alto, metrica.horizontalAdvance(self._cuenta) + 2 * MARGEN_PX)
        if self.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly:
            return QRectF(self.width() - ancho - 1, 1, ancho, alto)
        return QRectF(self.width() - ancho - MARGEN_PX, (self.height() - alto) / 2, ancho, alto)
