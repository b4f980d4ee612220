"""The Verificación page: one button, what is known, the differences and their repair. It only composes."""

from __future__ import annotations

from concurrent.futures import Executor
from enum import IntEnum
from itertools import pairwise

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.diferencias import TipoDiferencia
from core.domain.models.reparacion import InformeReparacion
from core.domain.models.verificacion import InformeVerificacion
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.tareas.paneles import Letrero
from gui.tareas.textos import explicar
from gui.verificacion.cabecera import Cabecera
from gui.verificacion.carga import CargadorDatos, FaltanDatos
from gui.verificacion.casos import CasosDeVerificacion
from gui.verificacion.control import DESHACER, REPARAR, SIMULAR, VERIFICAR, ControlVerificacion
from gui.verificacion.detallador import Detallador
from gui.verificacion.detalle import DetalleDiferencias
from gui.verificacion.filtro import FiltroTipos
from gui.verificacion.foco import FocoDelTrabajo
from gui.verificacion.informe import GuardadorInforme
from gui.verificacion.modelo import DiferenciasModel
from gui.verificacion.nota import Nota
from gui.verificacion.palabras import (
    avance,
    no_se_supo,
    sin_verificar,
    tras_reparar,
    veredicto,
    veredicto_de_nota,
)
from gui.verificacion.reparacion import BarraReparacion
from gui.verificacion.reparador import Reparador
from gui.verificacion.resultado import PanelResultado
from gui.verificacion.tabla import TablaDiferencias
from gui.widgets.desplazable import Desplazable
from gui.widgets.formato import cuenta

REPARTO = (6, 5)
"""Of the table to the detail below it."""
LINEAS_DE_LISTA = 12
"""Least height of both, in lines of text, before the repair has to be scrolled to."""


class Hoja(IntEnum):
    """What stands under the result."""

    LETRERO = 0
    LISTA = 1


class VistaVerificacion(QWidget):
    """Where an operator learns whether both hold the same, and puts right what does not.

    Signals:
        diferencias_contadas: (int) so many are left; 0 for none, -1 when it is not known.
    """

    diferencias_contadas = Signal(int)

    def __init__(
        self, puente: Puente, largos: Executor, avisos: BandejaAvisos, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._casos: CasosDeVerificacion | None = None
        self._informe: InformeVerificacion | None = None
        self.modelo = DiferenciasModel(self)
        self.control = ControlVerificacion(puente, largos, avisos, self)
        self.cargador = CargadorDatos(puente, self.modelo, self)
        self.resultado = PanelResultado()
        self.filtro = FiltroTipos()
        self.tabla = TablaDiferencias(self.modelo)
        self.detalle = DetalleDiferencias()
        self.reparacion = BarraReparacion()
        self.faltan = FaltanDatos(self.cargador)
        self.cabecera = Cabecera()
        self.boton_verificar = self.cabecera.boton_verificar
        self.boton_cancelar = self.cabecera.boton_cancelar
        self.guardador = GuardadorInforme(puente, avisos, self.cabecera.boton_informe, self)
        self._hojas = QStackedWidget()
        self._letrero = Letrero(
            "≟",
            self.tr("Aquí se verán las diferencias, si las hay"),
            self.tr("Cada una con sus dos valores, y con qué hacer para que ambas digan lo mismo."),
        )
        self._detallador = Detallador(puente, self.detalle, self)
        self._reparador = Reparador(self.control, self.tabla, self.reparacion, self.resultado, self)
        self._foco = FocoDelTrabajo(
            self,
            self.boton_cancelar,
            {
                VERIFICAR: (self.boton_verificar,),
                SIMULAR: (self.reparacion.boton_reparar, self.reparacion.boton_simular),
                REPARAR: (self.tabla, self.boton_verificar),
                DESHACER: (self.tabla, self.boton_verificar),
            },
        )
        self._componer()
        self._unir()
        self._ofrecer()

    def conectar(self, casos: CasosDeVerificacion) -> None:
        """The use cases are there."""
        self._casos = casos
        self.control.conectar(casos)
        self.cargador.conectar(casos)
        self._detallador.conectar(casos)
        self.guardador.conectar(casos)
        if len(casos.almacenes) < 2:
            self._letrero.titular(self.tr("Solo hay una base de datos"))
            self._letrero.explicar(self.tr("Se comparan dos: ponga ORM=dual y las direcciones de ambas."))
        self._ofrecer()
        self._recordar()

    @property
    def hoja(self) -> Hoja:
        """What is shown under the result."""
        return Hoja(self._hojas.currentIndex())

    @property
    def informe(self) -> InformeVerificacion | None:
        """The last verification that ended here."""
        return self._informe

    @Slot()
    def verificar(self) -> None:
        """Compare everything now."""
        if self.boton_verificar.isEnabled():
            self._reparador.retirar_pregunta()
            self.resultado.empezar(self.tr("Verificando…"))
            self.control.verificar()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  Qt's name
        """Somebody else may have verified meanwhile."""
        super().showEvent(event)
        self._recordar()

    # -- making it ----------------------------------------------------------------------------------

    def _componer(self) -> None:
        reparto = QSplitter(Qt.Orientation.Vertical)
        reparto.setHandleWidth(8)
        reparto.setChildrenCollapsible(False)
        reparto.addWidget(self.tabla)
        reparto.addWidget(self.detalle)
        reparto.setSizes([*REPARTO])
        arriba = Desplazable(_apilados(self.filtro, self.faltan, reparto))
        arriba.setMinimumHeight(self.fontMetrics().lineSpacing() * LINEAS_DE_LISTA)
        self._hojas.addWidget(self._letrero)
        # The repair is in sight unless banners leave no room for the list itself.
        self._hojas.addWidget(Desplazable(_apilados(arriba, self.reparacion, crece=arriba)))
        todo = QVBoxLayout(self)
        todo.setContentsMargins(0, 0, 0, 0)
        todo.setSpacing(8)
        todo.addWidget(self.cabecera)
        todo.addWidget(self.resultado)
        todo.addWidget(self._hojas, 1)
        paradas = (
            self.cabecera.boton_informe,
            self.boton_cancelar,
            self.boton_verificar,
            self.filtro,
            self.faltan.boton,
            self.tabla,
            *self.reparacion.paradas,
        )
        for uno, siguiente in pairwise(paradas):
            QWidget.setTabOrder(uno, siguiente)
        self.detalle.poner_tras(self.reparacion.boton_reparar)

    def _unir(self) -> None:
        self.boton_verificar.clicked.connect(self.verificar)
        self.boton_cancelar.clicked.connect(self.control.cancelar)
        for tecla, que in (("F5", self.verificar), ("Esc", self.control.cancelar)):
            atajo = QShortcut(QKeySequence(tecla), self)
            atajo.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            atajo.activated.connect(que)
        self.filtro.elegido.connect(self._al_filtrar)
        self.tabla.selectionModel().currentRowChanged.connect(self._al_moverse)
        self.control.verificada.connect(self._al_verificar)
        self.control.de_fondo.connect(self._al_verificar_de_fondo)
        self.control.anterior.connect(self._al_recordar)
        self.control.reparado.connect(self._al_reparar)
        self.control.siguientes_pedidas.connect(self.verificar)
        self.control.fallo.connect(self._al_fallar)
        self.control.trabajo.avanza.connect(self._al_avanzar)
        self.control.trabajo.cambia.connect(self._ofrecer)

    # -- verifying ----------------------------------------------------------------------------------

    def _recordar(self) -> None:
        dos = self._casos is not None and len(self._casos.almacenes) == 2
        if dos and self._informe is None and self.isVisible() and not self.control.trabajo.ocupado:
            self.control.preguntar()

    @Slot(object)
    def _al_recordar(self, nota: Nota | None) -> None:
        if self._informe is None and not self.control.trabajo.ocupado:
            self.resultado.mostrar(veredicto_de_nota(nota) if nota is not None else sin_verificar())

    @Slot(object)
    def _al_avanzar(self, informe: InformeVerificacion | InformeReparacion) -> None:
        if isinstance(informe, InformeVerificacion):
            self.resultado.avanzar(avance(informe), informe.fraccion)
            return
        total = self.control.total
        texto = self.tr("{n} de {total}").format(n=cuenta(informe.miradas), total=cuenta(total))
        self.resultado.avanzar(texto, informe.miradas / total if total else None)

    @Slot(object)
    def _al_verificar(self, informe: InformeVerificacion) -> None:
        self.resultado.mostrar(veredicto(informe))
        self.guardador.poner(None if informe.cancelada else informe)
        if informe.cancelada:
            return
        self._informe = informe
        self._reparador.hay_mas = informe.sin_listar > 0
        self.modelo.reemplazar(informe.diferencias)
        self._mostrar_lista()
        self.cargador.cargar()
        cuantas = informe.cuentas.total()
        self.diferencias_contadas.emit(cuantas if cuantas or informe.iguales else -1)

    @Slot(object)
    def _al_verificar_de_fondo(self, informe: InformeVerificacion) -> None:
        """Shown, but not in the place of a list that somebody is working at."""
        if not (self.isVisible() and self.hoja is Hoja.LISTA):
            self._al_verificar(informe)

    @Slot(str, object)
    def _al_fallar(self, asunto: str, error: BaseException) -> None:
        if asunto == VERIFICAR:
            self.guardador.poner(None)
            self.resultado.mostrar(no_se_supo(explicar(error)))
            return
        self.reparacion.olvidar()
        que = {
            SIMULAR: self.tr("No se pudo simular la reparación"),
            REPARAR: self.tr("No se pudo terminar la reparación"),
            DESHACER: self.tr("No se pudo deshacer la reparación"),
        }[asunto]
        self.resultado.mostrar(no_se_supo(explicar(error)).con(palabra=que))

    def _mostrar_lista(self) -> None:
        self.filtro.contar(self.modelo.cuentas)
        self.reparacion.olvidar()
        self._foco.salvar(self.detalle, self.tabla)
        if not self.modelo.todas:
            self._foco.salvar(self._hojas, self.boton_cancelar)
        self._hojas.setCurrentIndex(Hoja.LISTA if self.modelo.todas else Hoja.LETRERO)
        self._reparador.contar()
        if self.modelo.rowCount():
            self.tabla.setCurrentIndex(self.modelo.index(0, 0))
        else:
            self.detalle.vaciar(self.tr("Ninguna diferencia de esta clase."))

    # -- looking ------------------------------------------------------------------------------------

    @Slot(object)
    def _al_filtrar(self, tipo: TipoDiferencia | None) -> None:
        self.modelo.filtrar(tipo)
        self._mostrar_lista()

    @Slot(QModelIndex, QModelIndex)
    def _al_moverse(self, ahora: QModelIndex, _antes: QModelIndex) -> None:
        self._detallador.mostrar(self.modelo.diferencia(ahora.row()) if ahora.isValid() else None)

    @Slot(object)
    def _al_reparar(self, informe: InformeReparacion) -> None:
        self.modelo.quitar(una.id for una in informe.reparadas)
        sin_listar = self._informe.sin_listar if self._informe is not None else 0
        self.resultado.mostrar(tras_reparar(len(self.modelo.todas), sin_listar))
        self.guardador.poner(None)  # what was verified is not so any more
        self._mostrar_lista()
        self.diferencias_contadas.emit(-1)

    @Slot()
    def _ofrecer(self) -> None:
        trabajo = self.control.trabajo
        dos = self._casos is not None and len(self._casos.almacenes) == 2
        if trabajo.ocupado:
            self.boton_cancelar.show()
            self._foco.al_empezar()
        self.boton_verificar.setEnabled(dos and not trabajo.ocupado)
        self.reparacion.ocupar(trabajo.ocupado)
        self.guardador.ocupar(trabajo.ocupado)
        if not trabajo.ocupado:
            self._foco.al_acabar(trabajo.asunto)
            self.boton_cancelar.hide()
        if trabajo.cancelando:
            self.resultado.cancelar()


def _apilados(*partes: QWidget, crece: QWidget | None = None) -> QWidget:
    """One above the other; `crece`, or else the last, takes the room that is left."""
    pila = QWidget()
    columna = QVBoxLayout(pila)
    columna.setContentsMargins(0, 0, 0, 0)
    columna.setSpacing(8)
    for parte in partes:
        columna.addWidget(parte, int(parte is (crece or partes[-1])))
    return pila
