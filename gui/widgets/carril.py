"""The rail at the left: the views, the environment's badge, the choice of theme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.tema import GestorTema, Modo
from gui.widgets.boton_vista import BotonVista
from gui.widgets.etiquetas import etiqueta, sin_formato
from gui.widgets.iconos import estampa, icono

ANCHO_CARACTERES = 30
COMPACTO_CARACTERES = 10
"""Width, in characters, with names and without."""
LADO_ICONO_PX = 18
"""Of the icons, with an ordinary font; with a larger one they grow along."""


@dataclass(frozen=True, slots=True)
class _Entrada:
    boton: BotonVista
    nombre: str
    icono: str


class Carril(QFrame):
    """One button a view, in the order added; Ctrl+1, Ctrl+2… choose them.

    Signals:
        elegida: the key of the view that the operator wants.
    """

    elegida = Signal(str)

    def __init__(self, tema: GestorTema, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("carril")
        self._tema = tema
        self._entradas: dict[str, _Entrada] = {}
        self._compacto = False
        self._grupo = QButtonGroup(self)
        self._modo = etiqueta(tono="info")
        self._punto = QLabel()
        self._boton_tema = QToolButton()
        self._columna = QVBoxLayout()
        self._componer()
        self._pintar()

    def anadir(self, clave: str, nombre: str, nombre_icono: str) -> None:
        """A view works: offer it."""
        boton = BotonVista()
        boton.setText(_con_aire(nombre))
        boton.setAccessibleName(nombre)
        boton.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        boton.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        boton.setCheckable(True)
        boton.clicked.connect(partial(self._elegir, clave))
        tecla = f"Ctrl+{len(self._entradas) + 1}"
        QShortcut(QKeySequence(tecla), self, partial(self._elegir, clave))
        boton.setToolTip(f"{nombre} ({tecla})")
        self._grupo.addButton(boton)
        self._entradas[clave] = _Entrada(boton, nombre, nombre_icono)
        self._columna.addWidget(boton)
        self._pintar()

    def contar(self, clave: str, cuantos: str) -> None:
        """Show a count beside a view's name, or on its icon; none for an empty one."""
        entrada = self._entradas[clave]
        entrada.boton.contar(cuantos)
        entrada.boton.setAccessibleName(f"{entrada.nombre} {cuantos}".rstrip())

    def marcar(self, clave: str) -> None:
        """Show that view as the current one."""
        self._entradas[clave].boton.setChecked(True)
        self._pintar()

    def poner_modo(self, texto: str, explicacion: str) -> None:
        """The environment's badge."""
        self._modo.setText(texto)
        self._modo.setToolTip(sin_formato(explicacion))
        self._punto.setToolTip(sin_formato(f"{texto}\n{explicacion}"))
        self._punto.setVisible(bool(texto))

    def compactar(self, si: bool) -> None:
        """Icons alone where room is short; the names stay on hover and for screen readers."""
        if si is self._compacto:
            return
        self._compacto = si
        estilo = Qt.ToolButtonStyle
        for entrada in self._entradas.values():
            entrada.boton.setToolButtonStyle(
                estilo.ToolButtonIconOnly if si else estilo.ToolButtonTextBesideIcon
            )
        self._marca.setVisible(not si)
        self._modo.setVisible(not si)
        self._medir()

    def _medir(self) -> None:
        caracteres = COMPACTO_CARACTERES if self._compacto else ANCHO_CARACTERES
        self.setFixedWidth(self.fontMetrics().averageCharWidth() * caracteres)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        """Icons take the colours of a new theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_columna"):
            self._pintar()

    def _elegir(self, clave: str, *_: object) -> None:
        self.elegida.emit(clave)

    def _componer(self) -> None:
        self._medir()
        self._marca = etiqueta("Dual Tareas")
        self._marca.setObjectName("marca")
        letra = self._modo.font()
        letra.setBold(True)
        self._modo.setFont(letra)
        self._modo.setAccessibleName(self.tr("Entorno"))
        self._punto.hide()
        self._preparar_menu_de_tema()
        pie = QHBoxLayout()
        pie.setContentsMargins(2, 0, 0, 0)
        pie.setSpacing(6)
        pie.addWidget(self._punto)
        pie.addWidget(self._modo, 1)
        pie.addWidget(self._boton_tema)
        self._columna.setSpacing(4)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(8, 12, 8, 8)
        todo.setSpacing(10)
        todo.addWidget(self._marca)
        todo.addLayout(self._columna)
        todo.addStretch(1)
        todo.addLayout(pie)

    def _preparar_menu_de_tema(self) -> None:
        self._boton_tema.setObjectName("tema")
        self._boton_tema.setToolTip(self.tr("Tema claro u oscuro"))
        self._boton_tema.setAccessibleName(self.tr("Tema"))
        self._boton_tema.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._boton_tema.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        menu = QMenu(self._boton_tema)
        grupo = QActionGroup(menu)
        nombres: tuple[tuple[Modo, str], ...] = (
            (Modo.SISTEMA, self.tr("Como el sistema")),
            (Modo.CLARO, self.tr("Claro")),
            (Modo.OSCURO, self.tr("Oscuro")),
        )
        for modo, nombre in nombres:
            accion = QAction(nombre, menu, checkable=True, checked=modo is self._tema.modo)
            accion.triggered.connect(self._al_elegir_tema(modo))
            grupo.addAction(accion)
            menu.addAction(accion)
        self._boton_tema.setMenu(menu)

    def _al_elegir_tema(self, modo: Modo) -> Callable[..., None]:
        return lambda *_: self._tema.elegir(modo)

    def _pintar(self) -> None:
        lado_px = max(LADO_ICONO_PX, self.fontMetrics().height())
        for entrada in self._entradas.values():
            rol = "accent" if entrada.boton.isChecked() else "muted"
            entrada.boton.setIcon(icono(entrada.icono, rol, lado_px=lado_px))
            entrada.boton.setIconSize(QSize(lado_px, lado_px))
        self._boton_tema.setIcon(icono("tema", "muted", lado_px=lado_px))
        self._boton_tema.setIconSize(QSize(lado_px, lado_px))
        self._punto.setPixmap(
            estampa("estado-ok", "info", lado_px=lado_px // 2, escala=self.devicePixelRatioF())
        )


def _con_aire(texto: str) -> str:
    """Qt puts the text of a tool button close to its icon, and the style sheet cannot change that."""
    return f"  {texto}"
