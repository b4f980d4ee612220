"""Reads both values of the difference that is chosen; an answer about another one is dropped."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from core.diferencias import Diferencia
from core.domain.models.reparacion import DetalleDiferencia
from gui.bridge import Puente
from gui.tareas.textos import explicar
from gui.verificacion.casos import CasosDeVerificacion
from gui.verificacion.detalle import DetalleDiferencias


class Detallador(QObject):
    """Keeps the panel in step with the table."""

    def __init__(self, puente: Puente, panel: DetalleDiferencias, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._puente = puente
        self._panel = panel
        self._casos: CasosDeVerificacion | None = None
        self._vuelta = 0
        self._una: Diferencia | None = None
        panel.otra_vez_pedida.connect(self._otra_vez)

    def conectar(self, casos: CasosDeVerificacion) -> None:
        """The use cases are there."""
        self._casos = casos

    def mostrar(self, una: Diferencia | None) -> None:
        """That one; None: nothing is chosen."""
        self._vuelta += 1
        self._una = una
        if una is None or self._casos is None:
            self._panel.vaciar(self.tr("Elija una diferencia para ver sus dos valores."))
            return
        self._puente.lanzar(
            partial(self._casos.detalle_de, una),
            exito=partial(self._al_llegar, self._vuelta, una),
            error=partial(self._al_fallar, self._vuelta),
        )

    def _al_llegar(self, vuelta: int, una: Diferencia, detalle: DetalleDiferencia) -> None:
        if vuelta == self._vuelta:
            self._panel.abrir(una, detalle)

    def _al_fallar(self, vuelta: int, error: BaseException) -> None:
        if vuelta == self._vuelta:
            self._panel.vaciar(explicar(error), otra_vez=True)

    @Slot()
    def _otra_vez(self) -> None:
        self.mostrar(self._una)
