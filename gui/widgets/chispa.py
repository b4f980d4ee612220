"""A latency line: small in the status bar, larger with its scale in the details."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.tema import color
from gui.widgets.formato import latencia

PUNTOS_MAX = 60
PUNTOS_PEQUENA = 24
"""More than this in the width of a word is noise."""
_SUELO_MS = 1.0
"""The top of the scale is never below this: noise of a tenth of a millisecond must not look like a storm."""


class Chispa(QWidget):
    """Draws latencies, oldest left; a ping that failed stands at the top, in the colour of errors.

    Args:
        con_escala: draw the top of the scale and a base line, for a plot that is read closely.
    """

    def __init__(self, parent: QWidget | None = None, *, con_escala: bool = False) -> None:
        super().__init__(parent)
        self._con_escala = con_escala
        self._valores: tuple[float | None, ...] = ()
        self._rol = "muted"
        self.setSizePolicy(
            QSizePolicy.Policy.Expanding if con_escala else QSizePolicy.Policy.Fixed,
            QSizePolicy.Policy.Fixed,
        )

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """In proportion to the font, so that it grows with it."""
        alto = self.fontMetrics().height()
        return QSize(alto * 18, alto * 5) if self._con_escala else QSize(alto * 5, alto)

    def poner(self, valores: Sequence[float | None], rol: str) -> None:
        """Show these latencies in ms (None: no answer) in the colour of that role."""
        nuevos = tuple(valores[-(PUNTOS_MAX if self._con_escala else PUNTOS_PEQUENA) :])
        if (nuevos, rol) == (self._valores, self._rol):
            return
        self._valores, self._rol = nuevos, rol
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's signature
        """Line, failures, and the scale where wanted."""
        pintor = QPainter(self)
        pintor.setRenderHint(QPainter.RenderHint.Antialiasing)
        tope_ms = max((v for v in self._valores if v is not None), default=0.0)
        escala_ms = max(tope_ms * 1.25, _SUELO_MS)
        area = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        if self._con_escala:
            area = self._pintar_escala(pintor, area, escala_ms)
        puntos = self._puntos(area, escala_ms)
        for (uno, otro), valor in zip(pairwise(puntos), self._valores[1:], strict=True):
            pintor.setPen(QPen(color("error" if valor is None else self._rol), 1.5))
            pintor.drawPolyline(QPolygonF([uno, otro]))
        if len(puntos) == 1:
            pintor.setPen(QPen(color("error" if self._valores[0] is None else self._rol), 3))
            pintor.drawPoint(puntos[0])
        pintor.end()

    def _puntos(self, area: QRectF, escala_ms: float) -> list[QPointF]:
        cuantos = max(len(self._valores), PUNTOS_MAX if self._con_escala else PUNTOS_PEQUENA)
        paso = area.width() / (cuantos - 1)
        primero = cuantos - len(self._valores)
        return [
            QPointF(
                area.left() + (primero + i) * paso,
                area.top() if v is None else area.bottom() - area.height() * min(v / escala_ms, 1.0),
            )
            for i, v in enumerate(self._valores)
        ]

    def _pintar_escala(self, pintor: QPainter, area: QRectF, escala_ms: float) -> QRectF:
        """Labels at the left; returns what is left for the line."""
        pintor.setPen(color("muted"))
        ancho = self.fontMetrics().horizontalAdvance(latencia(1000.0)) + 8
        izquierda = QRectF(area.left(), area.top(), ancho - 8, area.height())
        a_la_derecha = Qt.AlignmentFlag.AlignRight
        pintor.drawText(izquierda, a_la_derecha | Qt.AlignmentFlag.AlignTop, latencia(escala_ms))
        pintor.drawText(izquierda, a_la_derecha | Qt.AlignmentFlag.AlignBottom, latencia(0.0))
        resto = area.adjusted(ancho, 0, 0, 0)
        pintor.setPen(QPen(color("line"), 1))
        for y in (resto.top(), resto.center().y(), resto.bottom()):
            pintor.drawLine(QPointF(resto.left(), y), QPointF(resto.right(), y))
        return resto
