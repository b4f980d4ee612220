"""That what is in the form may not be the last that was saved: its row came from a store that is behind."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QObject, Slot

from core.domain.models.consulta import Pagina
from gui.tareas.carga import CargadorTareas
from gui.tareas.formulario import FormularioTarea


class Antiguedad(QObject):
    """Follows the list; says it in the form, where nothing else is said, and takes it back."""

    def __init__(self, formulario: FormularioTarea, cargador: CargadorTareas, parent: QObject) -> None:
        super().__init__(parent)
        self._formulario = formulario
        self._aviso = ""
        self._dicho = ""
        cargador.cargada.connect(self._al_cargar)

    def mirar(self) -> None:
        """A row of the list is in the form now."""
        borrador = self._formulario.borrador
        if self._aviso and borrador is not None and borrador.base is not None and not self._formulario.dicho:
            self._dicho = self.tr("Puede no ser lo último que se guardó. {aviso}").format(aviso=self._aviso)
            self._formulario.decir(self._dicho, "warn")

    @Slot(object, datetime)
    def _al_cargar(self, pagina: Pagina, _cuando: datetime) -> None:
        self._aviso = pagina.aviso if pagina.atrasada else ""
        if self._dicho and self._formulario.dicho == self._dicho:
            self._formulario.decir("")
        self._dicho = ""
        self.mirar()
