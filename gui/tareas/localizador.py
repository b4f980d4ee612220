"""From the name of one tarea to its row in the list: filters for it, and chooses it once it is there."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QObject, Signal, Slot

from gui.tareas.vista import VistaTareas


class Localizador(QObject):
    """One search at a time; the newest counts.

    Signals:
        no_esta: (titulo) the list that answered does not have it: deleted, or only in a store that is away.
    """

    no_esta = Signal(str)

    def __init__(self, vista: VistaTareas, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._vista = vista
        self._buscada: tuple[UUID, str] | None = None
        vista.cargador.reemplazada.connect(self._al_llegar)

    def mostrar(self, id: UUID, titulo: str) -> None:
        """Show that tarea among those that one store may lack."""
        self._buscada = (id, titulo)
        lineas = titulo.strip().splitlines()  # the search box has one line
        self._vista.herramientas.buscar_pendiente(lineas[0] if lineas else "")
        self._vista.actualizar()  # also if it was filtered like that already

    @Slot()
    def _al_llegar(self) -> None:
        if self._buscada is None:
            return
        (id, titulo), self._buscada = self._buscada, None
        fila = self._vista.modelo.fila_de(id)
        if fila is None:
            self.no_esta.emit(titulo)
        else:
            self._vista.tabla.selectRow(fila)
            self._vista.tabla.setFocus()
