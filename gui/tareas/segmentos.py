"""The estado as three buttons side by side, of which one is down; arrows and space move it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from core.domain.models.tarea import EstadoTarea
from gui.tareas.textos import forma_y_palabra, palabra, tonos
from gui.tema import color

MARGEN_PX = 6
"""Least room between the letters and the border."""


class _Segmento(QAbstractButton):
    """One of the three; its shape and word take the colour of its estado when it is down."""

    vecino_pedido = Signal(int)

    def __init__(self, estado: EstadoTarea, parent: QWidget) -> None:
        super().__init__(parent)
        self.estado = estado
        self.setText(forma_y_palabra(estado))
        self.setAccessibleName(palabra(estado))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name
        """The arrows choose the neighbour, as in any group of which one is down."""
        paso = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if paso:
            self.vecino_pedido.emit(paso)
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name
        metrica = self.fontMetrics()
        return QSize(metrica.horizontalAdvance(self.text()) + 16, round(metrica.height() * 1.8))

    def minimumSizeHint(self) -> QSize:  # noqa: N802  Qt's name
        metrica = self.fontMetrics()
        return QSize(
            metrica.horizontalAdvance(self.text()) + 2 * MARGEN_PX + 4, round(metrica.height() * 1.8)
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802  Qt's name
        pintor = QPainter(self)
        pintor.setRenderHint(QPainter.RenderHint.Antialiasing)
        tono, fondo = tonos(self.estado)
        elegido, vivo = self.isChecked(), self.isEnabled()
        caja = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        borde = "accent" if self.hasFocus() else (tono if elegido and vivo else "line")
        pen = pintor.pen()
        pen.setColor(color(borde))
        pen.setWidthF(2.0 if self.hasFocus() else 1.0)
        pintor.setPen(pen)
        pintor.setBrush(color(fondo if elegido and vivo else "surface"))
        pintor.drawRoundedRect(caja, 6, 6)
        pintor.setPen(color((tono if elegido else "text") if vivo else "muted"))
        fuente = self.font()
        fuente.setBold(elegido)
        if QFontMetrics(fuente).horizontalAdvance(self.text()) + 2 * MARGEN_PX > self.width():
            fuente.setBold(False)
        pintor.setFont(fuente)
        pintor.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        pintor.end()


class SelectorEstado(QWidget):
    """Chooses one estado."""

    cambiado = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Estado"))
        self._grupo = QButtonGroup(self)
        fila = QHBoxLayout(self)
        fila.setContentsMargins(0, 0, 0, 0)
        fila.setSpacing(4)
        self._botones = {estado: _Segmento(estado, self) for estado in EstadoTarea}
        for boton in self._botones.values():
            self._grupo.addButton(boton)
            boton.vecino_pedido.connect(self._ir_al_vecino)
            fila.addWidget(boton)
        self._ajeno = EstadoTarea.PENDIENTE
        self._botones[EstadoTarea.PENDIENTE].setChecked(True)
        self._grupo.buttonToggled.connect(self._al_cambiar)

    @property
    def estado(self) -> EstadoTarea:
        """The one that is down; while none is, the one that has no button."""
        pulsados = (estado for estado, boton in self._botones.items() if boton.isChecked())
        return next(pulsados, self._ajeno)

    def poner(self, estado: EstadoTarea) -> None:
        """Press that one; none if it is none of ours."""
        if estado in self._botones:
            self._botones[estado].setChecked(True)
            return
        self._ajeno = estado
        self._grupo.setExclusive(False)  # an exclusive group keeps one down
        for boton in self._botones.values():
            boton.setChecked(False)
        self._grupo.setExclusive(True)

    def enfocar(self) -> None:
        """Put the focus on the one that is down, else on the first."""
        self._botones.get(self.estado, self._botones[EstadoTarea.PENDIENTE]).setFocus()

    def boton(self, estado: EstadoTarea) -> QAbstractButton:
        """The button of that estado."""
        return self._botones[estado]

    @Slot(int)
    def _ir_al_vecino(self, paso: int) -> None:
        estados = [*self._botones]
        # With none down, the arrows start from outside of the three.
        desde = estados.index(self.estado) if self.estado in estados else min(0, -paso)
        vecino = self._botones[estados[(desde + paso) % len(estados)]]
        vecino.setChecked(True)
        vecino.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(QAbstractButton, bool)
    def _al_cambiar(self, _boton: QAbstractButton, pulsado: bool) -> None:
        if pulsado:
            self.cambiado.emit()
