"""A table in which the keyboard thinks in rows, as the operator does."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QTableView

_EXTREMOS = (QTableView.CursorAction.MoveHome, QTableView.CursorAction.MoveEnd)


class TablaDeFilas(QTableView):
    """Home and End go to the first and the last row; Qt's own go to the first and last column."""

    def moveCursor(  # noqa: N802  Qt's name
        self,
        cursorAction: QTableView.CursorAction,  # noqa: N803  Qt's name
        modifiers: Qt.KeyboardModifier,
    ) -> QModelIndex:
        if cursorAction in _EXTREMOS:
            modifiers |= Qt.KeyboardModifier.ControlModifier
        return super().moveCursor(cursorAction, modifiers)
