"""Loads the list, page by page, on workers; an answer to an older question is dropped."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from core.domain.errors import CursorCaducado
from core.domain.models.consulta import Columna, Consulta, Cursor, Filtro, Pagina
from gui.bridge import Puente
from gui.tareas.casos import CasosDeTareas
from gui.tareas.modelo import TareasModel

PAGINA = 300
"""Rows a page. A driver decodes a page in one go, during which the window gets no turn: keep it small."""
FILAS_MAX = 3_000
"""Most rows that a refresh reads again; whoever has scrolled further lands nearer to the top."""


class CargadorTareas(QObject):
    """Puts what a store answers into the model.

    Signals:
        empezada: a question was asked; the rows shown are of an older one.
        cargada: (Pagina, datetime) a page came, and when.
        fallida: (BaseException) the question, or the next page, could not be answered. No page is asked for
            after that one until the list is read again: scrolling would only repeat what was told.
        contada: (int) how many rows the question has.
        por_reemplazar, reemplazada: around the exchange of all rows.
    """

    empezada = Signal()
    cargada = Signal(object, object)
    fallida = Signal(object)
    contada = Signal(object)
    por_reemplazar = Signal()
    reemplazada = Signal()

    def __init__(self, puente: Puente, modelo: TareasModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._puente = puente
        self._modelo = modelo
        self._casos: CasosDeTareas | None = None
        self._consulta = Consulta(limite=PAGINA)
        self._siguiente: Cursor | None = None
        self._aviso, self._atrasada = "", False
        self._recargada_sola = False
        self._generacion = 0
        self._pedidos: list[Future[Any]] = []
        self.preguntando = False
        modelo.falta_pagina.connect(self._pedir_siguiente)

    @property
    def consulta(self) -> Consulta:
        """The question as last asked."""
        return self._consulta

    def conectar(self, casos: CasosDeTareas) -> None:
        """The use cases are there: ask for the first time."""
        self._casos = casos
        self.refrescar()

    def filtrar(self, filtro: Filtro) -> None:
        """Ask for other rows."""
        if filtro != self._consulta.filtro:
            self._consulta = replace(self._consulta, filtro=filtro)
            self.refrescar()

    def ordenar(self, columna: Columna, *, descendente: bool) -> None:
        """Ask for another order."""
        if (columna, descendente) != (self._consulta.columna, self._consulta.descendente):
            self._consulta = replace(self._consulta, columna=columna, descendente=descendente)
            self.refrescar()

    def refrescar(self, *, filas: int = 0) -> None:
        """Ask again from the first row, for as many rows as are in use, so that the place is kept."""
        self._recargada_sola = False
        self._recargar(filas)

    def _recargar(self, filas: int) -> None:
        if self._casos is None:
            return
        self._nueva_generacion()
        consulta, casos = self._consulta, self._casos
        self._pedir(lambda: _leer_varias(casos, consulta, min(filas, FILAS_MAX)), self._al_llegar_primera)
        self._pedir(lambda: casos.contar.execute(consulta.filtro), self.contada.emit, cuenta=True)

    def _nueva_generacion(self) -> None:
        self._generacion += 1
        for pedido in self._pedidos:
            pedido.cancel()  # one that has not begun need not begin
        self._pedidos.clear()
        self.preguntando = True
        self.empezada.emit()

    @Slot()
    def _pedir_siguiente(self) -> None:
        if self._casos is None or self._siguiente is None or self.preguntando:
            self._modelo.pagina_no_pedida()
            return
        casos, consulta = self._casos, replace(self._consulta, tras=self._siguiente)
        self._pedir(lambda: casos.listar.execute(consulta), self._al_llegar_mas)

    def _pedir(
        self, funcion: Callable[[], Any], exito: Callable[[Any], None], *, cuenta: bool = False
    ) -> None:
        generacion = self._generacion

        def si_vigente(hacer: Callable[[Any], None]) -> Callable[[Any], None]:
            return lambda valor: hacer(valor) if generacion == self._generacion else None

        # A count that fails says nothing that the page beside it does not say better.
        error = self._al_no_contar if cuenta else self._al_fallar
        self._pedidos = [pedido for pedido in self._pedidos if not pedido.done()]
        self._pedidos.append(self._puente.lanzar(funcion, exito=si_vigente(exito), error=si_vigente(error)))

    def _al_llegar_primera(self, pagina: Pagina) -> None:
        self.preguntando = False
        self._siguiente = pagina.siguiente
        self._aviso, self._atrasada = pagina.aviso, pagina.atrasada
        self.por_reemplazar.emit()
        self._modelo.reemplazar(self._consulta, pagina)
        self.reemplazada.emit()
        self.cargada.emit(pagina, datetime.now(UTC))

    def _al_llegar_mas(self, pagina: Pagina) -> None:
        self._siguiente = pagina.siguiente
        self._recargada_sola = False
        # What was said of the first rows holds for the list until it is read again.
        atrasada = self._atrasada or pagina.atrasada
        pagina = replace(pagina, aviso=self._aviso or pagina.aviso, atrasada=atrasada)
        self._modelo.anadir(pagina)
        self.cargada.emit(pagina, datetime.now(UTC))

    def _al_fallar(self, error: BaseException) -> None:
        self.preguntando = False
        # Once without a word: the other store may have the rest. If it fails again, it might for ever.
        if isinstance(error, CursorCaducado) and not self._recargada_sola:
            self._recargada_sola = True
            self._recargar(self._modelo.rowCount())
            return
        self.fallida.emit(error)

    def _al_no_contar(self, _error: BaseException) -> None:
        self.contada.emit(None)


def _leer_varias(casos: CasosDeTareas, consulta: Consulta, filas: int) -> Pagina:
    """The first `filas` rows, at least one page, read a page at a time. Runs on a worker."""
    pagina = primera = casos.listar.execute(consulta)
    tareas = {tarea.id: tarea for tarea in pagina}  # one that moves down meanwhile stays single
    while pagina.siguiente is not None and len(tareas) < filas:
        pagina = casos.listar.execute(replace(consulta, tras=pagina.siguiente))
        tareas.update((tarea.id, tarea) for tarea in pagina if tarea.id not in tareas)
    return replace(
        pagina,
        tareas=tuple(tareas.values()),
        aviso=primera.aviso or pagina.aviso,
        atrasada=primera.atrasada or pagina.atrasada,
    )
