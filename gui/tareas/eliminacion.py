"""Deleting a tarea, undoing it, and telling how that went."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.domain.models.tarea import Tarea
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.tareas.borrador import Borrador
from gui.tareas.fallos import Asunto, FallosDeEscritura
from gui.tareas.formulario import FormularioTarea
from gui.tareas.operaciones import Operaciones
from gui.tareas.preguntas import Pregunta, Respuesta
from gui.tareas.textos import citado, clave

DESHACER_S = 30.0
"""How long the banner with «Deshacer» stays, seconds."""


class Eliminacion(QObject):
    """Asks before, offers the way back after.

    Signals:
        eliminada: (Tarea) the tombstone.
        restaurada: (Tarea) it lives again.
        cerrada: the deleted tarea was in the form, which is empty now.
    """

    eliminada = Signal(object)
    restaurada = Signal(object)
    cerrada = Signal()

    def __init__(
        self,
        formulario: FormularioTarea,
        operaciones: Operaciones,
        fallos: FallosDeEscritura,
        avisos: BandejaAvisos,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._ventana = parent
        self._formulario = formulario
        self._operaciones = operaciones
        self._fallos = fallos
        self._avisos = avisos
        self._ultima: Tarea | None = None
        formulario.restaurar_pedido.connect(self._deshacer)
        operaciones.eliminada.connect(self._al_eliminar)
        operaciones.no_eliminada.connect(self._al_no_eliminar)
        operaciones.cambiada_antes_de_eliminar.connect(self._al_cambiar_antes)
        operaciones.restaurada.connect(self._al_restaurar)
        operaciones.no_restaurada.connect(self._al_no_restaurar)

    def preguntar(self, tarea: Tarea) -> None:
        """Delete it after the operator has read its titulo; one that is deleted already stays so."""
        if tarea.eliminada:
            return
        detalle = self.tr("Durante {n} segundos podrá deshacerlo con Ctrl+Z o desde el aviso sobre la lista.")
        detalle = detalle.format(n=round(DESHACER_S))
        if self._formulario.id == tarea.id and self._formulario.sucio:
            detalle = self.tr("Los cambios que no ha guardado se perderán. ") + detalle
        Pregunta(
            self._ventana,
            self.tr("¿Eliminar la tarea {titulo}?").format(titulo=citado(tarea.titulo)),
            detalle,
            (
                Respuesta(self.tr("Eliminar"), lambda: self._eliminar(tarea)),
                Respuesta(self.tr("Cancelar"), lambda: None, prudente=True),
            ),
        )

    def _eliminar(self, tarea: Tarea) -> None:
        if self._operaciones.eliminar(tarea) and self._formulario.id == tarea.id:
            self._formulario.abrir(Borrador.de(tarea))
            self._formulario.guardando(True)

    @Slot(object)
    def _al_eliminar(self, lapida: Tarea) -> None:
        self.eliminada.emit(lapida)
        self._fallos.retirar(Asunto.ELIMINAR, lapida)
        if self._formulario.id == lapida.id:
            self._formulario.cerrar()
            self.cerrada.emit()
        self._avisos.mostrar(
            Aviso(
                clave=clave(Asunto.RESTAURAR, lapida),
                nivel=Nivel.EXITO,
                titulo=self.tr("Tarea eliminada"),
                detalle=f"{citado(lapida.titulo)}   {self._operaciones.informe(lapida).por_almacen}".rstrip(),
                acciones=(Accion(self.tr("Deshacer   Ctrl+Z"), lambda: self._deshacer(lapida)),),
                caduca_s=DESHACER_S,
            )
        )
        self._ultima = lapida

    @Slot()
    def deshacer_ultima(self) -> None:
        """Bring back what was deleted last, while its banner offers that."""
        if self._ultima is not None and self._avisos.veces(clave(Asunto.RESTAURAR, self._ultima)):
            self._deshacer(self._ultima)

    @Slot(object)
    def _deshacer(self, lapida: Tarea) -> None:
        if self._operaciones.restaurar(lapida) and self._formulario.id == lapida.id:
            self._formulario.guardando(True)

    @Slot(object)
    def _al_restaurar(self, tarea: Tarea) -> None:
        self._fallos.retirar(Asunto.RESTAURAR, tarea)
        self.restaurada.emit(tarea)

    @Slot(object, object)
    def _al_no_restaurar(self, lapida: Tarea, error: BaseException) -> None:
        if self._formulario.id == lapida.id:
            self._formulario.guardando(False)
        self._fallos.contar(Asunto.RESTAURAR, lapida, error, lambda: self._deshacer(lapida))

    @Slot(object, object)
    def _al_no_eliminar(self, tarea: Tarea, error: BaseException) -> None:
        if self._formulario.id == tarea.id:
            self._formulario.guardando(False)
        self._fallos.contar(Asunto.ELIMINAR, tarea, error, lambda: self._eliminar(tarea))

    @Slot(object, object)
    def _al_cambiar_antes(self, actual: Tarea, _lapida: Tarea) -> None:
        if self._formulario.id == actual.id:
            self._formulario.guardando(False)
            self._formulario.abrir(Borrador.de(actual))
        self._avisos.mostrar(
            Aviso(
                clave=clave(Asunto.ELIMINAR, actual),
                nivel=Nivel.AVISO,
                titulo=self.tr("Otra persona cambió {titulo}; no se ha eliminado").format(
                    titulo=citado(actual.titulo)
                ),
                detalle=self.tr("La lista muestra ya la versión actual. Compruebe si aún quiere eliminarla."),
                acciones=(Accion(self.tr("Eliminar de todos modos"), lambda: self.preguntar(actual)),),
            )
        )
