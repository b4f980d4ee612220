"""Reads, on a worker and part by part, what the table shows of each difference beside its name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject

from gui.bridge import Puente
from gui.verificacion.casos import CasosDeVerificacion
from gui.verificacion.modelo import Datos, DiferenciasModel

PARTE = 500
"""Rows asked for at once."""


class CargadorDatos(QObject):
    """Fills the model; what was asked for an earlier list is dropped."""

    def __init__(self, puente: Puente, modelo: DiferenciasModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._puente = puente
        self._modelo = modelo
        self._casos: CasosDeVerificacion | None = None
        self._vuelta = 0

    def conectar(self, casos: CasosDeVerificacion) -> None:
        """The use cases are there."""
        self._casos = casos

    def cargar(self) -> None:
        """Of all differences that there are, the first ones first."""
        self._vuelta += 1
        self._pedir(self._vuelta, [una.id for una in self._modelo.todas])

    def _pedir(self, vuelta: int, ids: Sequence[str]) -> None:
        if self._casos is None or not ids:
            return
        self._puente.lanzar(
            partial(_leer, self._casos, ids[:PARTE]),
            exito=partial(self._al_llegar, vuelta, ids[PARTE:]),
            error=self._al_fallar,
        )

    def _al_llegar(self, vuelta: int, faltan: Sequence[str], datos: dict[str, Datos]) -> None:
        if vuelta != self._vuelta:
            return
        self._modelo.poner_datos(datos)
        self._pedir(vuelta, faltan)

    def _al_fallar(self, _error: BaseException) -> None:
        """The rest stays untold: what a difference says of itself is there, and the stores' state is told
        elsewhere."""


def _leer(casos: CasosDeVerificacion, ids: Sequence[str]) -> dict[str, Datos]:
    return {id: Datos.de(pareja) for id, pareja in casos.parejas(ids).items()}
