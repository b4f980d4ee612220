"""The header of the list, whose arrow points as people read it: up for A to Z, down for newest first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QStyleOptionHeader, QWidget

_AL_REVES = {
    QStyleOptionHeader.SortIndicator.SortUp: QStyleOptionHeader.SortIndicator.SortDown,
    QStyleOptionHeader.SortIndicator.SortDown: QStyleOptionHeader.SortIndicator.SortUp,
}


class Cabecera(QHeaderView):
    """A horizontal header as a QTableView makes it, but for the arrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(True)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, logical_index: int) -> None:  # noqa: N802
        """Qt points the arrow to where the list grows; turn it."""
        super().initStyleOptionForIndex(option, logical_index)
        option.sortIndicator = _AL_REVES.get(option.sortIndicator, option.sortIndicator)
