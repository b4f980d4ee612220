"""The two formats, their columns, and how an instant is written."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import PurePath

COLUMNAS = ("id", "titulo", "descripcion", "estado", "creada_en", "actualizada_en")
"""All columns, in the order in which they are written; only titulo must be there to be read."""
CELDA_MAX = 1 << 20
"""Longest cell, and longest JSON record, in characters. Beyond it a quote was probably never closed."""
TEXTO_ORIGINAL = "texto_original"
"""Column of refused rows: the text of one that could not be taken apart, to be mended by hand."""
TEXTO_MAX = CELDA_MAX // 2
"""Most of such a text that is kept, in characters: it has to fit into a cell again."""

_DE_LINEAS = (".jsonl", ".ndjson")


class Formato(StrEnum):
    """How the tareas of a file are written down."""

    CSV = "csv"
    JSON = "json"

    @staticmethod
    def en_lineas(ruta: PurePath) -> bool:
        """Whether the name's ending says that a JSON is one object after the other (JSON Lines)."""
        return ruta.suffix.lower() in _DE_LINEAS

    @classmethod
    def de_la_ruta(cls, ruta: PurePath) -> Formato | None:
        """The format that the name's ending tells; None when it tells none."""
        return {".csv": cls.CSV, ".tsv": cls.CSV, ".txt": cls.CSV}.get(ruta.suffix.lower()) or (
            cls.JSON if ruta.suffix.lower() in (".json", *_DE_LINEAS) else None
        )


def instante_a_texto(instante: datetime) -> str:
    """ISO 8601 with its zone; milliseconds only where there are any, so that a text comes back as it was."""
    return instante.isoformat(timespec="milliseconds" if instante.microsecond else "seconds")
