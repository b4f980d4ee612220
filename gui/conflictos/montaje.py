"""The inbox put together: page, count in the rail, banner, and the ways between them."""

from __future__ import annotations

from concurrent.futures import Executor
from uuid import UUID

from PySide6.QtCore import QObject, Signal, Slot

from core.domain.models.conflicto import RecuentoConflictos, Resolucion
from core.domain.models.tarea import Tarea
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.conflictos.casos import CasosDeConflictos
from gui.conflictos.textos import cuantos
from gui.conflictos.vigia import VigiaConflictos
from gui.conflictos.vista import VistaConflictos
from gui.widgets.carril import Carril

VISTA = "conflictos"
"""Its key in the rail."""


class MontajeConflictos(QObject):
    """Owns what keeps the page true.

    Signals:
        ver_pedido: (str) the page is wanted: the key of its view.
        tarea_cambiada: a decision wrote some tarea.
    """

    ver_pedido = Signal(str)
    tarea_cambiada = Signal()

    def __init__(
        self,
        puente: Puente,
        escrituras: Executor,
        avisos: BandejaAvisos,
        carril: Carril,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._carril = carril
        self.vista = VistaConflictos(puente, escrituras, avisos)
        self._vigia = VigiaConflictos(puente, avisos, self)
        self._vigia.contados.connect(self._al_contar)
        self._vigia.ver_pedido.connect(self._al_querer_ver)
        self.vista.resuelto.connect(self._vigia.pronto)
        self.vista.tarea_cambiada.connect(self.tarea_cambiada)

    def conectar(self, casos: CasosDeConflictos) -> None:
        """The use cases are there."""
        self.vista.conectar(casos)
        self._vigia.conectar(casos)

    @Slot(object, object)
    def anotar(self, perdedora: Tarea, resolucion: Resolucion) -> None:
        """That was decided, and carried out, where the conflict was met: it is not to be asked again."""
        self.vista.resoluciones.anotar(perdedora, resolucion)

    @Slot(object)
    def _al_contar(self, recuento: RecuentoConflictos) -> None:
        self._carril.contar(VISTA, cuantos(recuento))
        self.vista.actualizar()

    @Slot(object)
    def _al_querer_ver(self, id: UUID | None) -> None:
        self.ver_pedido.emit(VISTA)
        self.vista.elegir(id)
