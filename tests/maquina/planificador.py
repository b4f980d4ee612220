"""Runs the work of many programs in one thread, one store call at a time, in the order that a test says.

Every program's work is a greenlet that stops before each call to a store; whoever resumes it says what
happens to that call. Nothing runs by itself, so the same orders give the same run.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from enum import IntEnum
from typing import Any, ParamSpec, TypeVar

import greenlet  # type: ignore[import-untyped, unused-ignore]  # ships no types

from adapters.vuelo import Vuelo

P = ParamSpec("P")
T = TypeVar("T")


class Falla(IntEnum):
    """What happens to one call to a store."""

    NINGUNA = 0
    ANTES = 1  # nothing was sent
    PERDIDA = 2  # applied, and the answer never comes
    TARDE = 3  # applied later, and the answer never comes
    RECHAZO = 4  # the server says no


class Muerte(BaseException):
    """The program ended here, at once, as if its machine had lost power."""


class Hilo:
    """One line of work of one program."""

    def __init__(self, dueno: object, funcion: Callable[[], None]) -> None:
        self.dueno = dueno
        self.espera: Future[Any] | None = None
        self._greenlet = greenlet.greenlet(funcion)

    @property
    def listo(self) -> bool:
        """Whether it can go on."""
        return self.espera is None or self.espera.done()

    @property
    def terminado(self) -> bool:
        """Whether it has ended."""
        return bool(self._greenlet.dead)

    def seguir(self, falla: Falla) -> None:
        """On to its next call to a store; the one before which it stands ends in `falla`."""
        self._greenlet.switch(falla) if self._greenlet else self._greenlet.switch()

    def matar(self) -> None:
        """It goes no further. What is told to nobody any more is dropped with it."""
        if self._greenlet:
            try:
                self._greenlet.throw(Muerte)
            except Muerte:
                return


class Planificador:
    """The lines of work that have not ended, in the order in which they began."""

    def __init__(self) -> None:
        self.hilos: list[Hilo] = []
        self.pasos = 0
        self._de: dict[Any, Hilo] = {}

    def lanzar(self, dueno: object, funcion: Callable[[], None]) -> None:
        """Begin a line of work; it does nothing before it is told to."""
        hilo = Hilo(dueno, funcion)
        self.hilos.append(hilo)
        self._de[hilo._greenlet] = hilo

    def avanzar(self, cual: int, falla: Falla) -> bool:
        """One step of one of those that can go on; whether there was any."""
        listos = [hilo for hilo in self.hilos if hilo.listo]
        if not listos:
            return False
        self.pasos += 1
        hilo = listos[cual % len(listos)]
        hilo.seguir(falla)
        if hilo.terminado:
            self._olvidar(hilo)
        return True

    def matar(self, dueno: object) -> None:
        """All work of that program ends where it stands."""
        for hilo in [uno for uno in self.hilos if uno.dueno is dueno]:
            hilo.matar()
            self._olvidar(hilo)

    def ocupado(self, dueno: object) -> bool:
        """Whether that program has work under way."""
        return any(hilo.dueno is dueno for hilo in self.hilos)

    def _olvidar(self, hilo: Hilo) -> None:
        self.hilos.remove(hilo)
        del self._de[hilo._greenlet]

    def ceder(self) -> Falla:
        """Stop here, before a call to a store, until told to go on; what is to happen to that call."""
        actual = greenlet.getcurrent()
        if actual.parent is None:
            return Falla.NINGUNA
        falla: Falla = actual.parent.switch()
        return falla

    def esperar(self, futuro: Future[Any]) -> None:
        """Stop here until that has ended."""
        hilo = self._de[greenlet.getcurrent()]
        hilo.espera = futuro
        while not futuro.done():
            self.ceder()
        hilo.espera = None


class EjecutorPorPasos(Executor):
    """One lane of one program: its calls run as lines of work, one after the other."""

    def __init__(self, planificador: Planificador, dueno: object) -> None:
        self._planificador = planificador
        self._dueno = dueno
        self._ultimo: Future[Any] | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin a call that the scheduler carries out."""
        futuro: Future[T] = Future()
        anterior, self._ultimo = self._ultimo, futuro

        def correr() -> None:
            if anterior is not None and not anterior.done():
                self._planificador.esperar(anterior)
            if not futuro.set_running_or_notify_cancel():
                return
            try:
                futuro.set_result(fn(*args, **kwargs))
            except Exception as error:  # noqa: BLE001  the caller's, as in any executor
                futuro.set_exception(error)

        self._planificador.lanzar(self._dueno, correr)
        return futuro


def vuelo_por_pasos(planificador: Planificador) -> type[Vuelo[Any]]:
    """The real `Vuelo`, which lets others go on while it waits."""

    class VueloPorPasos(Vuelo[Any]):
        def esperar(self, timeout_s: float, *, cola_s: float) -> Any:
            planificador.esperar(self.futuro)
            return super().esperar(timeout_s, cola_s=cola_s)

    return VueloPorPasos
