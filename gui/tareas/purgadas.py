"""A tarea that was deleted and purged while its form was open: nobody writes it again without being asked."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.domain.errors import TareaPurgada
from gui.tareas.borrador import Borrador
from gui.tareas.fallos import Asunto, FallosDeEscritura
from gui.tareas.formulario import FormularioTarea
from gui.tareas.operaciones import Operaciones
from gui.tareas.preguntas import Respuesta, UnaPregunta
from gui.tareas.textos import citado


class Purgadas(QObject):
    """Asks what is to become of what was typed.

    Signals:
        terminada: the form holds nothing more.
    """

    terminada = Signal()

    def __init__(
        self,
        formulario: FormularioTarea,
        operaciones: Operaciones,
        fallos: FallosDeEscritura,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._formulario = formulario
        self._operaciones = operaciones
        self._fallos = fallos
        self._pregunta = UnaPregunta(parent)

    def atender(self, enviado: Borrador, error: BaseException) -> bool:
        """Ask, if that could not be saved because there is no such tarea any more; whether it is so."""
        if not isinstance(error, TareaPurgada):
            return False
        self._fallos.retirar(Asunto.GUARDAR, enviado)
        self._preguntar(enviado)
        return True

    def _preguntar(self, enviado: Borrador) -> None:
        como_era = enviado.base or enviado
        self._pregunta.hacer(
            f"purgada {enviado.id}",
            self.tr("La tarea {titulo} ya no existe.").format(titulo=citado(como_era.titulo)),
            self.tr(
                "Se eliminó hace tiempo y se purgó: no está en ninguna base de datos. "
                "¿Qué quiere hacer con lo que ha escrito?"
            ),
            (
                Respuesta(self.tr("Guardar como nueva"), lambda: self._guardar_como_nueva(enviado)),
                Respuesta(self.tr("Descartar"), lambda: self._descartar(enviado)),
                Respuesta(self.tr("Seguir editando"), self._formulario.enfocar, prudente=True),
            ),
        )

    def _guardar_como_nueva(self, enviado: Borrador) -> None:
        if self._formulario.id != enviado.id:
            self._operaciones.guardar(_como_nueva(enviado))
            return
        # What was typed while the question stood is wanted as well.
        self._formulario.escribir(_como_nueva(self._formulario.borrador or enviado))
        self._formulario.guardar()

    def _descartar(self, enviado: Borrador) -> None:
        if self._formulario.id == enviado.id:
            self._formulario.cerrar()
            self.terminada.emit()


def _como_nueva(borrador: Borrador) -> Borrador:
    """Under an id of its own: what is still on its way to the old one cannot meet it."""
    return replace(borrador, base=None, id=uuid4())
