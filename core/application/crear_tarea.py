"""Create a tarea."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from core.domain.models.tarea import EstadoTarea, Tarea, ahora_utc
from core.domain.ports.tarea_repository import TareaRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class CrearTareaCommand:
    """What the new tarea is to hold.

    Attributes:
        id: chosen by the caller so that a retry creates the same tarea, not a second one.
        version: repeats an attempt that ended as EscrituraIncierta.
        momento: when it was created, now when None; a repeated attempt passes the first one's, for one
            version must never stand for two contents.
    """

    titulo: str
    descripcion: str = ""
    estado: EstadoTarea = EstadoTarea.PENDIENTE
    id: UUID = field(default_factory=uuid4)
    version: int | None = None
    momento: datetime | None = None


class CrearTareaUseCase:
    """Creates a tarea in every store that can take it."""

    def __init__(self, repositorio: TareaRepository) -> None:
        self._repositorio = repositorio

    def execute(self, command: CrearTareaCommand) -> Tarea:
        """The tarea as stored. Raises what `TareaRepository.save` raises."""
        momento = command.momento or ahora_utc()
        tarea = Tarea(
            id=command.id,
            titulo=command.titulo,
            descripcion=command.descripcion,
            estado=command.estado,
            creada_en=momento,
            actualizada_en=momento,
        )
        return self._repositorio.save(tarea, version=command.version)
