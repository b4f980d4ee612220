"""Boxes instead of letters: what is done on machines without fonts, or without one for pictographs."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics
from PySide6.QtWidgets import QApplication

FAMILIA = "DejaVu Sans"
PUNTOS = 9
ARCHIVOS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


def asegurar_fuentes(app: QApplication) -> bool:
    """Load the program's own font where the system has none; whether that was needed."""
    # Not by families(): without any file, fontconfig still offers its aliases.
    if QFontMetrics(app.font()).inFont("A"):
        return False
    for nombre in ARCHIVOS:
        QFontDatabase.addApplicationFontFromData(files("resources").joinpath("fuentes", nombre).read_bytes())
    app.setFont(QFont(FAMILIA, PUNTOS))
    return True


_SIGNOS = {"🏓": "•", "🔴": "●", "🔄": "↻", "🔁": "⇄", "⏳": "…", "✅": "✓", "❌": "✗", "\ufe0f": None}
_PICTOGRAMAS = str.maketrans(_SIGNOS)
"""The signs of the log in characters that every text font has."""


def legible(texto: str) -> str:
    """`texto` with the log's pictographs in plain signs where no font can draw them."""
    return texto if _hay_pictogramas() else texto.translate(_PICTOGRAMAS)


@cache
def _hay_pictogramas() -> bool:
    return any("emoji" in familia.casefold() for familia in QFontDatabase.families())
