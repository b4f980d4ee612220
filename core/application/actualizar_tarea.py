"""Change fields of a tarea."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from core.domain.errors import TareaNoEncontrada
from core.domain.models.tarea import EstadoTarea, Tarea, ahora_utc
from core.domain.ports.tarea_repository import TareaRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualizarTareaCommand:
    """The fields to change; None leaves one as it is.

    Attributes:
        base: the value the edit was made on, so that somebody else's change since then is noticed;
            read now when None.
        version: repeats an attempt that ended as EscrituraIncierta.
        momento: when the change was made, now when None; a repeated attempt passes the first one's, for
            one version must never stand for two contents.
    """

    id: UUID
    titulo: str | None = None
    descripcion: str | None = None
    estado: EstadoTarea | None = None
    base: Tarea | None = None
    version: int | None = None
    momento: datetime | None = None


class ActualizarTareaUseCase:
    """Writes a changed tarea over the version it was made from."""

    def __init__(self, repositorio: TareaRepository) -> None:
        self._repositorio = repositorio

    def execute(self, command: ActualizarTareaCommand) -> Tarea:
        """The tarea as stored. Raises TareaNoEncontrada and what `TareaRepository.save` raises."""
        base = command.base or self._repositorio.get(command.id)
        if base is None:
            raise TareaNoEncontrada(command.id)
        nueva = replace(
            base,
            titulo=base.titulo if command.titulo is None else command.titulo,
            descripcion=base.descripcion if command.descripcion is None else command.descripcion,
            estado=base.estado if command.estado is None else command.estado,
            actualizada_en=command.momento or ahora_utc(),
        )
        return self._repositorio.save(nueva, version=command.version)
