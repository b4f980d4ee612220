"""The window as a process of its own, for tests that time its end: `python -m tests.gui.programa_aparte`.

It is the program as it is, with somebody at the keyboard who reads orders from standard input, a line each:
`guardar TITULO` presses «Guardar» on a new tarea, `cerrar` closes the window. What happened is told on
standard output: `lista` once both stores answer, `guardada TITULO` when a save was acknowledged, `cerrando`.
"""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Slot

import gui.arranque
from core.domain.models.tarea import Tarea
from core.health import EstadoSalud
from gui.__main__ import main
from gui.ventana import Ventana
from tests.gui.escenario_tareas import escribir

MIRAR_CADA_MS = 20


class Operador(QObject):
    """Does what the test says, on the GUI thread like any operator."""

    def __init__(self, ventana: Ventana, parent: QObject) -> None:
        super().__init__(parent)
        self._ventana = ventana
        self._entrada = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        self._entrada.activated.connect(self._leer)
        self._reloj = QTimer(self)
        self._reloj.setInterval(MIRAR_CADA_MS)
        self._reloj.timeout.connect(self._mirar)
        self._reloj.start()
        ventana.tareas.edicion.creada.connect(self._al_crear)

    @Slot()
    def _mirar(self) -> None:
        if self._ventana.estados() == (EstadoSalud.OK, EstadoSalud.OK):
            self._reloj.stop()
            decir("lista")

    @Slot()
    def _leer(self) -> None:
        for linea in os.read(0, 4096).decode().splitlines():
            orden, _, resto = linea.partition(" ")
            if orden == "guardar":
                self._guardar(resto)
            elif orden == "cerrar":
                decir("cerrando")
                self._ventana.close()

    def _guardar(self, titulo: str) -> None:
        tareas = self._ventana.tareas
        tareas.nueva()
        escribir(tareas.formulario.titulo, titulo)
        tareas.formulario.guardar()
        # As if the operator had gone on to something else: closing has nothing to ask.
        tareas.formulario.cerrar()

    @Slot(object)
    def _al_crear(self, tarea: Tarea) -> None:
        decir(f"guardada {tarea.titulo}")


class ProgramaObediente(gui.arranque.Programa):
    """The program with that operator at its keyboard."""

    def iniciar(self) -> None:
        super().iniciar()
        Operador(self.ventana, self)


def decir(linea: str) -> None:
    """To whoever started this."""
    sys.stdout.write(f"{linea}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    gui.arranque.Programa = ProgramaObediente  # type: ignore[misc]
    sys.exit(main())
