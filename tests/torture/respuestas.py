"""Answers to writes that get lost on the way: of one write, and like rain."""

from __future__ import annotations

import random
import re
import threading
from collections import deque

from tests.torture.mesa import MesaDeTortura

_ESCRIBE = re.compile(rb"[a-z]\.\d+-\d+-\d+ ")
"""In every request that writes a tarea: the token at the beginning of its titulo."""


def escribe(peticion: bytes) -> bool:
    """Whether that request writes a tarea."""
    return bool(_ESCRIBE.search(peticion))


class Lluvia:
    """Now and then, all the time, the answer to a write is lost, in some operator's network.

    It falls beside every other fault: what a lost answer leaves behind has to go with all of them.
    """

    def __init__(self, mesa: MesaDeTortura, azar: random.Random, cada_s: float) -> None:
        self._redes = [red for redes in mesa.redes.values() for red in redes.values()]
        self._azar = azar
        self._cada_s = cada_s
        self._proxima_s = 0.0
        self._puestas: deque[threading.Event] = deque()
        self.caidas = 0

    def caer(self, ahora_s: float) -> None:
        """To be called often while it rains."""
        if ahora_s < self._proxima_s:
            return
        self._proxima_s = ahora_s + self._azar.expovariate(1 / self._cada_s)
        red = self._azar.choice(self._redes)
        self._puestas.append(red.tirar_respuesta(escribe))

    def escampar(self) -> None:
        """Every network is good again. Not to be called while another fault is on."""
        for red in self._redes:
            red.pasar()
        self.caidas += sum(puesta.is_set() for puesta in self._puestas)
        self._puestas.clear()


class Elegida:
    """The first write that either network sees: both drop the answer to that one."""

    def __init__(self) -> None:
        self._marca = b""
        self._lock = threading.Lock()  # two networks ask, each from its own thread

    def es(self, peticion: bytes) -> bool:
        """Whether that request carries it."""
        hallada = _ESCRIBE.search(peticion)
        if hallada is None:
            return False
        with self._lock:
            self._marca = self._marca or hallada[0]
            return self._marca == hallada[0]
