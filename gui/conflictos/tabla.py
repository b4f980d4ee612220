"""The table of conflicts."""

from __future__ import annotations

from PySide6.QtWidgets import QTableView, QWidget

from gui.conflictos.modelo import ColumnaConflictos, ConflictosModel
from gui.tareas.tabla_medida import TablaMedida


class TablaConflictos(TablaMedida):
    """One line a conflict. Whose it was gives way to the titulo: the panel says it, too."""

    def __init__(self, modelo: ConflictosModel, parent: QWidget | None = None) -> None:
        super().__init__(
            modelo,
            elastica=ColumnaConflictos.TITULO,
            caracteres=24,
            muestras={
                ColumnaConflictos.DIFIERE: "Título, descripción, estado",
                ColumnaConflictos.DE_QUIEN: "Otro programa",
                ColumnaConflictos.CUANDO: "00/00/0000 00:00",
            },
            ceden=(ColumnaConflictos.DE_QUIEN,),
            destacadas=(ColumnaConflictos.TITULO,),
            parent=parent,
        )
        self.setAccessibleName(self.tr("Lista de conflictos"))
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
