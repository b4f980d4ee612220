"""What the window knows of replication: what is on its way, how the last pass ended, what is set apart.

A mirror of the events, without widgets and without a clock of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.domain.events import (
    CarenciasCambiadas,
    CuarentenaCambiada,
    Evento,
    ReplicacionAvanza,
    ReplicacionDetenida,
    ReplicacionPausada,
    ReplicacionTerminada,
    SaludObservada,
)
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada
from core.domain.models.pareja import Carencia
from core.health import EstadoSalud
from gui.salud.pendientes import CuentaPendientes
from gui.salud.retraso import Retraso

AVANCE_CADUCA_S = 6.0
"""A pass unheard of for so long has ended without a word: a store went away in the middle, seconds."""


@dataclass(frozen=True, slots=True)
class PasadaTerminada:
    """How a pass ended, and when by the wall clock."""

    pasada: ReplicacionTerminada
    cuando: datetime


class CuentaReplicacion:
    """Tell it of every event; ask it how things stand.

    Attributes:
        pausada: nothing is copied by itself until the operator resumes it.
        apartadas: what could not be copied and waits for another try.
        carencias: the stores that have to be filled as a whole.
        detenida: why nothing can be copied although both answer; None where that is not so.

    Args:
        pendientes: what waits to be copied, as counted elsewhere.
        ahora_s: monotonic clock, seconds.
        ahora: wall clock.
    """

    def __init__(
        self, pendientes: CuentaPendientes, *, ahora_s: Callable[[], float], ahora: Callable[[], datetime]
    ) -> None:
        self._pendientes = pendientes
        self._ahora_s = ahora_s
        self._ahora = ahora
        self._avances: dict[NombreAlmacen, tuple[float, ReplicacionAvanza]] = {}
        self._ultimas: dict[NombreAlmacen, PasadaTerminada] = {}
        self.pausada = False
        self.apartadas: tuple[Apartada, ...] = ()
        self.carencias: tuple[Carencia, ...] = ()
        self.detenida: ReplicacionDetenida | None = None

    def observar(self, evento: Evento) -> None:
        """Take note."""
        if isinstance(evento, ReplicacionAvanza):
            self._avances[evento.origen] = (self._ahora_s(), evento)
        elif isinstance(evento, ReplicacionTerminada):
            self._avances.pop(evento.origen, None)
            self._ultimas[evento.origen] = PasadaTerminada(evento, self._ahora())
        elif isinstance(evento, CuarentenaCambiada):
            self.apartadas = tuple(evento.apartadas)
        elif isinstance(evento, CarenciasCambiadas):
            self.carencias = evento.carencias
        elif isinstance(evento, ReplicacionDetenida):
            self.detenida = evento if evento.motivo else None
        elif isinstance(evento, ReplicacionPausada):
            self.pausada = evento.pausada
        elif isinstance(evento, SaludObservada) and evento.ahora.estado is EstadoSalud.CAIDA:
            self._avances.clear()  # a pass needs both stores

    def avance(self, origen: NombreAlmacen) -> ReplicacionAvanza | None:
        """The pass that copies from that store now; None when there is none."""
        visto_s, avance = self._avances.get(origen, (0.0, None))
        if avance is None or self._ahora_s() - visto_s > AVANCE_CADUCA_S:
            return None
        return avance

    def ultima(self, origen: NombreAlmacen) -> PasadaTerminada | None:
        """The last pass from that store that had something to do."""
        return self._ultimas.get(origen)

    @property
    def en_marcha(self) -> bool:
        """Whether anything is being copied now."""
        return any(self.avance(origen) is not None for origen in NombreAlmacen)

    def retraso(self, nombre: NombreAlmacen) -> Retraso:
        """What that store may lack of the other one."""
        avance, carencia = self.avance(nombre.otro), self.carencia(nombre)
        if avance is None and carencia is not None:
            return Retraso(
                pendientes=carencia.filas or 0, pausada=self.pausada, sabido=carencia.filas is not None
            )
        if avance is None:
            return Retraso(
                pendientes=self._pendientes.solo_en(nombre.otro),
                pausada=self.pausada,
                sabido=self._pendientes.sabido(nombre.otro),
            )
        return Retraso(
            pendientes=avance.faltan,
            ritmo_por_s=avance.ritmo_por_s,
            restante_s=avance.restante_s,
            pausada=self.pausada,
        )

    def carencia(self, nombre: NombreAlmacen) -> Carencia | None:
        """That that store has to be filled as a whole, and why."""
        return next((una for una in self.carencias if una.destino is nombre), None)

    def por_copiar(self) -> int | None:
        """How many tareas wait; one that waits in both stores is one, hence the larger of both. None where
        neither store has said."""
        retrasos = [self.retraso(nombre) for nombre in NombreAlmacen]
        cuantas = max(uno.pendientes for uno in retrasos)
        return cuantas if cuantas or any(uno.sabido for uno in retrasos) else None

    @property
    def al_dia(self) -> bool:
        """Whether it is known, and not only not denied, that nothing waits in either store."""
        retrasos = map(self.retraso, NombreAlmacen)
        return (
            not self.apartadas
            and not self.carencias
            and all(uno.sabido and not uno.pendientes for uno in retrasos)
        )
