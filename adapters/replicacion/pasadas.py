"""A pass of the engine with all that goes with it: marks, log, events, and the return to normal."""

from __future__ import annotations

import logging
from collections.abc import Callable

from adapters.health.registro import RegistroSalud
from adapters.replicacion.avance import Avance
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import Control, MotorReplicacion
from core.domain.errors import AlmacenError
from core.domain.events import CuarentenaCambiada, Evento, ReplicacionAvanza, ReplicacionTerminada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada

_log = logging.getLogger("adapters.replicacion")

Progreso = Callable[[ReplicacionAvanza], None]


def callar(_avance: ReplicacionAvanza) -> None:
    """For whoever wants no progress."""


class Pasadas:
    """Makes single passes, one direction at a time."""

    def __init__(
        self, motor: MotorReplicacion, registro: RegistroSalud, *, publicar: Callable[[Evento], None]
    ) -> None:
        self.motor = motor
        self._registro = registro
        self._publicar = publicar
        self._dichas: tuple[Apartada, ...] = ()
        self._avisadas: set[NombreAlmacen] = set()

    def pasar(
        self,
        origen: NombreAlmacen,
        total: InformePasada,
        *,
        parar: Callable[[], bool],
        esperar: Callable[[float], object],
        progreso: Progreso,
    ) -> InformePasada:
        """One pass, added to `total`. Raises AlmacenError when a store does not answer."""
        destino, informe = origen.otro, InformePasada()
        marca = self._registro.marca_de_atraso(destino)
        avance = Avance(origen, lambda evento: self._decir(evento, progreso))
        control = Control(
            cancelar=parar,
            progreso=avance.observar,
            al_faltar=lambda: self._registro.marcar_atrasada(destino),
            esperar=esperar,
        )
        entera = False
        try:
            informe = self.motor.drenar(origen, control)
            entera = not informe.cancelada
        except AlmacenError:
            informe = avance.informe  # what was copied before is copied all the same
            raise
        finally:
            # Before the store is called up to date: no read may find it so and miss these.
            self._registro.anotar_faltas(destino, informe.faltan, son_todas=entera)
            total.sumar(informe)
            self.decir_cuarentena()
        if not informe.cancelada:
            self._acercar(destino, marca)
        return informe

    def _acercar(self, destino: NombreAlmacen, marca: int) -> None:
        """A whole pass was made: one stage nearer to normal (see `adapters.health.atrasos`).

        Up to date only if nothing was missed since `marca` was taken, and at an instant when no write is in
        the air: a reader has then seen nothing in the other store that is not in this one, too.
        """
        if not self._registro.atrasada(destino):
            return
        if self._registro.marca_de_atraso(destino) == marca:
            compuerta = self._registro.compuerta
            with compuerta.en_calma(compuerta.calma_s) as en_calma:
                if en_calma:
                    self._registro.marcar_al_dia(destino, marca)
        if self._registro.atrasada(destino):
            self._registro.admitir_escrituras(destino)

    def decir_cuarentena(self) -> None:
        """Tell what is set apart, if that has changed."""
        apartadas = self.motor.cuarentena.todas()
        if apartadas != self._dichas:
            self._dichas = apartadas
            self._publicar(CuarentenaCambiada(apartadas))

    def _decir(self, evento: ReplicacionAvanza, progreso: Progreso) -> None:
        self._avisadas.add(evento.origen)
        self._publicar(evento)
        progreso(evento)

    def terminar(self, origen: NombreAlmacen, informe: InformePasada, duracion_s: float) -> None:
        """Tell what several passes in that direction did, if they did anything or progress was told of."""
        if not (informe.copiadas or informe.conflictos or informe.nuevas or origen in self._avisadas):
            return
        self._avisadas.discard(origen)
        _log.info(
            "🔁 De %s a %s: copiadas %d, en conflicto %d, sin copiar %d",
            origen.etiqueta,
            origen.otro.etiqueta,
            informe.copiadas,
            informe.conflictos,
            len(informe.apartadas),
        )
        self._publicar(
            ReplicacionTerminada(
                origen=origen,
                copiadas=informe.copiadas,
                conflictos=informe.conflictos,
                apartadas=len(informe.apartadas),
                duracion_s=duracion_s,
            )
        )
