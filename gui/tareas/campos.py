"""Text fields that give back exactly what they were given, unless the operator changed it.

Qt's editors fold line ends and non-breaking spaces; a tarea that was only looked at must not change by it.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from gui.widgets.etiquetas import cambiar_tono, etiqueta

SEPARADOR_DE_PARRAFO = "\u2029"
"""What QTextDocument puts between blocks."""


class CampoDeTexto(QWidget):
    """A caption, an editor, and below it what is wrong or how much is used."""

    cambiado = Signal()

    def __init__(
        self, editor: QLineEdit | QPlainTextEdit, titulo: str, maximo: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.editor = editor
        self._maximo = maximo
        self._original = ""
        self._mostrado = ""
        rotulo = etiqueta(titulo, tono="muted")
        rotulo.setBuddy(editor)
        editor.setAccessibleName(titulo)
        self._pie = etiqueta(tono="muted")
        self._pie.setWordWrap(True)
        columna = QVBoxLayout(self)
        columna.setContentsMargins(0, 0, 0, 0)
        columna.setSpacing(4)
        for parte in (rotulo, editor, self._pie):
            columna.addWidget(parte)
        editor.textChanged.connect(self.cambiado)

    def poner(self, texto: str) -> None:
        """Show that text; cursor and undo history stay as they are when it is shown already."""
        if texto != self.texto:
            if isinstance(self.editor, QLineEdit):
                self.editor.setText(texto)
                self.editor.setCursorPosition(0)
            else:
                self.editor.setPlainText(texto)
        self._original, self._mostrado = texto, self._leer()

    @property
    def texto(self) -> str:
        """What was given, or what the operator made of it with the same kind of line ends."""
        leido = self._leer()
        if leido == self._mostrado:
            return self._original
        if "\r\n" in self._original and "\n" not in self._original.replace("\r\n", ""):
            return leido.replace("\n", "\r\n")
        return leido

    def _leer(self) -> str:
        if isinstance(self.editor, QLineEdit):
            return self.editor.text()
        return self.editor.document().toRawText().replace(SEPARADOR_DE_PARRAFO, "\n")

    def contar(self, usados: str) -> None:
        """Say how much is used: "71 de 10.000"."""
        self._decir(self.tr("{usados} de {maximo}").format(usados=usados, maximo=self._maximo), mal=False)

    def reprochar(self, motivo: str) -> None:
        """Say what is wrong."""
        self._decir(motivo, mal=True)

    def _decir(self, texto: str, *, mal: bool) -> None:
        self._pie.setText(texto)
        cambiar_tono(self._pie, "error" if mal else "muted")
        self.editor.setAccessibleDescription(texto if mal else "")
        if bool(self.editor.property("invalido")) != mal:
            self.editor.setProperty("invalido", mal)
            self.editor.style().unpolish(self.editor)
            self.editor.style().polish(self.editor)

    @property
    def pie(self) -> str:
        """What the line below says."""
        return self._pie.text()
