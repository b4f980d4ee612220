"""The Salud page: both stores side by side, or one above the other where the window is narrow."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from core.domain.events import Evento
from core.domain.models.almacen import NombreAlmacen
from gui.salud.detalle import DetalleAlmacen
from gui.salud.palabras import FuenteSalud
from gui.salud.panel_cuarentena import PanelCuarentena
from gui.salud.panel_replicacion import PanelReplicacion
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
        self.replicacion: PanelReplicacion | None = None
        self.cuarentena: PanelCuarentena | None = None
        self._espera = etiqueta(self.tr("Las bases de datos se están preparando…"), tono="muted")
        contenido = QWidget()
        columna = QVBoxLayout(contenido)
        columna.setContentsMargins(0, 0, 0, 0)
        columna.setSpacing(12)
        self._fila = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._fila.setSpacing(16)
        self._columna = columna
        columna.addWidget(etiqueta(self.tr("Salud de las bases de datos"), papel="titulo"))
        columna.addWidget(self._espera)
        columna.addLayout(self._fila)
        columna.addStretch(1)
        area = self._area = QScrollArea()
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

    def poner_replicacion(
        self, almacenes: tuple[NombreAlmacen, ...]
    ) -> tuple[PanelReplicacion, PanelCuarentena]:
        """There are two stores: show what is copied between them, above their details."""
        self.replicacion, self.cuarentena = PanelReplicacion(almacenes), PanelCuarentena()
        antes = self._columna.indexOf(self._espera)
        self._columna.insertWidget(antes, self.replicacion)
        self._columna.insertWidget(antes + 1, self.cuarentena)
        self._disponer_paneles()
        return self.replicacion, self.cuarentena

    def mostrar_cuarentena(self) -> None:
        """Bring it into view and put the keyboard there."""
        if self.cuarentena is not None:
            self._area.ensureWidgetVisible(self.cuarentena)
            self.cuarentena.enfocar()

    @Slot()
    def refrescar(self) -> None:
        """Bring the panels up to date, if anybody can see them."""
        if self.isVisible():
            for panel in self._paneles.values():
                panel.refrescar()
            if self.cuarentena is not None:
                self.cuarentena.pasa_el_tiempo(datetime.now(UTC))

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
        self._disponer_paneles()

    def _disponer_paneles(self) -> None:
        estrecho = self.width() < self.fontMetrics().height() * ANCHO_DE_DOS_EM
        for panel in (self.replicacion, self.cuarentena):
            if panel is not None:
                panel.disponer(estrecho=estrecho)
