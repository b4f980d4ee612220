"""The one place that knows how each store is: fed by pings, reads and writes; read by everybody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from core.domain.events import Evento, SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.health import EstadoSalud, Observacion, PoliticaSalud, SaludAlmacen, observar


class RegistroSalud:
    """Holds the current snapshot of each store.

    Args:
        frescura_s: how long a CAIDA is believed without asking again, seconds. Short where nobody
            pings in the background, so that a store that returned is found by the next write.
        replicada: a replication engine runs, so that a store which returns can be called behind until
            the engine says that it has caught up.
    """

    def __init__(
        self,
        almacenes: Iterable[NombreAlmacen] = tuple(NombreAlmacen),
        *,
        politica: PoliticaSalud | None = None,
        publicar: Callable[[Evento], None] = lambda _evento: None,
        ahora_s: Callable[[], float] = time.monotonic,
        frescura_s: float = 1.0,
        replicada: bool = False,
    ) -> None:
        self.politica = politica or PoliticaSalud()
        self.frescura_s = frescura_s
        self._replicada = replicada
        self._atrasadas: frozenset[NombreAlmacen] = frozenset()
        self._publicar = publicar
        self._ahora_s = ahora_s
        self._salud = {nombre: SaludAlmacen(almacen=nombre, desde_s=ahora_s()) for nombre in almacenes}
        # Guards read-modify-write of a snapshot. The pure step runs under it, I/O and listeners never do.
        self._lock = threading.Lock()

    @property
    def almacenes(self) -> tuple[NombreAlmacen, ...]:
        """The stores that are watched."""
        return tuple(self._salud)

    def observar(self, nombre: NombreAlmacen, observacion: Observacion) -> SaludAlmacen:
        """Take note of what was seen of a store and tell the listeners."""
        with self._lock:
            antes = self._salud[nombre]
            ahora = self._salud[nombre] = observar(antes, observacion, self._ahora_s(), self.politica)
            if (
                self._replicada
                and antes.estado is not EstadoSalud.CAIDA
                and ahora.estado is EstadoSalud.CAIDA
            ):
                self._atrasadas |= {nombre}
        self._publicar(SaludObservada(antes, ahora))
        return ahora

    def instantanea(self, nombre: NombreAlmacen) -> SaludAlmacen:
        """The last snapshot of that store."""
        return self._salud[nombre]

    def estado(self, nombre: NombreAlmacen) -> EstadoSalud:
        """Its state, DESCONOCIDA when nothing was heard of it for too long."""
        return self._salud[nombre].vigente(self._ahora_s(), self.politica)

    def atrasada(self, nombre: NombreAlmacen) -> bool:
        """Whether it was away and may still lack what the other store got meanwhile."""
        return nombre in self._atrasadas

    def marcar_al_dia(self, nombre: NombreAlmacen) -> None:
        """It has everything that the other store had when a pass over its pendientes began."""
        with self._lock:
            self._atrasadas -= {nombre}

    def conocida_caida(self, nombre: NombreAlmacen) -> bool:
        """Whether it is down and that is fresh enough to spare a write the wait for it."""
        salud = self._salud[nombre]
        return salud.estado is EstadoSalud.CAIDA and self._ahora_s() - salud.visto_s <= self.frescura_s
