"""The table of differences, dressed like that of the tareas."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from gui.tareas.delegados import MARGEN_PX, TextoDelegate, alto_de_fila
from gui.verificacion.modelo import ColumnaDiferencias, DiferenciasModel
from gui.widgets.tabla_de_filas import TablaDeFilas

TITULO_CARACTERES = 20
_MUESTRAS = {
    ColumnaDiferencias.TIPO: "Eliminada en una sola",
    ColumnaDiferencias.CAMPOS: "descripción, estado, versión",
    ColumnaDiferencias.RECIENTE: "Más reciente",
    ColumnaDiferencias.EDAD: "Escrita hace",
    ColumnaDiferencias.ID: "00000000-0000-0000-0000-000000000000",
}
"""The widest that a column usually has to hold."""
_CEDEN = (ColumnaDiferencias.ID, ColumnaDiferencias.EDAD, ColumnaDiferencias.CAMPOS)
"""They give way, in this order, where there is too little room: the panel below says all of it."""


class TablaDiferencias(TablaDeFilas):
    """One line a difference; the titulo takes the room that is left.

    Attributes:
        diferencias: its model.
    """

    def __init__(self, modelo: DiferenciasModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.diferencias = modelo
        self.setModel(modelo)
        self.setAccessibleName(self.tr("Diferencias entre las dos bases de datos"))
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        # Qt does not own delegates: they live as long as the table.
        self._delegados = tuple(
            TextoDelegate("text" if columna <= ColumnaDiferencias.TITULO else "muted")
            for columna in ColumnaDiferencias
        )
        for columna, delegado in zip(ColumnaDiferencias, self._delegados, strict=True):
            self.setItemDelegateForColumn(columna, delegado)
        cabecera = self.horizontalHeader()
        cabecera.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        cabecera.setSectionResizeMode(ColumnaDiferencias.TITULO, QHeaderView.ResizeMode.Stretch)
        self._medir()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._medir()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """What matters least gives way to the titulo."""
        ancho = event.size().width() - self._titulo_minimo - sum(self._anchos.values())
        for columna in _CEDEN:
            self.setColumnHidden(columna, ancho < 0)
            if ancho < 0:
                ancho += self._anchos[columna]
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
