"""Ctrl+C in a verb that works in batches: the batch under way is finished, and what is done is told."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def al_pedir_que_pare(parar: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl+C call `parar`, which soon ends the work; pressed again, KeyboardInterrupt at once."""
    pedida = threading.Event()

    def oir(_senal: int, _marco: FrameType | None) -> None:
        if pedida.is_set():
            raise KeyboardInterrupt
        pedida.set()
        parar()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    antes = signal.signal(signal.SIGINT, oir)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, antes)
