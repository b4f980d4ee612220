"""Named points at which an operator can be killed, put around the stores from outside of the program."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from core.domain.models.almacen import NombreAlmacen
from core.domain.ports.almacen import Almacen

PUNTOS = (
    "tras confirmar SQL",
    "tras responder MongoDB",
    "antes de confirmar",
    "entre dos confirmaciones",
    "en pleno drenaje",
    "tras guardar el conflicto",
    "antes de reemplazar",
)
VECES_MAX = dict(zip(PUNTOS, (150, 150, 60, 60, 6, 4, 6), strict=True))
"""Up to how many passages of each an operator may live: those of every write come up all the time."""
EN_PURGA = "en plena purga"


class Punto:
    """One point: the process ends there, by SIGKILL, the n-th time that it passes while armed."""

    def __init__(self, nombre: str, vez: int) -> None:
        self.nombre = nombre
        self._faltan = vez
        self.armado = threading.Event()
        self._lock = threading.Lock()  # threads of both lanes pass here

    def pasar(self, nombre: str) -> None:
        """To be called at every point."""
        if not nombre or nombre != self.nombre or not self.armado.is_set():
            return
        with self._lock:
            self._faltan -= 1
            if self._faltan == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def poner_puntos(almacenes: dict[NombreAlmacen, Almacen], punto: Punto) -> None:
    """Wrap what the stores do, so that `punto` hears of it."""
    tras_escribir = {NombreAlmacen.SQL: PUNTOS[0], NombreAlmacen.MONGO: PUNTOS[1]}
    for nombre, almacen in almacenes.items():
        _envolver(almacen, "escribir", punto, despues=tras_escribir[nombre])
        _envolver(almacen, "confirmar", punto, antes=PUNTOS[2], despues=PUNTOS[3])
        _envolver(almacen, "escribir_lote", punto, despues=PUNTOS[4])
        _envolver(almacen, "guardar_conflicto", punto, despues=PUNTOS[5])
        _envolver(almacen, "reemplazar", punto, antes=PUNTOS[6])


def _envolver(almacen: Almacen, metodo: str, punto: Punto, *, antes: str = "", despues: str = "") -> None:
    original: Callable[..., Any] = getattr(almacen, metodo)

    @wraps(original)
    def envuelto(*args: Any, **claves: Any) -> Any:
        punto.pasar(antes)
        valor = original(*args, **claves)
        punto.pasar(despues)
        return valor

    setattr(almacen, metodo, envuelto)
