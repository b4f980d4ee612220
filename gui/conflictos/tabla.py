"""The table of conflicts, dressed like that of the tareas."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from gui.conflictos.modelo import ColumnaConflictos, ConflictosModel
from gui.tareas.delegados import MARGEN_PX, TextoDelegate, alto_de_fila
from gui.widgets.tabla_de_filas import TablaDeFilas

TITULO_CARACTERES = 24
_MUESTRAS = {
    ColumnaConflictos.DIFIERE: "Título, descripción, estado",
    ColumnaConflictos.DE_QUIEN: "Otro programa",
    ColumnaConflictos.CUANDO: "00/00/0000 00:00",
}
"""The widest that a column usually has to hold."""


class TablaConflictos(TablaDeFilas):
    """One line a conflict; the titulo takes the room that is left."""

    def __init__(self, modelo: ConflictosModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(modelo)
        self.setAccessibleName(self.tr("Lista de conflictos"))
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        # Qt does not own delegates: they live as long as the table.
        self._delegados = tuple(
            TextoDelegate("text" if columna is ColumnaConflictos.TITULO else "muted")
            for columna in ColumnaConflictos
        )
        for columna, delegado in zip(ColumnaConflictos, self._delegados, strict=True):
            self.setItemDelegateForColumn(columna, delegado)
        cabecera = self.horizontalHeader()
        cabecera.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        cabecera.setSectionResizeMode(ColumnaConflictos.TITULO, QHeaderView.ResizeMode.Stretch)
        self._medir()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._medir()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Whose it was gives way to the titulo where there is not room for both: the panel says it, too."""
        libre = event.size().width() - sum(self._anchos.values())
        self.setColumnHidden(ColumnaConflictos.DE_QUIEN, libre < self._titulo_minimo)
        super().resizeEvent(event)

    def _medir(self) -> None:
        """Heights and widths from the font, so that they grow with it."""
        metrica = self.fontMetrics()
        alto = alto_de_fila(metrica)
        self.verticalHeader().setDefaultSectionSize(alto)
        self.setMinimumHeight(alto * 4)
        # Remembered: a column that is hidden says that its width is 0.
        self._anchos = {
            columna: metrica.horizontalAdvance(muestra) + 3 * MARGEN_PX
            for columna, muestra in _MUESTRAS.items()
        }
        self._titulo_minimo = metrica.averageCharWidth() * TITULO_CARACTERES
        for columna, ancho in self._anchos.items():
            self.setColumnWidth(columna, ancho)
