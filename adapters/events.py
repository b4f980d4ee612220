"""A tiny event bus: whoever has something to tell publishes, whoever cares subscribes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from core.domain.events import Evento

_log = logging.getLogger(__name__)
Oyente = Callable[[Evento], None]


class BusEventos:
    """Calls each subscriber in the publisher's thread: subscribers must only hand over and return."""

    def __init__(self) -> None:
        self._oyentes: tuple[Oyente, ...] = ()
        # Guards the swap of the tuple only; publishing iterates over whichever tuple it found.
        self._lock = threading.Lock()

    def suscribir(self, oyente: Oyente) -> Callable[[], None]:
        """Call `oyente` for every event from now on; the returned function ends that."""
        with self._lock:
            self._oyentes = (*self._oyentes, oyente)

        def cancelar() -> None:
            with self._lock:
                self._oyentes = tuple(otro for otro in self._oyentes if otro is not oyente)

        return cancelar

    def publicar(self, evento: Evento) -> None:
        """Tell every subscriber; one that fails is reported and does not keep it from the others."""
        for oyente in self._oyentes:
            try:
                oyente(evento)
            except Exception:  # noqa: BLE001  a listener's bug must not undo the write it hears of
                _log.exception("Un oyente de eventos ha fallado con %r", type(evento).__name__)
