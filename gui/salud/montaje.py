"""What the window has about replication, quarantine and adoption, put together; the window only places it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada
from gui.adopcion.control import ControlAdopcion, FuenteAdopcion
from gui.avisos.aviso import Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.salud.barra import BarraEstado
from gui.salud.control import ControlAvisosSalud
from gui.salud.control_relleno import ControlRelleno
from gui.salud.control_replicacion import ControlReplicacion
from gui.salud.palabras import FuenteReplicacion
from gui.salud.vista import VistaSalud
from gui.tareas.localizador import Localizador
from gui.tareas.textos import citado
from gui.tareas.vista import VistaTareas

NO_ESTA_S = 12.0


class FuenteMontaje(FuenteReplicacion, FuenteAdopcion, Protocol):
    """What all of it asks of the container."""


class MontajeReplicacion(QObject):
    """Lives as long as the window; made once there is a container.

    Args:
        ejecutor: for what may take long.
        ver: show the page of that key.
    """

    def __init__(
        self,
        puente: Puente,
        ejecutor: Executor,
        fuente: FuenteMontaje,
        control: ControlAvisosSalud,
        *,
        avisos: BandejaAvisos,
        barra: BarraEstado,
        salud: VistaSalud,
        tareas: VistaTareas,
        ver: Callable[[str], None],
        ventana: QWidget,
    ) -> None:
        super().__init__(ventana)
        self._avisos = avisos
        self._tareas = tareas
        self._ver = ver
        self.replicacion = ControlReplicacion(
            puente, ejecutor, fuente, control, avisos, ver=partial(ver, "salud"), parent=self
        )
        self.replicacion.unir(barra, salud)
        self.relleno = ControlRelleno(puente, ejecutor, fuente, control, avisos, self)
        self.relleno.cambiadas.connect(self._al_cambiar_carencias)
        self._localizador = Localizador(tareas, self)
        self.replicacion.tarea_pedida.connect(self._mostrar_tarea)
        self._localizador.no_esta.connect(self._no_esta)
        self.adopcion = ControlAdopcion(puente, ejecutor, fuente, avisos, ventana)
        self.adopcion.adoptada.connect(self._al_adoptar)
        self.adopcion.hallazgo.connect(tareas.estado.poner_hallazgo)
        tareas.paneles.adoptar_pedido.connect(self.adopcion.abrir_primero)

    @Slot(object)
    def _mostrar_tarea(self, apartada: Apartada) -> None:
        self._ver("tareas")
        self._localizador.mostrar(apartada.id, apartada.titulo)

    @Slot(str)
    def _no_esta(self, titulo: str) -> None:
        self._avisos.mostrar(
            Aviso(
                clave="tarea-no-esta",
                nivel=Nivel.INFO,
                titulo=self.tr("{titulo} no está en la lista").format(titulo=citado(titulo)),
                detalle=self.tr(
                    "Fue eliminada, ya se copió, o solo la tiene la base de datos de la que no se lee ahora."
                ),
                caduca_s=NO_ESTA_S,
            )
        )

    @Slot(object)
    def _al_cambiar_carencias(self, nombres: frozenset[NombreAlmacen]) -> None:
        self._tareas.modelo.poner_por_rellenar(nombres)
        self._tareas.actualizar()  # what is on show may have been read from a store that holds it no longer

    @Slot(object)
    def _al_adoptar(self, _almacen: NombreAlmacen) -> None:
        self._tareas.actualizar()
