"""Reads the conflicts on a worker, page by page; an answer that nobody waits for any more is dropped."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from core.application.listar_conflictos import PaginaVista
from core.domain.models.conflicto import LugarConflicto
from gui.bridge import Puente
from gui.conflictos.casos import CasosDeConflictos
from gui.conflictos.modelo import ConflictosModel

PAGINA = 100


class CargadorConflictos(QObject):
    """Keeps the model filled.

    Signals:
        cargada: (str) the first page is there; what has to be said of it, empty for nothing.
        fallo: (BaseException) it cannot be read.
    """

    cargada = Signal(str)
    fallo = Signal(object)

    def __init__(self, puente: Puente, modelo: ConflictosModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._puente = puente
        self._modelo = modelo
        self._casos: CasosDeConflictos | None = None
        self._resueltos = False
        self._pregunta = 0
        self._siguiente: LugarConflicto | None = None
        self.preguntando = False
        modelo.falta_pagina.connect(self._pedir_mas)

    def conectar(self, casos: CasosDeConflictos) -> None:
        """The use cases are there."""
        self._casos = casos

    def cargar(self, *, resueltos: bool) -> None:
        """Read the first page of the open ones, or of the resolved ones."""
        self._resueltos = resueltos
        self._pregunta += 1
        self.preguntando = True
        self._pedir(None)

    @Slot()
    def _pedir_mas(self) -> None:
        self._pedir(self._siguiente)

    def _pedir(self, tras: LugarConflicto | None) -> None:
        if self._casos is None:
            return
        self._puente.lanzar(
            partial(
                self._casos.listar_conflictos.execute, tras=tras, limite=PAGINA, resueltos=self._resueltos
            ),
            exito=partial(self._al_llegar, self._pregunta, tras is None),
            error=partial(self._al_fallar, self._pregunta),
        )

    def _al_llegar(self, pregunta: int, primera: bool, pagina: PaginaVista) -> None:
        if pregunta != self._pregunta:
            return
        self.preguntando = False
        self._siguiente = pagina.siguiente
        hay_mas = pagina.siguiente is not None
        if not primera:
            self._modelo.anadir(pagina.conflictos, hay_mas=hay_mas)
            return
        self._modelo.reemplazar(pagina.conflictos, hay_mas=hay_mas)
        self.cargada.emit(pagina.aviso)

    def _al_fallar(self, pregunta: int, error: BaseException) -> None:
        if pregunta == self._pregunta:
            self.preguntando = False
            self.fallo.emit(error)
