"""What a pass of the replication engine did."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True)
class InformePasada:
    """What one pass in one direction did, or several of them together.

    Attributes:
        total: rows that were waiting when the pass began; 0 while that is not known.
        miradas: pendientes looked at.
        copiadas: rows written to either store.
        confirmadas: rows of which both stores now know that both hold them.
        conflictos: concurrent values kept in `conflictos`.
        apartadas: rows that could not be copied, or not be confirmed, with the reason; they stay pendientes.
        en_ambas: those of them that both stores hold: only the mark of this one cannot be cleared.
        nuevas: how many of those were not set apart before, or for another reason.
        cancelada: it was stopped before the end.
    """

    total: int = 0
    miradas: int = 0
    copiadas: int = 0
    confirmadas: int = 0
    conflictos: int = 0
    apartadas: dict[UUID, str] = field(default_factory=dict)
    en_ambas: set[UUID] = field(default_factory=set)
    nuevas: int = 0
    cancelada: bool = False

    @property
    def faltan(self) -> set[UUID]:
        """The rows set apart that the other store lacks."""
        return self.apartadas.keys() - self.en_ambas

    def sumar(self, otra: InformePasada) -> None:
        """Add a later pass in the same direction."""
        self.total = max(self.total, self.miradas + otra.total)
        self.miradas += otra.miradas
        self.copiadas += otra.copiadas
        self.confirmadas += otra.confirmadas
        self.conflictos += otra.conflictos
        self.apartadas = otra.apartadas
        self.en_ambas = otra.en_ambas
        self.nuevas += otra.nuevas
        self.cancelada = otra.cancelada
