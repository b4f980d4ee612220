"""The use cases over one repository, each made when it is first asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from adapters.archivos import leer_archivo
from core.application.actualizar_tarea import ActualizarTareaUseCase
from core.application.crear_tarea import CrearTareaUseCase
from core.application.eliminar_tarea import EliminarTareaUseCase
from core.application.importar_tareas import ImportarTareasUseCase, InformeImportacion
from core.application.listar_conflictos import ContarConflictosUseCase, ListarConflictosUseCase
from core.application.listar_tareas import ContarTareasUseCase, ListarTareasUseCase, ResumirUseCase
from core.application.obtener_tarea import ObtenerTareaUseCase
from core.application.resolver_conflicto import ResolverConflictoUseCase
from core.application.restaurar_tarea import RestaurarTareaUseCase
from core.domain.ports.conflicto_repository import ConflictoRepository
from core.domain.ports.tarea_repository import TareaRepository


class CasosDeUso:
    """What can be done with tareas."""

    @property
    @abstractmethod
    def repositorio(self) -> TareaRepository:
        """The repository that every use case works on."""

    @property
    @abstractmethod
    def conflictos(self) -> ConflictoRepository:
        """The values that lost, of every store."""

    @cached_property
    def crear_tarea(self) -> CrearTareaUseCase:
        """Create a tarea."""
        return CrearTareaUseCase(self.repositorio)

    @cached_property
    def actualizar_tarea(self) -> ActualizarTareaUseCase:
        """Change fields of a tarea."""
        return ActualizarTareaUseCase(self.repositorio)

    @cached_property
    def eliminar_tarea(self) -> EliminarTareaUseCase:
        """Delete a tarea."""
        return EliminarTareaUseCase(self.repositorio)

    @cached_property
    def restaurar_tarea(self) -> RestaurarTareaUseCase:
        """Bring a deleted tarea back."""
        return RestaurarTareaUseCase(self.repositorio)

    @cached_property
    def obtener_tarea(self) -> ObtenerTareaUseCase:
        """Read one tarea."""
        return ObtenerTareaUseCase(self.repositorio)

    @cached_property
    def listar_tareas(self) -> ListarTareasUseCase:
        """List tareas page by page."""
        return ListarTareasUseCase(self.repositorio)

    @cached_property
    def contar_tareas(self) -> ContarTareasUseCase:
        """Count tareas."""
        return ContarTareasUseCase(self.repositorio)

    @cached_property
    def resumir(self) -> ResumirUseCase:
        """The figures of the status bar."""
        return ResumirUseCase(self.repositorio)

    @cached_property
    def importar_tareas(self) -> ImportarTareasUseCase:
        """Bring many tareas in."""
        return ImportarTareasUseCase(self.repositorio)

    @cached_property
    def listar_conflictos(self) -> ListarConflictosUseCase:
        """List the values that lost."""
        return ListarConflictosUseCase(self.conflictos, self.repositorio)

    @cached_property
    def contar_conflictos(self) -> ContarConflictosUseCase:
        """Count the values that lost and wait for a decision."""
        return ContarConflictosUseCase(self.conflictos)

    @cached_property
    def resolver_conflicto(self) -> ResolverConflictoUseCase:
        """Decide about a value that lost."""
        return ResolverConflictoUseCase(self.conflictos, self.repositorio)

    def importar_archivo(
        self,
        ruta: Path,
        *,
        progreso: Callable[[InformeImportacion], None],
        cancelar: Callable[[], bool],
    ) -> InformeImportacion:
        """Import a CSV or JSON file. Blocks; raises DualTareasError."""
        return self.importar_tareas.execute(leer_archivo(ruta), progreso=progreso, cancelar=cancelar)
