"""A store as the backfill sees it: whole pages in, whole pages out, no row looked at one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from core.domain.models.tarea import Tarea


@dataclass(frozen=True, slots=True)
class PaginaRelleno:
    """Some rows in the order of their ids.

    Attributes:
        filas: tombstones included; what has no readable id is not among them.
        siguiente: the id to go on from; empty when this was the last page.
    """

    filas: Sequence[Tarea]
    siguiente: str


class AlmacenRellenable(Protocol):
    """Bulk access to one store. Every method keeps the store's deadline and raises AlmacenError."""

    def pagina(self, *, tras: str, limite: int) -> PaginaRelleno:
        """All rows, whatever their mark, with an id above `tras` ("" for the first page)."""
        ...

    def insertar(self, filas: Sequence[Tarea]) -> set[UUID]:
        """Put those, as they are, whose id is not there; never changes a row. Returns the ids put."""
        ...

    def confirmar_vistas(self, filas: Sequence[Tarea]) -> bool:
        """Confirm the rows that still are at the very version given here, all in one request.

        Returns: whether all of them were; those that have moved on are to be confirmed one by one.
        """
        ...
