"""Delete a tarea, leaving a tombstone from which it can be restored."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.domain.models.tarea import Tarea
from core.domain.ports.tarea_repository import TareaRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class EliminarTareaCommand:
    """Which tarea.

    Attributes:
        base: the value the decision was made on; read now when None.
        repite: the tombstone of an attempt that ended as EscrituraIncierta (`error.resultado.tarea`).
    """

    id: UUID
    base: Tarea | None = None
    repite: Tarea | None = None


class EliminarTareaUseCase:
    """Turns a tarea into a tombstone."""

    def __init__(self, repositorio: TareaRepository) -> None:
        self._repositorio = repositorio

    def execute(self, command: EliminarTareaCommand) -> Tarea:
        """The tombstone. Raises what `TareaRepository.eliminar` raises."""
        return self._repositorio.eliminar(command.id, base=command.base, repite=command.repite)
