"""The views of the window, one on show at a time, each with its entry in the rail."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from gui.widgets.carril import Carril


class Paginas(QStackedWidget):
    """What the operator sees beside the rail."""

    def __init__(self, carril: Carril, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._carril = carril
        self._claves: list[str] = []
        carril.elegida.connect(self.ver)

    def anadir(self, clave: str, nombre: str, pagina: QWidget) -> None:
        """Offer a view; its icon has the name of its key."""
        self._claves.append(clave)
        self.addWidget(pagina)
        self._carril.anadir(clave, nombre, clave)

    def sustituir(self, clave: str, pagina: QWidget) -> None:
        """Put another page in the place of that view's."""
        lugar = self._claves.index(clave)
        if (vieja := self.widget(lugar)) is not None:
            self.removeWidget(vieja)
        self.insertWidget(lugar, pagina)

    @property
    def actual(self) -> str:
        """The key of the view on show."""
        return self._claves[self.currentIndex()]

    @Slot(str)
    def ver(self, clave: str) -> None:
        """Show that view."""
        self.setCurrentIndex(self._claves.index(clave))
        self._carril.marcar(clave)
