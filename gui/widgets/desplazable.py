"""Room that scrolls up and down where there is too little of it, and is as wide as what it holds."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

LINEAS_MIN = 4
"""Least height, in lines of text."""


class Desplazable(QScrollArea):
    """Holds `contenido`, whose parts keep the height that they need.

    Keeps nothing of its own: that goes first where the collector takes a window apart, and Qt asks on.
    """

    def __init__(self, contenido: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(contenido)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._seguir_al_foco)

    @Slot(QWidget, QWidget)
    def _seguir_al_foco(self, _antes: QWidget | None, ahora: QWidget | None) -> None:
        """What gets the focus comes into sight, however it got it; Qt sees to that for Tab alone."""
        contenido = self.widget()
        if ahora is not None and contenido is not None and contenido.isAncestorOf(ahora):
            self.ensureWidgetVisible(ahora)

    def minimumSizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """As wide as the content; as high as a few lines."""
        contenido = self.widget()
        if contenido is None:
            return super().minimumSizeHint()
        return QSize(contenido.minimumSizeHint().width(), self.fontMetrics().lineSpacing() * LINEAS_MIN)
