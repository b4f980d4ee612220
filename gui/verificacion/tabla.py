"""The table of differences."""

from __future__ import annotations

from PySide6.QtWidgets import QTableView, QWidget

from gui.tareas.tabla_medida import TablaMedida
from gui.verificacion.modelo import ColumnaDiferencias, DiferenciasModel


class TablaDiferencias(TablaMedida):
    """One line a difference; several can be chosen.

    Attributes:
        diferencias: its model.
    """

    def __init__(self, modelo: DiferenciasModel, parent: QWidget | None = None) -> None:
        self.diferencias = modelo
        super().__init__(
            modelo,
            elastica=ColumnaDiferencias.TITULO,
            caracteres=20,
            muestras={
                ColumnaDiferencias.TIPO: "Eliminada en una sola",
                ColumnaDiferencias.CAMPOS: "descripción, estado, versión",
                ColumnaDiferencias.RECIENTE: "Más reciente",
                ColumnaDiferencias.EDAD: "Escrita hace",
                ColumnaDiferencias.ID: "00000000-0000-0000-0000-000000000000",
            },
            ceden=(ColumnaDiferencias.ID, ColumnaDiferencias.EDAD, ColumnaDiferencias.CAMPOS),
            destacadas=(ColumnaDiferencias.TIPO, ColumnaDiferencias.TITULO),
            parent=parent,
        )
        self.setAccessibleName(self.tr("Diferencias entre las dos bases de datos"))
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
