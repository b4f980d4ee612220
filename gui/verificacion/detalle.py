"""One difference opened: both values side by side, plain, with what differs marked and what hides shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.diferencias import CAMPOS, Diferencia, TipoDiferencia
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.reparacion import CampoDetalle, DetalleDiferencia
from gui.verificacion.ocultos import visible
from gui.verificacion.palabras import nombre_de_campo, nombre_de_tipo
from gui.verificacion.valores import Campo, RejillaDeValores, Valor
from gui.widgets.etiquetas import EtiquetaElidida, etiqueta

_NUESTROS = frozenset({*CAMPOS, "version", "eliminada", "pendiente"})


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
        self._rejilla = RejillaDeValores()
        self._area.setWidget(self._rejilla)
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

    @property
    def muestras(self) -> Sequence[Valor]:
        """The values in sight."""
        return self._rejilla.muestras

    def poner_tras(self, anterior: QWidget) -> None:
        """Tab comes here from that one."""
        self._rejilla.poner_tras(anterior)

    def vaciar(self, nota: str, *, otra_vez: bool = False) -> None:
        """No values: that is why; `otra_vez` offers to try again."""
        self.boton_otra_vez.setVisible(otra_vez)
        self._titulo.hide()
        self._nota.setText(nota)
        self._rejilla.poner(("", ""), ())

    def abrir(self, diferencia: Diferencia, detalle: DetalleDiferencia) -> None:
        """Show both values as they are now."""
        self.boton_otra_vez.hide()
        self._titulo.show()
        self._titulo.setText(f"{nombre_de_tipo(diferencia.tipo)} · {visible(detalle.id)}")
        self._nota.setText(self._explicacion(detalle))
        hay = detalle.sql is not None or detalle.mongo is not None
        cabeceras = (self._cabecera(NombreAlmacen.SQL, detalle), self._cabecera(NombreAlmacen.MONGO, detalle))
        if hay:
            self._rejilla.poner(cabeceras, self._campos(diferencia, detalle))
        else:
            self._rejilla.poner(("", ""), ())
        self._area.verticalScrollBar().setValue(0)

    def _campos(self, diferencia: Diferencia, detalle: DetalleDiferencia) -> list[Campo]:
        filas = (detalle.sql is not None, detalle.mongo is not None)
        # What differs first: it is what was asked for.
        campos = sorted(detalle.campos, key=lambda campo: not campo.distinto)
        if diferencia.tipo is TipoDiferencia.MALFORMADA:
            crudo = (detalle.crudo_sql or None, detalle.crudo_mongo or None)
            nombre = self.tr("Tal como está")
            campos.append(CampoDetalle(nombre=nombre, sql=crudo[0], mongo=crudo[1], distinto=True))
        return [
            Campo(
                _titulo_de(campo.nombre),
                (campo.sql, campo.mongo),
                filas,
                campo.distinto and all(filas),  # all of it differs from nothing: no need to mark it
            )
            for campo in campos
        ]

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


def _titulo_de(campo: str) -> str:
    """As a heading; a field of somebody else's as it is written, where «Titulo» is not «titulo»."""
    nombre = nombre_de_campo(campo)
    return nombre.capitalize() if campo in _NUESTROS else visible(campo)
