"""Bring a deleted tarea back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from core.domain.errors import TareaNoEncontrada
from core.domain.models.tarea import Tarea, ahora_utc
from core.domain.ports.tarea_repository import TareaRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class RestaurarTareaCommand:
    """Which tarea.

    Attributes:
        lapida: the tombstone that the delete returned; read now when None.
        repite: the row of an attempt that ended as EscrituraIncierta (`error.resultado.tarea`).
    """

    id: UUID
    lapida: Tarea | None = None
    repite: Tarea | None = None


class RestaurarTareaUseCase:
    """Writes a tombstone's content again as a living tarea, a new version like any edit."""

    def __init__(self, repositorio: TareaRepository) -> None:
        self._repositorio = repositorio

    def execute(self, command: RestaurarTareaCommand) -> Tarea:
        """The living tarea; as it is if it already lives. Raises TareaNoEncontrada and as `save`."""
        lapida = command.lapida or self._repositorio.get(command.id, eliminadas=True)
        if lapida is None:
            raise TareaNoEncontrada(command.id)
        if not lapida.eliminada:
            return lapida
        repite = command.repite
        viva = replace(
            lapida, eliminada=False, actualizada_en=repite.actualizada_en if repite else ahora_utc()
        )
        return self._repositorio.save(viva, version=repite.version if repite else None)
