"""A machine without any font would show boxes: then the one that comes with the program is used."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

FAMILIA = "DejaVu Sans"
PUNTOS = 10
ARCHIVOS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


def asegurar_fuentes(app: QApplication) -> bool:
    """Load the program's own font where the system has none; whether that was needed."""
    if QFontDatabase.families():
        return False
    for nombre in ARCHIVOS:
        QFontDatabase.addApplicationFontFromData(files("resources").joinpath("fuentes", nombre).read_bytes())
    app.setFont(QFont(FAMILIA, PUNTOS))
    return True
