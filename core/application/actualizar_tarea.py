"""Change fields of a tarea."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from core.domain.errors import TareaNoEncontrada, TareaPurgada
from core.domain.models.tarea import EstadoTarea, Tarea, ahora_utc
from core.domain.models.version import descomponer
from core.domain.ports.tarea_repository import TareaRepository

PURGABLE_TRAS = timedelta(hours=20)
"""A tarea that was written later than that ago was not purged since: the shortest retention is a day."""


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
        """The tarea as stored. Raises TareaNoEncontrada and what `TareaRepository.save` raises.

        A store that lacks the tarea takes an edit of it, for it may have been away when the tarea was made.
        So one whose base is old enough to have been deleted and purged since is looked for first: where no
        store has anything of it, it would come back from the dead. Raises TareaPurgada then.
        """
        base = command.base or self._repositorio.get(command.id)
        if base is None:
            raise TareaNoEncontrada(command.id)
        # One that is repeated may be there itself, on its way.
        if command.base is not None and command.version is None and _pudo_purgarse(base):
            self._exigir_presencia(command.id)
        nueva = replace(
            base,
            titulo=base.titulo if command.titulo is None else command.titulo,
            descripcion=base.descripcion if command.descripcion is None else command.descripcion,
            estado=base.estado if command.estado is None else command.estado,
            actualizada_en=command.momento or ahora_utc(),
        )
        return self._repositorio.save(nueva, version=command.version)

    def _exigir_presencia(self, id: UUID) -> None:
        if self._repositorio.ha_desaparecido(id):
            raise TareaPurgada(id)


def _pudo_purgarse(base: Tarea) -> bool:
    return descomponer(base.version).ms < (ahora_utc() - PURGABLE_TRAS).timestamp() * 1000
