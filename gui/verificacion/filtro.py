"""Which kinds of difference are shown, each with its count."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.diferencias import TipoDiferencia
from gui.verificacion.palabras import nombre_de_tipo
from gui.widgets.desplegable import Desplegable
from gui.widgets.etiquetas import etiqueta
from gui.widgets.formato import cuenta


class FiltroTipos(QWidget):
    """One choice.

    Signals:
        elegido: (TipoDiferencia or None) show that kind alone; None: all.
    """

    elegido = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lista = Desplegable()
        self.lista.setAccessibleName(self.tr("Qué diferencias se ven"))
        self.setFocusProxy(self.lista)
        fila = QHBoxLayout(self)
        fila.setContentsMargins(0, 0, 0, 0)
        fila.setSpacing(8)
        fila.addWidget(etiqueta(self.tr("Ver")))
        fila.addWidget(self.lista)
        fila.addStretch(1)
        self.lista.currentIndexChanged.connect(self._al_elegir)

    @property
    def tipo(self) -> TipoDiferencia | None:
        """What is chosen."""
        elegido = self.lista.currentData()
        return TipoDiferencia(elegido) if elegido else None

    def contar(self, cuentas: Mapping[TipoDiferencia, int]) -> None:
        """Offer the kinds that there are, and the one that is chosen; tells nobody."""
        antes = self.tipo
        self.lista.blockSignals(True)
        self.lista.clear()
        todas = self.tr("Todas las diferencias ({n})").format(n=cuenta(sum(cuentas.values())))
        self.lista.addItem(todas, "")
        for tipo in TipoDiferencia:
            if cuentas.get(tipo) or tipo is antes:
                texto = f"{nombre_de_tipo(tipo)} ({cuenta(cuentas.get(tipo, 0))})"
                self.lista.addItem(texto, tipo.value)
        self.lista.setCurrentIndex(max(0, self.lista.findData(antes.value if antes else "")))
        self.lista.blockSignals(False)

    @Slot()
    def _al_elegir(self) -> None:
        self.elegido.emit(self.tipo)
