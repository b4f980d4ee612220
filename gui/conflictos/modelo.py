"""The list of conflicts as a table: what was lost, when, whose, and in what it differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from core.domain.models.conflicto import ClaveConflicto, ConflictoVisto
from gui.conflictos.textos import de_quien, difiere_en, momento
from gui.tareas.textos import fecha, una_linea
from gui.widgets.etiquetas import sin_formato

Indice = QModelIndex | QPersistentModelIndex
_RAIZ = QModelIndex()


class ColumnaConflictos(IntEnum):
    """The columns as shown."""

    TITULO = 0
    DIFIERE = 1
    DE_QUIEN = 2
    CUANDO = 3


class ConflictosModel(QAbstractTableModel):
    """Mirrors a list of ConflictoVisto, which grows by pages.

    Attributes:
        nodo_propio: tells the number of this installation.

    Signals:
        falta_pagina: the view wants the next page.
    """

    falta_pagina = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._vistos: list[ConflictoVisto] = []
        self._claves: set[ClaveConflicto] = set()
        self._hay_mas = False
        self._pidiendo = False
        self.nodo_propio: Callable[[], str] = str

    def reemplazar(self, vistos: Sequence[ConflictoVisto], *, hay_mas: bool) -> None:
        """These in the place of all others."""
        self.beginResetModel()
        self._vistos, self._claves = list(vistos), {uno.guardado.clave for uno in vistos}
        self._hay_mas, self._pidiendo = hay_mas, False
        self.endResetModel()

    def anadir(self, vistos: Sequence[ConflictoVisto], *, hay_mas: bool) -> None:
        """The next page; what is here already stays single."""
        nuevos = [uno for uno in vistos if uno.guardado.clave not in self._claves]
        if nuevos:
            primera = len(self._vistos)
            self.beginInsertRows(_RAIZ, primera, primera + len(nuevos) - 1)
            self._vistos += nuevos
            self._claves.update(uno.guardado.clave for uno in nuevos)
            self.endInsertRows()
        self._hay_mas, self._pidiendo = hay_mas, False

    def quitar(self, clave: ClaveConflicto) -> None:
        """It is none of these any more (no harm if it was not)."""
        fila = self.fila_de(clave)
        if fila is None:
            return
        self.beginRemoveRows(_RAIZ, fila, fila)
        del self._vistos[fila]
        self._claves.discard(clave)
        self.endRemoveRows()

    def visto(self, fila: int) -> ConflictoVisto | None:
        """The conflict of that row."""
        return self._vistos[fila] if 0 <= fila < len(self._vistos) else None

    def fila_de(self, clave: ClaveConflicto) -> int | None:
        """The row of that conflict."""
        filas = (fila for fila, uno in enumerate(self._vistos) if uno.guardado.clave == clave)
        return next(filas, None)

    def rowCount(self, parent: Indice = _RAIZ) -> int:  # noqa: N802  Qt's name
        return 0 if parent.isValid() else len(self._vistos)

    def columnCount(self, parent: Indice = _RAIZ) -> int:  # noqa: N802  Qt's name
        return 0 if parent.isValid() else len(ColumnaConflictos)

    def canFetchMore(self, parent: Indice) -> bool:  # noqa: N802  Qt's name
        return not parent.isValid() and self._hay_mas and not self._pidiendo

    def fetchMore(self, parent: Indice) -> None:  # noqa: N802  Qt's name
        if self.canFetchMore(parent):
            self._pidiendo = True
            self.falta_pagina.emit()

    def data(self, index: Indice, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        visto = self.visto(index.row()) if index.isValid() else None
        if visto is None:
            return None
        columna = ColumnaConflictos(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return _texto(visto, columna, self.nodo_propio())
        if role == Qt.ItemDataRole.ToolTipRole and columna is ColumnaConflictos.TITULO:
            return sin_formato(visto.perdedora.titulo)
        return None

    def headerData(  # noqa: N802  Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or orientation is Qt.Orientation.Vertical:
            return None
        return {
            ColumnaConflictos.TITULO: self.tr("Valor que perdió"),
            ColumnaConflictos.DIFIERE: self.tr("Difiere en"),
            ColumnaConflictos.DE_QUIEN: self.tr("De quién"),
            ColumnaConflictos.CUANDO: self.tr("Perdió"),
        }[ColumnaConflictos(section)]


def _texto(visto: ConflictoVisto, columna: ColumnaConflictos, propio: str) -> str:
    if columna is ColumnaConflictos.TITULO:
        return una_linea(visto.perdedora.titulo)
    if columna is ColumnaConflictos.DIFIERE:
        return difiere_en(visto)
    if columna is ColumnaConflictos.DE_QUIEN:
        return de_quien(visto.perdedora, propio)
    return fecha(momento(visto.guardado.conflicto.cuando_ms))
