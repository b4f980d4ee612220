"""A table in which the keyboard thinks in rows, as the operator does."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

_EXTREMOS = (QTableView.CursorAction.MoveHome, QTableView.CursorAction.MoveEnd)


class TablaDeFilas(QTableView):
    """Read, not edited, one line a row; which cells are chosen is never the question.

    Home and End go to the first and the last row; Qt's own go to the first and last column.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802  Qt's name
        """The row that keys act on is seen: Qt makes the first one current, but does not choose it."""
        super().focusInEvent(event)
        if event.reason() is Qt.FocusReason.MouseFocusReason or not self.currentIndex().isValid():
            return
        if not self.selectionModel().hasSelection():
            self.selectRow(self.currentIndex().row())

    def moveCursor(  # noqa: N802  Qt's name
        self,
        cursorAction: QTableView.CursorAction,  # noqa: N803  Qt's name
        modifiers: Qt.KeyboardModifier,
    ) -> QModelIndex:
        if cursorAction in _EXTREMOS:
            modifiers |= Qt.KeyboardModifier.ControlModifier
        return super().moveCursor(cursorAction, modifiers)
