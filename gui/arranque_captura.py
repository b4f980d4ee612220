"""`--captura FILE.png`: wait until the window has something to show, take its picture, close it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from core.domain.errors import LecturaRehusada, OperacionFallida
from core.health import EstadoSalud
from gui.tareas.textos import explicar
from gui.ventana import TAMANO, Ventana

PLAZO_S = 20.0
MIRAR_CADA_MS = 50
ASENTARSE_MS = 400
"""From the last thing awaited to the picture: layouts, counts and first latencies find their place."""
NO_SE_PUDO_ESCRIBIR = 2
NO_ARRANCO = 2
NO_LLEGO_A_TIEMPO = 1


class Captura(QObject):
    """Takes one picture and ends the application; `codigo` is the exit code."""

    def __init__(
        self, ventana: Ventana, archivo: Path, parent: QObject | None = None, *, plazo_s: float = PLAZO_S
    ) -> None:
        super().__init__(parent)
        self.codigo = 0
        self._ventana = ventana
        self._archivo = archivo
        self._limite_s = time.monotonic() + plazo_s
        self._filas = False
        ventana.resize(TAMANO)  # whatever the screen: a picture has none
        self._negada: BaseException | None = None
        ventana.tareas.pagina_cargada.connect(self._llegaron_filas)
        ventana.tareas.cargador.fallida.connect(self._no_llegaron)
        self._reloj = QTimer(self)
        self._reloj.setInterval(MIRAR_CADA_MS)
        self._reloj.timeout.connect(self._mirar)
        self._reloj.start()

    @Slot()
    def _llegaron_filas(self) -> None:
        self._filas = True

    @Slot(object)
    def _no_llegaron(self, error: BaseException) -> None:
        if isinstance(error, OperacionFallida | LecturaRehusada):  # it answers, and would say so again
            self._negada = error

    @Slot()
    def _mirar(self) -> None:
        if self._ventana.problema:
            self._reloj.stop()
            sys.stderr.write(f"{self._ventana.problema}\n")
            self.codigo = NO_ARRANCO
            QApplication.exit(self.codigo)
            return
        a_tiempo = time.monotonic() < self._limite_s
        if a_tiempo and not self._hay_que_ver():
            return
        self._reloj.stop()
        if self._negada is not None and not self._filas:
            self.codigo = NO_LLEGO_A_TIEMPO
            sys.stderr.write(f"No se pueden leer las tareas. {explicar(self._negada)}\n")
        elif not a_tiempo:
            self.codigo = NO_LLEGO_A_TIEMPO
            sys.stderr.write(
                "Las tareas o la salud de las bases de datos no llegaron a tiempo; "
                "la imagen muestra lo que había.\n"
            )
        QTimer.singleShot(ASENTARSE_MS, self._tomar)

    def _hay_que_ver(self) -> bool:
        """Rows and every store's health; without any store that answers, no rows will come."""
        estados = self._ventana.estados()
        if not estados or EstadoSalud.DESCONOCIDA in estados:
            return False
        return (
            self._filas or self._negada is not None or all(estado is EstadoSalud.CAIDA for estado in estados)
        )

    @Slot()
    def _tomar(self) -> None:
        if not self._ventana.grab().save(str(self._archivo)):
            sys.stderr.write(
                f"No se puede escribir la imagen {self._archivo}: "
                "compruebe que la carpeta existe, que admite escritura y que el nombre acaba en .png.\n"
            )
            self.codigo = NO_SE_PUDO_ESCRIBIR
        # Not close(): a picture has no text to lose, and nobody is there to be asked.
        QApplication.exit(self.codigo)
