"""One banner on the screen: icon, what happened, what to do, at most two buttons, and a way to close it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.widgets.formato import duracion
from gui.widgets.iconos import estampa, icono

ROL_DE_NIVEL = {Nivel.INFO: "info", Nivel.EXITO: "ok", Nivel.AVISO: "warn", Nivel.ERROR: "error"}
LADO_ICONO_PX = 20
ANCHO_CARACTERES = 100
"""Narrower than this, the buttons stand under the text."""


class Banner(QFrame):
    """Shows one Aviso; `poner` changes it in place, so that an update does not move the page."""

    cerrado = Signal(str)

    def __init__(self, aviso: Aviso, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.aviso = aviso
        self._icono = QLabel()
        self._titulo, self._veces, self._detalle = (_etiqueta(n) for n in ("titulo", "veces", "detalle"))
        for texto in (self._titulo, self._detalle):
            texto.setWordWrap(True)
        self._detalle.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._cuerpo = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._botones = QHBoxLayout()
        self._botones.setSpacing(8)
        self._cerrar = QToolButton()
        self._cerrar.clicked.connect(self._pedir_cierre)
        self._componer()
        self.poner(aviso, veces=1, durante_s=0.0)

    def poner(self, aviso: Aviso, *, veces: int, durante_s: float) -> None:
        """Show this instead. `veces`: how often it was told; `durante_s`: since the first time, seconds."""
        anterior, self.aviso = self.aviso, aviso
        self._titulo.setText(aviso.titulo)
        self._detalle.setText(aviso.detalle)
        self._detalle.setVisible(bool(aviso.detalle))
        self.setAccessibleName(f"{aviso.titulo}. {aviso.detalle}")
        self.contar(veces, durante_s)
        if not self._botones.count() or _textos(anterior) != _textos(aviso):
            self._cambiar_botones(aviso.acciones)
        if self.property("nivel") != aviso.nivel.value:
            self.setProperty("nivel", aviso.nivel.value)
            self.repintar()
            self._anunciar()

    def contar(self, veces: int, durante_s: float) -> None:
        """Show how often and for how long, from the second time on."""
        cuanto = f" · {duracion(durante_s)}" if durante_s >= 1 else ""
        self._veces.setText(f"×{veces}{cuanto}" if veces > 1 else "")

    def repintar(self) -> None:
        """Take colours again, after a change of level or theme."""
        rol = ROL_DE_NIVEL[self.aviso.nivel]
        self._icono.setPixmap(
            estampa(self.aviso.nivel.value, rol, lado_px=LADO_ICONO_PX, escala=self.devicePixelRatioF())
        )
        self._cerrar.setIcon(icono("cerrar", "muted", lado_px=16))
        for hijo in (self, *self.findChildren(QWidget)):
            hijo.style().unpolish(hijo)
            hijo.style().polish(hijo)

    def _componer(self) -> None:
        self._cerrar.setAccessibleName(self.tr("Cerrar este aviso"))
        self._cerrar.setToolTip(self.tr("Cerrar"))
        cabecera = QHBoxLayout()
        cabecera.setSpacing(8)
        cabecera.addWidget(self._titulo, 1)
        cabecera.addWidget(self._veces)
        textos = QVBoxLayout()
        textos.setSpacing(1)
        textos.addLayout(cabecera)
        textos.addWidget(self._detalle)
        self._cuerpo.setSpacing(10)
        self._cuerpo.addLayout(textos, 1)
        self._cuerpo.addLayout(self._botones)
        todo = QHBoxLayout(self)
        todo.setContentsMargins(10, 7, 8, 7)
        todo.setSpacing(10)
        todo.addWidget(self._icono, 0, Qt.AlignmentFlag.AlignVCenter)
        todo.addLayout(self._cuerpo, 1)
        todo.addWidget(self._cerrar, 0, Qt.AlignmentFlag.AlignVCenter)

    def disponer(self, ancho: int) -> None:
        """Buttons beside the text, or under it where `ancho` pixels are too few for both."""
        caben = ancho >= self.fontMetrics().averageCharWidth() * ANCHO_CARACTERES
        direccion = QBoxLayout.Direction.LeftToRight if caben else QBoxLayout.Direction.TopToBottom
        self._cuerpo.setDirection(direccion)
        self._botones.setAlignment(Qt.AlignmentFlag.AlignRight if caben else Qt.AlignmentFlag.AlignLeft)

    def _cambiar_botones(self, acciones: tuple[Accion, ...]) -> None:
        while (elemento := self._botones.takeAt(0)) is not None:
            if (viejo := elemento.widget()) is not None:
                viejo.hide()
                viejo.deleteLater()
        for i, accion in enumerate(acciones):
            boton = QPushButton(accion.texto)
            boton.clicked.connect(partial(self._hacer, i))
            self._botones.addWidget(boton)

    def _hacer(self, i: int) -> None:
        # By index: an update may have brought a new function under the same text.
        self.aviso.acciones[i].hacer()

    def _pedir_cierre(self) -> None:
        self.cerrado.emit(self.aviso.clave)

    def _anunciar(self) -> None:
        """Let a screen reader say it without moving the focus."""
        evento = QAccessibleAnnouncementEvent(self, self.accessibleName())
        if self.aviso.nivel is Nivel.ERROR:
            evento.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(evento)


def _etiqueta(nombre: str) -> QLabel:
    etiqueta = QLabel()
    etiqueta.setObjectName(nombre)
    etiqueta.setTextFormat(Qt.TextFormat.PlainText)
    return etiqueta


def _textos(aviso: Aviso) -> tuple[str, ...]:
    return tuple(accion.texto for accion in aviso.acciones)
