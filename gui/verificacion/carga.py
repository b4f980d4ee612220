"""Reads, on a worker and part by part, what the table shows of each difference beside its name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gui.bridge import Puente
from gui.tareas.textos import explicar
from gui.verificacion.casos import CasosDeVerificacion
from gui.verificacion.modelo import Datos, DiferenciasModel
from gui.widgets.etiquetas import etiqueta
from gui.widgets.formato import cuenta

PARTE = 500
"""Rows asked for at once."""


class CargadorDatos(QObject):
    """Fills the model; what was asked for an earlier list is dropped.

    Signals:
        quedaron: (int, str) so many rows could not be read, and why; 0 when reading goes on.
    """

    quedaron = Signal(int, str)

    def __init__(self, puente: Puente, modelo: DiferenciasModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._puente = puente
        self._modelo = modelo
        self._casos: CasosDeVerificacion | None = None
        self._vuelta = 0
        self._faltan: Sequence[str] = ()

    def conectar(self, casos: CasosDeVerificacion) -> None:
        """The use cases are there."""
        self._casos = casos

    def cargar(self) -> None:
        """Of all differences that there are, the first ones first."""
        self._faltan = [una.id for una in self._modelo.todas]
        self.seguir()

    @Slot()
    def seguir(self) -> None:
        """Read what could not be read, once more."""
        self._vuelta += 1
        self._modelo.esperar(True)
        self.quedaron.emit(0, "")
        self._pedir(self._vuelta)

    def _pedir(self, vuelta: int) -> None:
        if self._casos is None or not self._faltan:
            return
        self._puente.lanzar(
            partial(_leer, self._casos, self._faltan[:PARTE]),
            exito=partial(self._al_llegar, vuelta),
            error=partial(self._al_fallar, vuelta),
        )

    def _al_llegar(self, vuelta: int, datos: dict[str, Datos]) -> None:
        if vuelta != self._vuelta:
            return
        self._modelo.poner_datos(datos)
        self._faltan = self._faltan[PARTE:]
        self._pedir(vuelta)

    def _al_fallar(self, vuelta: int, error: BaseException) -> None:
        if vuelta == self._vuelta:
            self._modelo.esperar(False)
            self.quedaron.emit(len(self._faltan), explicar(error))


class FaltanDatos(QWidget):
    """Says what could not be read of the list, and offers to try again; not there while all is well."""

    def __init__(self, cargador: CargadorDatos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texto = etiqueta(tono="warn")
        self._texto.setWordWrap(True)
        self.boton = QPushButton(self.tr("Intentar de nuevo"))
        fila = QHBoxLayout(self)
        fila.setContentsMargins(0, 0, 0, 0)
        fila.setSpacing(8)
        fila.addWidget(self._texto, 1)
        fila.addWidget(self.boton)
        self.boton.clicked.connect(cargador.seguir)
        cargador.quedaron.connect(self._contar)
        self.hide()

    @property
    def texto(self) -> str:
        """What it says."""
        return self._texto.text()

    @Slot(int, str)
    def _contar(self, cuantas: int, motivo: str) -> None:
        self.setVisible(cuantas > 0)
        texto = self.tr("No se pudo leer el título ni la fecha de {n} de estas tareas. {motivo}")
        self._texto.setText(texto.format(n=cuenta(cuantas), motivo=motivo) if cuantas else "")


def _leer(casos: CasosDeVerificacion, ids: Sequence[str]) -> dict[str, Datos]:
    return {id: Datos.de(pareja) for id, pareja in casos.parejas(ids).items()}
