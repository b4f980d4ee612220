"""What was saved and is not in the list: the filter hides it, or the order puts it further down. Say so."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from core.domain.models.tarea import Tarea
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.tareas.borrador import Borrador
from gui.tareas.modelo import TareasModel
from gui.tareas.operaciones import Operaciones
from gui.tareas.textos import citado

CLAVE = "filtro"
DURA_S = 15.0
"""How long it is said, seconds."""


class Ocultas(QObject):
    """Watches saves."""

    def __init__(
        self,
        operaciones: Operaciones,
        modelo: TareasModel,
        avisos: BandejaAvisos,
        quitar_filtros: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._modelo = modelo
        self._avisos = avisos
        self._quitar_filtros = quitar_filtros
        operaciones.guardada.connect(self._al_guardar)

    @Slot(object, object, bool)
    def _al_guardar(self, _enviado: Borrador, tarea: Tarea, _nueva: bool) -> None:
        if self._modelo.con_id(tarea.id) is not None:
            self._avisos.retirar(CLAVE)
            return
        if self._modelo.mas_abajo(tarea.id):
            plantilla = self.tr("Guardada {titulo}; por el orden de la lista está más abajo")
            acciones: tuple[Accion, ...] = ()
        else:
            plantilla = self.tr("Guardada {titulo}; el filtro actual no la muestra")
            acciones = (Accion(self.tr("Quitar filtros"), self._quitar),)
        self._avisos.mostrar(
            Aviso(
                clave=CLAVE,
                nivel=Nivel.INFO,
                titulo=plantilla.format(titulo=citado(tarea.titulo)),
                acciones=acciones,
                caduca_s=DURA_S,
            )
        )

    def _quitar(self) -> None:
        self._avisos.retirar(CLAVE)
        self._quitar_filtros()
