"""What stands where the table would be while there is nothing to show in it: why, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from gui.widgets.etiquetas import cambiar_tono, etiqueta


class Panel(IntEnum):
    """The pages of the stack."""

    TABLA = 0
    CARGANDO = 1
    VACIA = 2
    NADA = 3
    ERROR = 4
    AL_DIA = 5
    POR_ADOPTAR = 6


class Letrero(QWidget):
    """A sign, a title, an explanation, buttons; in the middle of its room."""

    def __init__(
        self,
        signo: str,
        titulo: str,
        detalle: str = "",
        botones: tuple[tuple[str, Callable[[], None]], ...] = (),
    ) -> None:
        super().__init__()
        self._signo = etiqueta(signo, papel="titulo", tono="muted")
        self._titulo = etiqueta(titulo, papel="titulo")
        self._detalle = etiqueta(detalle, tono="muted")
        self._detalle.setWordWrap(True)
        columna = QVBoxLayout(self)
        columna.setSpacing(8)
        columna.addStretch(2)
        for parte in (self._signo, self._titulo, self._detalle):
            parte.setAlignment(Qt.AlignmentFlag.AlignCenter)
            columna.addWidget(parte)
        fila = QHBoxLayout()
        fila.setSpacing(8)
        fila.addStretch()
        self.botones = tuple(self._boton(texto, hacer) for texto, hacer in botones)
        for boton in self.botones:
            fila.addWidget(boton)
        fila.addStretch()
        columna.addLayout(fila)
        columna.addStretch(3)

    def _boton(self, texto: str, hacer: Callable[[], None]) -> QPushButton:
        boton = QPushButton(texto)
        boton.clicked.connect(hacer)
        return boton

    def titular(self, titulo: str) -> None:
        """Put another title."""
        self._titulo.setText(titulo)

    def explicar(self, detalle: str, tono: str = "muted") -> None:
        """Put another explanation."""
        self._detalle.setText(detalle)
        cambiar_tono(self._detalle, tono)

    @property
    def texto(self) -> str:
        """All that it says."""
        return f"{self._titulo.text()} {self._detalle.text()}".strip()


class Paneles(QStackedWidget):
    """The table, or the reason why it is not there.

    Signals:
        adoptar_pedido: the operator wants to see what adopting the tareas of another program means.
    """

    adoptar_pedido = Signal()

    def __init__(
        self,
        tabla: QWidget,
        *,
        importar: Callable[[], None],
        crear: Callable[[], None],
        quitar_filtros: Callable[[], None],
        reintentar: Callable[[], None],
    ) -> None:
        super().__init__()
        self.letreros = {
            Panel.CARGANDO: Letrero("◌", self.tr("Cargando tareas…")),
            Panel.VACIA: Letrero(
                "○",
                self.tr("Todavía no hay tareas"),
                self.tr("Importe un archivo CSV o JSON, o cree la primera a mano."),
                ((self.tr("Importar…"), importar), (self.tr("Crear la primera"), crear)),
            ),
            Panel.NADA: Letrero(
                "⌕",
                self.tr("Ninguna tarea cumple los filtros"),
                self.tr("Busque otro texto o quite los filtros para ver todas."),
                ((self.tr("Quitar filtros"), quitar_filtros),),
            ),
            Panel.ERROR: Letrero(
                "⚠", self.tr("No se pueden leer las tareas"), "", ((self.tr("Reintentar"), reintentar),)
            ),
        }
        self.letreros[Panel.AL_DIA] = Letrero(
            "✓",
            self.tr("Ambas bases de datos tienen todo"),
            self.tr("A ninguna le falta ninguna tarea."),
            ((self.tr("Ver todas"), quitar_filtros),),
        )
        self.letreros[Panel.POR_ADOPTAR] = Letrero(
            "○", self.tr("Hay tareas por adoptar"), "", ((self.tr("Adoptar…"), self.adoptar_pedido.emit),)
        )
        self.addWidget(tabla)
        for panel in [*Panel][1:]:
            self.addWidget(self.letreros[panel])
        self.ver(Panel.CARGANDO)

    def ver(self, panel: Panel) -> None:
        """Show that page."""
        self.setCurrentIndex(panel)

    @property
    def visible(self) -> Panel:
        """The page that is shown."""
        return Panel(self.currentIndex())
