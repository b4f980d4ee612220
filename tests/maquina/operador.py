"""One operator's program: the real dual repository, confirmer and replication over views of both stores."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from adapters.dual import DualTareaRepository
from adapters.dual.carriles import Carriles
from adapters.health.registro import RegistroSalud
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import MotorReplicacion
from adapters.replicacion.pasadas import Pasadas, callar
from core.domain.errors import (
    AlmacenError,
    ConflictoDeVersion,
    DualTareasError,
    EscrituraIncierta,
    EscrituraSinConfirmar,
)
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.importacion import SuerteFila
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from core.domain.ports.almacen import Almacen
from tests.maquina.almacen import Vista
from tests.maquina.planificador import EjecutorPorPasos, Planificador

PLAZO_S = 1e9
"""The scheduler decides what is late; the machine on which this runs does not."""


@dataclass(frozen=True)
class Incierta:
    """A write whose outcome its operator does not know."""

    pedida: Tarea
    enviada: Tarea
    marca: str
    eliminar: bool


class Operador:
    """Works on one thing at a time; his program's replication and confirmations go on meanwhile."""

    def __init__(
        self,
        vistas: Mapping[NombreAlmacen, Vista],
        planificador: Planificador,
        *,
        reloj: RelojHibrido,
        ahora_ms: Callable[[], int],
        ahora_s: Callable[[], float],
        reconocer: Callable[[str], None],
        rechazar: Callable[[str], None],
    ) -> None:
        self._planificador = planificador
        self._ahora_ms = ahora_ms
        self._reconocer = reconocer
        self._rechazar = rechazar
        self._ocupado: set[str] = set()
        self._formularios: dict[UUID, list[Tarea]] = {}
        self._incierta: Incierta | None = None
        self._registro = RegistroSalud(replicada=True, ahora_s=ahora_s)
        self._registro.por_mirar = False  # that first look has threads of its own
        almacenes: dict[NombreAlmacen, Almacen] = dict(vistas)  # type: ignore[arg-type]
        self._dual = DualTareaRepository(
            sql_repository=almacenes[NombreAlmacen.SQL],
            mongo_repository=almacenes[NombreAlmacen.MONGO],
            executor=Carriles.crear(lambda _nombre: EjecutorPorPasos(planificador, self)),
            registro=self._registro,
            reloj=reloj,
            ping_timeout_s=PLAZO_S,
            operacion_timeout_s=PLAZO_S,
        )
        self._confirmador = self._dual._confirmador
        # One that never runs keeps it from starting its own: here its turn comes when the program says so.
        self._confirmador._hilo = threading.Thread(daemon=True)
        motor = MotorReplicacion(almacenes, ahora_ms=ahora_ms, lote=2, compuerta=self._registro.compuerta)
        self._pasadas = Pasadas(motor, self._registro, publicar=lambda _evento: None)

    def guardar(self, nueva: Tarea, marca: str, antiguedad: int, *, eliminar: bool) -> None:
        """Save or delete over what is read now (0), or over the form opened so many reads ago."""
        self._lanzar("manos", lambda: self._guardar(nueva, marca, antiguedad, eliminar))

    def importar(self, fila: Tarea, marca: str) -> None:
        """Bring in that row of a file."""
        self._lanzar("manos", lambda: self._importar(fila, marca))

    def repetir(self) -> None:
        """Send again the write whose outcome is unknown."""
        incierta = self._incierta
        if incierta is not None:
            self._lanzar(
                "manos",
                lambda: self._enviar(
                    incierta.pedida, incierta.marca, incierta.enviada, eliminar=incierta.eliminar
                ),
            )

    def confirmar(self) -> None:
        """The confirmer's turn."""
        self._lanzar("confirmar", lambda: self._confirmador._intentar())

    def drenar(self, origen: NombreAlmacen) -> None:
        """A pass in that direction."""
        self._lanzar(f"drenar {origen}", lambda: self._pasar(origen))

    def drenar_todo(self, almacenes: Mapping[NombreAlmacen, Almacen]) -> None:
        """Passes over the bare stores, twice in each direction."""
        motor = MotorReplicacion(almacenes, ahora_ms=self._ahora_ms, lote=2)
        for origen in (*NombreAlmacen, *NombreAlmacen):
            motor.drenar(origen)

    def _lanzar(self, que: str, funcion: Callable[[], object]) -> None:
        if que in self._ocupado:
            return
        self._ocupado.add(que)

        def correr(_falla: object = None) -> None:
            try:
                funcion()
            finally:
                self._ocupado.discard(que)

        self._planificador.lanzar(self, correr)

    def _pasar(self, origen: NombreAlmacen) -> None:
        try:
            self._pasadas.pasar(
                origen,
                InformePasada(),
                parar=lambda: False,
                esperar=lambda _segundos: self._planificador.ceder(),
                progreso=callar,
            )
        except AlmacenError:
            return  # as the replicator does: another pass will be made

    def _guardar(self, nueva: Tarea, marca: str, antiguedad: int, eliminar: bool) -> None:
        abiertos = self._formularios.setdefault(nueva.id, [])
        if antiguedad and abiertos:
            base: Tarea | None = abiertos[-min(antiguedad, len(abiertos))]
        else:
            try:
                base = self._dual.get(nueva.id, eliminadas=True)
            except DualTareasError:
                return  # nothing can be read, and so nothing is written
            if base is not None:
                abiertos.append(base)
        base = base or nueva
        pedida = replace(base, descripcion=base.descripcion + marca, eliminada=base.eliminada and eliminar)
        self._enviar(pedida, marca, None, eliminar=eliminar)

    def _importar(self, fila: Tarea, marca: str) -> None:
        try:
            (resultado,) = self._dual.importar_lote([fila])
        except (AlmacenError, DualTareasError):
            return  # it is brought in again another day
        if resultado.suerte is SuerteFila.NUEVA:
            self._reconocer(marca)

    def _enviar(self, pedida: Tarea, marca: str, repite: Tarea | None, *, eliminar: bool) -> None:
        self._incierta = None
        try:
            if eliminar:
                escrita = self._dual.eliminar(pedida.id, base=pedida, repite=repite)
            else:
                escrita = self._dual.save(pedida, version=repite.version if repite else None)
        except ConflictoDeVersion as error:
            self._formularios[pedida.id].append(error.actual)
        except EscrituraIncierta as error:
            if error.resultado.tarea is not None:
                self._incierta = Incierta(pedida, error.resultado.tarea, marca, eliminar)
        except EscrituraSinConfirmar:
            if repite is None:  # of a repeated one, an earlier attempt may be there
                self._rechazar(marca)
        except DualTareasError:
            return  # there was nothing to delete
        else:
            self._formularios[pedida.id].append(escrita)
            self._reconocer(marca)
