"""Pings that the operator asks for: sent on a worker, answered by an event like any other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Slot

from core.domain.models.almacen import NombreAlmacen
from gui.avisos.aviso import Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente


class FuentePings(Protocol):
    """What can ping."""

    @property
    def almacenes(self) -> Sequence[NombreAlmacen]:
        """The stores that there are."""
        ...

    def ping_ahora(self, nombre: NombreAlmacen) -> None:
        """Ping that store now; the answer comes as an event."""
        ...


class Pings(QObject):
    """Does nothing before `conectar`."""

    def __init__(self, puente: Puente, avisos: BandejaAvisos, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._puente = puente
        self._avisos = avisos
        self._fuente: FuentePings | None = None

    def conectar(self, fuente: FuentePings) -> None:
        """The container is ready."""
        self._fuente = fuente

    @Slot(object)
    def pedir(self, nombre: NombreAlmacen) -> None:
        """Ping that store."""
        if self._fuente is not None:
            self._puente.lanzar(partial(self._fuente.ping_ahora, nombre), exito=_nada, error=self._no_se_pudo)

    def reintentar(self, nombre: NombreAlmacen | None) -> None:
        """Ping that store, or all."""
        for uno in self._fuente.almacenes if self._fuente is not None else ():
            if nombre in (None, uno):
                self.pedir(uno)

    def _no_se_pudo(self, error: BaseException) -> None:
        self._avisos.mostrar(
            Aviso(
                clave="ping",
                nivel=Nivel.ERROR,
                titulo=self.tr("No se pudo preguntar a la base de datos"),
                detalle=str(error),
                caduca_s=15,
            )
        )


def _nada(_: None) -> None:
    """The answer to a ping comes as an event."""
