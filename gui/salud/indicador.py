"""One store in the status bar: icon, name, word, latency line, figures. A click opens its details."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QWidget

from core.domain.models.almacen import NombreAlmacen
from core.health import EstadoSalud, SaludAlmacen
from gui.salud.palabras import aspecto, resumen_breve, resumen_corto
from gui.salud.retraso import Retraso
from gui.tema import color
from gui.widgets.chispa import Chispa
from gui.widgets.etiquetas import EtiquetaElidida, cambiar_tono, etiqueta, sin_formato
from gui.widgets.iconos import estampa

LADO_ICONO_PX = 13
HOLGURA_PX = 2


class Indicador(QAbstractButton):
    """A button that looks like text; `poner` brings it up to date."""

    def __init__(self, nombre: NombreAlmacen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.nombre = nombre
        self._salud: SaludAlmacen | None = None
        self._estado = EstadoSalud.DESCONOCIDA
        self._entero = self._breve = ""
        self._ancho_cifras = 0
        self._invitacion = self.tr("Ver los detalles de {almacen}").format(almacen=nombre.etiqueta)
        self._fila = QHBoxLayout(self)
        self._icono = QLabel()
        self._palabra = etiqueta()
        self._chispa = Chispa()
        self._cifras = EtiquetaElidida()
        cambiar_tono(self._cifras, "muted")
        self._partes: tuple[QWidget, ...] = ()
        self._componer()
        self._pintar_estado()

    @property
    def texto(self) -> str:
        """All that it says, as a screen reader reads it."""
        return self.accessibleName()

    def poner(
        self,
        salud: SaludAlmacen,
        estado: EstadoSalud,
        *,
        ahora_s: float,
        ahora: datetime,
        retraso: Retraso | None = None,
    ) -> None:
        """Show this. `estado` is the one that may be believed now, which a snapshot cannot know.

        Args:
            retraso: what it lacks of the other store; shown while it is catching up.
        """
        self._salud = salud
        if estado is not self._estado:
            self._estado = estado
            self._ancho_cifras = 0
            self._pintar_estado()
        self._chispa.poner(salud.historial, aspecto(estado).rol)
        entero = resumen_corto(salud, estado, ahora_s=ahora_s, ahora=ahora, retraso=retraso)
        self._breve = resumen_breve(salud, estado, ahora_s, retraso)
        if entero != self._entero:
            self._entero = entero
            self._ensanchar()
        self._hacer_sitio()
        self._nombrar()
        self.setToolTip(sin_formato(f"{entero}\n{self._invitacion}"))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Where room is short, figures matter more than the line."""
        super().resizeEvent(event)
        self._hacer_sitio()

    def _hacer_sitio(self) -> None:
        holgado = self.width() >= self._ancho_entero()
        self._chispa.setVisible(holgado)
        texto = self._entero if holgado else self._breve
        if texto != self._cifras.text():
            self._cifras.setText(texto)

    def _ensanchar(self) -> None:
        """Room grows with the figures and is kept for as long as the state lasts: four times a second they
        change, and what stands beside them must not dance."""
        ancho = self.fontMetrics().horizontalAdvance(self._entero)
        if ancho > self._ancho_cifras:
            self._ancho_cifras = ancho
            self.updateGeometry()

    def _ancho_entero(self) -> int:
        """What everything needs at full length, whatever is shown of it now."""
        margenes = self._fila.contentsMargins()
        partes = [parte.sizeHint().width() for parte in self._partes if parte is not self._cifras]
        partes.append(self._ancho_cifras + HOLGURA_PX)
        separacion = self._fila.spacing() * (len(partes) - 1)
        return margenes.left() + sum(partes) + separacion + margenes.right()

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """What its parts need, the line included: room that comes back brings it back."""
        return QSize(self._ancho_entero(), self._fila.sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """The figures may be cut, the word never."""
        return self._fila.minimumSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name
        """Enter does what the space bar does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's signature
        """A ground under the mouse and a frame on focus; the parts draw themselves."""
        pintor = QPainter(self)
        pintor.setRenderHint(QPainter.RenderHint.Antialiasing)
        pintor.setPen(QPen(color("accent"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        pintor.setBrush(color("alterna") if self.underMouse() else Qt.BrushStyle.NoBrush)
        pintor.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 5, 5)
        pintor.end()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        """The icon takes the colours of a new theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_palabra"):
            self._pintar_estado()

    def _componer(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        nombre = etiqueta(self.nombre.etiqueta)
        for negrita in (nombre, self._palabra):
            letra = negrita.font()
            letra.setBold(True)
            negrita.setFont(letra)
        self._fila.setContentsMargins(6, 4, 6, 4)
        self._fila.setSpacing(6)
        self._partes = (self._icono, nombre, self._palabra, self._chispa, self._cifras)
        for parte in self._partes:
            parte.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._fila.addWidget(parte, int(parte is self._cifras))

    def _pintar_estado(self) -> None:
        aspecto_ = aspecto(self._estado)
        escala = self.devicePixelRatioF()
        self._icono.setPixmap(estampa(aspecto_.icono, aspecto_.rol, lado_px=LADO_ICONO_PX, escala=escala))
        self._palabra.setText(aspecto_.palabra)
        cambiar_tono(self._palabra, aspecto_.rol)
        self._nombrar()
        self.updateGeometry()

    def _nombrar(self) -> None:
        partes = (aspecto(self._estado).palabra, self._entero)
        self.setAccessibleName(f"{self.nombre.etiqueta}: {', '.join(parte for parte in partes if parte)}")
