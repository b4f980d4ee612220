"""The import in a dialog: counts while it runs, a way to stop it, in the end what became of each row."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.application.importar_tareas import InformeImportacion
from core.domain.errors import ArchivoInvalido, DualTareasError
from core.domain.models.importacion import SuerteFila
from gui.bridge import Puente
from gui.widgets.etiquetas import EtiquetaElidida, cambiar_tono, etiqueta
from gui.widgets.formato import cuenta

Cuentas = Mapping[SuerteFila, int]


class Importador(Protocol):
    """The container's import: blocks, tells progress from its own thread, asks before each batch."""

    def __call__(
        self,
        ruta: Path,
        *,
        progreso: Callable[[InformeImportacion], None],
        cancelar: Callable[[], bool],
    ) -> InformeImportacion:
        """Raises DualTareasError."""
        ...


class _Correo(QObject):
    """Carries reports from the worker to the dialog; lives as long as the dialog."""

    avance = Signal(object)


class DialogoImportar(QDialog):
    """Runs one import.

    Signals:
        importado: it ended, and rows went in (carries the report).
    """

    importado = Signal(object)

    def __init__(
        self,
        puente: Puente,
        importar: Importador,
        ruta: Path,
        parent: QWidget | None = None,
        *,
        ejecutor: Executor | None = None,
    ) -> None:
        super().__init__(parent)
        self._puente = puente
        self._ejecutor = ejecutor
        self._importar = importar
        self._ruta = ruta
        # An Event, not a flag of the dialog: the worker must not touch a widget.
        self._cancelado = threading.Event()
        self._terminado = False
        self._hasta_ahora = InformeImportacion()
        self._correo = _Correo(self)
        self._correo.avance.connect(self._avanzar, Qt.ConnectionType.QueuedConnection)
        self._titulo = EtiquetaElidida(self.tr("Importando {archivo}").format(archivo=ruta.name))
        self._cuentas = etiqueta(self.tr("Leyendo el archivo…"), tono="muted")
        self._barra = QProgressBar()
        self._detalle = QPlainTextEdit()
        self._copiar = QPushButton(self.tr("Copiar"))
        self._boton = QPushButton(self.tr("Cancelar"))
        self._componer()

    def empezar(self) -> None:
        """Show the dialog and run the import on a worker."""
        self.open()
        importar, ruta, cancelado, avance = self._importar, self._ruta, self._cancelado, self._correo.avance
        self._puente.lanzar(
            lambda: importar(
                ruta,
                progreso=lambda informe: avance.emit(_foto(informe)),
                cancelar=cancelado.is_set,
            ),
            exito=self._terminar,
            error=self._fallar,
            ejecutor=self._ejecutor,
        )

    def cancelar(self) -> None:
        """Stop after the batch in flight."""
        self._cancelado.set()

    def reject(self) -> None:
        """Esc and the window's close button: stop first, close once it has stopped."""
        if self._terminado:
            super().reject()
            return
        self.cancelar()
        self._boton.setEnabled(False)
        self._cuentas.setText(self.tr("Terminando el lote en curso…"))

    def _componer(self) -> None:
        self.setWindowTitle(self.tr("Importar tareas"))
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 70)
        letra = self._titulo.font()
        letra.setBold(True)
        self._titulo.setFont(letra)
        self._cuentas.setWordWrap(True)
        self._barra.setRange(0, 0)
        self._barra.setTextVisible(False)
        self._barra.setAccessibleName(self.tr("Progreso de la importación"))
        self._detalle.setReadOnly(True)
        self._detalle.setAccessibleName(self.tr("Filas que no entraron"))
        self._detalle.hide()
        self._copiar.hide()
        self._copiar.clicked.connect(self._al_portapapeles)
        self._boton.clicked.connect(self.reject)
        botones = QHBoxLayout()
        botones.addStretch(1)
        botones.addWidget(self._copiar)
        botones.addWidget(self._boton)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(16, 14, 16, 14)
        todo.setSpacing(10)
        for parte in (self._titulo, self._barra, self._cuentas, self._detalle):
            todo.addWidget(parte)
        todo.addLayout(botones)

    @Slot(object)
    def _avanzar(self, informe: InformeImportacion) -> None:
        self._hasta_ahora = informe
        if not self._terminado and not self._cancelado.is_set():
            self._cuentas.setText(self._frase(informe.cuentas))

    def _terminar(self, informe: InformeImportacion) -> None:
        titulo = (
            self.tr("Importación cancelada: repetirla continúa sin duplicar nada")
            if informe.cancelada
            else self.tr("Importación terminada")
        )
        self._cerrar_cuenta(titulo, "warn" if informe.cancelada or informe.incidencias else "ok")
        self._cuentas.setText(self._frase(informe.cuentas))
        self._contar_lo_entrado(informe)

    def _contar_lo_entrado(self, informe: InformeImportacion) -> None:
        """The rows that did not go in, and to the list that there are more."""
        if informe.incidencias:
            self._detalle.setPlainText(self._incidencias(informe))
            self._detalle.show()
            self._copiar.show()
        if informe.cuentas[SuerteFila.NUEVA]:
            self.importado.emit(informe)

    def _fallar(self, error: BaseException) -> None:
        self._cerrar_cuenta(self.tr("La importación no pudo terminar"), "error")
        if isinstance(error, DualTareasError):
            texto = f"{error} {error.que_hacer}".strip()
        else:
            texto = self.tr("Error interno; el detalle está en Actividad.")
        partes = [texto, self._que_hacer(error)]
        if self._hasta_ahora.leidas:
            partes.append(self._frase(self._hasta_ahora.cuentas) + ".")
        self._cuentas.setText("\n".join(partes))
        self._contar_lo_entrado(self._hasta_ahora)

    def _que_hacer(self, error: BaseException) -> str:
        cuentas = self._hasta_ahora.cuentas
        if not isinstance(error, ArchivoInvalido):
            return self.tr("Lo importado antes se conserva; repetir no duplica nada.")
        if not cuentas[SuerteFila.NUEVA] + cuentas[SuerteFila.IGUAL]:
            return self.tr("No ha entrado nada de este archivo: corríjalo y vuelva a importarlo.")
        # The content of the file is what the ids of rows without one are made of.
        return self.tr(
            "Lo importado antes se conserva. Copie a otro archivo las filas que siguen a las {n} primeras, "
            "corríjalas e importe solo ese: si corrige este, las filas sin id que ya entraron se duplicarán."
        ).format(n=cuenta(self._hasta_ahora.leidas))

    def _cerrar_cuenta(self, titulo: str, tono: str) -> None:
        self._terminado = True
        self._titulo.setText(titulo)
        cambiar_tono(self._titulo, tono)
        self._barra.hide()
        self._boton.setEnabled(True)
        self._boton.setText(self.tr("Cerrar"))
        self._boton.setFocus()

    def _frase(self, cuentas: Cuentas) -> str:
        palabras = {
            SuerteFila.NUEVA: self.tr("nuevas"),
            SuerteFila.IGUAL: self.tr("ya estaban"),
            SuerteFila.DISTINTA: self.tr("distintas (se conserva la que había)"),
            SuerteFila.ELIMINADA: self.tr("eliminadas antes (siguen eliminadas)"),
            SuerteFila.RECHAZADA: self.tr("rechazadas"),
        }
        leidas = self.tr("{n} filas leídas").format(n=cuenta(sum(cuentas.values())))
        partes = [f"{cuenta(cuentas[s])} {p}" for s, p in palabras.items() if cuentas.get(s)]
        return " · ".join((leidas, *partes))

    def _incidencias(self, informe: InformeImportacion) -> str:
        lineas = [
            self.tr("Línea {n}: {suerte}: {motivo}").format(n=i.linea, suerte=i.suerte, motivo=i.motivo)
            for i in informe.incidencias
        ]
        contadas = (SuerteFila.DISTINTA, SuerteFila.ELIMINADA, SuerteFila.RECHAZADA)
        restantes = sum(informe.cuentas[s] for s in contadas) - len(lineas)
        if restantes > 0:
            lineas.append(self.tr("… y {n} más").format(n=cuenta(restantes)))
        return "\n".join(lineas)

    @Slot()
    def _al_portapapeles(self) -> None:
        QGuiApplication.clipboard().setText(self._detalle.toPlainText())


def _foto(informe: InformeImportacion) -> InformeImportacion:
    """What it says now: the worker goes on writing in the other one."""
    return InformeImportacion(Counter(informe.cuentas), [*informe.incidencias], informe.cancelada)
