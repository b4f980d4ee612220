"""What the form says of the last save, for as long as that holds."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Slot

from core.domain.models.tarea import Tarea
from gui.tareas.formulario import FormularioTarea
from gui.tareas.operaciones import Informe, Operaciones


class RelatoGuardado(QObject):
    """Tells it, corrects it when the other store has the tarea too, takes it back when somebody types on."""

    def __init__(
        self, formulario: FormularioTarea, operaciones: Operaciones, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._formulario = formulario
        self._operaciones = operaciones
        self._contado: tuple[Tarea, Informe] | None = None
        formulario.cambiado.connect(self._al_escribir)
        operaciones.confirmadas.connect(self.confirmar)

    def contar(self, tarea: Tarea) -> None:
        """That tarea was saved: say what each store said."""
        informe = self._operaciones.informe(tarea)
        self._formulario.decir(informe.texto, informe.tono)
        self._contado = (tarea, informe)

    @Slot(object)
    def confirmar(self, pares: Iterable[tuple[str, int]]) -> None:
        """Both stores hold these versions: what was said to be missing may be there now."""
        if self._contado is None or not self._se_lee():
            return
        tarea, informe = self._contado
        if informe.tono != "ok" and any(
            id == str(tarea.id) and version >= tarea.version for id, version in pares
        ):
            informe = self._operaciones.informe_en_todos(tarea)
            self._formulario.decir(informe.texto, informe.tono)
            self._contado = (tarea, informe)

    @Slot()
    def _al_escribir(self) -> None:
        if self._se_lee():
            self._formulario.decir("")
        self._contado = None

    def _se_lee(self) -> bool:
        """Whether the form still says so; it may be about something else by now."""
        if self._contado is None:
            return False
        tarea, informe = self._contado
        return self._formulario.id == tarea.id and self._formulario.dicho == informe.texto
