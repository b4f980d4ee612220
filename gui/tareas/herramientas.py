"""The tools above the table: new, edit, delete, search, filter, refresh."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QMenu, QPushButton, QWidget

from core.domain.models.consulta import Filtro
from core.domain.models.tarea import EstadoTarea
from gui.tareas.menu_orden import MenuOrden
from gui.tareas.textos import FORMAS, palabra
from gui.widgets.desplegable import Desplegable

ESPERA_MS = 250
"""Typing pauses this long before the store is asked."""
BUSQUEDA_CARACTERES = 30
"""Less room than this for the search box, and it gets a row of its own."""


class Herramientas(QWidget):
    """Says what is wanted; does nothing by itself.

    Signals:
        filtro_cambiado: (Filtro).
        nueva, editar, eliminar, actualizar, importar, salir: pressed, or chosen in «Más».
    """

    filtro_cambiado = Signal(object)
    nueva = Signal()
    editar = Signal()
    eliminar = Signal()
    actualizar = Signal()
    importar = Signal()
    salir = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boton_nueva = self._boton(self.tr("Nueva"), "Ctrl+N")
        self.boton_nueva.setProperty("papel", "primario")
        self.boton_editar = self._boton(self.tr("Editar"), "F2")
        self.boton_eliminar = self._boton(self.tr("Eliminar"), self.tr("Supr"))
        self.busqueda = QLineEdit(self)
        self.busqueda.setPlaceholderText(self.tr("Buscar   Ctrl+F"))
        self.busqueda.setToolTip(self.tr("Busca en título y descripción (Ctrl+F); Esc la vacía"))
        self.busqueda.setAccessibleName(self.tr("Buscar"))
        self.busqueda.setClearButtonEnabled(True)
        self.estados = self._lista()
        self.boton_actualizar = self._boton("⟳", "F5")
        self.boton_actualizar.setAccessibleName(self.tr("Actualizar"))
        self.boton_actualizar.setToolTip(self.tr("Actualizar (F5)"))
        self.boton_mas = self._mas()
        self._rejilla = QGridLayout(self)
        self._rejilla.setContentsMargins(0, 0, 0, 0)
        self._rejilla.setSpacing(8)
        self._estrecha: bool | None = None
        self._disponer(estrecha=False)
        self._conectar()

    def _boton(self, texto: str, tecla: str) -> QPushButton:
        boton = QPushButton(texto, self)
        boton.setToolTip(f"{texto} ({tecla})")
        boton.setAutoDefault(True)  # Enter presses it, as Space does
        return boton

    def _mas(self) -> QPushButton:
        """What is wanted now and then: always there, out of the way."""
        boton = QPushButton("⋯", self)
        boton.setAccessibleName(self.tr("Más"))
        boton.setToolTip(self.tr("Más: ordenar (Ctrl+Mayús+O), importar, salir"))
        boton.setAutoDefault(True)
        menu = QMenu(boton)
        self.orden = MenuOrden(menu)
        menu.addMenu(self.orden)
        menu.addSeparator()
        self.accion_importar = menu.addAction(self.tr("Importar…\tCtrl+I"))
        self.accion_importar.setShortcut(QKeySequence("Ctrl+I"))
        self.accion_importar.triggered.connect(self.importar)
        menu.addSeparator()
        self.accion_salir = menu.addAction(self.tr("Salir\tCtrl+Q"))
        self.accion_salir.setShortcut(QKeySequence("Ctrl+Q"))
        self.accion_salir.triggered.connect(self.salir)
        boton.setMenu(menu)
        return boton

    def _lista(self) -> QComboBox:
        lista = Desplegable(self)
        lista.setAccessibleName(self.tr("Filtrar"))
        lista.addItem(self.tr("Todos los estados"), Filtro())
        for estado in EstadoTarea:
            lista.addItem(f"{FORMAS[estado]} {palabra(estado)}", Filtro(estado=estado))
        lista.insertSeparator(lista.count())
        lista.addItem(self.tr("✕ Eliminadas"), Filtro(eliminadas=True, vivas=False))
        lista.addItem(self.tr("… Por copiar"), Filtro(solo_pendientes=True))
        return lista

    def _conectar(self) -> None:
        self._pausa = QTimer(self, singleShot=True, interval=ESPERA_MS)
        self._pausa.timeout.connect(self._emitir)
        self.busqueda.textChanged.connect(self._pausa.start)
        self.busqueda.returnPressed.connect(self._emitir)
        self.estados.currentIndexChanged.connect(self._emitir)
        self.boton_nueva.clicked.connect(self.nueva)
        self.boton_editar.clicked.connect(self.editar)
        self.boton_eliminar.clicked.connect(self.eliminar)
        self.boton_actualizar.clicked.connect(self.actualizar)
        limpiar = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.busqueda)
        limpiar.setContext(Qt.ShortcutContext.WidgetShortcut)
        limpiar.activated.connect(self.busqueda.clear)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        super().resizeEvent(event)
        partes = (
            self.boton_nueva,
            self.boton_editar,
            self.boton_eliminar,
            self.estados,
            self.boton_actualizar,
            self.boton_mas,
        )
        fijo = sum(parte.sizeHint().width() + self._rejilla.spacing() for parte in partes)
        self._disponer(
            estrecha=self.width() < fijo + BUSQUEDA_CARACTERES * self.fontMetrics().averageCharWidth()
        )

    def _disponer(self, *, estrecha: bool) -> None:
        """One row, or two where the search box would have too little room."""
        if estrecha == self._estrecha:
            return
        self._estrecha = estrecha
        fila, primera, columnas = (1, 0, 4) if estrecha else (0, 3, 1)
        self._rejilla.addWidget(self.boton_nueva, 0, 0)
        self._rejilla.addWidget(self.boton_editar, 0, 1)
        self._rejilla.addWidget(self.boton_eliminar, 0, 2)
        self._rejilla.addWidget(self.busqueda, fila, primera, 1, columnas)
        self._rejilla.addWidget(self.estados, fila, 4)
        self._rejilla.addWidget(self.boton_actualizar, fila, 5)
        self._rejilla.addWidget(self.boton_mas, fila, 6)
        self._rejilla.setColumnStretch(3, 1)

    @Slot()
    def abrir_orden(self) -> None:
        """Let the operator choose an order now."""
        self.orden.popup(self.boton_mas.mapToGlobal(self.boton_mas.rect().bottomLeft()))
        self.orden.setActiveAction(next(accion for accion in self.orden.actions() if accion.isChecked()))

    @property
    def filtro(self) -> Filtro:
        """What is asked for now."""
        elegido: Filtro = self.estados.currentData()
        return replace(elegido, texto=self.busqueda.text().strip())

    @Slot()
    def quitar_filtros(self) -> None:
        """Ask for everything."""
        self._poner("", 0)

    @Slot()
    def solo_pendientes(self) -> None:
        """Ask for what one store may lack."""
        self._poner("", self.estados.count() - 1)

    def buscar_pendiente(self, texto: str) -> None:
        """Ask for that among what one store may lack."""
        self._poner(texto, self.estados.count() - 1)

    def _poner(self, texto: str, indice: int) -> None:
        for widget in (self.busqueda, self.estados):
            widget.blockSignals(True)
        self.busqueda.setText(texto)
        self.estados.setCurrentIndex(indice)
        for widget in (self.busqueda, self.estados):
            widget.blockSignals(False)
        self._emitir()

    @Slot()
    def _emitir(self) -> None:
        self._pausa.stop()
        self.filtro_cambiado.emit(self.filtro)

    def ofrecer(self, *, hay_elegida: bool, eliminable: bool, conectada: bool) -> None:
        """Which buttons make sense now."""
        self.boton_nueva.setEnabled(conectada)
        self.boton_actualizar.setEnabled(conectada)
        self.accion_importar.setEnabled(conectada)
        self.boton_editar.setEnabled(hay_elegida)
        self.boton_eliminar.setEnabled(eliminable)
