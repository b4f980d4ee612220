"""Outcome of each row of a bulk import."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SuerteFila(StrEnum):
    """What became of one row.

    NUEVA: inserted. IGUAL: it was there already with the same content. DISTINTA: a tarea with this id
    is there with other content, which was kept. ELIMINADA: it was deleted, and stays so.
    RECHAZADA: it cannot be stored.
    """

    NUEVA = "nueva"
    IGUAL = "igual"
    DISTINTA = "distinta"
    ELIMINADA = "eliminada"
    RECHAZADA = "rechazada"


@dataclass(frozen=True, slots=True)
class ResultadoFila:
    """Outcome of one row; `motivo` says why, for those that did not go in."""

    suerte: SuerteFila
    motivo: str = ""
