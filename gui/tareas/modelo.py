"""The list of tareas as Qt sees it: an adapter over rows in the order that a store gave them.

It asks nobody for anything: `falta_pagina` says that the view wants more, and whoever loads appends.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from core.domain.models.almacen import NombreAlmacen, ResultadoEscritura
from core.domain.models.consulta import Columna, Consulta, Pagina
from core.domain.models.tarea import Tarea
from gui.tareas.celdas import Col, cabecera, consejo, texto
from gui.tareas.confirmaciones import Confirmaciones
from gui.tareas.filas import FilasOrdenadas
from gui.tareas.orden import se_ve
from gui.tareas.presencia import Presencia, presencias
from gui.widgets.etiquetas import sin_formato

Indice = QModelIndex | QPersistentModelIndex


class Rol(IntEnum):
    """What delegates ask for besides the text."""

    TAREA = Qt.ItemDataRole.UserRole + 1
    PRESENCIAS = Qt.ItemDataRole.UserRole + 2
    EN_VUELO = Qt.ItemDataRole.UserRole + 3


_ROLES = frozenset(
    (
        int(Qt.ItemDataRole.DisplayRole),
        int(Qt.ItemDataRole.AccessibleTextRole),
        int(Qt.ItemDataRole.ToolTipRole),
        *map(int, Rol),
    )
)
"""The roles that have an answer here."""

ORDEN = {
    Col.TITULO: Columna.TITULO,
    Col.ESTADO: Columna.ESTADO,
    Col.ACTUALIZADA: Columna.ACTUALIZADA_EN,
    Col.ALMACENES: Columna.PENDIENTE,
}
"""By which column of the store each shown column is ordered."""


class TareasModel(QAbstractTableModel):
    """Rows of tareas in pages.

    Signals:
        falta_pagina: the view is near the end of what is loaded.
        orden_pedido: (Columna, bool) order by that, largest first or not.
    """

    falta_pagina = Signal()
    orden_pedido = Signal(object, bool)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._filas = FilasOrdenadas()
        self._consulta = Consulta()
        self._hay_mas = False
        self._pidiendo = False
        self._leida_de = NombreAlmacen.SQL
        self._resultados: dict[UUID, ResultadoEscritura] = {}
        self._en_vuelo: dict[UUID, str] = {}
        self._quitadas: set[UUID] = set()
        self._confirmaciones = Confirmaciones()
        self._leidas_aparte: dict[UUID, NombreAlmacen] = {}
        self.almacenes: tuple[NombreAlmacen, ...] = tuple(NombreAlmacen)
        self._por_rellenar: frozenset[NombreAlmacen] = frozenset()

    def poner_por_rellenar(self, nombres: frozenset[NombreAlmacen]) -> None:
        """Those stores lack what the marks of the rows say that they have."""
        if nombres != self._por_rellenar:
            self._por_rellenar = nombres
            self._repintar_todo()

    # What loads it

    def reemplazar(self, consulta: Consulta, pagina: Pagina) -> None:
        """The answer to a new question, or a refreshed one: these rows in the place of all others."""
        self.beginResetModel()
        self._consulta = consulta
        self._quitadas.clear()
        self._leidas_aparte.clear()
        self._filas = FilasOrdenadas(
            map(self._confirmaciones.aplicar, pagina), consulta.columna, descendente=consulta.descendente
        )
        self._resultados = {id: r for id, r in self._resultados.items() if id in self._filas.por_id}
        self._anotar(pagina)
        self.endResetModel()

    def anadir(self, pagina: Pagina) -> None:
        """The next page, as the store held it when it was asked.

        A row that moved down since the page before is here already and stays single; one that was taken out
        while the page was on its way does not come back.
        """
        nuevas = [t for t in pagina if t.id not in self._quitadas and self._filas.falta(t)]
        if nuevas:
            primera = len(self._filas)
            self.beginInsertRows(QModelIndex(), primera, primera + len(nuevas) - 1)
            self._filas.agregar(map(self._confirmaciones.aplicar, nuevas))
            self.endInsertRows()
        self._anotar(pagina)
        for tarea in self._filas.alcanzadas():
            self._insertar(self._confirmaciones.aplicar(tarea))

    def pagina_no_pedida(self) -> None:
        """The page was not asked for; the next scroll may try again."""
        self._pidiendo = False

    def _anotar(self, pagina: Pagina) -> None:
        self._hay_mas = pagina.siguiente is not None
        self._filas.llegan_hasta(pagina)
        self._pidiendo = False
        self._leida_de = pagina.almacen

    # What an operator did

    def poner(self, tarea: Tarea, *, leida_de: NombreAlmacen | None = None) -> None:
        """A row as it is now: changed and moved in place, added, or taken out.

        It is taken out if the filter hides it, or if its place is below what is loaded (see `mas_abajo`).

        Args:
            leida_de: the store that holds it so, where that is not the one that the list was read from.
        """
        viejo = self.fila_de(tarea.id)
        tarea = self._confirmaciones.aplicar(tarea)
        self._quitadas.discard(tarea.id)
        self._filas.olvidar(tarea.id)
        self._leidas_aparte.pop(tarea.id, None)
        if leida_de is not None:
            self._leidas_aparte[tarea.id] = leida_de
        if not se_ve(tarea, self._consulta.filtro):
            self.quitar(tarea.id)
        elif self._filas.mas_abajo(tarea):
            self._sacar(viejo)
            self._filas.apartar(tarea)
        elif viejo is None:
            self._insertar(tarea)
        else:
            self._mover(viejo, tarea)

    def quitar(self, id: UUID) -> None:
        """Take the row out; nothing if it is not here."""
        self._quitadas.add(id)
        self._filas.olvidar(id)
        self._sacar(self.fila_de(id))

    def _sacar(self, fila: int | None) -> None:
        if fila is None:
            return
        self.beginRemoveRows(QModelIndex(), fila, fila)
        self._filas.quitar(fila)
        self.endRemoveRows()

    def _insertar(self, tarea: Tarea) -> None:
        fila = self._filas.lugar(tarea)
        self.beginInsertRows(QModelIndex(), fila, fila)
        self._filas.insertar(fila, tarea)
        self.endInsertRows()

    def _mover(self, viejo: int, tarea: Tarea) -> None:
        orden = self._filas.orden
        nuevo = self._filas.lugar(tarea)
        if nuevo > viejo:
            nuevo -= 1  # its old self was counted
        self._filas.cambiar(tarea)
        if nuevo != viejo:
            # Qt counts the destination before the row is taken out.
            destino = nuevo + 1 if nuevo > viejo else nuevo
            self.beginMoveRows(QModelIndex(), viejo, viejo, QModelIndex(), destino)
            orden.insert(nuevo, orden.pop(viejo))
            self.endMoveRows()
        self._repintar(nuevo, nuevo)

    def en_vuelo(self, id: UUID, que: str) -> None:
        """Say in the row what is being done to it; "" when it is over."""
        if que:
            self._en_vuelo[id] = que
        else:
            self._en_vuelo.pop(id, None)
        self._repintar_todo()

    def anotar_resultado(self, resultado: ResultadoEscritura) -> None:
        """What each store said of a write; kept for rows that this window wrote."""
        if resultado.tarea is not None and not resultado.en_ninguno:
            self._resultados[resultado.tarea.id] = resultado
            self._repintar_todo()

    def confirmar(self, pares: Iterable[tuple[str, int]]) -> None:
        """Both stores have these versions: the rows that still have them wait for nothing."""
        pares = tuple(pares)
        self._confirmaciones.anotar(pares)
        tocada = False
        for id_texto, _version in pares:
            tarea = self.con_id(UUID(id_texto))
            if tarea is not None and tarea.pendiente:
                self._filas.cambiar(self._confirmaciones.aplicar(tarea))
                tocada = True
        if tocada:
            self._repintar_todo()

    def _repintar(self, primera: int, ultima: int) -> None:
        self.dataChanged.emit(self.index(primera, 0), self.index(ultima, len(Col) - 1))

    def _repintar_todo(self) -> None:
        """Cheap: the view paints only what is in sight, and finding one row among a million is not."""
        if len(self._filas):
            self._repintar(0, len(self._filas) - 1)

    # What a view asks

    def rowCount(self, parent: Indice = QModelIndex()) -> int:  # noqa: B008, N802  Qt's signature
        return 0 if parent.isValid() else len(self._filas)

    def columnCount(self, parent: Indice = QModelIndex()) -> int:  # noqa: B008, N802  Qt's signature
        return 0 if parent.isValid() else len(Col)

    def canFetchMore(self, parent: Indice) -> bool:  # noqa: N802  Qt's name
        return not parent.isValid() and self._hay_mas and not self._pidiendo

    def fetchMore(self, parent: Indice) -> None:  # noqa: N802  Qt's name
        if self.canFetchMore(parent):
            self._pidiendo = True
            self.falta_pagina.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask for another order: the store sorts, not the window."""
        if 0 <= column < len(Col):
            self.orden_pedido.emit(ORDEN[Col(column)], order is Qt.SortOrder.DescendingOrder)

    def headerData(  # noqa: N802  Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Col):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return cabecera(Col(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Indice, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in _ROLES:  # most of what a view asks for each cell it paints
            return None
        tarea = self.tarea(index.row()) if index.isValid() else None
        if tarea is None:
            return None
        columna = Col(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return texto(tarea, columna, self.presencias(tarea), self._en_vuelo.get(tarea.id, ""))
        if role == Qt.ItemDataRole.ToolTipRole:
            return sin_formato(consejo(tarea, columna, self.presencias(tarea)))
        if role == Rol.TAREA:
            return tarea
        if role == Rol.PRESENCIAS:
            return self.presencias(tarea)
        if role == Rol.EN_VUELO:
            return self._en_vuelo.get(tarea.id, "")
        return None

    def presencias(self, tarea: Tarea) -> tuple[Presencia, ...]:
        """Where that tarea is."""
        return presencias(
            tarea,
            leida_de=self._leidas_aparte.get(tarea.id, self._leida_de),
            almacenes=self.almacenes,
            resultado=self._resultados.get(tarea.id),
            por_rellenar=self._por_rellenar,
        )

    def tarea(self, fila: int) -> Tarea | None:
        """The tarea of that row, None outside of the list."""
        return self._filas[fila] if 0 <= fila < len(self._filas) else None

    @property
    def hay_pendientes(self) -> bool:
        """Whether some row says that it waits for the other store."""
        return bool(self._filas.pendientes)

    def con_id(self, id: UUID) -> Tarea | None:
        """The tarea of that id if it is loaded."""
        return self._filas.por_id.get(id)

    def mas_abajo(self, id: UUID) -> bool:
        """Whether that tarea passes the filter and its place is further down than what is loaded."""
        return self._filas.aparte(id)

    def fila_de(self, id: UUID) -> int | None:
        """The row of that id if it is loaded."""
        return self._filas.fila_de(id)
