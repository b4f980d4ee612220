"""From «Importar…» to the dialog: which file, one import at a time, and stopping it on closing."""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.bridge import Puente
from gui.importar.dialogo import DialogoImportar, Importador


class Importacion(QObject):
    """Offers nothing until `conectar`.

    Signals:
        importado: rows went in (carries the report).
    """

    importado = Signal(object)

    def __init__(self, puente: Puente, ejecutor: Executor, ventana: QWidget) -> None:
        super().__init__(ventana)
        self._puente = puente
        self._ejecutor = ejecutor
        self._ventana = ventana
        self._importar: Importador | None = None
        self._dialogo: DialogoImportar | None = None

    def conectar(self, importar: Importador) -> None:
        """The container is ready."""
        self._importar = importar

    @Slot()
    def preguntar(self) -> None:
        """Ask for a file and import it."""
        if self._importar is None:
            return
        pregunta = QFileDialog(
            self._ventana,
            self.tr("Importar tareas"),
            "",
            self.tr("Tareas (*.csv *.json *.jsonl);;Todos los archivos (*)"),
        )
        pregunta.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        pregunta.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._nombrar(pregunta)
        pregunta.fileSelected.connect(self._al_elegir)
        pregunta.open()

    def _nombrar(self, pregunta: QFileDialog) -> None:
        """What Qt's own Spanish words leave in English."""
        for que, texto in (
            (QFileDialog.DialogLabel.LookIn, self.tr("Buscar en:")),
            (QFileDialog.DialogLabel.FileName, self.tr("Nombre de archivo:")),
            (QFileDialog.DialogLabel.FileType, self.tr("Tipo de archivo:")),
        ):
            pregunta.setLabelText(que, texto)

    @Slot(str)
    def _al_elegir(self, ruta: str) -> None:
        self.empezar(Path(ruta))

    def empezar(self, ruta: Path) -> DialogoImportar | None:
        """Import that file; None when there is no container yet or an import is under way."""
        if self._importar is None or self._dialogo is not None:
            return None
        dialogo = DialogoImportar(self._puente, self._importar, ruta, self._ventana, ejecutor=self._ejecutor)
        dialogo.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialogo.importado.connect(self.importado)
        dialogo.finished.connect(self._termino)
        self._dialogo = dialogo
        dialogo.empezar()
        return dialogo

    def cancelar(self) -> None:
        """Stop what runs after the batch in flight."""
        if self._dialogo is not None:
            self._dialogo.cancelar()

    @Slot()
    def _termino(self) -> None:
        self._dialogo = None
