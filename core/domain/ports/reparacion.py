"""A store as repair sees it: rows as they lie, and the one write that is conditional on all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from core.diferencias import FilaVista
from core.domain.models.almacen import Conflicto
from core.domain.models.conflicto import ClaveConflicto
from core.domain.models.tarea import Tarea

BYTES: Final = "$bson"
"""In the JSON text of a row: its bytes, in hexadecimal digits, where the rest does not tell all of it."""


@dataclass(frozen=True, slots=True)
class Cambio:
    """Put `fila` where `vista` was seen; None: where nothing was."""

    vista: FilaVista | None
    fila: Tarea

    @property
    def id(self) -> str:
        """Of both."""
        return str(self.fila.id)


class AlmacenReparable(Protocol):
    """Raw access to one store. Every method keeps the store's deadline and raises AlmacenError."""

    def leer(self, ids: Sequence[str]) -> Mapping[str, FilaVista]:
        """Those of the rows that are there."""
        ...

    def crudos(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Those of the rows that are there, each as a JSON text that tells all of it, unknown fields too."""
        ...

    def guardar_perdedoras(self, conflictos: Sequence[Conflicto], resolucion: str) -> None:
        """Keep all of these in `conflictos`, for good when it returns; one that is kept already stays.

        As decided, at the moment that they are kept: whoever dies right after leaves no question to people.
        """
        ...

    def anotar_resueltas(self, claves: Sequence[ClaveConflicto], resolucion: str, cuando_ms: int) -> None:
        """Note of all of these what was decided. What was noted first stays."""
        ...

    def sustituir(self, cambios: Sequence[Cambio]) -> set[str]:
        """Put each row, as it is, in the place of the one that was seen; the ids that hold theirs now.

        Atomic for each row, and only where the store still holds the whole content that was seen: somebody
        who reaches into the database by hand leaves the version as it was. A row that is there already counts
        as put, so that a batch of which the answer was lost can be sent again. The ids are distinct.
        """
        ...
