"""The Actividad page: filter by level, search by id or text, follow the end, copy, clear."""

from __future__ import annotations

import logging

from PySide6.QtCore import QItemSelection, Qt, QTimer, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.actividad.manejador import ManejadorActividad
from gui.actividad.modelo import ColumnaActividad, ModeloActividad
from gui.widgets.desplegable import Desplegable

CADA_MS = 250
"""How often lines are fetched: a burst becomes a few batches, not a signal a line."""
ESPERA_BUSQUEDA_MS = 200


class VistaActividad(QWidget):
    """Shows what the handler has kept; fetches on a timer of its own."""

    def __init__(self, manejador: ManejadorActividad, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._manejador = manejador
        self.modelo = ModeloActividad(self)
        self._nivel = Desplegable()
        self._busqueda = QLineEdit()
        self._tabla = QTableView()
        self._entera = QPlainTextEdit()
        self._preparar_tabla()
        self._componer()
        self._reloj_busqueda = QTimer(self)
        self._reloj_busqueda.setSingleShot(True)
        self._reloj_busqueda.setInterval(ESPERA_BUSQUEDA_MS)
        self._reloj_busqueda.timeout.connect(self._filtrar)
        self._busqueda.textChanged.connect(self._reloj_busqueda.start)
        self._nivel.currentIndexChanged.connect(self._filtrar)
        self._reloj = QTimer(self)
        self._reloj.setInterval(CADA_MS)
        self._reloj.timeout.connect(self.recoger)
        self._reloj.start()

    def buscar(self, texto: str) -> None:
        """Show the lines that contain this, of any level, at once: the way from a tarea to its history."""
        self.recoger()
        self._nivel.setCurrentIndex(0)
        self._busqueda.setText(texto)
        self._reloj_busqueda.stop()
        self._filtrar()

    @Slot()
    def recoger(self) -> None:
        """Fetch the new lines; keep to the end if the end was in view."""
        lineas = self._manejador.tomar()
        if not lineas:
            return
        barra = self._tabla.verticalScrollBar()
        al_final = barra.value() >= barra.maximum()
        self.modelo.anadir(lineas)
        if al_final:
            self._tabla.scrollToBottom()

    def copiar(self) -> None:
        """The selected lines, or all that are shown, to the clipboard as text."""
        filas = sorted({indice.row() for indice in self._tabla.selectionModel().selectedRows()})
        lineas = [self.modelo.linea(fila) for fila in filas or range(self.modelo.rowCount())]
        QGuiApplication.clipboard().setText(
            "\n".join(
                f"{linea.cuando.astimezone().isoformat(timespec='milliseconds')} "
                f"{self.modelo.palabra_de(linea.nivel)} {linea.texto}"
                for linea in lineas
            )
        )

    def _preparar_tabla(self) -> None:
        self._tabla.setModel(self.modelo)
        self._tabla.setAccessibleName(self.tr("Registro de actividad"))
        self._tabla.setObjectName("registro")
        self._tabla.setShowGrid(False)
        self._tabla.setWordWrap(False)
        self._tabla.setAlternatingRowColors(True)
        self._tabla.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._tabla.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._tabla.setTabKeyNavigation(False)
        letra = self.fontMetrics()
        vertical = self._tabla.verticalHeader()
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(letra.height() + 10)
        horizontal = self._tabla.horizontalHeader()
        horizontal.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        horizontal.setStretchLastSection(True)
        horizontal.setHighlightSections(False)
        self._tabla.setColumnWidth(ColumnaActividad.HORA, letra.horizontalAdvance("00:00:00,000") + 24)
        self._tabla.setColumnWidth(ColumnaActividad.NIVEL, letra.horizontalAdvance("DETALLE") + 28)
        self._tabla.selectionModel().selectionChanged.connect(self._mostrar_entera)
        self._entera.setReadOnly(True)
        self._entera.setAccessibleName(self.tr("Mensaje completo"))
        self._entera.setPlaceholderText(self.tr("Elija una línea para leerla entera."))
        self._entera.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))

    def _componer(self) -> None:
        for texto, nivel in (
            (self.tr("Todos los niveles"), logging.NOTSET),
            (self.tr("Desde INFO"), logging.INFO),
            (self.tr("Avisos y errores"), logging.WARNING),
            (self.tr("Solo errores"), logging.ERROR),
        ):
            self._nivel.addItem(texto, nivel)
        self._nivel.setAccessibleName(self.tr("Nivel mínimo"))
        self._busqueda.setPlaceholderText(self.tr("Buscar por id o texto   Ctrl+F"))
        self._busqueda.setAccessibleName(self.tr("Buscar en la actividad"))
        self._busqueda.setClearButtonEnabled(True)
        atajo = QShortcut(QKeySequence.StandardKey.Find, self)
        atajo.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        atajo.activated.connect(self._busqueda.setFocus)
        copiar = QPushButton(self.tr("Copiar"))
        copiar.setToolTip(self.tr("Copia las líneas elegidas, o todas las que se ven"))
        copiar.clicked.connect(self.copiar)
        limpiar = QPushButton(self.tr("Limpiar"))
        limpiar.clicked.connect(self._limpiar)
        fila = QHBoxLayout()
        fila.setSpacing(8)
        fila.addWidget(self._busqueda, 1)
        for parte in (self._nivel, copiar, limpiar):
            fila.addWidget(parte)
        partes = QSplitter(Qt.Orientation.Vertical)
        partes.setChildrenCollapsible(False)
        partes.setHandleWidth(8)
        partes.addWidget(self._tabla)
        partes.addWidget(self._entera)
        partes.setStretchFactor(0, 4)
        partes.setStretchFactor(1, 1)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(0, 0, 0, 0)
        todo.setSpacing(10)
        todo.addLayout(fila)
        todo.addWidget(partes, 1)

    @Slot()
    def _filtrar(self) -> None:
        self.modelo.filtrar(nivel_minimo=self._nivel.currentData(), texto=self._busqueda.text().strip())
        self._tabla.scrollToBottom()

    @Slot()
    def _limpiar(self) -> None:
        self.modelo.limpiar()
        self._entera.clear()

    @Slot(QItemSelection, QItemSelection)
    def _mostrar_entera(self) -> None:
        filas = self._tabla.selectionModel().selectedRows()
        self._entera.setPlainText(self.modelo.linea(filas[0].row()).texto if filas else "")
