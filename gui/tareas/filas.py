"""The rows of the list: their order by id, and each by id: a change costs no search. No Qt in here."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from core.domain.models.consulta import Columna
from core.domain.models.tarea import Tarea
from gui.tareas.orden import lugar


class FilasOrdenadas:
    """Rows in the order of `columna`, as a store gave them.

    Attributes:
        orden: the ids from the first row to the last.
        por_id: the rows.
        pendientes: the ids of those that wait for the other store.
    """

    def __init__(
        self,
        tareas: Iterable[Tarea] = (),
        columna: Columna = Columna.ACTUALIZADA_EN,
        *,
        descendente: bool = True,
    ) -> None:
        self.por_id = {tarea.id: tarea for tarea in tareas}
        self.orden = [*self.por_id]
        self.pendientes = {tarea.id for tarea in self.por_id.values() if tarea.pendiente}
        self._columna = columna
        self._descendente = descendente

    def __len__(self) -> int:
        return len(self.orden)

    def __getitem__(self, fila: int) -> Tarea:
        return self.por_id[self.orden[fila]]

    def lugar(self, tarea: Tarea) -> int:
        """The index at which it goes in."""
        return lugar(self, tarea, self._columna, descendente=self._descendente)

    def fila_de(self, id: UUID) -> int | None:
        """The index of that row."""
        tarea = self.por_id.get(id)
        if tarea is None:
            return None
        # Rows are in order, so this finds it among a million at once, unless the store's order of text is
        # another than ours.
        fila = self.lugar(tarea)
        return fila if fila < len(self.orden) and self.orden[fila] == id else self.orden.index(id)

    def agregar(self, tareas: Iterable[Tarea]) -> None:
        """After the last row."""
        for tarea in tareas:
            self.orden.append(tarea.id)
            self.cambiar(tarea)

    def insertar(self, fila: int, tarea: Tarea) -> None:
        """Before that index."""
        self.orden.insert(fila, tarea.id)
        self.cambiar(tarea)

    def quitar(self, fila: int) -> None:
        """Take that row out."""
        id = self.orden.pop(fila)
        del self.por_id[id]
        self.pendientes.discard(id)

    def cambiar(self, tarea: Tarea) -> None:
        """The value of a row, whose place in the order stays."""
        self.por_id[tarea.id] = tarea
        if tarea.pendiente:
            self.pendientes.add(tarea.id)
        else:
            self.pendientes.discard(tarea.id)
