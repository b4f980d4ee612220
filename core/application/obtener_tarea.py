"""Read one tarea."""

from __future__ import annotations

from uuid import UUID

from core.domain.errors import TareaNoEncontrada
from core.domain.models.tarea import Tarea
from core.domain.ports.tarea_repository import TareaRepository


class ObtenerTareaUseCase:
    """Reads one tarea from the principal, from the other store if need be."""

    def __init__(self, repositorio: TareaRepository) -> None:
        self._repositorio = repositorio

    def execute(self, id: UUID, *, eliminadas: bool = False) -> Tarea:
        """The tarea. Raises TareaNoEncontrada, LecturaImposible, AlmacenError."""
        tarea = self._repositorio.get(id, eliminadas=eliminadas)
        if tarea is None:
            raise TareaNoEncontrada(id)
        return tarea
