"""Between the form and the operations: what may be left, what is asked first, what is told after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.domain.models.tarea import Tarea
from gui.conflictos.dialogo import DialogoConflicto
from gui.tareas.borrador import Borrador
from gui.tareas.fallos import Asunto, FallosDeEscritura
from gui.tareas.formulario import FormularioTarea
from gui.tareas.operaciones import Operaciones
from gui.tareas.perdidas import Perdidas
from gui.tareas.preguntas import Respuesta, UnaPregunta
from gui.tareas.purgadas import Purgadas
from gui.tareas.relato import RelatoGuardado
from gui.tareas.textos import citado

ESPERA_MS = 800
"""How long a save in flight may take before one is asked what to do with its text."""


class Edicion(QObject):
    """Guards what is typed.

    Attributes:
        perdidas: what was decided about values that lost, in the dialog too.

    Signals:
        terminada: the form holds nothing more.
        mostrar: (Tarea) this one is in the form now: make it the current row.
        creada: (Tarea) there is one more.
    """

    terminada = Signal()
    mostrar = Signal(object)
    creada = Signal(object)

    def __init__(
        self,
        formulario: FormularioTarea,
        operaciones: Operaciones,
        fallos: FallosDeEscritura,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._ventana = parent
        self._formulario = formulario
        self._operaciones = operaciones
        self._fallos = fallos
        self._pregunta = UnaPregunta(parent)
        self._enviado: Borrador | None = None
        self._despues: Callable[[], None] | None = None
        self._esperando: Callable[[], None] | None = None
        self.perdidas = Perdidas(operaciones, self)
        self._relato = RelatoGuardado(formulario, operaciones, self)
        self._purgadas = Purgadas(formulario, operaciones, fallos, parent)
        self._purgadas.terminada.connect(self.terminada)
        self._plazo = QTimer(self, singleShot=True, interval=ESPERA_MS)
        self._plazo.timeout.connect(self._no_esperar_mas)
        formulario.guardar_pedido.connect(self._guardar)
        formulario.descartar_pedido.connect(self.descartar)
        operaciones.guardada.connect(self._al_guardar)
        operaciones.no_guardada.connect(self._al_no_guardar)
        operaciones.conflicto.connect(self._al_haber_conflicto)

    # Opening and leaving

    def abrir(self, tarea: Tarea) -> None:
        """Edit that one; whatever was typed before has been dealt with."""
        self._formulario.abrir(Borrador.de(tarea))
        self._formulario.guardando(self._operaciones.ocupada(tarea.id))

    def nueva(self) -> None:
        """Begin a new one."""
        self._formulario.abrir(Borrador())
        self._formulario.guardando(False)
        self._formulario.enfocar()

    def dejar(self, seguir: Callable[[], None]) -> bool:
        """Go on with `seguir` once nothing typed would be lost; True if that was at once.

        While all that was typed is being saved there is nothing to ask yet: the outcome is awaited first,
        for a moment.
        """
        if not self._formulario.sucio:
            seguir()
            return True
        if self._se_esta_guardando_todo() and not self._pregunta.abierta("dejar"):
            self._esperando = seguir
            self._plazo.start()
        else:
            self._preguntar(seguir)
        return False

    def _se_esta_guardando_todo(self) -> bool:
        borrador, enviado = self._formulario.borrador, self._enviado
        if borrador is None or enviado is None or borrador.id != enviado.id:
            return False
        return self._operaciones.ocupada(borrador.id) and borrador.mismo_texto(enviado)

    @Slot()
    def _no_esperar_mas(self) -> None:
        if self._esperando is not None:
            self._preguntar(self._esperando)

    def _preguntar(self, seguir: Callable[[], None]) -> None:
        self._esperando = seguir  # a save that ends well makes the question void
        self._pregunta.hacer(
            "dejar",
            self.tr("Hay cambios sin guardar en {titulo}.").format(titulo=_nombre(self._formulario.borrador)),
            self.tr("¿Qué quiere hacer con ellos?"),
            (
                Respuesta(self.tr("Guardar"), lambda: self._guardar_y(seguir)),
                Respuesta(self.tr("Descartar"), lambda: self._soltar_y(seguir)),
                Respuesta(self.tr("Seguir editando"), self._seguir_editando, prudente=True),
            ),
        )

    def _seguir_editando(self) -> None:
        self._esperando = None
        self._formulario.enfocar()

    def _guardar_y(self, seguir: Callable[[], None]) -> None:
        self._esperando, self._despues = None, seguir
        self._formulario.guardar()
        borrador = self._formulario.borrador
        if borrador is None or not self._operaciones.ocupada(borrador.id):
            self._despues = None  # a limit is broken: the form says which, and stays

    def _soltar_y(self, seguir: Callable[[], None]) -> None:
        self._esperando = None
        self._soltar()
        seguir()

    def _soltar(self) -> None:
        borrador = self._formulario.borrador
        if borrador is not None:
            self._fallos.retirar(Asunto.GUARDAR, borrador)
            self.perdidas.olvidar(borrador.id)
        if borrador is not None and borrador.base is not None:
            self._formulario.abrir(Borrador.de(borrador.base))
        else:
            self._formulario.cerrar()

    @Slot()
    def descartar(self) -> None:
        """Esc: drop what was typed, after asking; with nothing typed, leave the form."""
        if not self._formulario.sucio:
            self._cerrar()
            return
        self._pregunta.hacer(
            "descartar",
            self.tr("¿Descartar los cambios de {titulo}?").format(titulo=_nombre(self._formulario.borrador)),
            self.tr("Lo que ha escrito se perderá."),
            (
                Respuesta(self.tr("Descartar"), self._descartar_ya),
                Respuesta(self.tr("Seguir editando"), self._seguir_editando, prudente=True),
            ),
        )

    def _descartar_ya(self) -> None:
        borrador = self._formulario.borrador
        self._soltar()
        if borrador is None or borrador.base is None:
            self._cerrar()

    def _cerrar(self) -> None:
        borrador = self._formulario.borrador
        if borrador is None or borrador.base is None:
            self._formulario.cerrar()
        self.terminada.emit()

    def llegada(self, tarea: Tarea | None) -> None:
        """The list was read again, and this is what it holds of the tarea in the form."""
        borrador = self._formulario.borrador
        if tarea is None or borrador is None or borrador.base is None:
            return
        if not tarea.pendiente:
            self._relato.confirmar(((str(tarea.id), tarea.version),))
        if tarea.version <= borrador.base.version or self._operaciones.ocupada(tarea.id):
            return
        if borrador.sucio:
            self._formulario.decir(
                self.tr("Otra persona ha cambiado esta tarea. Al guardar podrá comparar ambas versiones."),
                "warn",
            )
        else:
            self._formulario.abrir(Borrador.de(tarea))

    # Saving

    @Slot(object)
    def _guardar(self, borrador: Borrador) -> None:
        if self._operaciones.guardar(borrador):
            self._enviado = borrador
            self._formulario.guardando(True)
            self._formulario.decir(self.tr("Guardando…"), "info")

    @Slot(object, object, bool)
    def _al_guardar(self, enviado: Borrador, tarea: Tarea, nueva: bool) -> None:
        self._fallos.retirar(Asunto.GUARDAR, tarea)
        if nueva:
            self.creada.emit(tarea)
        if self._formulario.id != tarea.id:
            return
        self._formulario.guardando(False)
        self._formulario.rebasar(tarea, enviado)
        self._relato.contar(tarea)
        seguir, self._despues = self._despues, None
        espera, self._esperando = self._esperando, None
        if not self._formulario.sucio:
            self._pregunta.retirar()
        if seguir is None and espera is not None:
            self.dejar(espera)
        elif seguir is None:
            self.mostrar.emit(tarea)
        elif self._formulario.sucio:
            self._guardar_y(seguir)  # typed while the save ran
        else:
            seguir()

    @Slot(object, object)
    def _al_no_guardar(self, enviado: Borrador, error: BaseException) -> None:
        self._despues = self._esperando = None
        if self._formulario.id == enviado.id:
            self._formulario.guardando(False)
            # The reason is in the banner, which keeps up with what becomes of it.
            self._formulario.decir(self.tr("Sin guardar: lo que ha escrito sigue aquí."), "error")
        if not self._purgadas.atender(enviado, error):
            self._fallos.contar(Asunto.GUARDAR, enviado, error, lambda: self._reintentar(enviado))

    def _reintentar(self, enviado: Borrador) -> None:
        """What is in the form now if it is still that tarea, else what failed then."""
        if self._formulario.id == enviado.id and self._formulario.sucio:
            self._formulario.guardar()
        else:
            self._operaciones.guardar(enviado)

    @Slot(object, object, object)
    def _al_haber_conflicto(self, enviado: Borrador, actual: Tarea, _propuesta: Tarea) -> None:
        self._despues = self._esperando = None
        mio = enviado
        if self._formulario.id == enviado.id:
            self._formulario.guardando(False)
            self._formulario.decir(self.tr("Sin guardar: hay otra versión de esta tarea."), "warn")
            # What was typed while the save ran is mine as well.
            mio = self._formulario.borrador or enviado
        dialogo = DialogoConflicto(replace(mio, base=enviado.base), actual, self._ventana)
        dialogo.resuelta.connect(self._al_resolver)
        dialogo.descartada.connect(self._al_ceder)
        dialogo.open()

    @Slot(object)
    def _al_resolver(self, borrador: Borrador) -> None:
        if self._formulario.id == borrador.id:
            self._formulario.escribir(borrador)
            self._guardar(borrador)
        else:
            self._operaciones.guardar(borrador)

    @Slot(object)
    def _al_ceder(self, suyo: Tarea) -> None:
        self._fallos.retirar(Asunto.GUARDAR, suyo)
        self.perdidas.ceder(suyo.id)
        if self._formulario.id != suyo.id:
            return
        if suyo.eliminada:
            self._formulario.cerrar()
            self.terminada.emit()
        else:
            self._formulario.abrir(Borrador.de(suyo))


def _nombre(borrador: Borrador | None) -> str:
    """The tarea in a question."""
    if borrador is not None and borrador.titulo.strip():
        return citado(borrador.titulo)
    return QCoreApplication.translate("Edicion", "la tarea nueva")
