"""The strip at the top of the page: what is known, or how far it is; in words, an icon and a colour."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from gui.verificacion.palabras import Veredicto, sin_verificar
from gui.widgets.etiquetas import cambiar_tono, etiqueta
from gui.widgets.formato import segundos
from gui.widgets.iconos import estampa

LADO_ICONO_PX = 20
PASOS = 1000
"""Of the progress bar."""
TIC_MS = 250
CASI = 0.99
"""Most that a fraction of an estimate says before the end."""


class PanelResultado(QFrame):
    """Shows a verdict, or the progress of what is under way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._icono = QLabel()
        self._palabra = etiqueta()
        letra = self._palabra.font()
        letra.setBold(True)
        self._palabra.setFont(letra)
        self._palabra.setWordWrap(True)
        self._palabra.setAccessibleName(self.tr("Resultado de la verificación"))
        self._detalle = etiqueta(tono="muted")
        self._detalle.setWordWrap(True)
        self._barra = QProgressBar()
        self._barra.setTextVisible(False)
        self._barra.setAccessibleName(self.tr("Avance"))
        self._avance = ""
        self._desde = QElapsedTimer()
        self._reloj = QTimer(self)
        self._reloj.setInterval(TIC_MS)
        self._reloj.timeout.connect(self._contar)
        self._veredicto = sin_verificar()
        self._componer()
        self.mostrar(self._veredicto)

    @property
    def veredicto(self) -> Veredicto:
        """What is shown, or will be again."""
        return self._veredicto

    @property
    def texto(self) -> str:
        """All that it says."""
        return f"{self._palabra.text()} {self._detalle.text()}".strip()

    def mostrar(self, veredicto: Veredicto) -> None:
        """Nothing is under way: this is what is known."""
        self._reloj.stop()
        self._barra.hide()
        self._veredicto = veredicto
        self._pintar(veredicto)

    def empezar(self, que: str) -> None:
        """Something is under way, for which nobody can tell yet how long."""
        self._avance = ""
        self._barra.setRange(0, 0)
        self._barra.show()
        self._pintar(Veredicto("estado-poniendose-al-dia", que, "info"))
        self._desde.start()
        self._reloj.start()
        self._contar()

    def avanzar(self, texto: str, fraccion: float | None) -> None:
        """So far; None for a fraction that nobody knows."""
        self._avance = texto
        if fraccion is None:
            self._barra.setRange(0, 0)
        else:
            self._barra.setRange(0, PASOS)
            self._barra.setValue(round(min(fraccion, CASI) * PASOS))
        self._contar()

    def cancelar(self) -> None:
        """It was told to stop and has not yet."""
        self._palabra.setText(self.tr("Cancelando…"))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        """The icon takes the colours of a new theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_veredicto"):
            self._pintar_icono()

    @Slot()
    def _contar(self) -> None:
        lleva = segundos(self._desde.elapsed() / 1000)
        self._detalle.setText(", ".join(parte for parte in (self._avance, lleva) if parte))

    def _pintar(self, veredicto: Veredicto) -> None:
        self._como = veredicto
        self._palabra.setText(veredicto.palabra)
        self._detalle.setText(veredicto.detalle)
        cambiar_tono(self._palabra, veredicto.rol)
        self._pintar_icono()

    def _pintar_icono(self) -> None:
        lado_px, escala = LADO_ICONO_PX, self.devicePixelRatioF()
        self._icono.setPixmap(estampa(self._como.icono, self._como.rol, lado_px=lado_px, escala=escala))

    def _componer(self) -> None:
        letras = QVBoxLayout()
        letras.setSpacing(4)
        letras.addWidget(self._palabra)
        letras.addWidget(self._detalle)
        letras.addWidget(self._barra)
        todo = QHBoxLayout(self)
        todo.setContentsMargins(16, 12, 16, 12)
        todo.setSpacing(12)
        todo.addWidget(self._icono)
        todo.addLayout(letras, 1)
