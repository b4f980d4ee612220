"""Everything known of one store: a panel for the Salud page and for the window that an indicator opens."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.events import Evento, SaludObservada
from core.domain.models.almacen import NombreAlmacen
from gui.salud.diagnostico import diagnostico, filas_de_detalle
from gui.salud.palabras import FuenteSalud, aspecto
from gui.widgets.chispa import Chispa
from gui.widgets.etiquetas import cambiar_tono, etiqueta
from gui.widgets.iconos import estampa

LADO_ICONO_PX = 18


def ahora_utc() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class DetalleAlmacen(QFrame):
    """The details of one store. `refrescar` reads the source again.

    Signals:
        ping_pedido: the operator wants to know now (carries the store's name).
    """

    ping_pedido = Signal(object)

    def __init__(
        self,
        fuente: FuenteSalud,
        nombre: NombreAlmacen,
        parent: QWidget | None = None,
        *,
        ahora_s: Callable[[], float] = time.monotonic,
        ahora: Callable[[], datetime] = ahora_utc,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.nombre = nombre
        self._fuente = fuente
        self._ahora_s = ahora_s
        self._ahora = ahora
        self._icono = QLabel()
        self._palabra = etiqueta()
        self._valores: list[QLabel] = []
        self._grafica = Chispa(con_escala=True)
        self._ping = QPushButton(self.tr("Ping ahora"))
        self._copiar = QPushButton(self.tr("Copiar diagnóstico"))
        self._componer()
        self.refrescar()

    def diagnostico(self) -> str:
        """The details as plain text."""
        return diagnostico(self._fuente, self.nombre, ahora_s=self._ahora_s(), ahora=self._ahora())

    @Slot()
    def refrescar(self) -> None:
        """Read the source and show it."""
        salud, estado = self._fuente.salud(self.nombre), self._fuente.estado_salud(self.nombre)
        como = aspecto(estado)
        self._palabra.setText(como.palabra)
        cambiar_tono(self._palabra, como.rol)
        escala = self.devicePixelRatioF()
        self._icono.setPixmap(estampa(como.icono, como.rol, lado_px=LADO_ICONO_PX, escala=escala))
        self._grafica.poner(salud.historial, como.rol)
        filas = filas_de_detalle(self._fuente, self.nombre, ahora_s=self._ahora_s(), ahora=self._ahora())
        for valor, (_campo, texto) in zip(self._valores, filas, strict=True):
            if valor.text() != texto:
                valor.setText(texto)

    @Slot(object)
    def recibir(self, evento: Evento) -> None:
        """Follow the store; whatever is heard of it ends the wait for a ping."""
        if not isinstance(evento, SaludObservada) or evento.ahora.almacen is not self.nombre:
            return
        self._ping.setEnabled(True)
        self._ping.setText(self.tr("Ping ahora"))
        self.refrescar()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        """The icon takes the colours of a new theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_copiar"):
            self.refrescar()

    def _componer(self) -> None:
        nombre = etiqueta(self.nombre.etiqueta, papel="titulo")
        letra = self._palabra.font()
        letra.setBold(True)
        self._palabra.setFont(letra)
        cabecera = QHBoxLayout()
        cabecera.setSpacing(8)
        for parte in (self._icono, nombre, self._palabra):
            cabecera.addWidget(parte)
        cabecera.addStretch(1)
        botones = QHBoxLayout()
        botones.setSpacing(8)
        botones.addWidget(self._ping)
        botones.addWidget(self._copiar)
        botones.addStretch(1)
        self._ping.clicked.connect(self._pedir_ping)
        self._copiar.clicked.connect(self._al_portapapeles)
        self._grafica.setAccessibleName(self.tr("Latencia de los últimos 60 pings"))
        todo = QVBoxLayout(self)
        todo.setContentsMargins(16, 14, 16, 14)
        todo.setSpacing(12)
        todo.addLayout(cabecera)
        todo.addLayout(self._rejilla())
        todo.addWidget(etiqueta(self.tr("Últimos 60 pings"), tono="muted"))
        todo.addWidget(self._grafica)
        todo.addLayout(botones)
        todo.addStretch(1)  # beside a higher one, it keeps its lines where that one has them

    def _rejilla(self) -> QGridLayout:
        rejilla = QGridLayout()
        rejilla.setHorizontalSpacing(16)
        rejilla.setVerticalSpacing(6)
        rejilla.setColumnStretch(1, 1)
        filas = filas_de_detalle(self._fuente, self.nombre, ahora_s=self._ahora_s(), ahora=self._ahora())
        for i, (campo, texto) in enumerate(filas):
            valor = etiqueta(texto)
            valor.setWordWrap(True)
            valor.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            valor.setAccessibleName(campo)
            self._valores.append(valor)
            rejilla.addWidget(etiqueta(campo, tono="muted"), i, 0, Qt.AlignmentFlag.AlignTop)
            rejilla.addWidget(valor, i, 1)
        return rejilla

    @Slot()
    def _pedir_ping(self) -> None:
        self._ping.setEnabled(False)
        self._ping.setText(self.tr("Preguntando…"))
        self.ping_pedido.emit(self.nombre)

    @Slot()
    def _al_portapapeles(self) -> None:
        QGuiApplication.clipboard().setText(self.diagnostico())
        self._copiar.setText(self.tr("Copiado ✓"))


class VentanaDetalle(QDialog):
    """The details over the indicator that was pressed; goes away with Esc or a click elsewhere."""

    def __init__(self, detalle: DetalleAlmacen, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("Detalles de {almacen}").format(almacen=detalle.nombre.etiqueta))
        self.detalle = detalle
        todo = QVBoxLayout(self)
        todo.setContentsMargins(0, 0, 0, 0)
        todo.addWidget(detalle)

    def abrir_sobre(self, ancla: QWidget) -> None:
        """Show it right above that widget, within the screen."""
        letra = self.fontMetrics().height()
        self.setFixedWidth(letra * 28)
        self.adjustSize()
        esquina = ancla.mapToGlobal(QPoint(0, -self.height() - 6))
        pantalla = ancla.screen().availableGeometry()
        x = max(pantalla.left(), min(esquina.x(), pantalla.right() - self.width()))
        self.move(x, max(pantalla.top(), esquina.y()))
        self.show()
