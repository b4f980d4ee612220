"""A row that replication could not copy, set apart so that it does not keep the others from it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.domain.models.almacen import NombreAlmacen


@dataclass(frozen=True, slots=True, kw_only=True)
class Apartada:
    """One row in quarantine: it stays pendiente in its store and is tried again, ever more seldom.

    Attributes:
        id: the tarea.
        origen: the store that has the row; the other one lacks it, unless `en_ambas`.
        version: the row's version; another one leaves quarantine.
        titulo: for people to recognise it.
        motivo: why it could not be copied, or not be confirmed; one sentence.
        desde_ms: milliseconds since the epoch of the first failure.
        intentos: failures so far.
        proximo_ms: milliseconds since the epoch of the next try.
        en_ambas: the other store has it all the same: only the mark of this one cannot be cleared.
    """

    id: UUID
    origen: NombreAlmacen
    version: int
    titulo: str
    motivo: str
    desde_ms: int
    intentos: int
    proximo_ms: int
    en_ambas: bool = False
