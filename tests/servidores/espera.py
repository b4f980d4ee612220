"""Waiting in tests: for a condition, with a deadline, never for a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def esperar(condicion: Callable[[], T], *, plazo_s: float = 5.0, que: str = "", paso_s: float = 0.01) -> T:
    """The first true value of `condicion`; AssertionError naming `que` if there is none in time."""
    fin = time.monotonic() + plazo_s
    reloj = threading.Event()
    while True:
        if valor := condicion():
            return valor
        if time.monotonic() >= fin:
            raise AssertionError(f"no ocurrió en {plazo_s:g} s: {que or condicion}")
        reloj.wait(paso_s)
