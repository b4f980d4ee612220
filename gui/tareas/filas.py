"""The rows of the list: their order by id, and each by id: a change costs no search. No Qt in here.

Only the rows down to some row of the store are here: what belongs below it waits aside until the list gets
there. At the end of what is loaded it would stand among rows that it does not belong to.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from core.domain.models.consulta import Columna, Pagina
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
        self._frontera: Tarea | None = None
        self._aparte: dict[UUID, Tarea] = {}

    def __len__(self) -> int:
        return len(self.orden)

    def __getitem__(self, fila: int) -> Tarea:
        return self.por_id[self.orden[fila]]

    def lugar(self, tarea: Tarea) -> int:
        """The index at which it goes in."""
        return lugar(self, tarea, self._columna, descendente=self._descendente)

    def llegan_hasta(self, pagina: Pagina) -> None:
        """The last row of that page is the last one read so far; if no page follows, nothing is below it."""
        siguiente = pagina.siguiente
        ultima = (tarea for tarea in reversed(pagina.tareas) if siguiente and tarea.id == siguiente.id)
        self._frontera = next(ultima, None)

    def mas_abajo(self, tarea: Tarea) -> bool:
        """Whether its place is among rows that are not loaded."""
        if self._frontera is None:
            return False
        return lugar((self._frontera,), tarea, self._columna, descendente=self._descendente) == 1

    def apartar(self, tarea: Tarea) -> None:
        """It is not here, and its place is further down."""
        self._aparte[tarea.id] = tarea

    def olvidar(self, id: UUID) -> None:
        """It is not aside any more."""
        self._aparte.pop(id, None)

    def aparte(self, id: UUID) -> bool:
        """Whether that one waits further down."""
        return id in self._aparte

    def falta(self, tarea: Tarea) -> bool:
        """Whether a row of a page is news: not here, and no older than what is known of it."""
        conocida = self._aparte.get(tarea.id)
        return tarea.id not in self.por_id and (conocida is None or conocida.version <= tarea.version)

    def alcanzadas(self) -> list[Tarea]:
        """Those that waited and whose place is among the loaded rows by now; they wait no more."""
        todas = [tarea for tarea in self._aparte.values() if not self.mas_abajo(tarea)]
        for tarea in todas:
            del self._aparte[tarea.id]
        return [tarea for tarea in todas if tarea.id not in self.por_id]

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
