"""Before a read or write: whether the two stores still are a pair, if nobody has looked for a while."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from core.domain.errors import AlmacenError

_log = logging.getLogger(__name__)

GRACIA_S = 0.5
"""What a look may take beyond its deadlines to come back from the driver, seconds."""
VALE_S: Final = 8.0
"""How long a look is worth something, seconds: less than whoever puts another database in the place of one of
them waits before it is filled (`adapters.replicacion.parejas.RELEVO_MS`)."""


class PrimeraPareja:
    """One look for all threads that come first; those that come meanwhile wait for it.

    Without it the first read might find nothing in an emptied store, and the first write put a row there,
    after which it would not look emptied any more. Later ones are covered by the replication engine, which
    looks every few seconds; but not those of a program that was frozen, or whose machine was asleep: by now
    another database may stand in the place of one of its own.

    Args:
        mirar: marks such a store in the registry. Raises AlmacenError.
        timeout_s: longest it may take, seconds.
        mirada_s: when anybody in this program has looked, of `ahora_s`; None where nobody tells.
        ahora_s: a clock that goes on while the machine sleeps, seconds.
    """

    def __init__(
        self,
        mirar: Callable[[], None],
        *,
        timeout_s: float,
        mirada_s: Callable[[], float] | None = None,
        ahora_s: Callable[[], float] = time.time,
    ) -> None:
        self._mirar = mirar
        self._plazo_s = timeout_s + GRACIA_S
        self._mirada_s = mirada_s
        self._ahora_s = ahora_s
        self._intentada_s = 0.0
        self._visto = threading.Event()
        self._empezado = False
        self._lock = threading.Lock()  # of the flag above, held to change it and no longer

    def mirar(self) -> None:
        """Look, or wait for whoever does; at once when it has been done. What it cannot find out, it leaves:
        the store that did not answer is looked at before it counts as up to date again.
        """
        if self._visto.is_set() and not self._es_vieja():
            return
        with self._lock:
            if self._visto.is_set() and self._empezado:
                self._visto.clear()
                self._empezado = False
            soy_el_primero, self._empezado = not self._empezado, True
        if not soy_el_primero:
            self._visto.wait(self._plazo_s)
            return
        self._intentada_s = self._ahora_s()  # a look that fails is not tried again at each write
        try:
            self._mirar()
        except AlmacenError as error:
            _log.info("Aún no se sabe si las dos bases de datos son pareja: %s", error)
        except Exception:  # noqa: BLE001
            # Whoever waits for it goes on; replication will meet the same bug, and report it each time.
            _log.exception("Error interno al mirar si las dos bases de datos son pareja")
        finally:
            self._visto.set()

    def _es_vieja(self) -> bool:
        # A clock that was set back must not make it young for ever.
        if self._mirada_s is None:
            return False
        return not 0 <= self._ahora_s() - max(self._mirada_s(), self._intentada_s) < VALE_S
