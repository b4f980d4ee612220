"""Closing several things in order, whatever fails on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack


def cerrar_en_orden(*cierres: Callable[[], object]) -> None:
    """Call each; one that raises keeps none of the others from it, and what it raised rises at the end."""
    with ExitStack() as pila:
        for cierre in reversed(cierres):
            pila.callback(cierre)


def en_lo_que_queda(limite_s: float, cerrar: Callable[[float], object]) -> Callable[[], object]:
    """`cerrar` with the time that is left, when it is called, until `limite_s` (monotonic)."""
    return lambda: cerrar(max(0.0, limite_s - time.monotonic()))
