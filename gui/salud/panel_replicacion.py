"""The replication on the Salud page: both directions, whether it runs, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.models.almacen import NombreAlmacen
from gui.salud.cabeza_panel import CabezaDePanel
from gui.salud.replicacion import CuentaReplicacion
from gui.salud.sentido import FilaSentido
from gui.widgets.etiquetas import cambiar_tono, etiqueta
from gui.widgets.iconos import estampa

LADO_ICONO_PX = 16
FILAS = 3
"""Rows of the grid that a direction takes: two, and one that keeps it apart from the next."""
SEPARACION_PX = 4


@dataclass(frozen=True, slots=True)
class EstadoPanel:
    """What the panel cannot see in the counts.

    Attributes:
        responden: both stores answer.
        ocupada: the operator's own order is still under way.
    """

    responden: bool
    ocupada: bool


class PanelReplicacion(QFrame):
    """Says what is wanted; does nothing by itself.

    Signals:
        sincronizar_pedido, pausar_pedido, reanudar_pedido, cancelar_pedido.
    """

    sincronizar_pedido = Signal()
    pausar_pedido = Signal()
    reanudar_pedido = Signal()
    cancelar_pedido = Signal()

    def __init__(self, almacenes: tuple[NombreAlmacen, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._icono = QLabel()
        self._palabra = etiqueta()
        letra = self._palabra.font()
        letra.setBold(True)
        self._palabra.setFont(letra)
        self._como = ("", "", "")
        self._pausada = False
        self.boton_sincronizar = QPushButton(self.tr("Sincronizar ahora"))
        self.boton_sincronizar.setToolTip(self.tr("Copia ya lo que le falte a cada base de datos"))
        self.boton_pausa = QPushButton(self.tr("Pausar"))
        self.boton_cancelar = QPushButton(self.tr("Cancelar"))
        self.boton_cancelar.setToolTip(
            self.tr("Termina la pasada en curso; la siguiente vendrá en un minuto y seguirá donde esta acabó")
        )
        self._rejilla = QGridLayout()
        self._rejilla.setHorizontalSpacing(16)
        self._rejilla.setVerticalSpacing(4)
        self._rejilla.setColumnStretch(2, 2)
        self._rejilla.setColumnStretch(3, 3)
        self.sentidos = tuple(
            FilaSentido(origen, self._rejilla, FILAS * n) for n, origen in enumerate(almacenes)
        )
        for n in range(1, len(almacenes)):
            self._rejilla.setRowMinimumHeight(FILAS * n - 1, SEPARACION_PX)
        self._componer()

    def poner(self, cuenta: CuentaReplicacion, estado: EstadoPanel) -> None:
        """Show how things stand and offer what makes sense."""
        for sentido in self.sentidos:
            sentido.poner(cuenta)
        self._poner_palabra(*_como(cuenta, estado, tr=self.tr))
        self._pausada = cuenta.pausada
        self.boton_pausa.setText(self.tr("Reanudar") if cuenta.pausada else self.tr("Pausar"))
        self.boton_pausa.setEnabled(not estado.ocupada or cuenta.en_marcha)
        self.boton_sincronizar.setEnabled(estado.responden and not estado.ocupada and not cuenta.en_marcha)
        self.boton_cancelar.setEnabled(cuenta.en_marcha)

    @property
    def palabra(self) -> str:
        """The state as it is told."""
        return self._palabra.text()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        """The icon takes the colours of a new theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "sentidos"):
            self._pintar_icono()

    def _pintar_icono(self) -> None:
        icono, _palabra, rol = self._como
        if icono:
            self._icono.setPixmap(estampa(icono, rol, lado_px=LADO_ICONO_PX, escala=self.devicePixelRatioF()))

    def _poner_palabra(self, icono: str, palabra: str, rol: str) -> None:
        if self._como == (icono, palabra, rol):
            return
        self._como = (icono, palabra, rol)
        self._palabra.setText(palabra)
        cambiar_tono(self._palabra, rol)
        self._pintar_icono()

    def disponer(self, *, estrecho: bool) -> None:
        """See `CabezaDePanel`."""
        self._cabeza.disponer(estrecho=estrecho)

    def _componer(self) -> None:
        self._cabeza = CabezaDePanel(
            (etiqueta(self.tr("Replicación"), papel="titulo"), self._icono, self._palabra),
            (self.boton_sincronizar, self.boton_pausa, self.boton_cancelar),
        )
        self.boton_sincronizar.clicked.connect(self.sincronizar_pedido)
        self.boton_pausa.clicked.connect(self._pedir_pausa)
        self.boton_cancelar.clicked.connect(self.cancelar_pedido)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(16, 12, 16, 14)
        todo.setSpacing(10)
        todo.addLayout(self._cabeza)
        todo.addLayout(self._rejilla)

    @Slot()
    def _pedir_pausa(self) -> None:
        (self.reanudar_pedido if self._pausada else self.pausar_pedido).emit()


def _como(
    cuenta: CuentaReplicacion, estado: EstadoPanel, *, tr: Callable[[str], str]
) -> tuple[str, str, str]:
    """Icon, word and role of the palette for how the replication is."""
    if cuenta.en_marcha:
        return "estado-poniendose-al-dia", tr("COPIANDO"), "info"
    if cuenta.pausada:
        return "pausa", tr("EN PAUSA"), "warn"
    if any(not carencia.aceptada for carencia in cuenta.carencias):
        return "aviso", tr("ESPERA SU DECISIÓN"), "warn"
    if not estado.responden:
        return "estado-desconocida", tr("ESPERA A QUE RESPONDAN AMBAS"), "warn"
    if cuenta.apartadas:
        return "aviso", tr("CON TAREAS EN CUARENTENA"), "warn"
    if cuenta.por_copiar():
        return "estado-poniendose-al-dia", tr("EN MARCHA"), "info"
    if not cuenta.al_dia:
        return "estado-desconocida", tr("SIN CONTAR"), "muted"
    return "estado-ok", tr("AL DÍA"), "ok"
