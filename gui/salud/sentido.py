"""One direction of the replication on the Salud page: what waits, how it goes, how the last pass ended."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar

from core.domain.models.almacen import NombreAlmacen
from gui.salud.pendientes import lo_copiado
from gui.salud.replicacion import CuentaReplicacion, PasadaTerminada
from gui.salud.retraso import marcha, pendientes_en_palabras
from gui.widgets.etiquetas import EtiquetaElidida, cambiar_tono, etiqueta
from gui.widgets.formato import hora

translate = QCoreApplication.translate

PASOS = 1000
"""Steps of the bar: a count of rows need not fit Qt's 32 bits."""


class FilaSentido:
    """Puts its parts into two rows of a grid that several directions share, so that they stand in columns."""

    def __init__(self, origen: NombreAlmacen, rejilla: QGridLayout, fila: int) -> None:
        self.origen = origen
        nombre = etiqueta(f"{origen.etiqueta} → {origen.otro.etiqueta}")
        letra = nombre.font()
        letra.setBold(True)
        nombre.setFont(letra)
        self.pendientes = etiqueta(tono="muted")
        self.barra = QProgressBar()
        self.barra.setRange(0, PASOS)
        self.barra.setTextVisible(False)
        self.barra.setMinimumWidth(80)
        self.barra.setAccessibleName(
            translate("Salud", "Copia de {origen} a {destino}").format(
                origen=origen.etiqueta, destino=origen.otro.etiqueta
            )
        )
        sitio = self.barra.sizePolicy()
        sitio.setRetainSizeWhenHidden(True)  # a pass that begins must not move the page
        self.barra.setSizePolicy(sitio)
        self.marcha = EtiquetaElidida()
        self.ultima = EtiquetaElidida()
        for cifras in (self.marcha, self.ultima):
            cambiar_tono(cifras, "muted")
        for columna, parte in enumerate((nombre, self.pendientes, self.barra, self.marcha)):
            rejilla.addWidget(parte, fila, columna)
        rejilla.addWidget(self.ultima, fila + 1, 1, 1, 3)

    def poner(self, cuenta: CuentaReplicacion) -> None:
        """Show how that direction stands."""
        destino = self.origen.otro
        retraso, avance = cuenta.retraso(destino), cuenta.avance(self.origen)
        self._escribir(self.pendientes, pendientes_en_palabras(retraso))
        cambiar_tono(self.pendientes, "warn" if retraso.pendientes else "muted")
        self.barra.setVisible(avance is not None)
        if avance is not None:
            self.barra.setValue(round(PASOS * avance.hechas / avance.total) if avance.total else PASOS)
        self._escribir(self.marcha, marcha(retraso) if avance is not None else "")
        ultima = cuenta.ultima(self.origen)
        callada = ultima is None and (avance is not None or bool(retraso.pendientes))
        if callada:
            self._escribir(self.ultima, "")
        elif ultima is not None:
            self._escribir(self.ultima, _ultima(ultima, al_dia=cuenta.al_dia))
        else:
            self._escribir(self.ultima, self._ninguna(sabido=retraso.sabido))

    def _ninguna(self, *, sabido: bool) -> str:
        if sabido:
            return translate("Salud", "Aún no ha habido nada que copiar.")
        return translate("Salud", "Se contarán cuando responda {origen}.").format(origen=self.origen.etiqueta)

    @staticmethod
    def _escribir(donde: EtiquetaElidida | QLabel, texto: str) -> None:
        if donde.text() != texto:
            donde.setText(texto)


def _ultima(ultima: PasadaTerminada, *, al_dia: bool) -> str:
    return translate("Salud", "Última pasada a las {hora}: {que}").format(
        hora=hora(ultima.cuando), que=lo_copiado(ultima.pasada, al_dia=al_dia)
    )
