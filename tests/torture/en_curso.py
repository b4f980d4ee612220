"""A fault as a value, and one that is on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

Accion = Callable[[], None]


def _nada() -> None:
    return


@dataclass(slots=True)
class Falta:
    """One fault.

    Attributes:
        nombre: what it is called in the table.
        recursos: what it needs for itself alone: two faults must not undo each other.
        empezar: begin it.
        terminar: make it good again.
        cada: done again and again while it lasts, every `cada_s` seconds.
    """

    nombre: str
    recursos: frozenset[str]
    empezar: Accion = _nada
    terminar: Accion = _nada
    cada: Accion | None = None
    cada_s: float = 0.1


class EnCurso:
    """A fault that is on, in a thread of its own."""

    def __init__(self, falta: Falta, dura_s: float) -> None:
        self.falta = falta
        self.error = ""
        self._dura_s = dura_s
        self._basta = threading.Event()
        self._hilo = threading.Thread(target=self._correr, name=f"falta {falta.nombre}", daemon=True)
        self._hilo.start()

    @property
    def acabada(self) -> bool:
        """Whether all is well again."""
        return not self._hilo.is_alive()

    def acabar(self) -> None:
        """End it now."""
        self._basta.set()

    def esperar(self, plazo_s: float) -> bool:
        """Wait until all is well again; whether it is."""
        self._hilo.join(plazo_s)
        return self.acabada

    def _correr(self) -> None:
        try:
            self.falta.empezar()
            try:
                self._durar()
            finally:
                self.falta.terminar()
        except Exception as error:  # noqa: BLE001  reported by the run, which is then void
            self.error = f"{self.falta.nombre}: {type(error).__name__}: {error}"

    def _durar(self) -> None:
        falta, quedan_s = self.falta, self._dura_s
        if falta.cada is None:
            self._basta.wait(quedan_s)
            return
        while quedan_s > 0 and not self._basta.wait(falta.cada_s):
            falta.cada()
            quedan_s -= falta.cada_s
