"""The program's icons: SVG files of `resources/iconos`, drawn in the colour of a role of the palette."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.tema import color


def dibujar(pintor: QPainter, donde: QRectF, nombre: str, rol: str) -> None:
    """Draw the icon into that rectangle."""
    _dibujo(nombre, color(rol).name()).render(pintor, donde)


def icono(nombre: str, rol: str = "text", *, lado_px: int = 18) -> QIcon:
    """The icon at the usual scales; ask again when the theme changes."""
    resultado = QIcon()
    for escala in (1, 2, 3):
        resultado.addPixmap(estampa(nombre, rol, lado_px=lado_px, escala=escala))
    return resultado


def estampa(nombre: str, rol: str, *, lado_px: int = 18, escala: float = 1.0) -> QPixmap:
    """The icon as a picture of `lado_px` logical pixels, for a screen of that scale."""
    imagen = QPixmap(round(lado_px * escala), round(lado_px * escala))
    imagen.setDevicePixelRatio(escala)
    imagen.fill(Qt.GlobalColor.transparent)
    pintor = QPainter(imagen)
    dibujar(pintor, QRectF(0, 0, lado_px, lado_px), nombre, rol)
    pintor.end()
    return imagen


def icono_de_la_aplicacion() -> QIcon:
    """The program's own icon, which keeps its colours in both themes."""
    resultado = QIcon()
    for lado in (16, 24, 32, 48, 64, 128, 256):
        resultado.addPixmap(estampa("aplicacion", "text", lado_px=lado))
    return resultado


@lru_cache(maxsize=128)
def _dibujo(nombre: str, hexadecimal: str) -> QSvgRenderer:
    texto = files("resources").joinpath("iconos", f"{nombre}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(texto.replace("currentColor", hexadecimal).encode()))
