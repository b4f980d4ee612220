"""A table of texts whose columns are as wide as what they usually hold, dressed like that of the tareas."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QAbstractItemModel, QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from gui.tareas.delegados import MARGEN_PX, TextoDelegate, alto_de_fila
from gui.widgets.tabla_de_filas import TablaDeFilas

FILAS_MINIMAS = 4


class TablaMedida(TablaDeFilas):
    """One line a row; one column takes the room that is left, and others give way to it.

    Args:
        elastica: the column that takes it.
        caracteres: how many of its characters have to find room.
        muestras: for each other column, the widest that it usually has to hold.
        ceden: the columns that are hidden, in this order, where there is too little room.
        destacadas: the columns in the colour of text; all others are muted.
    """

    def __init__(
        self,
        modelo: QAbstractItemModel,
        *,
        elastica: int,
        caracteres: int,
        muestras: Mapping[int, str],
        ceden: Collection[int],
        destacadas: Collection[int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._elastica, self._caracteres = elastica, caracteres
        self._muestras, self._ceden = muestras, tuple(ceden)
        self.setModel(modelo)
        # Qt does not own delegates: they live as long as the table.
        self._delegados = tuple(
            TextoDelegate("text" if columna in destacadas else "muted")
            for columna in range(modelo.columnCount())
        )
        for columna, delegado in enumerate(self._delegados):
            self.setItemDelegateForColumn(columna, delegado)
        cabecera = self.horizontalHeader()
        cabecera.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        cabecera.setSectionResizeMode(elastica, QHeaderView.ResizeMode.Stretch)
        self._medir()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._medir()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """What matters least gives way: the panel below says all of it."""
        libre = event.size().width() - self._minimo - sum(self._anchos.values())
        for columna in self._ceden:
            self.setColumnHidden(columna, libre < 0)
            if libre < 0:
                libre += self._anchos[columna]
        super().resizeEvent(event)

    def _medir(self) -> None:
        """Heights and widths from the font, so that they grow with it."""
        metrica = self.fontMetrics()
        alto = alto_de_fila(metrica)
        self.verticalHeader().setDefaultSectionSize(alto)
        self.setMinimumHeight(alto * FILAS_MINIMAS)
        # Remembered: a column that is hidden says that its width is 0.
        self._anchos = {
            columna: max(
                metrica.horizontalAdvance(muestra) + 3 * MARGEN_PX,
                self.horizontalHeader().sectionSizeHint(columna),
            )
            for columna, muestra in self._muestras.items()
        }
        self._minimo = metrica.averageCharWidth() * self._caracteres
        for columna, ancho in self._anchos.items():
            self.setColumnWidth(columna, ancho)
