"""From the operator's choice to a repair: simulate, ask, do. Nothing is written before the answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from core.diferencias import Diferencia
from core.domain.models.reparacion import PlanReparacion
from gui.tareas.preguntas import Respuesta, UnaPregunta
from gui.verificacion.control import ControlVerificacion
from gui.verificacion.palabras import relato_de_confirmacion
from gui.verificacion.reparacion import Ambito, BarraReparacion
from gui.verificacion.resultado import PanelResultado
from gui.verificacion.tabla import TablaDiferencias
from gui.widgets.formato import cuenta


class Reparador(QObject):
    """Between the table, the bar with the choices, and the control."""

    def __init__(
        self,
        control: ControlVerificacion,
        tabla: TablaDiferencias,
        barra: BarraReparacion,
        resultado: PanelResultado,
        vista: QWidget,
    ) -> None:
        super().__init__(vista)
        self._control = control
        self._tabla = tabla
        self._barra = barra
        self._resultado = resultado
        self._pregunta = UnaPregunta(vista)
        self.hay_mas = False
        barra.simular_pedido.connect(self._simular)
        barra.reparar_pedido.connect(self._preguntar)
        control.simulado.connect(self._al_simular)
        tabla.selectionModel().selectionChanged.connect(self.contar)

    @Slot()
    def contar(self) -> None:
        """Tell the bar how many each of its choices means."""
        modelo = self._tabla.diferencias
        self._barra.contar(
            elegidas=len(self._tabla.filas_elegidas()),
            a_la_vista=modelo.rowCount(),
            todas=len(modelo.todas),
            hay_mas=self.hay_mas,
        )

    def retirar_pregunta(self) -> None:
        """What it asks about is not so any more."""
        self._pregunta.retirar()

    def _pedidas(self) -> Sequence[Diferencia]:
        ambito, modelo = self._barra.elegido[0], self._tabla.diferencias
        if ambito is Ambito.TODAS:
            return [*modelo.todas]
        if ambito is Ambito.A_LA_VISTA:
            return [*modelo.visibles]
        return [una for fila in self._tabla.filas_elegidas() if (una := modelo.diferencia(fila)) is not None]

    @Slot()
    def _simular(self) -> None:
        self._resultado.empezar(self.tr("Simulando la reparación…"))
        self._control.simular(self._pedidas(), self._barra.elegido[1])

    @Slot(object)
    def _al_simular(self, plan: PlanReparacion) -> None:
        self._resultado.mostrar(self._resultado.veredicto)
        if plan.cancelado:  # it says nothing of the rest, and would pass for all of it
            return
        self._barra.poner_plan(plan)

    @Slot()
    def _preguntar(self) -> None:
        plan = self._barra.plan
        if plan is None:
            return
        n = plan.se_escriben
        texto = self.tr("¿Reparar 1 tarea?") if n == 1 else self.tr("¿Reparar {n} tareas?")
        respuestas = (
            Respuesta(self.tr("Reparar"), partial(self._reparar, plan)),
            Respuesta(self.tr("No reparar"), lambda: None, prudente=True),
        )
        self._pregunta.hacer("reparar", texto.format(n=cuenta(n)), relato_de_confirmacion(plan), respuestas)

    def _reparar(self, plan: PlanReparacion) -> None:
        self._resultado.empezar(self.tr("Reparando…"))
        self._control.reparar(plan)
