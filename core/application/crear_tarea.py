"""Create a tarea."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from core.domain.models.tarea import EstadoTarea, Tarea
from core.domain.ports.tarea_repository import TareaRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class CrearTareaCommand:
    """What the new tarea is to hold.

    Attributes:
        id: chosen by the caller so that a retry creates the same tarea, not a second one.
        version: repeats an attempt that ended as EscrituraIncierta.
    """

    titulo: str
    descripcion: str = ""
    estado: EstadoTarea = EstadoTarea.PENDIENTE
    id: UUID = field(default_factory=uuid4)
    version: int | None = None


class CrearTareaUseCase:
    """Creates a tarea in every store that can take it."""

    def __init__(self, repositorio: TareaRepository) -> None:
        self._repositorio = repositorio

    def execute(self, command: CrearTareaCommand) -> Tarea:
        """The tarea as stored. Raises what `TareaRepository.save` raises."""
        tarea = Tarea(
            id=command.id, titulo=command.titulo, descripcion=command.descripcion, estado=command.estado
        )
        return self._repositorio.save(tarea, version=command.version)
