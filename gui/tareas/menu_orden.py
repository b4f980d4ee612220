"""By which column the list is ordered, as a menu: for the keyboard, and for a column that has no room."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from gui.tareas.celdas import Col

PRIMERO = {
    Col.TITULO: Qt.SortOrder.AscendingOrder,
    Col.ESTADO: Qt.SortOrder.AscendingOrder,
    Col.ACTUALIZADA: Qt.SortOrder.DescendingOrder,
    Col.ALMACENES: Qt.SortOrder.DescendingOrder,
}
"""What one most likely wants of each column; chosen again, it turns around."""


class MenuOrden(QMenu):
    """Offers each column; the one in use has its mark.

    Signals:
        elegido: (Col, Qt.SortOrder).
    """

    elegido = Signal(object, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(QCoreApplication.translate("MenuOrden", "Ordenar por   Ctrl+Mayús+O"), parent)
        self._grupo = QActionGroup(self)
        self._acciones = {columna: self._accion(columna) for columna in Col}
        self.poner(Col.ACTUALIZADA, PRIMERO[Col.ACTUALIZADA])

    def _accion(self, columna: Col) -> QAction:
        accion = self.addAction("")
        accion.setCheckable(True)
        self._grupo.addAction(accion)
        accion.triggered.connect(partial(self._elegir, columna))
        return accion

    def accion(self, columna: Col) -> QAction:
        """The entry of that column."""
        return self._acciones[columna]

    @Slot(int, Qt.SortOrder)
    def poner(self, columna: int, orden: Qt.SortOrder) -> None:
        """The list is ordered so now."""
        self._en_uso = (Col(columna), orden)
        for cual, accion in self._acciones.items():
            accion.setText(_en_palabras(cual, orden if cual == columna else PRIMERO[cual]))
            accion.setChecked(cual == columna)

    def _elegir(self, columna: Col) -> None:
        en_uso, orden = self._en_uso
        self.elegido.emit(columna, _al_reves(orden) if columna is en_uso else PRIMERO[columna])


def _al_reves(orden: Qt.SortOrder) -> Qt.SortOrder:
    ascendente = Qt.SortOrder.AscendingOrder
    return Qt.SortOrder.DescendingOrder if orden is ascendente else ascendente


def _en_palabras(columna: Col, orden: Qt.SortOrder) -> str:
    tr = partial(QCoreApplication.translate, "MenuOrden")
    sube = orden is Qt.SortOrder.AscendingOrder
    return {
        Col.TITULO: tr("Título, de la A a la Z") if sube else tr("Título, de la Z a la A"),
        Col.ESTADO: tr("Estado") if sube else tr("Estado, al revés"),
        Col.ACTUALIZADA: tr("Actualizada, la más antigua primero")
        if sube
        else tr("Actualizada, la más reciente primero"),
        Col.ALMACENES: tr("Almacenes, por copiar al final") if sube else tr("Almacenes, por copiar primero"),
    }[columna]
