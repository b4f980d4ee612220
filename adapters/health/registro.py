"""The one place that knows how each store is: fed by pings, reads and writes; read by everybody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from uuid import UUID

from adapters.health.atrasos import Atraso
from adapters.health.compuerta import Compuerta
from core.domain.errors import AlmacenError, AlmacenNoDisponible, ResultadoDesconocido
from core.domain.events import Evento, SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.health import EstadoSalud, Fallo, Observacion, PoliticaSalud, SaludAlmacen, observar


class RegistroSalud:
    """Holds the current snapshot of each store, and what each one is behind with (rules in `atrasos`).

    Attributes:
        compuerta: what every dual write passes through.
        ahora_s: the monotonic clock of all that is noted here, seconds.
        replicada: a replication engine runs.

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
        self.replicada = replicada
        # Until somebody has looked, nobody knows what a store missed before this program started.
        self.por_mirar = replicada
        self._atrasos = {nombre: Atraso() for nombre in NombreAlmacen}
        self.compuerta = Compuerta()
        self._publicar = publicar
        self.ahora_s = ahora_s
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
            antes, ahora_s = self._salud[nombre], self.ahora_s()
            ahora = observar(antes, observacion, ahora_s, self.politica)
            if antes.estado is not EstadoSalud.CAIDA and ahora.estado is EstadoSalud.CAIDA and self.replicada:
                self._atrasos[nombre].marcar()
                self._atrasos[nombre].casi = False
                ahora = ahora.con_atraso(True, ahora_s)
            self._salud[nombre] = ahora
        self._publicar(SaludObservada(antes, ahora))
        return ahora

    def observar_lectura_fallida(self, error: AlmacenError, *, desde_s: float, plazo_s: float) -> None:
        """Take note of what a read that failed says of its store: nothing, if it answered.

        Args:
            desde_s: when it was asked, by `ahora_s`.
            plazo_s: how long it had, seconds.
        """
        self._observar_fallida(error, desde_s, plazo_s, preguntada_s=desde_s)

    def observar_escritura_fallida(self, error: AlmacenError, *, desde_s: float, plazo_s: float) -> None:
        """The same of a write: one that hangs keeps the next ones waiting, whatever a ping says meanwhile."""
        self._observar_fallida(error, desde_s, plazo_s, preguntada_s=None)

    def _observar_fallida(
        self, error: AlmacenError, desde_s: float, plazo_s: float, *, preguntada_s: float | None
    ) -> None:
        if isinstance(error, AlmacenNoDisponible | ResultadoDesconocido):
            agotado = self.ahora_s() - desde_s >= plazo_s * 0.9
            self.observar(error.almacen, Fallo(str(error), agotado=agotado, desde_s=preguntada_s))

    def instantanea(self, nombre: NombreAlmacen) -> SaludAlmacen:
        """The last snapshot of that store."""
        return self._salud[nombre]

    def estado(self, nombre: NombreAlmacen) -> EstadoSalud:
        """Its state, DESCONOCIDA when nothing was heard of it for too long.

        A store catches up with another one that answers: alone, it is just what it is.
        """
        salud, otra = self._salud[nombre], self._salud.get(nombre.otro)
        if otra is not None and otra.estado is EstadoSalud.CAIDA:
            salud = replace(salud, atrasada=False)
        return salud.vigente(self.ahora_s(), self.politica)

    def atrasada(self, nombre: NombreAlmacen) -> bool:
        """Whether it was away, or missed a write, and may still lack what the other store has."""
        return self._atrasos[nombre].atrasada

    def aplaza(self, nombre: NombreAlmacen) -> bool:
        """Whether a write that the other store can take is not to be sent to this one."""
        return self._atrasos[nombre].aplaza

    def marcar_atrasada(self, nombre: NombreAlmacen) -> None:
        """The other store took a write that this one did not."""
        if self.replicada:
            self._mover_atraso(nombre, Atraso.marcar)

    def marcar_dudosa(self, nombre: NombreAlmacen) -> None:
        """Nobody could say whether it lacks anything: reads avoid it, writes need not."""

        def marcar(atraso: Atraso) -> None:
            ya_lo_estaba = atraso.atrasada
            atraso.marcar()
            atraso.casi = atraso.casi if ya_lo_estaba else True

        if self.replicada:
            self._mover_atraso(nombre, marcar)

    def por_rellenar(self, nombre: NombreAlmacen) -> bool:
        """Whether it lacks all that the other one takes for copied."""
        return self._atrasos[nombre].por_rellenar

    def marcar_por_rellenar(self, nombre: NombreAlmacen, *, si: bool) -> None:
        """It lacks all that the other one takes for copied; or does so no longer."""

        def mover(atraso: Atraso) -> None:
            if atraso.por_rellenar and not si:
                atraso.marcar()  # what was written meanwhile went to the other one: a pass has to bring it
            atraso.por_rellenar = si

        if self.replicada:
            self._mover_atraso(nombre, mover)

    def marca_de_atraso(self, nombre: NombreAlmacen) -> int:
        """To be taken before a pass over the other store's pendientes, and given back after it."""
        return self._atrasos[nombre].marcas

    def marcar_al_dia(self, nombre: NombreAlmacen, marca: int) -> None:
        """It has everything that the other store had when `marca` was taken; what came later still counts."""
        self._mover_atraso(nombre, lambda atraso: atraso.poner_al_dia(marca))

    def admitir_escrituras(self, nombre: NombreAlmacen, *, si: bool = True) -> None:
        """A pass was made over what it lacked: send writes there again; or not any more."""
        with self._lock:
            self._atrasos[nombre].casi = si

    def faltan_en(self, nombre: NombreAlmacen) -> frozenset[UUID]:
        """The tareas of which that store refuses the newest row: not behind, but not whole either."""
        return self._atrasos[nombre].faltan

    def anotar_faltas(self, nombre: NombreAlmacen, ids: Iterable[UUID], *, son_todas: bool) -> None:
        """A pass met rows that this store refuses; `son_todas`: it looked at everything there was."""
        with self._lock:
            atraso = self._atrasos[nombre]
            atraso.faltan = frozenset(ids) if son_todas else atraso.faltan.union(ids)

    def _mover_atraso(self, nombre: NombreAlmacen, mover: Callable[[Atraso], None]) -> None:
        """Change the marks, and tell the listeners when that changes whether the store is behind."""
        with self._lock:
            atraso = self._atrasos[nombre]
            mover(atraso)
            antes = self._salud.get(nombre)
            if antes is None or antes.atrasada is atraso.atrasada:
                return
            ahora = self._salud[nombre] = antes.con_atraso(atraso.atrasada, self.ahora_s())
        self._publicar(SaludObservada(antes, ahora))

    def conocida_caida(self, nombre: NombreAlmacen) -> bool:
        """Whether it is down and that is fresh enough to spare a write the wait for it.

        A store that has answered since is not: it still counts as CAIDA until it has done so twice, but
        whoever just got its answer may use it.
        """
        salud = self._salud[nombre]
        fresca = self.ahora_s() - salud.visto_s <= self.frescura_s
        return salud.estado is EstadoSalud.CAIDA and not salud.exitos_seguidos and fresca
