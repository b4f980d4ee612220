"""List and count the values that lost, each beside the tarea as it is now."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.models.conflicto import ConflictoVisto, LugarConflicto, RecuentoConflictos
from core.domain.ports.conflicto_repository import ConflictoRepository
from core.domain.ports.tarea_repository import TareaRepository

TOPE = 999
"""Nobody needs to know how many more there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaginaVista:
    """See `PaginaConflictos`; each conflict with the tarea as it is now."""

    conflictos: tuple[ConflictoVisto, ...]
    siguiente: LugarConflicto | None = None
    aviso: str = ""


class ListarConflictosUseCase:
    """One page of conflicts, the newest first."""

    def __init__(self, conflictos: ConflictoRepository, repositorio: TareaRepository) -> None:
        self._conflictos = conflictos
        self._repositorio = repositorio

    def execute(
        self, *, tras: LugarConflicto | None = None, limite: int = 100, resueltos: bool = False
    ) -> PaginaVista:
        """The open ones, or the resolved ones. Raises LecturaImposible, AlmacenError."""
        pagina = self._conflictos.pagina(tras=tras, limite=limite, resueltos=resueltos)
        ids = list({uno.clave[0] for uno in pagina.conflictos})
        actuales = self._repositorio.leer_lote(ids) if ids else {}
        vistos = tuple(
            ConflictoVisto(guardado=uno, actual=actuales.get(uno.clave[0])) for uno in pagina.conflictos
        )
        return PaginaVista(conflictos=vistos, siguiente=pagina.siguiente, aviso=pagina.aviso)


class ContarConflictosUseCase:
    """How many wait for somebody's decision."""

    def __init__(self, conflictos: ConflictoRepository) -> None:
        self._conflictos = conflictos

    def execute(self, tope: int = TOPE) -> RecuentoConflictos:
        """Count, but no further than `tope`. Raises LecturaImposible."""
        return self._conflictos.contar(tope)
