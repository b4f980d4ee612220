"""Conflicts as they are looked at: a value that lost, what stands in its place, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.domain.models.almacen import Conflicto
from core.domain.models.tarea import Tarea

ClaveConflicto = tuple[UUID, int]
"""The id and the version of the loser: the same in every store that keeps it."""
LugarConflicto = tuple[int, UUID, int]
"""(cuando_ms, id, version): the place of a conflict in a list, which is ordered by it, highest first."""


class Resolucion(StrEnum):
    """What was decided; the value is what the stores hold.

    REPARACION: nobody lost to anybody; a repair put another value in the place of this one.
    REEMPLAZADA: nor here; it was what a decision about another value has replaced.
    """

    GANADORA = "ganadora"
    PERDEDORA = "perdedora"
    MEZCLA = "mezcla"
    REPARACION = "reparacion"
    REEMPLAZADA = "reemplazada"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictoGuardado:
    """A conflict as a store keeps it.

    Attributes:
        conflicto: the loser, and what it lost to.
        resuelta_en_ms: when somebody decided, milliseconds since the epoch; None while it is open.
        resolucion: what was decided, a value of `Resolucion`; empty while it is open.
    """

    conflicto: Conflicto
    resuelta_en_ms: int | None = None
    resolucion: str = ""

    @property
    def abierto(self) -> bool:
        """Whether nobody has decided yet."""
        return self.resuelta_en_ms is None

    @property
    def decision(self) -> tuple[int | None, str]:
        """When and what; None and nothing while it is open."""
        return (self.resuelta_en_ms, self.resolucion)

    @property
    def clave(self) -> ClaveConflicto:
        """What it is, whichever store keeps it."""
        return (self.conflicto.perdedora.id, self.conflicto.perdedora.version)

    @property
    def lugar(self) -> LugarConflicto:
        """Where it stands in the list of the store that keeps it."""
        return (self.conflicto.cuando_ms, *self.clave)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaginaConflictos:
    """Some conflicts of all stores in reach, the newest first, each once.

    Attributes:
        conflictos: may be few or none although there are more.
        siguiente: ask with it for those that follow; None at the end.
        aviso: what has to be said of the list, a sentence; empty when every store answered.
    """

    conflictos: tuple[ConflictoGuardado, ...]
    siguiente: LugarConflicto | None = None
    aviso: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictoVisto:
    """A conflict beside the tarea as it is now.

    Attributes:
        guardado: what a store keeps.
        actual: the newest row in reach, which may have moved on since; None where there is none any more.
    """

    guardado: ConflictoGuardado
    actual: Tarea | None

    @property
    def perdedora(self) -> Tarea:
        """The value that lost."""
        return self.guardado.conflicto.perdedora


@dataclass(frozen=True, slots=True, kw_only=True)
class RecuentoConflictos:
    """How many conflicts are open.

    Attributes:
        abiertos: as many as were counted.
        hay_mas: counting stopped there, and there are more.
        aviso: as in `PaginaConflictos`.
    """

    abiertos: int
    hay_mas: bool = False
    aviso: str = ""
