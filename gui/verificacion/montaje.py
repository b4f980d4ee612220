"""The page, its count in the rail, and what of it concerns the rest of the window."""

from __future__ import annotations

from concurrent.futures import Executor

from PySide6.QtCore import QObject, Signal, Slot

from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.verificacion.casos import CasosDeVerificacion
from gui.verificacion.vista import VistaVerificacion
from gui.widgets.carril import Carril
from gui.widgets.formato import cuenta

VISTA = "verificacion"
"""Its key in the rail."""


class MontajeVerificacion(QObject):
    """Lives as long as the window.

    Signals:
        tareas_cambiadas: a repair, or its undoing, wrote some tarea.
        ver_pedido: (str) the page is wanted: the key of its view.
    """

    tareas_cambiadas = Signal()
    ver_pedido = Signal(str)

    def __init__(
        self,
        puente: Puente,
        largos: Executor,
        avisos: BandejaAvisos,
        carril: Carril,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._carril = carril
        self.vista = VistaVerificacion(puente, largos, avisos)
        self.vista.diferencias_contadas.connect(self._al_contar)
        self.vista.control.tareas_cambiadas.connect(self.tareas_cambiadas)
        self.vista.control.ver_pedido.connect(self._al_querer_ver)

    def conectar(self, casos: CasosDeVerificacion) -> None:
        """The use cases are there."""
        self.vista.conectar(casos)

    def cancelar(self) -> None:
        """The window closes: what runs here ends as soon as it can."""
        self.vista.control.cancelar()

    @Slot()
    def _al_querer_ver(self) -> None:
        self.ver_pedido.emit(VISTA)

    @Slot(int)
    def _al_contar(self, cuantas: int) -> None:
        self._carril.contar(VISTA, cuenta(cuantas) if cuantas > 0 else "")
