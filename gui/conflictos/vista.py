"""The Conflictos page: the list of what was lost, and the one that is open. It only composes."""

from __future__ import annotations

from concurrent.futures import Executor
from enum import IntEnum
from uuid import UUID

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.domain.models.conflicto import ConflictoVisto
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.conflictos.carga import CargadorConflictos
from gui.conflictos.casos import CasosDeConflictos
from gui.conflictos.detalle import DetalleConflicto
from gui.conflictos.modelo import ConflictosModel
from gui.conflictos.resoluciones import Resoluciones
from gui.conflictos.tabla import TablaConflictos
from gui.tareas.paneles import Letrero
from gui.tareas.textos import explicar
from gui.widgets.desplegable import Desplegable
from gui.widgets.etiquetas import etiqueta

REPARTO = (1, 2)
"""Of the table to the detail below it."""


class Hoja(IntEnum):
    """What the page shows."""

    LISTA = 0
    CARGANDO = 1
    NINGUNO = 2
    SIN_RESUELTOS = 3
    ERROR = 4


class VistaConflictos(QWidget):
    """Where an operator decides about values that lost.

    Signals:
        resuelto: a decision was carried out: the count is another one.
        tarea_cambiada: the list of tareas is not what it was.
    """

    resuelto = Signal()
    tarea_cambiada = Signal()

    def __init__(
        self, puente: Puente, escrituras: Executor, avisos: BandejaAvisos, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.modelo = ConflictosModel(self)
        self.cargador = CargadorConflictos(puente, self.modelo, self)
        self.resoluciones = Resoluciones(puente, escrituras, avisos, self)
        self.filtro = Desplegable()
        self.tabla = TablaConflictos(self.modelo)
        self.detalle = DetalleConflicto()
        self.nota = etiqueta(tono="warn")
        self._hojas = QStackedWidget()
        self._por_elegir: UUID | None = None
        self._conectada = False
        self._espera_lista = False
        self._letreros = self._hacer_letreros()
        self._componer()
        self._unir()

    def conectar(self, casos: CasosDeConflictos) -> None:
        """The use cases are there."""
        self._conectada = True
        self.modelo.nodo_propio = self.detalle.nodo_propio = lambda: casos.nodo
        self.cargador.conectar(casos)
        self.resoluciones.conectar(casos)
        self.actualizar()

    @property
    def hoja(self) -> Hoja:
        """What is shown."""
        return Hoja(self._hojas.currentIndex())

    @property
    def resueltos(self) -> bool:
        """Whether the resolved ones are shown."""
        return bool(self.filtro.currentData())

    @Slot()
    def actualizar(self) -> None:
        """Read the list again; the one that is open stays open."""
        if self._conectada and self.isVisible():
            self.cargador.cargar(resueltos=self.resueltos)

    def elegir(self, id: UUID | None) -> None:
        """Show the open conflict of that tarea as soon as it is in the list."""
        self._por_elegir = id
        self.filtro.setCurrentIndex(0)
        self.actualizar()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  Qt's name
        """What was missed while hidden is caught up."""
        super().showEvent(event)
        self.actualizar()
        QTimer.singleShot(0, self._acoger_foco)  # the page gets it once it is on show

    @Slot()
    def _acoger_foco(self) -> None:
        """Who comes here wants the list; Qt chooses the filter, which a key meant for the list changes."""
        if self.window().focusWidget() in (self.filtro, self._refrescar):
            self._espera_lista = self.hoja is not Hoja.LISTA
            lugar = self._refrescar if self._espera_lista else self.tabla
            lugar.setFocus(Qt.FocusReason.OtherFocusReason)

    def _hacer_letreros(self) -> dict[Hoja, Letrero]:
        return {
            Hoja.CARGANDO: Letrero("◌", self.tr("Buscando conflictos…")),
            Hoja.NINGUNO: Letrero(
                "✓",
                self.tr("No hay conflictos"),
                self.tr(
                    "Cuando dos personas cambien la misma tarea sin ver una el cambio de la otra, ganará el "
                    "más reciente y el otro se conservará aquí, entero, hasta que alguien decida."
                ),
            ),
            Hoja.SIN_RESUELTOS: Letrero("○", self.tr("Todavía no se ha resuelto ninguno")),
            Hoja.ERROR: Letrero(
                "⚠",
                self.tr("No se pueden leer los conflictos"),
                "",
                ((self.tr("Reintentar"), self.actualizar),),
            ),
        }

    def _componer(self) -> None:
        self.filtro.addItem(self.tr("Abiertos"), False)
        self.filtro.addItem(self.tr("Resueltos"), True)
        self.filtro.setAccessibleName(self.tr("Qué conflictos se ven"))
        refrescar = self._refrescar = QPushButton(self.tr("Actualizar"))
        refrescar.clicked.connect(self.actualizar)
        self.nota.setWordWrap(True)
        self.nota.hide()
        cabecera = QHBoxLayout()
        cabecera.setSpacing(8)
        cabecera.addWidget(etiqueta(self.tr("Conflictos"), papel="titulo"))
        cabecera.addStretch()
        cabecera.addWidget(self.filtro)
        cabecera.addWidget(refrescar)
        reparto = QSplitter(Qt.Orientation.Vertical)
        reparto.addWidget(self.tabla)
        reparto.addWidget(self.detalle)
        for lugar, parte in enumerate(REPARTO):
            reparto.setStretchFactor(lugar, parte)
        reparto.setSizes([200 * parte for parte in REPARTO])
        reparto.setHandleWidth(8)
        reparto.setChildrenCollapsible(False)
        self._hojas.addWidget(reparto)
        for hoja in [*Hoja][1:]:
            self._hojas.addWidget(self._letreros[hoja])
        self._hojas.setCurrentIndex(Hoja.CARGANDO)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(0, 0, 0, 0)
        todo.setSpacing(8)
        todo.addLayout(cabecera)
        todo.addWidget(self.nota)
        todo.addWidget(self._hojas, 1)
        QWidget.setTabOrder(self.filtro, refrescar)
        QWidget.setTabOrder(refrescar, self.tabla)
        self.detalle.poner_tras(self.tabla)

    def _unir(self) -> None:
        self.filtro.currentIndexChanged.connect(self.actualizar)
        self.cargador.cargada.connect(self._al_cargar)
        self.cargador.fallo.connect(self._al_fallar)
        self.tabla.selectionModel().currentRowChanged.connect(self._al_moverse)
        self.tabla.activated.connect(self.detalle.enfocar)
        self.detalle.resuelto.connect(self._decidir)
        self.resoluciones.resuelto.connect(self._al_resolver)
        self.resoluciones.no_resuelto.connect(self._al_no_resolver)
        self.resoluciones.cambiada.connect(self.tarea_cambiada)
        self.resoluciones.anotado.connect(self._al_anotar)

    @Slot(str)
    def _al_cargar(self, aviso: str) -> None:
        self.nota.setText(aviso)
        self.nota.setVisible(bool(aviso))
        self._mostrar_lista()
        self._elegir_fila(self._fila_deseada())
        if self._espera_lista and self.window().focusWidget() is self._refrescar:
            self._acoger_foco()

    def _fila_deseada(self) -> int:
        id, self._por_elegir = self._por_elegir, None
        abierto = self.detalle.visto
        for fila in range(self.modelo.rowCount()):
            visto = self.modelo.visto(fila)
            if visto is None:
                continue
            if id is not None and visto.perdedora.id == id:
                return fila
            if id is None and abierto is not None and visto.guardado.clave == abierto.guardado.clave:
                return fila
        return 0

    def _elegir_fila(self, fila: int) -> None:
        fila = min(fila, self.modelo.rowCount() - 1)
        self.tabla.selectRow(fila)
        self.detalle.abrir(self.modelo.visto(fila))

    def _mostrar_lista(self) -> None:
        vacia = Hoja.SIN_RESUELTOS if self.resueltos else Hoja.NINGUNO
        foco = self.window().focusWidget()
        if not self.modelo.rowCount() and foco is not None and self._hojas.isAncestorOf(foco):
            self._refrescar.setFocus(Qt.FocusReason.OtherFocusReason)  # or Qt would carry it out of the page
        self._hojas.setCurrentIndex(Hoja.LISTA if self.modelo.rowCount() else vacia)

    @Slot(object)
    def _al_fallar(self, error: BaseException) -> None:
        self._letreros[Hoja.ERROR].explicar(explicar(error))
        self._hojas.setCurrentIndex(Hoja.ERROR)

    @Slot(QModelIndex, QModelIndex)
    def _al_moverse(self, ahora: QModelIndex, _antes: QModelIndex) -> None:
        self.detalle.abrir(self.modelo.visto(ahora.row()))

    @Slot(object, object, object)
    def _decidir(self, visto: ConflictoVisto, resolucion: object, tomados: object) -> None:
        self.tabla.setFocus(Qt.FocusReason.OtherFocusReason)  # the buttons are out of reach meanwhile
        self.detalle.ocupar(True)
        self.resoluciones.resolver(visto, resolucion, tomados)  # type: ignore[arg-type]  # Qt's signals know no types

    @Slot(object)
    def _al_resolver(self, visto: ConflictoVisto) -> None:
        self.detalle.ocupar(False)
        fila = self.modelo.fila_de(visto.guardado.clave)
        if not self.resueltos and fila is not None:
            self.modelo.quitar(visto.guardado.clave)
            self._mostrar_lista()
            self._elegir_fila(fila)
        else:
            self.actualizar()
        self.resuelto.emit()

    @Slot()
    def _al_anotar(self) -> None:
        self.actualizar()
        self.resuelto.emit()

    @Slot(object)
    def _al_no_resolver(self, _visto: ConflictoVisto) -> None:
        self.detalle.ocupar(False)
        self.actualizar()
