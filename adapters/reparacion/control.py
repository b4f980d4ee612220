"""Repair as whoever has the whole program asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from adapters.events import BusEventos
from adapters.nodo import ahora_ms
from adapters.reparacion.almacenes import reparables
from adapters.reparacion.diario import Diario
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.settings import Ajustes
from adapters.verificacion.almacenes import comprobar_escribibles
from core.application.reparar_diferencias import Progreso, RepararDiferenciasUseCase
from core.diferencias import Diferencia
from core.domain.errors import AlmacenError, ConfiguracionInvalida
from core.domain.events import EscriturasConfirmadas
from core.domain.models.almacen import NombreAlmacen, Pong
from core.domain.models.reparacion import DetalleDiferencia, InformeReparacion, PlanReparacion
from core.domain.models.version import RelojHibrido
from core.reparacion import Gana

Eleccion = Gana | Callable[[Diferencia], Gana | None]
"""One for all, or one for each (by row, by kind); None leaves that difference out."""


class ControlReparacion:
    """The part of the container that repairs. Every method blocks: not for the window's own thread."""

    ajustes: Ajustes
    bus: BusEventos
    _stores: dict[NombreAlmacen, RepositorioDeUnAlmacen]
    _reloj: RelojHibrido | None
    ping_ambos: Callable[[], Mapping[NombreAlmacen, Pong | AlmacenError]]

    def plan_de_reparacion(
        self, diferencias: Iterable[Diferencia], gana: Eleccion, *, parar: threading.Event | None = None
    ) -> PlanReparacion:
        """What repairing these would do, counted; nothing is written. Raises AlmacenError."""
        elegir = (lambda _diferencia: gana) if isinstance(gana, Gana) else gana
        pedidos = ((una, elegida) for una in diferencias if (elegida := elegir(una)) is not None)
        return self._reparacion().planear(pedidos, parar=parar)

    def reparar(
        self,
        que: PlanReparacion | Sequence[tuple[Diferencia, Gana]],
        *,
        parar: threading.Event | None = None,
        progreso: Progreso = lambda _informe: None,
    ) -> InformeReparacion:
        """Carry a plan out, or repair these (see `RepararDiferenciasUseCase.execute`)."""
        reparacion = self._reparacion()
        plan = que if isinstance(que, PlanReparacion) else reparacion.planear(que, parar=parar)
        return reparacion.execute(plan, parar=parar, progreso=progreso)

    def deshacer_reparacion(
        self,
        hecha: InformeReparacion,
        *,
        parar: threading.Event | None = None,
        progreso: Progreso = lambda _informe: None,
    ) -> InformeReparacion:
        """Put back what that repair replaced (see `RepararDiferenciasUseCase.deshacer`)."""
        return self._reparacion().deshacer(hecha, parar=parar, progreso=progreso)

    def detalle_de(self, diferencia: Diferencia) -> DetalleDiferencia:
        """Both values side by side, as they are now, as plain text. Raises AlmacenError."""
        return self._reparacion().detalle(diferencia)

    def _reparacion(self) -> RepararDiferenciasUseCase:
        reloj = self._reloj
        if len(self._stores) < 2 or reloj is None:
            raise ConfiguracionInvalida(
                "Solo se repara con las dos bases de datos: ponga ORM=dual y las direcciones de ambas."
            )
        return RepararDiferenciasUseCase(
            self._stores,
            reparables(self._stores),
            version_nueva=reloj.siguiente,
            nodo=lambda: f"{reloj.nodo:04x}",
            ahora_ms=ahora_ms,
            comprobar=lambda: comprobar_escribibles(self.ping_ambos()),
            apuntar=Diario(self.ajustes.datos).apuntar,
            al_confirmar=lambda pares: self.bus.publicar(EscriturasConfirmadas(tuple(pares))),
        )
