"""List and form side by side where there is room; where there is not, they take turns."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget


class Reparto(QSplitter):
    """Shows both, or the one that is in use.

    Args:
        ancho_lista: the least width at which the list is legible, asked anew since fonts change.
    """

    def __init__(self, lista: QWidget, formulario: QWidget, ancho_lista: Callable[[], int]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._lista = lista
        self._formulario = formulario
        self._ancho_lista = ancho_lista
        self._estrecho = False
        self._editando = False
        self.setChildrenCollapsible(False)
        self.setHandleWidth(8)
        self.setStyleSheet("QSplitter::handle { background: transparent; }")
        self.addWidget(lista)
        self.addWidget(formulario)
        self.setStretchFactor(0, 1)

    def usar_formulario(self) -> None:
        """The operator edits: the form must be in sight."""
        self._editando = True
        self._repartir()

    def usar_lista(self) -> None:
        """The operator is back at the list."""
        self._editando = False
        self._repartir()

    def _repartir(self) -> None:
        self._formulario.setVisible(not self._estrecho or self._editando)
        self._lista.setVisible(not self._estrecho or not self._editando)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        super().resizeEvent(event)
        juntos = self._ancho_lista() + self._formulario.minimumSizeHint().width() + self.handleWidth()
        self._estrecho = self.width() < juntos
        self._repartir()

    def minimumSizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """As little as one of both needs."""
        ancho = max(self._formulario.minimumSizeHint().width(), self._ancho_lista())
        return QSize(ancho, super().minimumSizeHint().height())
