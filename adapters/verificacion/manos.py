"""Two threads, one a store, for whoever compares them: both asked at once, no wait past a stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, Self, TypeVar

from core.domain.models.almacen import NombreAlmacen
from core.domain.ports.revision import AlmacenRevisable

T = TypeVar("T")

PASO_S = 0.05
"""Between two looks at whether to stop, seconds."""
LATIDO_S = 1.0
"""Between two looks at whether a server that works for long still lives, seconds."""


class Cancelada(Exception):
    """Whoever asked for the comparison wants it no more."""


class Manos:
    """Asks both stores.

    Args:
        parar: set from outside; every wait then ends with `Cancelada`.
        cada_paso: called, in the asking thread, a few times a second while stores work.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, AlmacenRevisable],
        parar: threading.Event,
        cada_paso: Callable[[], None] = lambda: None,
    ) -> None:
        self._almacenes = almacenes
        self._parar = parar
        self._cada_paso = cada_paso
        self._hilos = ThreadPoolExecutor(2, thread_name_prefix="DualRepo-verificar")
        self._latidos = ThreadPoolExecutor(2, thread_name_prefix="DualRepo-latido")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, traza: TracebackType | None
    ) -> None:
        if tipo is not None:
            self._en_todos(lambda almacen: almacen.cancelar())
        self._en_todos(lambda almacen: almacen.soltar())
        # Nobody waits for a server that does not answer: the store's own deadline ends that thread.
        for hilos in (self._hilos, self._latidos):
            hilos.shutdown(wait=False, cancel_futures=True)

    def pedir(self, nombre: NombreAlmacen, funcion: Callable[[AlmacenRevisable], T]) -> Future[T]:
        """Begin to ask one store."""
        return self._hilos.submit(funcion, self._almacenes[nombre])

    def esperar(self, futuro: Future[T]) -> T:
        """Its answer. Raises Cancelada, and what the store raised."""
        while not wait([futuro], timeout=PASO_S).done:
            self._comprobar()
        self._comprobar()
        return futuro.result()

    def en_ambos(
        self, funcion: Callable[[AlmacenRevisable], T], *, con_latido: bool = False
    ) -> dict[NombreAlmacen, T]:
        """What both answer, asked at the same time; the first error of either ends it.

        Args:
            con_latido: it may take long: look all the while whether the servers live.
        """
        futuros = {nombre: self.pedir(nombre, funcion) for nombre in self._almacenes}
        latidos: dict[NombreAlmacen, Future[None]] = {}
        mirar_s = time.monotonic() + LATIDO_S
        while faltan := [nombre for nombre, futuro in futuros.items() if not futuro.done()]:
            wait([futuros[nombre] for nombre in faltan], timeout=PASO_S)
            self._comprobar()
            hechos: list[Future[Any]] = [*futuros.values(), *latidos.values()]
            for hecho in hechos:
                if hecho.done():
                    hecho.result()
            self._cada_paso()
            if con_latido and time.monotonic() >= mirar_s:
                mirar_s = time.monotonic() + LATIDO_S
                self._latir([n for n in faltan if n not in latidos or latidos[n].done()], latidos)
        return {nombre: futuro.result() for nombre, futuro in futuros.items()}

    def _latir(self, cuales: list[NombreAlmacen], latidos: dict[NombreAlmacen, Future[None]]) -> None:
        for nombre in cuales:
            latidos[nombre] = self._latidos.submit(self._almacenes[nombre].latir)

    def _comprobar(self) -> None:
        if self._parar.is_set():
            raise Cancelada

    def _en_todos(self, hacer: Callable[[AlmacenRevisable], None]) -> None:
        hilos = [
            threading.Thread(target=hacer, args=(almacen,), name="DualRepo-cancelar", daemon=True)
            for almacen in self._almacenes.values()
        ]
        for hilo in hilos:
            hilo.start()
        for hilo in hilos:
            hilo.join(LATIDO_S / 2)
