"""The differences as a Qt table model: mirrors the list of a report, of which a filter lets some through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.diferencias import Diferencia, Pareja, TipoDiferencia
from core.domain.models.almacen import NombreAlmacen
from core.reparacion import mas_reciente
from gui.tareas.textos import una_linea
from gui.verificacion.palabras import nombre_de_tipo, nombres_de_campos
from gui.widgets.etiquetas import sin_formato
from gui.widgets.formato import SIN_DATO, duracion

Indice = QModelIndex | QPersistentModelIndex
_RAIZ = QModelIndex()


class ColumnaDiferencias(IntEnum):
    """The columns as shown."""

    TIPO = 0
    TITULO = 1
    CAMPOS = 2
    RECIENTE = 3
    EDAD = 4
    ID = 5


@dataclass(frozen=True, slots=True)
class Datos:
    """What a difference does not say of itself.

    Attributes:
        reciente: the store with the newer value; None when nothing tells.
        escrita_ms: when the newer value was written, ms since the epoch; None when nothing is there.
    """

    titulo: str
    reciente: NombreAlmacen | None
    escrita_ms: int | None

    @classmethod
    def de(cls, pareja: Pareja) -> Datos:
        """Of what both stores hold."""
        filas = [fila for fila in (pareja.sql, pareja.mongo) if fila is not None]
        reciente = mas_reciente(pareja)
        preferida = pareja.mongo if reciente is NombreAlmacen.MONGO else pareja.sql
        fila = preferida or next(iter(filas), None)
        titulo = str(fila.contenido[0]) if fila is not None and fila.contenido else ""
        legibles = [fila for fila in filas if fila.contenido]
        return cls(titulo, reciente, max((fila.escrita_ms for fila in legibles), default=None))


class DiferenciasModel(QAbstractTableModel):
    """At most as many as a report names one by one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._todas: list[Diferencia] = []
        self._visibles: list[Diferencia] = []
        self._datos: dict[str, Datos] = {}
        self._tipo: TipoDiferencia | None = None
        self._esperando = True

    @property
    def todas(self) -> Sequence[Diferencia]:
        """Also those that the filter hides."""
        return self._todas

    @property
    def visibles(self) -> Sequence[Diferencia]:
        """Those that the filter lets through, as shown."""
        return self._visibles

    @property
    def cuentas(self) -> Counter[TipoDiferencia]:
        """By kind, hidden ones included."""
        return Counter(una.tipo for una in self._todas)

    def reemplazar(self, diferencias: Iterable[Diferencia]) -> None:
        """These in the place of all others."""
        self.beginResetModel()
        self._todas, self._datos = list(diferencias), {}
        self._cribar()
        self.endResetModel()

    def quitar(self, ids: Iterable[str]) -> None:
        """These are settled."""
        fuera = set(ids)
        self.beginResetModel()
        self._todas = [una for una in self._todas if una.id not in fuera]
        self._cribar()
        self.endResetModel()

    def filtrar(self, tipo: TipoDiferencia | None) -> None:
        """Show that kind alone; None: all."""
        if tipo is self._tipo:
            return
        self.beginResetModel()
        self._tipo = tipo
        self._cribar()
        self.endResetModel()

    def poner_datos(self, datos: Mapping[str, Datos]) -> None:
        """More is known of these."""
        self._datos.update(datos)
        if self._visibles:
            ultima = self.index(len(self._visibles) - 1, len(ColumnaDiferencias) - 1)
            self.dataChanged.emit(self.index(0, 0), ultima)

    def esperar(self, si: bool) -> None:
        """What is not known yet of some is on its way, or is not."""
        self._esperando = si
        self.poner_datos({})

    def diferencia(self, fila: int) -> Diferencia | None:
        """That of the row."""
        return self._visibles[fila] if 0 <= fila < len(self._visibles) else None

    def rowCount(self, parent: Indice = _RAIZ) -> int:  # noqa: N802  Qt's name
        return 0 if parent.isValid() else len(self._visibles)

    def columnCount(self, parent: Indice = _RAIZ) -> int:  # noqa: N802  Qt's name
        return 0 if parent.isValid() else len(ColumnaDiferencias)

    def data(self, index: Indice, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        una = self.diferencia(index.row()) if index.isValid() else None
        if una is None:
            return None
        columna = ColumnaDiferencias(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texto(una, columna)
        if role == Qt.ItemDataRole.ToolTipRole and columna is not ColumnaDiferencias.EDAD:
            return sin_formato(self._texto(una, columna))
        return None

    def headerData(  # noqa: N802  Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or orientation is Qt.Orientation.Vertical:
            return None
        return {
            ColumnaDiferencias.TIPO: self.tr("Diferencia"),
            ColumnaDiferencias.TITULO: self.tr("Título"),
            ColumnaDiferencias.CAMPOS: self.tr("Campos"),
            ColumnaDiferencias.RECIENTE: self.tr("Más reciente"),
            ColumnaDiferencias.EDAD: self.tr("Escrita hace"),
            ColumnaDiferencias.ID: self.tr("Id"),
        }[ColumnaDiferencias(section)]

    def _cribar(self) -> None:
        tipo = self._tipo
        self._visibles = [una for una in self._todas if tipo is None or una.tipo is tipo]

    def _texto(self, una: Diferencia, columna: ColumnaDiferencias) -> str:
        if columna is ColumnaDiferencias.TIPO:
            return nombre_de_tipo(una.tipo)
        if columna is ColumnaDiferencias.CAMPOS:
            return nombres_de_campos(una.campos)
        if columna is ColumnaDiferencias.ID:
            return una_linea(una.id)
        datos = self._datos.get(una.id)
        if datos is None:
            return "…" if self._esperando else self.tr("Sin leer")
        if columna is ColumnaDiferencias.TITULO:
            return una_linea(datos.titulo) or SIN_DATO
        if columna is ColumnaDiferencias.RECIENTE:
            return datos.reciente.etiqueta if datos.reciente is not None else self.tr("No se sabe")
        return _hace(datos.escrita_ms) if datos.escrita_ms else SIN_DATO


def _hace(ms: int) -> str:
    return duracion(datetime.now(UTC).timestamp() - ms / 1000)
