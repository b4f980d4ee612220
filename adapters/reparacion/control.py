"""Repair as whoever has the whole program asks for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from adapters.events import BusEventos
from adapters.nodo import ahora_ms
from adapters.reparacion.almacenes import identidades, reparables
from adapters.reparacion.diario import Diario
from adapters.reparacion.recibo import guardar_recibo
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.settings import Ajustes
from adapters.verificacion.algunas import diferencias_de
from adapters.verificacion.almacenes import comprobar_escribibles, revisables
from core.application.reparar_diferencias import Progreso, RepararDiferenciasUseCase
from core.diferencias import Diferencia
from core.domain.errors import (
    AlmacenError,
    ArchivoInvalido,
    ConfiguracionInvalida,
    EsOtraBase,
    GanaLaVaciada,
)
from core.domain.events import EscriturasConfirmadas
from core.domain.models.almacen import NombreAlmacen, Pong
from core.domain.models.pareja import Carencia, MotivoCarencia
from core.domain.models.reparacion import DetalleDiferencia, InformeReparacion, PlanReparacion
from core.domain.models.verificacion import InformeVerificacion
from core.domain.models.version import RelojHibrido
from core.reparacion import Gana

_log = logging.getLogger(__name__)

Eleccion = Gana | Callable[[Diferencia], Gana | None]
"""One for all, or one for each (by row, by kind); None leaves that difference out."""


class ControlReparacion:
    """The part of the container that repairs. Every method blocks: not for the window's own thread."""

    ajustes: Ajustes
    bus: BusEventos
    _stores: dict[NombreAlmacen, RepositorioDeUnAlmacen]
    _reloj: RelojHibrido | None
    ping_ambos: Callable[[], Mapping[NombreAlmacen, Pong | AlmacenError]]
    mirar_carencias: Callable[[], tuple[Carencia, ...]]

    def plan_de_reparacion(
        self,
        diferencias: Iterable[Diferencia],
        gana: Eleccion,
        *,
        parar: threading.Event | None = None,
        nombradas: bool = False,
    ) -> PlanReparacion:
        """What repairing these would do, counted; nothing is written.

        Args:
            nombradas: somebody named these tareas, each of them: what an emptied store lacks may go, too, and
                what only waits to be copied.

        Raises AlmacenError, and GanaLaVaciada where what such a store lacks would go in the other one, too.
        """
        elegir = (lambda _diferencia: gana) if isinstance(gana, Gana) else gana
        pedidos = [(una, elegida) for una in diferencias if (elegida := elegir(una)) is not None]
        return self._planear(self._reparacion(), pedidos, parar, nombradas=nombradas)

    def reparar(
        self,
        que: PlanReparacion | Sequence[tuple[Diferencia, Gana]],
        *,
        parar: threading.Event | None = None,
        progreso: Progreso = lambda _informe: None,
        al_asegurar: Progreso = lambda _informe: None,
    ) -> InformeReparacion:
        """Carry a plan out, or repair these (see `RepararDiferenciasUseCase.execute`).

        The report names the receipt with which it can be undone; it is on the disk before anything is
        replaced. Raises ArchivoInvalido where it cannot be: then the batch is not begun. Raises GanaLaVaciada
        as `plan_de_reparacion` for what is not planned yet.

        Args:
            al_asegurar: told each time that it is there; keep the report, where an error ends the rest.
        """
        reparacion = self._reparacion()
        plan = que if isinstance(que, PlanReparacion) else self._planear(reparacion, que, parar)
        if plan.cancelado:
            return InformeReparacion(cancelada=True)
        asegurar = self._asegurador(identidades(self._stores), al_asegurar)
        return _con_su_recibo(
            reparacion.execute(plan, parar=parar, progreso=progreso, asegurar=asegurar), asegurar
        )

    def deshacer_reparacion(
        self,
        hecha: InformeReparacion,
        *,
        parar: threading.Event | None = None,
        progreso: Progreso = lambda _informe: None,
        al_asegurar: Progreso = lambda _informe: None,
    ) -> InformeReparacion:
        """Put back what that repair replaced (see `RepararDiferenciasUseCase.deshacer`).

        It has a receipt of its own, as in `reparar`. Raises ConfiguracionInvalida for a repair of other
        databases.
        """
        reparacion = self._reparacion()
        asegurar = self._asegurador(self._bases_de(hecha), al_asegurar)
        return _con_su_recibo(
            reparacion.deshacer(hecha, parar=parar, progreso=progreso, asegurar=asegurar), asegurar
        )

    def prever_vuelta(self, hecha: InformeReparacion) -> InformeReparacion:
        """What `deshacer_reparacion` would come to now, counted. Raises as that."""
        self._bases_de(hecha)
        return self._reparacion().prever_vuelta(hecha)

    @property
    def diario_de_reparaciones(self) -> Path:
        """The file with what was replaced and `conflictos` could not keep exactly; there may be none yet."""
        return Diario(self.ajustes.datos).ruta

    def _planear(
        self,
        reparacion: RepararDiferenciasUseCase,
        pedidos: Sequence[tuple[Diferencia, Gana]],
        parar: threading.Event | None,
        *,
        nombradas: bool = False,
    ) -> PlanReparacion:
        plan = reparacion.planear(pedidos, parar=parar)
        carencias = self.mirar_carencias() if plan.se_escriben else ()
        for carencia in carencias:
            if carencia.motivo is MotivoCarencia.OTRA_BASE:
                raise EsOtraBase(carencia.destino)
            if carencia.destino in plan.ganan_sin_nada and not nombradas:
                raise GanaLaVaciada(carencia.destino)
        return plan if nombradas else plan.sin_lo_que_espera()

    def _bases_de(self, hecha: InformeReparacion) -> dict[NombreAlmacen, str]:
        bases = identidades(self._stores)
        otras = [uno.etiqueta for uno, identidad in hecha.bases.items() if bases.get(uno) != identidad]
        if otras:
            raise ConfiguracionInvalida(
                f"Esa reparación se hizo en otra base de datos de {' y otra de '.join(otras)}: no hay nada "
                "que deshacer en estas. Revise SQL_URL y MONGO_URL, o el recibo."
            )
        return bases

    def _asegurador(self, bases: dict[NombreAlmacen, str], al_asegurar: Progreso) -> Progreso:
        def asegurar(informe: InformeReparacion) -> None:
            informe.bases = bases
            informe.recibo = str(guardar_recibo(informe, self.ajustes.datos, ahora_ms()) or "")
            al_asegurar(informe)

        return asegurar

    def diferencias_de(self, ids: Sequence[str]) -> InformeVerificacion:
        """Which of these differ now, looked at one by one, as a verification does. Raises AlmacenError."""
        return diferencias_de(revisables(self._stores), ids, ahora_ms=ahora_ms)

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
            diario=str(self.diario_de_reparaciones),
            al_confirmar=lambda pares: self.bus.publicar(EscriturasConfirmadas(tuple(pares))),
        )


def _con_su_recibo(informe: InformeReparacion, asegurar: Progreso) -> InformeReparacion:
    """What a batch lost to others meanwhile is not to be undone: the receipt as it stands in the end."""
    try:
        asegurar(informe)
    except ArchivoInvalido as error:  # the one of before names all that was replaced, and some more
        _log.warning("⚠️ El recibo de la reparación nombra también tareas que no se tocaron: %s", error)
    return informe
