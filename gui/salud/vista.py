"""The Salud page: both stores side by side, or one above the other where the window is narrow."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from core.domain.events import Evento
from core.domain.models.almacen import NombreAlmacen
from gui.salud.detalle import DetalleAlmacen
from gui.salud.palabras import FuenteSalud
from gui.widgets.etiquetas import etiqueta

ANCHO_DE_DOS_EM = 52
"""Narrower than this, in heights of the font, the panels stand one above the other."""


class VistaSalud(QWidget):
    """Empty until `conectar`; then one panel a store.

    Signals:
        ping_pedido: carries the store's name.
    """

    ping_pedido = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paneles: dict[NombreAlmacen, DetalleAlmacen] = {}
        self._espera = etiqueta(self.tr("Las bases de datos se están preparando…"), tono="muted")
        contenido = QWidget()
        columna = QVBoxLayout(contenido)
        columna.setContentsMargins(0, 0, 0, 0)
        columna.setSpacing(12)
        self._fila = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._fila.setSpacing(16)
        columna.addWidget(etiqueta(self.tr("Salud de las bases de datos"), papel="titulo"))
        columna.addWidget(self._espera)
        columna.addLayout(self._fila)
        columna.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(contenido)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(0, 0, 0, 0)
        todo.addWidget(area)

    def conectar(self, fuente: FuenteSalud) -> None:
        """Show the stores of this source."""
        self._espera.hide()
        for nombre in fuente.almacenes:
            panel = DetalleAlmacen(fuente, nombre)
            panel.ping_pedido.connect(self.ping_pedido)
            self._paneles[nombre] = panel
            self._fila.addWidget(panel, 1)

    @Slot()
    def refrescar(self) -> None:
        """Bring the panels up to date, if anybody can see them."""
        if self.isVisible():
            for panel in self._paneles.values():
                panel.refrescar()

    @Slot(object)
    def recibir(self, evento: Evento) -> None:
        """Follow the stores."""
        for panel in self._paneles.values():
            panel.recibir(evento)

    def showEvent(self, event: object) -> None:  # noqa: N802  Qt's name
        """What was missed while hidden is caught up."""
        super().showEvent(event)  # type: ignore[arg-type]
        self.refrescar()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Side by side where there is room."""
        super().resizeEvent(event)
        caben = event.size().width() >= self.fontMetrics().height() * ANCHO_DE_DOS_EM
        direccion = QBoxLayout.Direction.LeftToRight if caben else QBoxLayout.Direction.TopToBottom
        self._fila.setDirection(direccion)
