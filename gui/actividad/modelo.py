"""The lines of the log as a Qt table model; a mirror of a bounded list and a filter."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.actividad.manejador import LINEAS_MAX, Linea
from gui.tema import color
from gui.tema.fuentes import legible
from gui.widgets.formato import hora

Indice = QModelIndex | QPersistentModelIndex
TOPE_TEXTO = 400
"""Characters of a line in the table; the panel below shows it whole."""


class ColumnaActividad(IntEnum):
    """The columns, left to right."""

    HORA = 0
    NIVEL = 1
    MENSAJE = 2


class ModeloActividad(QAbstractTableModel):
    """At most `LINEAS_MAX` lines, oldest first, of which the filter lets some through."""

    def __init__(self, parent: QObject | None = None, *, maximo: int = LINEAS_MAX) -> None:
        super().__init__(parent)
        self._maximo = maximo
        self._todas: deque[Linea] = deque()
        self._visibles: list[Linea] = []
        self._nivel_minimo = logging.NOTSET
        self._buscado = ""

    def rowCount(self, parent: Indice = QModelIndex()) -> int:  # noqa: N802, B008  Qt's signature
        """Lines that the filter lets through."""
        return 0 if parent.isValid() else len(self._visibles)

    def columnCount(self, parent: Indice = QModelIndex()) -> int:  # noqa: N802, B008  Qt's signature
        """Hour, level, message."""
        return 0 if parent.isValid() else len(ColumnaActividad)

    def data(self, index: Indice, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text and colour; the level is always told by its word too."""
        if not index.isValid():
            return None
        linea, columna = self._visibles[index.row()], ColumnaActividad(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texto(linea, columna)
        if role == Qt.ItemDataRole.ForegroundRole:
            return color(_rol(linea.nivel) if columna is ColumnaActividad.NIVEL else _rol_texto(columna))
        return None

    def headerData(  # noqa: N802  Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' names."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (self.tr("Hora"), self.tr("Nivel"), self.tr("Mensaje"))[section]

    def linea(self, fila: int) -> Linea:
        """The line of that row."""
        return self._visibles[fila]

    def anadir(self, lineas: Sequence[Linea]) -> None:
        """Append; the oldest go when there are too many."""
        lineas = lineas[-self._maximo :]
        if not lineas:
            return
        self._olvidar(len(self._todas) + len(lineas) - self._maximo)
        self._todas.extend(lineas)
        nuevas = [linea for linea in lineas if self._pasa(linea)]
        if nuevas:
            primera = len(self._visibles)
            self.beginInsertRows(QModelIndex(), primera, primera + len(nuevas) - 1)
            self._visibles.extend(nuevas)
            self.endInsertRows()

    def filtrar(self, *, nivel_minimo: int, texto: str) -> None:
        """Show only lines at least as grave that contain the text, ignoring case."""
        self.beginResetModel()
        self._nivel_minimo, self._buscado = nivel_minimo, texto.casefold()
        self._visibles = [linea for linea in self._todas if self._pasa(linea)]
        self.endResetModel()

    def limpiar(self) -> None:
        """Forget every line."""
        self.beginResetModel()
        self._todas.clear()
        self._visibles.clear()
        self.endResetModel()

    def _olvidar(self, cuantas: int) -> None:
        if cuantas <= 0:
            return
        viejas = [self._todas.popleft() for _ in range(min(cuantas, len(self._todas)))]
        fuera = sum(self._pasa(linea) for linea in viejas)
        if fuera:
            self.beginRemoveRows(QModelIndex(), 0, fuera - 1)
            del self._visibles[:fuera]
            self.endRemoveRows()

    def _pasa(self, linea: Linea) -> bool:
        return linea.nivel >= self._nivel_minimo and self._buscado in linea.texto.casefold()

    def _texto(self, linea: Linea, columna: ColumnaActividad) -> str:
        if columna is ColumnaActividad.HORA:
            return f"{hora(linea.cuando)},{linea.cuando.microsecond // 1000:03d}"
        if columna is ColumnaActividad.NIVEL:
            return self.palabra_de(linea.nivel)
        return legible(linea.texto[:TOPE_TEXTO].replace("\n", " ⏎ "))

    def palabra_de(self, nivel: int) -> str:
        """The level as an operator reads it."""
        if nivel >= logging.ERROR:
            return self.tr("ERROR")
        if nivel >= logging.WARNING:
            return self.tr("AVISO")
        return self.tr("INFO") if nivel >= logging.INFO else self.tr("DETALLE")


def _rol(nivel: int) -> str:
    if nivel >= logging.ERROR:
        return "error"
    return "warn" if nivel >= logging.WARNING else "muted"


def _rol_texto(columna: ColumnaActividad) -> str:
    return "text" if columna is ColumnaActividad.MENSAJE else "muted"
