"""Outcome of each row of a bulk import."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.domain.models.tarea import Tarea


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


def suerte_de(deseada: Tarea, existente: Tarea) -> ResultadoFila:
    """What an import says of a row whose id is already there; the existing row is kept."""
    if existente.eliminada:
        return ResultadoFila(SuerteFila.ELIMINADA, "esta tarea fue eliminada y sigue eliminada")
    if existente.mismo_contenido(deseada):
        return ResultadoFila(SuerteFila.IGUAL)
    return ResultadoFila(SuerteFila.DISTINTA, "ya existe con otro contenido, que se conserva")
