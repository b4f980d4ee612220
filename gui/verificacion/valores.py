"""Values side by side, plain, each as high as it needs to be.

Widgets are made once and used for one difference after the other: making them anew took 20 ms of the window
for each that somebody walks over with the arrow keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QGridLayout, QLabel, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from core.domain.models.almacen import NombreAlmacen
from gui.tema import color
from gui.verificacion.ocultos import Muestra, comparar
from gui.widgets.etiquetas import cambiar_tono, etiqueta

LINEAS_MAX = 5
"""Most lines of a value in sight; the rest is scrolled."""
_BAJAR_PX = 9
"""From the top of a value to the name beside it, which stands at its first line."""


@dataclass(frozen=True, slots=True)
class Campo:
    """One line of the grid.

    Attributes:
        valores: of SQL and of MongoDB; None where the row has no such field, or is not there at all.
        filas: whether SQL and MongoDB have the row.
    """

    nombre: str
    valores: tuple[str | None, str | None]
    filas: tuple[bool, bool]
    distinto: bool


class Valor(QPlainTextEdit):
    """A value to be read and copied, as high as it needs to be; the differing part stands out."""

    def __init__(self) -> None:
        super().__init__()
        self._muestra = Muestra("", 0, 0)
        self._distinto = False
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.document().documentLayout().documentSizeChanged.connect(self._ajustar)

    def poner(self, nombre: str, muestra: Muestra, *, distinto: bool) -> None:
        """Show that value; `nombre`: what it is, for who cannot see where it stands."""
        self._muestra, self._distinto = muestra, distinto
        self.setAccessibleName(nombre)
        self.setPlainText(muestra.texto)
        self._ajustar()
        self._resaltar()
        if distinto:
            self._llevar_a_la_vista()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Another width, another number of lines."""
        super().resizeEvent(event)
        self._ajustar()

    @Slot()
    def _ajustar(self) -> None:
        todas = round(self.document().size().height())  # of a plain text, lines as they are broken now
        cabe = todas <= LINEAS_MAX
        barra = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if cabe else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(barra)
        letras_px = ceil(QFontMetricsF(self.font()).lineSpacing() * min(LINEAS_MAX, todas))
        margenes_px = 2 * ceil(self.document().documentMargin()) + 1  # with a pixel less Qt scrolls a line
        alrededor_px = self.height() - self.contentsRect().height() + margenes_px
        self.setFixedHeight(letras_px + alrededor_px)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_distinto"):
            self._resaltar()

    def _resaltar(self) -> None:
        if not self._distinto or self._muestra.desde >= self._muestra.hasta:
            self.setExtraSelections([])
            return
        trozo = QTextEdit.ExtraSelection()
        trozo.cursor = self._cursor(self._muestra.desde)
        trozo.cursor.setPosition(self._muestra.hasta, QTextCursor.MoveMode.KeepAnchor)
        trozo.format.setBackground(color("warn_fondo"))
        trozo.format.setForeground(color("text"))
        trozo.format.setFontUnderline(True)  # not by colour alone
        self.setExtraSelections([trozo])

    def _cursor(self, lugar: int) -> QTextCursor:
        cursor = self.textCursor()
        cursor.setPosition(lugar)
        return cursor

    def _llevar_a_la_vista(self) -> None:
        self.setTextCursor(self._cursor(self._muestra.desde))
        self.ensureCursorVisible()


class _Linea:
    """The widgets of one line."""

    def __init__(self, rejilla: QGridLayout, fila: int, falta: str) -> None:
        self._marca = etiqueta()
        self._valores = (Valor(), Valor())
        self._faltas = (etiqueta(falta, tono="muted"), etiqueta(falta, tono="muted"))
        for rotulo in (self._marca, *self._faltas):
            rotulo.setContentsMargins(0, _BAJAR_PX, 0, 0)
        rejilla.addWidget(self._marca, fila, 0, Qt.AlignmentFlag.AlignTop)
        for columna, parejas in enumerate(zip(self._valores, self._faltas, strict=True), 1):
            for parte in parejas:
                rejilla.addWidget(parte, fila, columna, Qt.AlignmentFlag.AlignTop)

    @property
    def paradas(self) -> Sequence[QWidget]:
        """What the keyboard stops at, in order."""
        return self._valores

    def poner(self, campo: Campo) -> list[Valor]:
        """Show it; the values that there are."""
        sql, mongo = (valor or "" for valor in campo.valores)
        muestras = comparar(sql, mongo) if campo.distinto else (Muestra(sql, 0, 0), Muestra(mongo, 0, 0))
        self._marca.setText(f"≠ {campo.nombre}" if campo.distinto else campo.nombre)
        cambiar_tono(self._marca, "warn" if campo.distinto else "muted")
        self._marca.show()
        puestos: list[Valor] = []
        for lugar, almacen in enumerate(NombreAlmacen):
            hay = campo.valores[lugar] is not None
            if hay:
                nombre = f"{campo.nombre}: {almacen.etiqueta}"
                self._valores[lugar].poner(nombre, muestras[lugar], distinto=campo.distinto)
                puestos.append(self._valores[lugar])
            self._valores[lugar].setVisible(hay)
            self._faltas[lugar].setVisible(
                campo.filas[lugar] and not hay
            )  # an empty value would look the same
        return puestos

    def quitar(self) -> None:
        """Nothing to be seen."""
        for parte in (self._marca, *self._valores, *self._faltas):
            parte.hide()


class RejillaDeValores(QWidget):
    """The fields of one difference under the names of the two stores.

    Attributes:
        muestras: the values in sight, from the top, SQL's before MongoDB's.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.muestras: list[Valor] = []
        self._lineas: list[_Linea] = []
        self._ultima: QWidget | None = None
        self._rejilla = QGridLayout()
        self._rejilla.setHorizontalSpacing(12)
        self._rejilla.setVerticalSpacing(6)
        self._cabeceras = (_en_negrita(), _en_negrita())
        for columna, cabecera in enumerate(self._cabeceras, 1):
            self._rejilla.setColumnStretch(columna, 1)
            self._rejilla.addWidget(cabecera, 0, columna)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(0, 0, 4, 0)
        todo.addLayout(self._rejilla)
        todo.addStretch(1)

    def poner_tras(self, anterior: QWidget) -> None:
        """Tab comes here from that one."""
        self._ultima = anterior

    def poner(self, cabeceras: tuple[str, str], campos: Sequence[Campo]) -> None:
        """Show these in the place of those before."""
        while len(self._lineas) < len(campos):
            self._agregar()
        for rotulo, texto in zip(self._cabeceras, cabeceras, strict=True):
            rotulo.setText(texto)
        self.muestras = []
        for linea, campo in zip(self._lineas, campos, strict=False):
            self.muestras += linea.poner(campo)
        for linea in self._lineas[len(campos) :]:
            linea.quitar()

    def _agregar(self) -> None:
        linea = _Linea(self._rejilla, len(self._lineas) + 1, self.tr("No tiene este campo"))
        self._lineas.append(linea)
        for parada in linea.paradas:
            if self._ultima is not None:
                QWidget.setTabOrder(self._ultima, parada)
            self._ultima = parada


def _en_negrita() -> QLabel:
    rotulo = etiqueta()
    letra = rotulo.font()
    letra.setBold(True)
    rotulo.setFont(letra)
    return rotulo
