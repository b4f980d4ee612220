"""Which palette is in use, and putting it into effect on the application."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from importlib.resources import files

from PySide6.QtCore import QObject, QSettings, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from gui.tema.paleta import CLARA, OSCURA, Paleta

CLAVE_MODO = "ventana/tema"
_EM = re.compile(r"@em\(([\d.]+)\)")


class Modo(StrEnum):
    """What the operator chose."""

    SISTEMA = "sistema"
    CLARO = "claro"
    OSCURO = "oscuro"


class _Vigente:
    """The palette in use. One a process, as QApplication's own palette is."""

    paleta: Paleta = CLARA


def paleta_vigente() -> Paleta:
    """The palette in use."""
    return _Vigente.paleta


def color(rol: str) -> QColor:
    """The colour of that role now; ask again whenever you paint. Raises KeyError for an unknown role."""
    return _qcolor(_Vigente.paleta.colores[rol])


@cache
def _qcolor(hexadecimal: str) -> QColor:
    return QColor(hexadecimal)


class GestorTema(QObject):
    """Keeps the application in the palette that the operator, or else the system, asks for."""

    cambiado = Signal()

    def __init__(
        self,
        app: QApplication,
        preferencias: QSettings,
        parent: QObject | None = None,
        *,
        modo: Modo | None = None,
    ) -> None:
        """`modo` stands for what is remembered, until the operator chooses."""
        super().__init__(parent)
        self._impuesto = modo
        self._app = app
        self._preferencias = preferencias
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._sistema_cambio)
        self._aplicar()

    @property
    def modo(self) -> Modo:
        """The operator's choice."""
        if self._impuesto is not None:
            return self._impuesto
        guardado = str(self._preferencias.value(CLAVE_MODO, Modo.SISTEMA.value))
        return Modo(guardado) if guardado in set(Modo) else Modo.SISTEMA

    def elegir(self, modo: Modo) -> None:
        """Change the choice, remember it, and put it into effect."""
        self._impuesto = None
        self._preferencias.setValue(CLAVE_MODO, modo.value)
        self._aplicar()

    @Slot()
    def _sistema_cambio(self) -> None:
        if self.modo is Modo.SISTEMA:
            self._aplicar()

    def _aplicar(self) -> None:
        paleta = self._paleta_para(self.modo)
        _Vigente.paleta = paleta
        self._app.setPalette(_qpalette(paleta))
        self._app.setStyleSheet(hoja_de_estilo(paleta, self._app.font()))
        self.cambiado.emit()

    def _paleta_para(self, modo: Modo) -> Paleta:
        if modo is Modo.SISTEMA:
            oscuro = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
            return OSCURA if oscuro else CLARA
        return OSCURA if modo is Modo.OSCURO else CLARA


def hoja_de_estilo(paleta: Paleta, letra: QFont) -> str:
    """The style sheet with the palette's colours in place of `@rol`, and sizes in proportion to `letra`."""
    texto = files("resources").joinpath("estilo.qss").read_text(encoding="utf-8")
    em_px = QFontInfo(letra).pixelSize()
    texto = _EM.sub(lambda hallado: f"{round(float(hallado[1]) * em_px)}px", texto)
    # Longest names first, or @accent would eat the head of @accent_encima.
    for rol in sorted(paleta.colores, key=len, reverse=True):
        texto = texto.replace(f"@{rol}", paleta.colores[rol])
    return texto


def _qpalette(paleta: Paleta) -> QPalette:
    """The same colours for what the style draws by itself."""
    rol = QPalette.ColorRole
    parejas = {
        rol.Window: "bg",
        rol.WindowText: "text",
        rol.Base: "surface",
        rol.AlternateBase: "alterna",
        rol.Text: "text",
        rol.PlaceholderText: "muted",
        rol.Button: "surface",
        rol.ButtonText: "text",
        rol.BrightText: "error",
        rol.ToolTipBase: "surface",
        rol.ToolTipText: "text",
        rol.Highlight: "seleccion",
        rol.HighlightedText: "text",
        rol.Accent: "accent",
        rol.Link: "accent",
        rol.LinkVisited: "accent",
        rol.Light: "surface",
        rol.Midlight: "line",
        rol.Mid: "line",
        rol.Dark: "muted",
        rol.Shadow: "line",
    }
    resultado = QPalette()
    for destino, nombre in parejas.items():
        resultado.setColor(destino, QColor(paleta.colores[nombre]))
    for destino in (rol.WindowText, rol.Text, rol.ButtonText, rol.HighlightedText):
        resultado.setColor(QPalette.ColorGroup.Disabled, destino, QColor(paleta.colores["muted"]))
    return resultado
