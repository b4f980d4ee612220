"""Before the first read of a program: which store missed something while nobody was looking."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from adapters.dual.primera_pareja import PrimeraPareja
from adapters.health.registro import RegistroSalud
from adapters.nodo import ahora_ms
from core.domain.errors import AlmacenError, EsquemaSinAdoptar
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.version import lleva_esperando

_log = logging.getLogger(__name__)

GRACIA_S = 0.5
"""What a look may take beyond its deadline to come back from the driver, seconds."""

PedirPendiente = Callable[[NombreAlmacen], Sequence[Tarea]]
"""The oldest pendientes of a store. Raises AlmacenError."""


class PrimeraMirada:
    """Asks both stores at once for pendientes from before; the other one is behind with them.

    Of a store that cannot say, nobody knows what it has that the other lacks: then the other counts as
    behind, too, until a pass of the replication engine has been made.

    Args:
        pedir: asks one store, within `timeout_s` seconds.
        pareja: finds a store that was emptied, of which no pendiente tells.
    """

    def __init__(
        self,
        pedir: PedirPendiente,
        registro: RegistroSalud,
        *,
        timeout_s: float,
        pareja: PrimeraPareja,
    ) -> None:
        self._pedir = pedir
        self._registro = registro
        self._plazo_s = timeout_s + GRACIA_S
        self._miradas: dict[NombreAlmacen, threading.Thread] = {}
        self._pareja = pareja
        self._mirada_pareja: threading.Thread | None = None
        self._limite_s = 0.0
        # Held to start the threads only: the first reads come at once from several threads, and one look is
        # enough for all of them.
        self._lock = threading.Lock()

    def esperar(self) -> None:
        """Return once it is known who is behind; at once if it was known, after the deadline anyhow."""
        if not self._registro.por_mirar:
            return
        with self._lock:
            if not self._miradas:
                self._empezar()
        for nombre, mirada in self._miradas.items():
            mirada.join(max(0.0, self._limite_s - time.monotonic()))
            if mirada.is_alive() and self._registro.por_mirar:
                self._registro.marcar_dudosa(nombre.otro)
        if self._mirada_pareja is not None:
            self._mirada_pareja.join(max(0.0, self._limite_s - time.monotonic()))
        self._registro.por_mirar = False

    def _empezar(self) -> None:
        self._limite_s = time.monotonic() + self._plazo_s
        miradas = {
            nombre: threading.Thread(
                target=self._mirar, args=(nombre,), name=f"DualRepo-mirada-{nombre}", daemon=True
            )
            for nombre in NombreAlmacen
        }
        pareja = threading.Thread(target=self._pareja.mirar, name="DualRepo-mirada-pareja", daemon=True)
        for mirada in (*miradas.values(), pareja):
            mirada.start()
        # Kept once all of them run: a signal may end this in the middle, and nobody can wait for one that
        # was never started.
        self._miradas, self._mirada_pareja = miradas, pareja

    def _mirar(self, nombre: NombreAlmacen) -> None:
        if self._registro.conocida_caida(nombre):
            self._registro.marcar_dudosa(nombre.otro)
            return
        try:
            hay = self._pedir(nombre)
        except EsquemaSinAdoptar:
            return  # nobody was ever promised that its rows are in the other store
        except AlmacenError:
            self._registro.marcar_dudosa(nombre.otro)
        except Exception:  # noqa: BLE001
            # Our bug must not end in the belief that nothing is missing.
            _log.exception("Error interno al mirar qué falta")
            self._registro.marcar_dudosa(nombre.otro)
        else:
            if any(lleva_esperando(fila.version, ahora_ms()) for fila in hay):
                self._registro.marcar_atrasada(nombre.otro)
