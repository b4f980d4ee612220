"""Replication as whoever has the whole program asks for it; where there is one store only, nothing to do."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from adapters.events import BusEventos
from adapters.health.registro import RegistroSalud
from adapters.nodo import ahora_ms
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import MotorReplicacion
from adapters.replicacion.parejas import LATIDO_MAX_MS, Parejas
from adapters.replicacion.pasadas import Progreso, callar
from adapters.replicacion.relleno_guiado import RellenoGuiado
from adapters.replicacion.replicador import Replicador
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.errors import AlmacenError
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada
from core.domain.models.pareja import Carencia, MotivoCarencia

_log = logging.getLogger(__name__)


class ControlReplicacion:
    """The part of the container that drives the replication engine."""

    _replicador: Replicador | None = None
    _parejas: Parejas | None = None

    def _montar_replicacion(
        self,
        almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
        parejas: Parejas,
        registro: RegistroSalud,
        bus: BusEventos,
    ) -> None:
        """Build the engine; it does nothing before somebody starts it, or asks for a pass."""
        self._parejas = parejas
        self._replicador = Replicador(
            MotorReplicacion(almacenes, ahora_ms=ahora_ms, compuerta=registro.compuerta),
            registro,
            publicar=bus.publicar,
            relleno=RellenoGuiado(almacenes, parejas, registro.compuerta),
        )
        bus.suscribir(self._replicador.oir)

    def sincronizar(self, progreso: Progreso = callar) -> dict[NombreAlmacen, InformePasada]:
        """Copy what is pendiente in both directions until nothing more can be copied. Blocks.

        Args:
            progreso: called a few times a second in the calling thread.

        Returns: for each store, what was done with its pendientes; empty with a single store.
        Raises AlmacenError when a store does not answer.
        """
        return self._replicador.sincronizar(progreso) if self._replicador is not None else {}

    @property
    def replicacion_pausada(self) -> bool:
        """Whether the operator has paused background replication."""
        return self._replicador is not None and self._replicador.pausada

    def pausar_replicacion(self) -> None:
        """End the pass in hand after its batch, and begin none until it is resumed."""
        if self._replicador is not None:
            self._replicador.pausar()

    def reanudar_replicacion(self) -> None:
        """Let the background replication go on."""
        if self._replicador is not None:
            self._replicador.reanudar()

    def cancelar_replicacion(self) -> None:
        """See `Replicador.cancelar`."""
        if self._replicador is not None:
            self._replicador.cancelar()

    def despertar_replicacion(self) -> None:
        """Look for pendientes now and not at the next interval; nothing where it is paused. Does not wait."""
        if self._replicador is not None:
            self._replicador.despertar()

    def cuarentena(self) -> tuple[Apartada, ...]:
        """The rows that could not be copied, the longest there first."""
        return self._replicador.cuarentena() if self._replicador is not None else ()

    def reintentar_apartadas(self) -> None:
        """Try those rows again now; what becomes of them comes as an event."""
        if self._replicador is not None:
            self._replicador.reintentar_apartadas()

    def _al_ser_iguales(self) -> None:
        """See `ControlVerificacion`: then nothing has to be filled, however it looked.

        But for one that took another's place: whether it is to be the pair is for people to say.
        """
        if self._parejas is None:
            return
        try:
            for carencia in self.mirar_carencias():
                if carencia.aceptada or carencia.motivo is not MotivoCarencia.OTRA_BASE:
                    self._parejas.dar_por_entera(carencia.destino)
        except AlmacenError as error:  # the report stands; the note is made at the next one
            _log.warning("⚠️ No se pudo anotar que ambas bases de datos son iguales: %s", error)

    @property
    def carencias(self) -> tuple[Carencia, ...]:
        """The stores that have to be filled before anything is read from them, as of the last look."""
        return self._parejas.carencias if self._parejas is not None else ()

    def mirar_carencias(self) -> tuple[Carencia, ...]:
        """The same, as of now. Raises AlmacenError."""
        if self._parejas is not None:
            self._parejas.mirar()
        return self.carencias

    def otro_la_rellena(self, destino: NombreAlmacen) -> str:
        """What to say of another program that is filling that store; empty where none is."""
        hace_ms = self._parejas.senal_de_otro_ms(destino) if self._parejas is not None else None
        if hace_ms is None:
            return ""
        return (
            f"Otro programa se lo está copiando a {destino.etiqueta}: dio señales hace {hace_ms // 1_000} s. "
            f"Si ya no existe, repita la orden dentro de {-(-(LATIDO_MAX_MS - hace_ms) // 1_000)} s."
        )

    def espera_antes_de_rellenar_s(self, destino: NombreAlmacen) -> float:
        """See `Parejas.falta_para_empezar_s`."""
        return self._parejas.falta_para_empezar_s(destino) if self._parejas is not None else 0.0

    def rellenar(self, destino: NombreAlmacen) -> None:
        """Let all that the other store has be copied to that one: in the background, or by `sincronizar`.

        Nothing that it holds is changed. One that was put off goes on where it was.
        Raises AlmacenError when a store does not answer: nothing was agreed then.
        """
        if self._parejas is not None:
            self._parejas.aceptar(destino)
            self.despertar_replicacion()
