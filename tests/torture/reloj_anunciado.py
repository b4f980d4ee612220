"""The program's clock, of which the next version is known before it is asked for.

A history has to hold a write's version before the write is sent. To hand the version in instead would make
each write look like the repetition of an earlier one, whose outcome is unknown whatever becomes of it: none
would ever count as failed, and "a failed write left no trace" would be judged of nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from core.domain.models.version import RelojHibrido


class RelojAnunciado:
    """Stands in the place of a RelojHibrido.

    Args:
        reloj: the one that gives the versions.
    """

    def __init__(self, reloj: RelojHibrido) -> None:
        self._reloj = reloj
        self._anunciada = threading.local()

    @property
    def nodo(self) -> int:
        """See `RelojHibrido`."""
        return self._reloj.nodo

    def siguiente(self, base: int = 0) -> int:
        """The version that was announced to this thread, once; otherwise a new one."""
        version: int = getattr(self._anunciada, "version", 0)
        self._anunciada.version = 0
        return version or self._reloj.siguiente(base)

    def desdecir(self, version: int) -> None:
        """It stands in the history, and must not be given again."""

    @contextmanager
    def dara(self, version: int) -> Iterator[None]:
        """Inside, this thread is given that one next."""
        self._anunciada.version = version
        try:
            yield
        finally:
            self._anunciada.version = 0
