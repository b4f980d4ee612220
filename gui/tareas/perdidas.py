"""What a save or a delete lost to somebody else, until the operator has decided about it.

One store may have taken the write before the other said no: the value that lost is then kept as a conflict.
Whoever decides about it where it was met is not to find it in the inbox again.
"""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QObject, Signal, Slot

from core.conflictos import dicen_lo_mismo
from core.domain.models.conflicto import Resolucion
from core.domain.models.tarea import Tarea
from gui.tareas.borrador import Borrador
from gui.tareas.operaciones import Operaciones


class Perdidas(QObject):
    """Follows the operations; says what was decided once that is carried out.

    Signals:
        decidida: (Tarea, Resolucion) what became of that value, which lost; it may or may not be kept.
    """

    decidida = Signal(object, object)

    def __init__(self, operaciones: Operaciones, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._perdidas: dict[UUID, list[Tarea]] = {}
        operaciones.conflicto.connect(self._al_perder)
        operaciones.cambiada_antes_de_eliminar.connect(self._al_no_eliminar)
        operaciones.guardada.connect(self._al_guardar)
        operaciones.eliminada.connect(self._al_eliminar)

    def ceder(self, id: UUID) -> None:
        """The other value stays."""
        for perdida in self._perdidas.pop(id, ()):
            self.decidida.emit(perdida, Resolucion.GANADORA)

    def olvidar(self, id: UUID) -> None:
        """The text was dropped without any decision: that is still to be made, in the inbox."""
        self._perdidas.pop(id, None)

    @Slot(object, object, object)
    def _al_perder(self, _enviado: Borrador, _actual: Tarea, propuesta: Tarea) -> None:
        self._perdidas.setdefault(propuesta.id, []).append(propuesta)

    @Slot(object, object)
    def _al_no_eliminar(self, _actual: Tarea, propuesta: Tarea) -> None:
        self._perdidas.setdefault(propuesta.id, []).append(propuesta)

    @Slot(object, object, bool)
    def _al_guardar(self, _enviado: Borrador, tarea: Tarea, _nueva: bool) -> None:
        self._decidir(tarea)

    @Slot(object)
    def _al_eliminar(self, lapida: Tarea) -> None:
        self._decidir(lapida)

    def _decidir(self, final: Tarea) -> None:
        for perdida in self._perdidas.pop(final.id, ()):
            restaurada = dicen_lo_mismo(final, perdida)
            self.decidida.emit(perdida, Resolucion.PERDEDORA if restaurada else Resolucion.MEZCLA)
