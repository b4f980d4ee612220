"""The table: rows of one height, pages as one scrolls, keys, context menu, and the place kept on refresh."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from core.domain.models.tarea import Tarea
from gui.tareas.cabecera import Cabecera
from gui.tareas.celdas import Col
from gui.tareas.delegados import (
    MARGEN_PX,
    AlmacenesDelegate,
    EstadoDelegate,
    TextoDelegate,
    alto_de_fila,
    ancho_de_estado,
)
from gui.tareas.modelo import TareasModel
from gui.tareas.textos import una_linea
from gui.widgets.tabla_de_filas import TablaDeFilas

TITULO_CARACTERES = 22
ANTICIPO = 100
"""Rows below the last one in sight at which the next page is asked for."""


class TablaTareas(TablaDeFilas):
    """Shows a TareasModel.

    Signals:
        elegida: (Tarea | None) the operator moved to another row.
        editar_pedido, eliminar_pedido, historial_pedido: (Tarea).
    """

    elegida = Signal(object)
    editar_pedido = Signal(object)
    eliminar_pedido = Signal(object)
    historial_pedido = Signal(object)

    def __init__(self, modelo: TareasModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._modelo = modelo
        self._callada = False
        self._lugar: tuple[UUID | None, UUID | None, int] = (None, None, 0)
        self.setHorizontalHeader(Cabecera(self))
        self.setModel(modelo)
        self._vestir()
        self._acciones()
        for cambio in (modelo.modelReset, modelo.rowsInserted, modelo.rowsRemoved, modelo.dataChanged):
            cambio.connect(self._ajustar_almacenes)
        self.selectionModel().currentRowChanged.connect(self._al_moverse)
        self.doubleClicked.connect(self._al_pulsar_dos_veces)
        self.verticalScrollBar().valueChanged.connect(self.anticipar)

    def _vestir(self) -> None:
        self.setAccessibleName(self.tr("Lista de tareas"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._delegados = (
            TextoDelegate("text"),
            EstadoDelegate(),
            TextoDelegate("muted"),
            AlmacenesDelegate(),
        )  # fmt: skip  Qt does not own delegates: they live as long as the table
        for columna, delegado in zip(Col, self._delegados, strict=True):
            self.setItemDelegateForColumn(columna, delegado)
        cabecera = self.horizontalHeader()
        cabecera.setHighlightSections(False)
        cabecera.setSectionResizeMode(Col.TITULO, QHeaderView.ResizeMode.Stretch)
        cabecera.setSortIndicator(Col.ACTUALIZADA, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self._medir()

    def _medir(self) -> None:
        """Heights and widths from the font, so that they grow with it."""
        metrica = self.fontMetrics()
        self.verticalHeader().setDefaultSectionSize(alto_de_fila(metrica))
        self.setColumnWidth(Col.ESTADO, ancho_de_estado(self.font()))
        self._ancho_fecha = metrica.horizontalAdvance("00/00/0000 00:00") + 3 * MARGEN_PX
        self._ancho_en_ambos = metrica.horizontalAdvance("SQL ✓  Mongo ✓") + 4 * MARGEN_PX
        self._ancho_almacenes = metrica.horizontalAdvance("SQL ✓  Mongo … por copiar") + 4 * MARGEN_PX
        self.setColumnWidth(Col.ACTUALIZADA, self._ancho_fecha)
        self._ajustar_almacenes()
        self.horizontalHeader().setMinimumSectionSize(metrica.averageCharWidth() * 8)

    @Slot()
    def _ajustar_almacenes(self) -> None:
        """Room for what is missing only while something is: the titulo has better use for it."""
        ancho = self._ancho_almacenes if self._modelo.hay_pendientes else self._ancho_en_ambos
        if self.columnWidth(Col.ALMACENES) != ancho:
            self.setColumnWidth(Col.ALMACENES, ancho)

    @property
    def ancho_minimo(self) -> int:
        """Room for a legible titulo and what must always be seen beside it."""
        fijo = self.columnWidth(Col.ESTADO) + self._ancho_almacenes
        return fijo + TITULO_CARACTERES * self.fontMetrics().averageCharWidth() + 3 * MARGEN_PX

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """The date gives way to the titulo where there is not room for both."""
        self.setColumnHidden(Col.ACTUALIZADA, self.width() < self.ancho_minimo + self._ancho_fecha)
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._medir()

    def _acciones(self) -> None:
        self.accion_editar = self._accion(self.tr("Editar\tIntro"), "Return", "Enter", "F2")
        self.accion_editar.triggered.connect(self._editar)
        self.accion_eliminar = self._accion(self.tr("Eliminar…\tSupr"), "Del")
        self.accion_eliminar.triggered.connect(self._eliminar)
        self.accion_historial = self._accion(self.tr("Ver su historial"))
        self.accion_historial.triggered.connect(self._ver_historial)
        self.accion_copiar_id = self._accion(self.tr("Copiar id"))
        self.accion_copiar_id.triggered.connect(self._copiar_id)
        self.accion_copiar_titulo = self._accion(self.tr("Copiar título"))
        self.accion_copiar_titulo.triggered.connect(self._copiar_titulo)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _accion(self, texto: str, *teclas: str) -> QAction:
        # After a tab the menu shows the key as it is called here; Qt would say «Retorno».
        accion = QAction(texto, self)
        accion.setShortcuts([QKeySequence(tecla) for tecla in teclas])
        accion.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.addAction(accion)
        return accion

    @property
    def actual(self) -> Tarea | None:
        """The tarea of the current row."""
        return self._modelo.tarea(self.currentIndex().row())

    @property
    def filas_en_uso(self) -> int:
        """Rows from the first to a little below the last in sight: what a refresh has to bring."""
        ultima = self.rowAt(self.viewport().height() - 1)
        elegida = self.currentIndex().row()
        return max(ultima if ultima >= 0 else self._modelo.rowCount() - 1, elegida) + ANTICIPO

    def seleccionar(self, id: UUID | None) -> None:
        """Move to that row, or to none, without telling `elegida`."""
        fila = None if id is None else self._modelo.fila_de(id)
        with self._en_silencio():
            if fila is None:
                self.selectionModel().clear()
                return
            if self.actual is not None and self.actual.id == id:
                return  # there already; the operator's place in the list is not ours to move
            indice = self._modelo.index(fila, 0)
            bandera = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(indice, bandera.ClearAndSelect | bandera.Rows)
            self.scrollTo(indice)

    @Slot(object, object)
    def ordenar(self, columna: Col, orden: Qt.SortOrder) -> None:
        """Order by that column, as if its header had been pressed."""
        self.sortByColumn(columna, orden)

    @contextmanager
    def _en_silencio(self) -> Iterator[None]:
        antes, self._callada = self._callada, True
        try:
            yield
        finally:
            self._callada = antes

    @contextmanager
    def sin_avisar(self) -> Iterator[None]:
        """Change rows without the current one counting as the operator's choice."""
        with self._en_silencio():
            yield

    @Slot()
    def recordar_lugar(self) -> None:
        """Before all rows are exchanged: which row is current, which is on top, and how far."""
        arriba = self._modelo.tarea(self.rowAt(0))
        actual = self.actual
        self._lugar = (
            actual.id if actual else None, arriba.id if arriba else None, self.verticalScrollBar().value()
        )  # fmt: skip
        self._callada = True

    @Slot()
    def volver_al_lugar(self) -> None:
        """After it: the same row current, and the same rows in sight."""
        elegida, arriba, desplazamiento = self._lugar
        self.seleccionar(elegida)
        fila = None if arriba is None else self._modelo.fila_de(arriba)
        barra = self.verticalScrollBar()
        if desplazamiento == 0 or fila is None:
            barra.setValue(desplazamiento)
        else:
            alto = self.verticalHeader().defaultSectionSize()
            barra.setValue(fila * alto + desplazamiento % alto)
        self._callada = False

    @Slot()
    def anticipar(self) -> None:
        """Ask for the next page if the last row is near: where it is in sight already, no scroll will."""
        alto = self.verticalHeader().defaultSectionSize()
        # Not the scroll bar's maximum, which learns of new rows only at the next layout.
        debajo = self._modelo.rowCount() * alto - self.verticalScrollBar().value() - self.viewport().height()
        raiz = QModelIndex()
        if debajo < ANTICIPO * alto and self._modelo.canFetchMore(raiz):
            self._modelo.fetchMore(raiz)

    @Slot(QModelIndex, QModelIndex)
    def _al_moverse(self, ahora: QModelIndex, _antes: QModelIndex) -> None:
        if not self._callada:
            self.elegida.emit(self._modelo.tarea(ahora.row()))

    @Slot(QModelIndex)
    def _al_pulsar_dos_veces(self, _indice: QModelIndex) -> None:
        self._editar()

    @Slot()
    def _editar(self) -> None:
        if self.actual is not None:
            self.editar_pedido.emit(self.actual)

    @Slot()
    def _eliminar(self) -> None:
        if self.actual is not None:
            self.eliminar_pedido.emit(self.actual)

    @Slot()
    def _ver_historial(self) -> None:
        if self.actual is not None:
            self.historial_pedido.emit(self.actual)

    @Slot()
    def _copiar_id(self) -> None:
        if self.actual is not None:
            QGuiApplication.clipboard().setText(str(self.actual.id))

    @Slot()
    def _copiar_titulo(self) -> None:
        if self.actual is not None:
            QGuiApplication.clipboard().setText(una_linea(self.actual.titulo))
