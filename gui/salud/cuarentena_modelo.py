"""The rows that could not be copied, as a Qt table model over the engine's tuple of `Apartada`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada
from gui.tareas.textos import cuando, una_linea
from gui.tema import color
from gui.widgets.etiquetas import sin_formato
from gui.widgets.formato import cuenta, duracion

Indice = QModelIndex | QPersistentModelIndex


class ColCuarentena(IntEnum):
    """The columns, left to right."""

    TITULO = 0
    SENTIDO = 1
    MOTIVO = 2
    DESDE = 3
    INTENTOS = 4
    PROXIMO = 5
    ID = 6


class CuarentenaModel(QAbstractTableModel):
    """`poner` changes only the rows that changed, so that selection and place stay."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._filas: list[Apartada] = []
        self._ahora = datetime.now(UTC)

    def rowCount(self, parent: Indice = QModelIndex()) -> int:  # noqa: N802, B008  Qt's signature
        """Rows set apart."""
        return 0 if parent.isValid() else len(self._filas)

    def columnCount(self, parent: Indice = QModelIndex()) -> int:  # noqa: N802, B008  Qt's signature
        """See `ColCuarentena`."""
        return 0 if parent.isValid() else len(ColCuarentena)

    def data(self, index: Indice, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Plain text; what is cut is told whole on hover."""
        if not index.isValid():
            return None
        apartada, columna = self._filas[index.row()], ColCuarentena(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.texto(apartada, columna)
        if role == Qt.ItemDataRole.ToolTipRole:
            return sin_formato(self.consejo(apartada, columna))
        if role == Qt.ItemDataRole.ForegroundRole:
            destacada = columna in (ColCuarentena.TITULO, ColCuarentena.MOTIVO)
            return color("text" if destacada else "muted")
        if role == Qt.ItemDataRole.TextAlignmentRole and columna is ColCuarentena.INTENTOS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(  # noqa: N802  Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' names."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            self.tr("Título"),
            self.tr("De → a"),
            self.tr("Motivo"),
            self.tr("Desde"),
            self.tr("Intentos"),
            self.tr("Próximo"),
            self.tr("Id"),
        )[section]

    def apartada(self, fila: int) -> Apartada | None:
        """What stands in that row."""
        return self._filas[fila] if 0 <= fila < len(self._filas) else None

    def poner(self, apartadas: Sequence[Apartada]) -> None:
        """Show these: gone rows go, changed ones change in place, new ones come last."""
        nuevas = {_clave(una): una for una in apartadas}
        for fila in reversed(range(len(self._filas))):
            if _clave(self._filas[fila]) not in nuevas:
                self.beginRemoveRows(QModelIndex(), fila, fila)
                del self._filas[fila]
                self.endRemoveRows()
        for fila, vieja in enumerate(self._filas):
            nueva = nuevas.pop(_clave(vieja))
            if nueva != vieja:
                self._filas[fila] = nueva
                self.dataChanged.emit(self.index(fila, 0), self.index(fila, len(ColCuarentena) - 1))
        if nuevas:
            primera = len(self._filas)
            self.beginInsertRows(QModelIndex(), primera, primera + len(nuevas) - 1)
            self._filas.extend(nuevas.values())
            self.endInsertRows()

    def pasa_el_tiempo(self, ahora: datetime) -> None:
        """The next tries come nearer."""
        self._ahora = ahora
        if self._filas:
            self.dataChanged.emit(
                self.index(0, ColCuarentena.DESDE), self.index(len(self._filas) - 1, ColCuarentena.PROXIMO)
            )

    def texto(self, apartada: Apartada, columna: ColCuarentena) -> str:
        """One cell."""
        match columna:
            case ColCuarentena.TITULO:
                return una_linea(apartada.titulo) or self.tr("(sin título)")
            case ColCuarentena.SENTIDO:
                if apartada.en_ambas:
                    return self.tr("sin confirmar")
                return f"{apartada.origen.etiqueta} → {apartada.origen.otro.etiqueta}"
            case ColCuarentena.MOTIVO:
                return una_linea(apartada.motivo)
            case ColCuarentena.DESDE:
                return cuando(_instante(apartada.desde_ms), ahora=self._ahora)
            case ColCuarentena.INTENTOS:
                return cuenta(apartada.intentos)
            case ColCuarentena.PROXIMO:
                return self._proximo(apartada)
            case ColCuarentena.ID:
                return str(apartada.id)

    def consejo(self, apartada: Apartada, columna: ColCuarentena) -> str:
        """The cell, and what its few words stand for."""
        if columna is ColCuarentena.SENTIDO and apartada.en_ambas:
            return self.tr("Está en ambas bases de datos: solo falta poder anotarlo en {almacen}.").format(
                almacen=apartada.origen.etiqueta
            )
        return self.texto(apartada, columna)

    def _proximo(self, apartada: Apartada) -> str:
        falta_s = apartada.proximo_ms / 1000 - self._ahora.timestamp()
        return self.tr("en {t}").format(t=duracion(falta_s)) if falta_s >= 1 else self.tr("enseguida")


def _clave(apartada: Apartada) -> tuple[UUID, NombreAlmacen]:
    return apartada.id, apartada.origen


def _instante(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
