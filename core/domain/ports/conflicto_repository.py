"""The kept conflicts as use cases see them: those of all stores, each once."""

from __future__ import annotations

from typing import Protocol

from core.domain.models.conflicto import (
    ClaveConflicto,
    LugarConflicto,
    PaginaConflictos,
    RecuentoConflictos,
    Resolucion,
)
from core.domain.models.tarea import Tarea


class ConflictoRepository(Protocol):
    """Values that lost. All methods block, within deadlines, and may be called from any thread."""

    def pagina(self, *, tras: LugarConflicto | None, limite: int, resueltos: bool) -> PaginaConflictos:
        """At most `limite` of the open ones, or of the resolved ones.

        Args:
            tras: `siguiente` of the page before; None for the first.

        Raises: LecturaImposible when no store can answer.
        """
        ...

    def contar(self, tope: int) -> RecuentoConflictos:
        """How many are open, counting no further than `tope`. Raises LecturaImposible."""
        ...

    def conservar(self, perdedora: Tarea, version_ganadora: int) -> None:
        """Keep a value that an operator has replaced, as a resolved one, in every store in reach.

        Raises: LecturaImposible where no store could.
        """
        ...

    def resolver(self, clave: ClaveConflicto, resolucion: Resolucion) -> None:
        """Note what was decided, in every store in reach that keeps it.

        Raises: ConflictoNoEncontrado where no store in reach keeps it; AlmacenError, LecturaImposible where
            none could note it.
        """
        ...

    def reabrir(self, clave: ClaveConflicto) -> None:
        """Take back what was decided, in every store.

        One that is out of reach would bring the decision back with it, so that all have to be there.
        Raises: ConflictoNoEncontrado where none keeps it; AlmacenError where one cannot be reached.
        """
        ...
