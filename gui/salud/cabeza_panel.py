"""The head of a panel on the Salud page: what it is and how it stands, and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QWidget

SEPARACION_PX = 8


class CabezaDePanel(QBoxLayout):
    """One row, or two: buttons beside the title, or under it where there is no room for both.

    Args:
        titulo: from left to right.
        botones: likewise.
    """

    def __init__(self, titulo: Iterable[QWidget], botones: Iterable[QPushButton]) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight)
        self.setSpacing(SEPARACION_PX)
        self.addLayout(_en_fila(titulo), 1)
        self.addLayout(_en_fila(botones))

    def disponer(self, *, estrecho: bool) -> None:
        """The room is short, or is not."""
        direccion = QBoxLayout.Direction.TopToBottom if estrecho else QBoxLayout.Direction.LeftToRight
        self.setDirection(direccion)


def _en_fila(partes: Iterable[QWidget]) -> QHBoxLayout:
    fila = QHBoxLayout()
    fila.setSpacing(SEPARACION_PX)
    for parte in partes:
        fila.addWidget(parte)
    fila.addStretch(1)
    return fila
