"""The use cases that the view needs, handed over once the composition root has built them."""

from __future__ import annotations

from dataclasses import dataclass

from core.application.actualizar_tarea import ActualizarTareaUseCase
from core.application.crear_tarea import CrearTareaUseCase
from core.application.eliminar_tarea import EliminarTareaUseCase
from core.application.listar_tareas import ContarTareasUseCase, ListarTareasUseCase
from core.application.obtener_tarea import ObtenerTareaUseCase
from core.application.restaurar_tarea import RestaurarTareaUseCase
from core.domain.models.almacen import NombreAlmacen
from core.domain.ports.tarea_repository import TareaRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class CasosDeTareas:
    """What an operator can do to tareas.

    Attributes:
        almacenes: the stores this program runs on; with one alone, nothing waits for the other.
    """

    crear: CrearTareaUseCase
    actualizar: ActualizarTareaUseCase
    eliminar: EliminarTareaUseCase
    restaurar: RestaurarTareaUseCase
    obtener: ObtenerTareaUseCase
    listar: ListarTareasUseCase
    contar: ContarTareasUseCase
    almacenes: tuple[NombreAlmacen, ...] = tuple(NombreAlmacen)

    @classmethod
    def sobre(
        cls, repositorio: TareaRepository, almacenes: tuple[NombreAlmacen, ...] = tuple(NombreAlmacen)
    ) -> CasosDeTareas:
        """All of them over one repository."""
        return cls(
            crear=CrearTareaUseCase(repositorio),
            actualizar=ActualizarTareaUseCase(repositorio),
            eliminar=EliminarTareaUseCase(repositorio),
            restaurar=RestaurarTareaUseCase(repositorio),
            obtener=ObtenerTareaUseCase(repositorio),
            listar=ListarTareasUseCase(repositorio),
            contar=ContarTareasUseCase(repositorio),
            almacenes=almacenes,
        )
