"""Before the first read or write of a program: whether one of the stores was emptied, or is another one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from core.domain.errors import AlmacenError

_log = logging.getLogger(__name__)

GRACIA_S = 0.5
"""What a look may take beyond its deadlines to come back from the driver, seconds."""


class PrimeraPareja:
    """One look for all threads that come first; those that come meanwhile wait for it.

    Without it the first read might find nothing in an emptied store, and the first write put a row there,
    after which it would not look emptied any more. Later ones are covered by the replication engine, which
    looks every few seconds.

    Args:
        mirar: marks such a store in the registry. Raises AlmacenError.
        timeout_s: longest it may take, seconds.
    """

    def __init__(self, mirar: Callable[[], None], *, timeout_s: float) -> None:
        self._mirar = mirar
        self._plazo_s = timeout_s + GRACIA_S
        self._visto = threading.Event()
        self._empezado = False
        self._lock = threading.Lock()  # of the flag above, held to change it and no longer

    def mirar(self) -> None:
        """Look, or wait for whoever does; at once when it has been done. What it cannot find out, it leaves:
        the store that did not answer is looked at before it counts as up to date again.
        """
        if self._visto.is_set():
            return
        with self._lock:
            soy_el_primero, self._empezado = not self._empezado, True
        if not soy_el_primero:
            self._visto.wait(self._plazo_s)
            return
        try:
            self._mirar()
        except AlmacenError as error:
            _log.info("Aún no se sabe si las dos bases de datos son pareja: %s", error)
        except Exception:  # noqa: BLE001
            # Whoever waits for it goes on; replication will meet the same bug, and report it each time.
            _log.exception("Error interno al mirar si las dos bases de datos son pareja")
        finally:
            self._visto.set()
