"""What a window's content stands in: it sees to the keys that nobody in it has taken."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

_INTRO = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Raiz(QWidget):
    """Enter presses the button that has the focus, as Space does.

    Qt does that in dialogs alone. Here it holds for every button of the window, those that come later too.
    """

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name
        """Comes from the widget that has the focus, through all that did not want it."""
        boton = self.window().focusWidget()
        suyo = isinstance(boton, QPushButton | QToolButton) and self.isAncestorOf(boton)
        if not (suyo and event.key() in _INTRO) or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        event.accept()
        if isinstance(boton, QPushButton | QToolButton) and not event.isAutoRepeat():
            boton.click()
