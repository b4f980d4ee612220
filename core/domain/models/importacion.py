"""Outcome of each row of a bulk import."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

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


def version_de_importacion(tarea: Tarea) -> int:
    """The version of a row that comes from a file: below that of anything anybody wrote here.

    A file tells of the past. Wherever its row meets another value of the same tarea, in a store that was away
    too, the other one is to win: an edit is not undone and a deleted tarea does not come back. It is made of
    the content, so that the same row of the same file is the same write, whoever brings it in and however
    often. 2 ** 40 is a day in 1970 as a version (see `version`); 0 and 1 have other meanings.
    """
    contenido = (
        str(tarea.id),
        tarea.titulo,
        tarea.descripcion,
        tarea.estado,
        tarea.creada_en.isoformat(),
        tarea.actualizada_en.isoformat(),
    )
    return int.from_bytes(sha256("\x1f".join(contenido).encode()).digest()[:5]) + 2


def suerte_de(deseada: Tarea, existente: Tarea) -> ResultadoFila:
    """What an import says of a row whose id is already there; the existing row is kept."""
    if existente.eliminada:
        return ResultadoFila(SuerteFila.ELIMINADA, "esta tarea fue eliminada y sigue eliminada")
    if existente.mismo_contenido(deseada):
        return ResultadoFila(SuerteFila.IGUAL)
    return ResultadoFila(SuerteFila.DISTINTA, "ya existe con otro contenido, que se conserva")
