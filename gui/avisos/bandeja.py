"""The tray of banners above the content: keyed, ordered by how much they matter, folded when many."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.avisos.aviso import Aviso, Nivel
from gui.avisos.banner import Banner

VISIBLES = 2
"""Banners that stay in view when there are more; the rest is one click away."""
ALTO_MAX_PX = 260
_PESO = {Nivel.ERROR: 0, Nivel.AVISO: 1, Nivel.EXITO: 2, Nivel.INFO: 3}


@dataclass
class _Puesto:
    """A banner on show: how often it was told, since when, and what makes it go by itself."""

    banner: Banner
    desde_s: float
    orden: int
    veces: int = 1
    reloj: QTimer | None = None


class BandejaAvisos(QWidget):
    """Shows banners. `mostrar` tells something (again); `actualizar` corrects what is told already."""

    def __init__(
        self, parent: QWidget | None = None, *, ahora_s: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._ahora_s = ahora_s
        self._puestos: dict[str, _Puesto] = {}
        self._cerrados: dict[str, Nivel] = {}
        self._contador = 0
        self._desplegada = False
        self._lista = QWidget()
        self._columna = QVBoxLayout(self._lista)
        self._columna.setContentsMargins(0, 0, 0, 0)
        self._columna.setSpacing(8)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._lista)
        self._mas = QPushButton()
        self._mas.clicked.connect(self._plegar_o_desplegar)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(0, 0, 0, 8)
        todo.setSpacing(4)
        todo.addWidget(self._area)
        todo.addWidget(self._mas)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._tic = QTimer(self)
        self._tic.setInterval(1000)
        self._tic.timeout.connect(self._refrescar_duraciones)
        self._ordenar()

    @property
    def avisos(self) -> tuple[Aviso, ...]:
        """What is told now, most important first, folded ones included."""
        return tuple(puesto.banner.aviso for puesto in self._en_orden())

    def veces(self, clave: str) -> int:
        """How often that was told; 0 when it is not on show."""
        puesto = self._puestos.get(clave)
        return puesto.veces if puesto else 0

    def mostrar(self, aviso: Aviso) -> None:
        """Tell this. The same key at the same level again counts up (×3) in place."""
        self._cerrados.pop(aviso.clave, None)
        puesto = self._puestos.get(aviso.clave)
        if puesto and puesto.banner.aviso.nivel is aviso.nivel:
            puesto.veces += 1
        self._poner(aviso)

    def actualizar(self, aviso: Aviso) -> None:
        """Bring what is told up to date without counting; one that the operator closed stays closed
        until its level changes."""
        if self._cerrados.get(aviso.clave) is aviso.nivel:
            return
        self._cerrados.pop(aviso.clave, None)
        self._poner(aviso)

    @Slot(str)
    def retirar(self, clave: str) -> None:
        """It is over: take the banner away (no harm if there is none)."""
        self._cerrados.pop(clave, None)
        self._quitar(clave)

    def _poner(self, aviso: Aviso) -> None:
        puesto = self._puestos.get(aviso.clave)
        if puesto is None:
            self._contador += 1
            puesto = _Puesto(Banner(aviso), self._ahora_s(), self._contador)
            puesto.banner.cerrado.connect(self._cerrar)
            self._puestos[aviso.clave] = puesto
        else:
            if puesto.banner.aviso.nivel is not aviso.nivel:
                puesto.veces, puesto.desde_s = 1, self._ahora_s()
            puesto.banner.poner(aviso, veces=puesto.veces, durante_s=self._ahora_s() - puesto.desde_s)
        self._programar_caducidad(puesto)
        self._ordenar()

    def _programar_caducidad(self, puesto: _Puesto) -> None:
        if puesto.reloj is not None:
            puesto.reloj.stop()
            puesto.reloj.deleteLater()
            puesto.reloj = None
        aviso = puesto.banner.aviso
        if aviso.caduca_s is None:
            return
        puesto.reloj = QTimer(puesto.banner)
        puesto.reloj.setSingleShot(True)
        puesto.reloj.timeout.connect(lambda clave=aviso.clave: self._caducar(clave))
        puesto.reloj.start(round(aviso.caduca_s * 1000))

    def _caducar(self, clave: str) -> None:
        puesto = self._puestos.get(clave)
        if puesto and puesto.banner.underMouse() and puesto.reloj:
            puesto.reloj.start(1000)  # somebody is reading it, or about to press its button
            return
        self._quitar(clave)

    @Slot(str)
    def _cerrar(self, clave: str) -> None:
        self._cerrados[clave] = self._puestos[clave].banner.aviso.nivel
        self._quitar(clave)

    def _quitar(self, clave: str) -> None:
        puesto = self._puestos.pop(clave, None)
        if puesto is None:
            return
        self._columna.removeWidget(puesto.banner)
        puesto.banner.hide()
        puesto.banner.deleteLater()
        self._ordenar()

    def _en_orden(self) -> list[_Puesto]:
        return sorted(self._puestos.values(), key=lambda p: (_PESO[p.banner.aviso.nivel], -p.orden))

    def _ordenar(self) -> None:
        puestos = self._en_orden()
        for i, puesto in enumerate(puestos):
            if self._columna.indexOf(puesto.banner) != i:
                self._columna.insertWidget(i, puesto.banner)
            puesto.banner.setVisible(self._desplegada or i < VISIBLES)
        ocultos = max(0, len(puestos) - VISIBLES)
        self._desplegada = self._desplegada and bool(ocultos)
        self._mas.setVisible(bool(ocultos))
        self._mas.setText(
            self.tr("Mostrar menos avisos")
            if self._desplegada
            else self.tr("y 1 aviso más")
            if ocultos == 1
            else self.tr("y {n} avisos más").format(n=ocultos)
        )
        self._area.setVisible(bool(puestos))
        self.setVisible(bool(puestos))
        if any(p.veces > 1 for p in puestos):
            self._tic.start()
        else:
            self._tic.stop()
        self._ajustar_alto()

    def _ajustar_alto(self) -> None:
        """As high as the banners need at this width, then scroll."""
        ancho = max(self.width(), 1)
        for puesto in self._puestos.values():
            puesto.banner.disponer(ancho)
        alto = self._columna.heightForWidth(ancho) if self._columna.hasHeightForWidth() else -1
        alto = max(alto, self._columna.minimumSize().height()) if self._puestos else 0
        self._area.setFixedHeight(min(alto, ALTO_MAX_PX))

    def _plegar_o_desplegar(self) -> None:
        self._desplegada = not self._desplegada
        self._ordenar()

    @Slot()
    def _refrescar_duraciones(self) -> None:
        for puesto in self._puestos.values():
            puesto.banner.contar(puesto.veces, self._ahora_s() - puesto.desde_s)

    def resizeEvent(self, event: object) -> None:  # noqa: N802  Qt's name
        """Words wrap anew at another width."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._ajustar_alto()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        """Icons take the colours of a new theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            for puesto in self._puestos.values():
                puesto.banner.repintar()
