"""The status bar: both stores' health, what is still to be copied, how many tareas, how old the data is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Resumen
from gui.salud.detalle import ahora_utc
from gui.salud.indicador import Indicador
from gui.salud.palabras import FuenteSalud
from gui.salud.retraso import Retraso
from gui.widgets.etiquetas import cambiar_tono, etiqueta, sin_formato
from gui.widgets.formato import SIN_DATO, cuenta, duracion, hora

ANCHA_CARACTERES = 190
VIEJA_S = 60.0
"""Data older than this tells its age, seconds."""


class BarraEstado(QFrame):
    """Always in view. `refrescar` on a timer: ages grow by themselves.

    Signals:
        detalle_pedido: an indicator was pressed (carries the indicator).
    """

    detalle_pedido = Signal(object)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        ahora_s: Callable[[], float] = time.monotonic,
        ahora: Callable[[], datetime] = ahora_utc,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("barra")
        self._ahora_s = ahora_s
        self._ahora = ahora
        self._fuente: FuenteSalud | None = None
        self._indicadores: dict[NombreAlmacen, Indicador] = {}
        self._de_cuantas: int | None = None
        self._hallazgos: int | None = None
        self._retraso_de: Callable[[NombreAlmacen], Retraso | None] = lambda _nombre: None
        self._datos_de: tuple[float, datetime] | None = None
        self._espera = etiqueta(self.tr("Preparando las bases de datos…"), tono="muted")
        self._pendientes, self._total, self._edad = (etiqueta(tono="muted") for _ in range(3))
        self._edad.setToolTip(self.tr("Cuándo se leyeron las tareas que se ven"))
        self._fila = QHBoxLayout(self)
        self._fila.setContentsMargins(8, 3, 14, 3)
        self._fila.setSpacing(12)
        self._fila.addWidget(self._espera)
        self._fila.addStretch(1)
        for parte in (self._pendientes, self._total, self._edad):
            self._fila.addWidget(parte)

    @property
    def indicadores(self) -> Mapping[NombreAlmacen, Indicador]:
        """By store."""
        return self._indicadores

    def conectar(self, fuente: FuenteSalud) -> None:
        """Show the stores of this source."""
        self._fuente = fuente
        self._espera.hide()
        for i, nombre in enumerate(fuente.almacenes):
            indicador = Indicador(nombre)
            indicador.clicked.connect(self._pedir_detalle)
            self._indicadores[nombre] = indicador
            self._fila.insertWidget(i, indicador)
        self.refrescar()

    def seguir(self, retraso_de: Callable[[NombreAlmacen], Retraso | None]) -> None:
        """Ask this what a store that is catching up still lacks."""
        self._retraso_de = retraso_de
        self.refrescar()

    def detener(self, motivo: str) -> None:
        """There is no source and will be none: say so."""
        self._espera.setText(motivo)
        cambiar_tono(self._espera, "error")

    def resumir(self, resumen: Resumen) -> None:
        """Show the stores' count of tareas."""
        self._de_cuantas = resumen.total
        self._total.setToolTip(sin_formato(resumen.aviso))
        self._total.setAccessibleDescription(resumen.aviso)
        cambiar_tono(self._total, "warn" if resumen.aviso else "muted")
        self._poner_total()

    @Slot(object)
    def poner_pendientes(self, pendientes: int | None) -> None:
        """Show how many tareas wait for the other store (None: nobody knows); a store alone has none."""
        self._pendientes.setVisible(len(self._indicadores) > 1)
        cuantas = SIN_DATO if pendientes is None else cuenta(pendientes)
        self._pendientes.setText(self.tr("{n} por copiar").format(n=cuantas))
        cambiar_tono(self._pendientes, "warn" if pendientes else "muted")

    @Slot(object)
    def poner_hallazgos(self, hallazgos: int | None) -> None:
        """How many tareas the filter lets through; None when all of them are on show."""
        self._hallazgos = hallazgos
        self._poner_total()

    def _poner_total(self) -> None:
        if self._de_cuantas is None:
            return
        total = (
            self.tr("1 tarea")
            if self._de_cuantas == 1
            else self.tr("{n} tareas").format(n=cuenta(self._de_cuantas))
        )
        if self._hallazgos is not None:
            total = self.tr("{n} de {total}").format(n=cuenta(self._hallazgos), total=total)
        self._total.setText(total)

    @Slot()
    def datos_leidos(self) -> None:
        """The rows on show were read just now."""
        self._datos_de = (self._ahora_s(), self._ahora())
        self._poner_edad()

    @Slot()
    def refrescar(self) -> None:
        """Bring the indicators and the age up to date."""
        self._poner_edad()
        if self._fuente is None:
            return
        for nombre, indicador in self._indicadores.items():
            indicador.poner(
                self._fuente.salud(nombre),
                self._fuente.estado_salud(nombre),
                ahora_s=self._ahora_s(),
                ahora=self._ahora(),
                retraso=self._retraso_de(nombre),
            )

    def _poner_edad(self) -> None:
        if self._datos_de is None:
            return
        leidos_s, cuando = self._datos_de
        edad_s = self._ahora_s() - leidos_s
        # The word gives way where there is no room; what it means stays on hover and for screen readers.
        estrecha = self.width() < self.fontMetrics().averageCharWidth() * ANCHA_CARACTERES
        plantilla = "{hora}" if estrecha else self.tr("datos de {hora}")
        texto = plantilla.format(hora=hora(cuando))
        if edad_s >= VIEJA_S:
            texto += self.tr(" (hace {lleva})").format(lleva=duracion(edad_s))
        self._edad.setText(texto)
        self._edad.setAccessibleName(self.tr("Datos leídos a las {hora}").format(hora=hora(cuando)))

    @Slot()
    def _pedir_detalle(self) -> None:
        self.detalle_pedido.emit(self.sender())
