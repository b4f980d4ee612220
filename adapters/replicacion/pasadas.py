"""A pass of the engine with all that goes with it: marks, log, events, and the return to normal."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from adapters.health.registro import RegistroSalud
from adapters.replicacion.avance import Avance
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import Control, MotorReplicacion
from adapters.replicacion.relleno_guiado import RellenoGuiado
from core.domain.errors import AlmacenError
from core.domain.events import (
    CuarentenaCambiada,
    Evento,
    ReplicacionAvanza,
    ReplicacionDetenida,
    ReplicacionTerminada,
)
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada

_log = logging.getLogger("adapters.replicacion")

MIRAR_CADA_S = 2.0
"""In a long pass, between two looks at whether the stores still are a pair, seconds."""

Progreso = Callable[[ReplicacionAvanza], None]


def callar(_avance: ReplicacionAvanza) -> None:
    """For whoever wants no progress."""


class Pasadas:
    """Makes single passes, one direction at a time."""

    def __init__(
        self,
        motor: MotorReplicacion,
        registro: RegistroSalud,
        *,
        publicar: Callable[[Evento], None],
        relleno: RellenoGuiado | None = None,
    ) -> None:
        self.motor = motor
        self.relleno = relleno
        self._registro = registro
        self._publicar = publicar
        self._dichas: tuple[Apartada, ...] = ()
        self._avisadas: set[NombreAlmacen] = set()
        self._mirado_s = time.monotonic()
        self._detenida: tuple[NombreAlmacen, str] | None = None

    def mirar_parejas(self) -> None:
        """Find out who has to be filled before any pass may call it up to date. Raises AlmacenError."""
        if self.relleno is not None:
            self.relleno.parejas.mirar()
        self._mirado_s = time.monotonic()

    def espera_relleno(self, destino: NombreAlmacen) -> bool:
        """Whether nothing is to be copied there before somebody agrees, or another program has filled it."""
        return self.relleno is not None and self.relleno.espera(destino)

    def posponer_rellenos(self) -> None:
        """An operator has stopped what was being filled. Raises AlmacenError."""
        for carencia in self.relleno.parejas.carencias if self.relleno is not None else ():
            if carencia.aceptada and self.relleno is not None:
                self.relleno.parejas.posponer(carencia.destino)

    def pasar(
        self,
        origen: NombreAlmacen,
        total: InformePasada,
        *,
        parar: Callable[[], bool],
        esperar: Callable[[float], object],
        progreso: Progreso,
    ) -> InformePasada:
        """One pass, added to `total`, after all that a store lacks that has to be filled first.

        Raises AlmacenError when a store does not answer.
        """
        destino, informe = origen.otro, InformePasada()
        if not self._rellenar(destino, total, parar=parar, esperar=esperar, progreso=progreso):
            return informe
        marca = self._registro.marca_de_atraso(destino)
        avance = Avance(origen, lambda evento: self._decir(evento, progreso))
        control = Control(
            cancelar=lambda: parar() or self._ya_no_son_pareja(origen),
            progreso=avance.observar,
            al_faltar=lambda: self._registro.marcar_atrasada(destino),
            esperar=esperar,
        )
        entera = False
        try:
            self.motor.drenar(origen, control, informe)
            entera = not informe.cancelada
        finally:
            # Before the store is called up to date: no read may find it so and miss these.
            self._registro.anotar_faltas(destino, informe.faltan, son_todas=entera)
            total.sumar(informe)
            self.decir_cuarentena()
        if not informe.cancelada:
            self._acercar(destino, marca)
        return informe

    def _ya_no_son_pareja(self, origen: NombreAlmacen) -> bool:
        """Whether one of them has been emptied, or another has taken its place, since the pass began."""
        if self.relleno is None:
            return False
        if time.monotonic() - self._mirado_s > MIRAR_CADA_S:
            self.mirar_parejas()
        return self.relleno.parejas.carencia(origen.otro) is not None or self.relleno.es_otra_base(origen)

    def _rellenar(
        self,
        destino: NombreAlmacen,
        total: InformePasada,
        *,
        parar: Callable[[], bool],
        esperar: Callable[[float], object],
        progreso: Progreso,
    ) -> bool:
        """Fill it if it has to be; whether it is whole now, but for what is pendiente."""
        carencia = self.relleno.parejas.carencia(destino) if self.relleno is not None else None
        if carencia is None or self.relleno is None:
            return True
        self.relleno.rellenar(
            carencia,
            total,
            parar=parar,
            esperar=esperar,
            decir=lambda evento: self._decir(evento, progreso),
        )
        return self.relleno.parejas.carencia(destino) is None

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

    def decir_que_se_detuvo(self, error: AlmacenError | None) -> None:
        """A store that answers has ended the round with a «no»; None: one went through."""
        antes, self._detenida = self._detenida, None if error is None else (error.almacen, str(error))
        if self._detenida is not None and self._detenida != antes:
            _log.warning("⚠️ La replicación se detuvo y seguirá cuando se resuelva: %s", error)
            self._publicar(ReplicacionDetenida(*self._detenida))
        elif self._detenida is None and antes is not None:
            self._publicar(ReplicacionDetenida(antes[0], ""))

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
