"""One difference opened: both values side by side, plain, with what differs marked and what hides shown."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import ceil

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent, QTextCursor
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from core.diferencias import Diferencia, TipoDiferencia
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.reparacion import CampoDetalle, DetalleDiferencia
from gui.tema import color
from gui.verificacion.ocultos import Muestra, comparar, visible
from gui.verificacion.palabras import nombre_de_campo, nombre_de_tipo
from gui.widgets.etiquetas import EtiquetaElidida, etiqueta

LINEAS_MAX = 5
"""Most lines of a value in sight; the rest is scrolled."""
_BAJAR_PX = 9
"""From the top of a value to the name beside it, which stands at its first line."""


class Valor(QPlainTextEdit):
    """A value to be read and copied, as high as it needs to be; the differing part stands out."""

    def __init__(self, nombre: str, muestra: Muestra, *, distinto: bool) -> None:
        super().__init__()
        self._muestra = muestra
        self._distinto = distinto
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
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

    def _ajustar(self) -> None:
        todas = round(self.document().size().height())  # of a plain text, lines as they are broken now
        cabe = todas <= LINEAS_MAX
        barra = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if cabe else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(barra)
        letras_px = ceil(QFontMetricsF(self.font()).lineSpacing() * min(LINEAS_MAX, todas))
        margenes_px = 2 * ceil(self.document().documentMargin()) + 1  # with a pixel less Qt scrolls a line
        alrededor_px = self.height() - self.viewport().height() + margenes_px
        self.setFixedHeight(letras_px + alrededor_px)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_muestra"):
            self._resaltar()

    def _resaltar(self) -> None:
        if not self._distinto or self._muestra.desde >= self._muestra.hasta:
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


class DetalleDiferencias(QFrame):
    """Shows one difference; decides nothing.

    Signals:
        otra_vez_pedida: what could not be read is to be read again.
    """

    otra_vez_pedida = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._titulo = EtiquetaElidida()
        self._titulo.setProperty("papel", "titulo")
        self._nota = etiqueta(tono="muted")
        self._nota.setWordWrap(True)
        self.boton_otra_vez = QPushButton(self.tr("Intentar de nuevo"))
        self.boton_otra_vez.clicked.connect(self.otra_vez_pedida)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a stop of Tab at which nothing would be seen
        self._tras: QWidget | None = None
        self.muestras: list[Valor] = []
        columna = QVBoxLayout(self)
        columna.setContentsMargins(16, 12, 16, 12)
        columna.setSpacing(8)
        columna.addWidget(self._titulo)
        columna.addWidget(self._nota)
        columna.addWidget(self.boton_otra_vez, 0, Qt.AlignmentFlag.AlignLeft)
        columna.addWidget(self._area, 1)
        self.vaciar(self.tr("Elija una diferencia para ver sus dos valores."))

    @property
    def texto(self) -> str:
        """What it says beside the values."""
        return f"{self._titulo.text()} {self._nota.text()}" if self._titulo.isVisible() else self._nota.text()

    def poner_tras(self, anterior: QWidget) -> None:
        """Tab comes here from that one."""
        self._tras = anterior

    def vaciar(self, nota: str, *, otra_vez: bool = False) -> None:
        """No values: that is why; `otra_vez` offers to try again."""
        self.boton_otra_vez.setVisible(otra_vez)
        self._titulo.hide()
        self._nota.setText(nota)
        self._poner(QWidget(), [])

    def abrir(self, diferencia: Diferencia, detalle: DetalleDiferencia) -> None:
        """Show both values as they are now."""
        self.boton_otra_vez.hide()
        self._titulo.show()
        self._titulo.setText(f"{nombre_de_tipo(diferencia.tipo)} · {visible(detalle.id)}")
        self._nota.setText(self._explicacion(detalle))
        contenido = QWidget()
        if detalle.sql is None and detalle.mongo is None:
            self._poner(contenido, [])
            return
        rejilla = QGridLayout(contenido)
        rejilla.setContentsMargins(0, 0, 4, 0)
        rejilla.setHorizontalSpacing(12)
        rejilla.setVerticalSpacing(6)
        for columna, nombre in enumerate(NombreAlmacen, 1):
            rejilla.setColumnStretch(columna, 1)
            rejilla.addWidget(_en_negrita(self._cabecera(nombre, detalle)), 0, columna)
        muestras: list[Valor] = []
        # What differs first: it is what was asked for.
        for campo in sorted(detalle.campos, key=lambda campo: not campo.distinto):
            muestras += self._agregar(rejilla, campo, detalle)
        if diferencia.tipo is TipoDiferencia.MALFORMADA:
            crudo = CampoDetalle(
                nombre=self.tr("tal como está"),
                sql=detalle.crudo_sql or None,
                mongo=detalle.crudo_mongo or None,
                distinto=True,
            )
            muestras += self._agregar(rejilla, crudo, detalle)
        rejilla.setRowStretch(rejilla.rowCount(), 1)
        self._poner(contenido, muestras)

    def _poner(self, contenido: QWidget, muestras: list[Valor]) -> None:
        viejo = self._area.takeWidget()
        if viejo is not None:
            viejo.deleteLater()
        self._area.setWidget(contenido)
        self.muestras = muestras
        cadena = ([self._tras] if self._tras is not None else []) + [*muestras]
        for uno, siguiente in pairwise(cadena):
            QWidget.setTabOrder(uno, siguiente)

    def _cabecera(self, nombre: NombreAlmacen, detalle: DetalleDiferencia) -> str:
        if (detalle.sql if nombre is NombreAlmacen.SQL else detalle.mongo) is None:
            return self.tr("{almacen}: no la tiene").format(almacen=nombre.etiqueta)
        if detalle.mas_reciente is nombre:
            return self.tr("{almacen} · la más reciente").format(almacen=nombre.etiqueta)
        return nombre.etiqueta

    def _explicacion(self, detalle: DetalleDiferencia) -> str:
        if detalle.sql is None and detalle.mongo is None:
            if detalle.diferencia is None:
                return self.tr("Ya no está en ninguna de las dos: no hay nada que reparar.")
            return self.tr(
                "Su id no es un texto con un UUID, y el programa no alcanza esa fila: corríjala a mano."
            )
        if detalle.sql is None or detalle.mongo is None:
            donde = NombreAlmacen.SQL if detalle.mongo is None else NombreAlmacen.MONGO
            texto = self.tr("Solo está en {esta}: en {falta} no hay nada con este id.")
            return texto.format(esta=donde.etiqueta, falta=donde.otro.etiqueta)
        if detalle.diferencia is None:
            return self.tr("Ahora las dos dicen lo mismo: ya no hay nada que reparar.")
        if detalle.mas_reciente is None:
            return self.tr("Nada dice cuál de las dos es más reciente. Lo distinto está marcado con ≠.")
        return self.tr("Lo distinto está marcado con ≠; lo que no se ve, escrito: · ⏎ ⟨U+0301⟩.")

    def _agregar(self, rejilla: QGridLayout, campo: CampoDetalle, detalle: DetalleDiferencia) -> list[Valor]:
        if detalle.sql is None or detalle.mongo is None:  # all of it differs from nothing: no need to mark it
            campo = replace(campo, distinto=False)
        nombre = nombre_de_campo(campo.nombre).capitalize()
        fila = rejilla.rowCount()
        marca = etiqueta(
            f"≠ {nombre}" if campo.distinto else nombre, tono="warn" if campo.distinto else "muted"
        )
        marca.setContentsMargins(0, _BAJAR_PX, 0, 0)
        rejilla.addWidget(marca, fila, 0, Qt.AlignmentFlag.AlignTop)
        sql, mongo = campo.sql or "", campo.mongo or ""
        de_cada = comparar(sql, mongo) if campo.distinto else (Muestra(sql, 0, 0), Muestra(mongo, 0, 0))
        puestos: list[Valor] = []
        for columna, (almacen, muestra) in enumerate(zip(NombreAlmacen, de_cada, strict=True), 1):
            if (detalle.sql if almacen is NombreAlmacen.SQL else detalle.mongo) is None:
                continue
            if (campo.sql if almacen is NombreAlmacen.SQL else campo.mongo) is None:
                # An empty value would look the same.
                falta = etiqueta(self.tr("No tiene este campo"), tono="muted")
                falta.setContentsMargins(0, _BAJAR_PX, 0, 0)
                rejilla.addWidget(falta, fila, columna, Qt.AlignmentFlag.AlignTop)
                continue
            valor = Valor(f"{nombre}: {almacen.etiqueta}", muestra, distinto=campo.distinto)
            puestos.append(valor)
            rejilla.addWidget(valor, fila, columna, Qt.AlignmentFlag.AlignTop)
        return puestos


def _en_negrita(texto: str) -> QLabel:
    rotulo = etiqueta(texto)
    letra = rotulo.font()
    letra.setBold(True)
    rotulo.setFont(letra)
    return rotulo
