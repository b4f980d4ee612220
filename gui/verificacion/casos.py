"""What the Verificación page asks of the container. Everything here blocks: for workers only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from adapters.container import Contenedor
from adapters.verificacion.informe import firma_de, guardar_informe, informes_que_hay
from core.diferencias import Diferencia, Pareja
from core.domain.errors import AlmacenError
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.reparacion import DetalleDiferencia, InformeReparacion, PlanReparacion
from core.domain.models.verificacion import NOTA_ULTIMA, InformeVerificacion
from core.reparacion import Gana
from gui.verificacion.nota import Nota, leer_nota

ProgresoVerificacion = Callable[[InformeVerificacion], None]
ProgresoReparacion = Callable[[InformeReparacion], None]


class CasosDeVerificacion(Protocol):
    """Every method raises AlmacenError when a store does not answer."""

    @property
    def almacenes(self) -> tuple[NombreAlmacen, ...]:
        """The stores that this installation works with."""
        ...

    def ultima(self) -> Nota | None:
        """The last verification that anybody made."""
        ...

    def verificar(self, *, parar: threading.Event, progreso: ProgresoVerificacion) -> InformeVerificacion:
        """Compare everything."""
        ...

    def informes_que_hay(self, base: Path) -> Sequence[Path]:
        """Files that a report of that name would replace."""
        ...

    def guardar_informe(
        self, informe: InformeVerificacion, base: Path, *, sobrescribir: bool
    ) -> tuple[Path, Path]:
        """Write BASE.json and BASE.html, signed; where they are. Raises ArchivoInvalido."""
        ...

    def parejas(self, ids: Sequence[str]) -> Mapping[str, Pareja]:
        """What both hold of these now."""
        ...

    def detalle_de(self, diferencia: Diferencia) -> DetalleDiferencia:
        """Both values side by side, as they are now."""
        ...

    def plan_de_reparacion(
        self, diferencias: Iterable[Diferencia], gana: Gana, *, parar: threading.Event
    ) -> PlanReparacion:
        """What repairing these would do; nothing is written. Raises GanaLaVaciada."""
        ...

    def reparar(
        self,
        que: PlanReparacion,
        *,
        parar: threading.Event,
        progreso: ProgresoReparacion,
        al_asegurar: ProgresoReparacion,
    ) -> InformeReparacion:
        """Carry the plan out. Raises ArchivoInvalido.

        Its receipt is kept before anything of a batch is replaced; `al_asegurar` is told then.
        """
        ...

    def deshacer_reparacion(
        self, hecha: InformeReparacion, *, parar: threading.Event, progreso: ProgresoReparacion
    ) -> InformeReparacion:
        """Put back what that repair replaced."""
        ...


class CasosDelContenedor:
    """See CasosDeVerificacion; nothing is asked of the container before it is needed."""

    def __init__(self, contenedor: Contenedor) -> None:
        self._contenedor = contenedor

    @property
    def almacenes(self) -> tuple[NombreAlmacen, ...]:
        return self._contenedor.almacenes

    def ultima(self) -> Nota | None:
        """Of the store that knows the later one: a note may have reached only one of them."""
        notas: list[Nota] = []
        fallos: list[AlmacenError] = []
        for almacen in self._contenedor.revisables.values():
            try:
                nota = leer_nota(almacen.nota(NOTA_ULTIMA))
            except AlmacenError as error:
                fallos.append(error)
                continue
            if nota is not None:
                notas.append(nota)
        if not notas and fallos:
            raise fallos[0]
        return max(notas, key=lambda nota: nota.empezada_ms, default=None)

    def verificar(self, *, parar: threading.Event, progreso: ProgresoVerificacion) -> InformeVerificacion:
        return self._contenedor.verificar(parar=parar, progreso=progreso)

    def informes_que_hay(self, base: Path) -> Sequence[Path]:
        return informes_que_hay(base)

    def guardar_informe(
        self, informe: InformeVerificacion, base: Path, *, sobrescribir: bool
    ) -> tuple[Path, Path]:
        return guardar_informe(informe, firma_de(self._contenedor), base, sobrescribir=sobrescribir)

    def parejas(self, ids: Sequence[str]) -> Mapping[str, Pareja]:
        revisables = self._contenedor.revisables
        sql, mongo = (revisables[nombre].leer(ids) for nombre in NombreAlmacen)
        return {id: Pareja(id, sql.get(id), mongo.get(id)) for id in ids}

    def detalle_de(self, diferencia: Diferencia) -> DetalleDiferencia:
        return self._contenedor.detalle_de(diferencia)

    def plan_de_reparacion(
        self, diferencias: Iterable[Diferencia], gana: Gana, *, parar: threading.Event
    ) -> PlanReparacion:
        return self._contenedor.plan_de_reparacion(diferencias, gana, parar=parar)

    def reparar(
        self,
        que: PlanReparacion,
        *,
        parar: threading.Event,
        progreso: ProgresoReparacion,
        al_asegurar: ProgresoReparacion,
    ) -> InformeReparacion:
        return self._contenedor.reparar(que, parar=parar, progreso=progreso, al_asegurar=al_asegurar)

    def deshacer_reparacion(
        self, hecha: InformeReparacion, *, parar: threading.Event, progreso: ProgresoReparacion
    ) -> InformeReparacion:
        return self._contenedor.deshacer_reparacion(hecha, parar=parar, progreso=progreso)
