"""How many tareas there are, and how many of them the filter lets through, kept while an operator works."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from core.domain.models.consulta import Filtro
from core.domain.models.tarea import Tarea
from gui.tareas.carga import CargadorTareas
from gui.tareas.estado_lista import EstadoLista
from gui.tareas.modelo import TareasModel


class Totales(QObject):
    """Counts one more and one fewer itself: a store would count a million again.

    Signals:
        cambiado: (int | None) how many tareas the filter lets through; None when not known.
        hallazgos: (int | None) the same while there is a filter; None when all are on show.
    """

    cambiado = Signal(object)
    hallazgos = Signal(object)

    def __init__(
        self,
        modelo: TareasModel,
        cargador: CargadorTareas,
        estado: EstadoLista,
        actualizar: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._modelo = modelo
        self._cargador = cargador
        self._estado = estado
        self._actualizar = actualizar
        estado.total_cambiado.connect(self._al_contar)

    @Slot(object)
    def _al_contar(self, total: int | None) -> None:
        self.cambiado.emit(total)
        self.hallazgos.emit(total if self._cargador.consulta.filtro != Filtro() else None)

    @Slot(object)
    def una_mas(self, tarea: Tarea) -> None:
        """That one was created, or lives again."""
        if self._modelo.con_id(tarea.id) is not None or self._modelo.mas_abajo(tarea.id):
            self._mover(1)
        else:
            self.cambiado.emit(None)  # the filter does not count it, but there is one more

    @Slot(object)
    def una_menos(self, _lapida: Tarea) -> None:
        """That one was deleted."""
        self._mover(-1)

    def _mover(self, cuantas: int) -> None:
        self._estado.mover_total(cuantas)
        if self._cargador.preguntando:
            self._actualizar()  # the answer on its way is older than this change
