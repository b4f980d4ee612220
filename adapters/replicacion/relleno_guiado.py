"""A backfill with all that goes with it: who may begin it, signs of life, progress, notes at its end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from adapters.health.compuerta import Compuerta
from adapters.replicacion.avance import Avance
from adapters.replicacion.cortesia import Cortesia
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import Control
from adapters.replicacion.parejas import Parejas
from adapters.replicacion.perdedoras import copiar_perdedoras
from adapters.replicacion.rellenables import rellenables
from adapters.replicacion.relleno import Relleno
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.verificacion.almacenes import con_fichas, revisables
from core.domain.errors import AlmacenError
from core.domain.events import ReplicacionAvanza
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.pareja import Carencia, MotivoCarencia

_log = logging.getLogger("adapters.replicacion")

LATIR_CADA_S = 2.0
"""Between two signs of life of a backfill, seconds."""
_PASO_S = 0.25


class RellenoGuiado:
    """Fills the stores that are to be filled. Blocks; one thread at a time.

    Args:
        almacenes: both stores.
        parejas: who has to be filled.
        compuerta: tells whether operators write meanwhile.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
        parejas: Parejas,
        compuerta: Compuerta,
        *,
        ahora_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.parejas = parejas
        self._almacenes = almacenes
        self._relleno = Relleno(
            almacenes, rellenables(almacenes), revisables(almacenes), con_fichas(almacenes), compuerta
        )
        self._ahora_s = ahora_s

    def espera(self, destino: NombreAlmacen) -> bool:
        """Whether it has to be filled and is not to be now: nobody agreed, or another program is at it.

        Nor is the other one to be given anything from a database of which nobody has said that it is its
        pair: that would be confirmed there, and the one that is would never get it.
        """
        carencia = self.parejas.carencia(destino)
        if carencia is None:
            return self.es_otra_base(destino.otro)
        return not carencia.aceptada or self.parejas.de_otro(destino)

    def es_otra_base(self, nombre: NombreAlmacen) -> bool:
        """Whether it stands in another's place, and nobody has agreed to that, as of the last look."""
        carencia = self.parejas.carencia(nombre)
        return carencia is not None and carencia.motivo is MotivoCarencia.OTRA_BASE

    def rellenar(
        self,
        carencia: Carencia,
        informe: InformePasada,
        *,
        parar: Callable[[], bool],
        esperar: Callable[[float], object],
        decir: Callable[[ReplicacionAvanza], None],
    ) -> None:
        """Fill it and add to `informe` what was done; not to the end if `parar`, or if it was put off.

        Raises AlmacenError when a store stops answering: it goes on from there the next time.
        """
        destino = carencia.destino
        if carencia.motivo is MotivoCarencia.NUEVA:
            self.parejas.aceptar(destino)
        self.parejas.emparejar(destino)
        latido = _Latido(self.parejas, destino, self._relleno.cortesia, self._ahora_s)
        if not latido.vivo():
            self.parejas.mirar()  # put off, or done, in another program
            return
        avance = Avance(destino.otro, decir)
        control = Control(
            cancelar=lambda: parar() or not latido.vivo(), progreso=avance.observar, esperar=esperar
        )
        try:
            self._esperar_relevo(destino, control)
            if not control.cancelar():
                _log.info("🔁 Se copia a %s todo lo que tiene %s…", destino.etiqueta, destino.otro.etiqueta)
            hecho = self._relleno.rellenar(destino.otro, control)
            if not hecho.cancelada:
                desde, hasta = self._almacenes[destino.otro], self._almacenes[destino]
                hecho.cancelada = not copiar_perdedoras(desde, hasta, parar=control.cancelar)
        except AlmacenError as error:
            informe.sumar(avance.informe)
            if error.almacen is not destino:
                self._callar(destino)
            raise
        informe.sumar(hecho)
        self._callar(destino)
        if hecho.cancelada or not self.parejas.son_pareja(destino):
            self.parejas.mirar()  # put off, or a third one was accepted in its place at the last moment
        else:
            self.parejas.dar_por_entera(destino)

    def _esperar_relevo(self, destino: NombreAlmacen, control: Control) -> None:
        """Until the others have noticed that it takes another's place (see `Parejas.emparejar`)."""
        falta_s = self.parejas.falta_para_empezar_s(destino)
        if falta_s:
            _log.info(
                "⏳ Se esperan %.0f s a que los demás programas dejen la base anterior de %s…",
                falta_s,
                destino.etiqueta,
            )
        while falta_s > 0 and not control.cancelar():
            control.esperar(min(falta_s, _PASO_S))
            falta_s -= _PASO_S

    def _callar(self, destino: NombreAlmacen) -> None:
        with suppress(AlmacenError):  # it is told by whatever comes next; then the sign of life gets old
            self.parejas.callar(destino)


class _Latido:
    """Says every now and then that somebody is at it, and hears whether it still is to be done, and whether
    somebody works meanwhile in another program."""

    def __init__(
        self, parejas: Parejas, destino: NombreAlmacen, cortesia: Cortesia, ahora_s: Callable[[], float]
    ) -> None:
        self._parejas = parejas
        self._destino = destino
        self._cortesia = cortesia
        self._ultima = parejas.ultima_version(destino.otro)
        self._ahora_s = ahora_s
        self._dicho_s: float | None = None
        self._vivo = True

    def vivo(self) -> bool:
        """Whether to go on. Raises AlmacenError."""
        if self._dicho_s is None or self._ahora_s() - self._dicho_s > LATIR_CADA_S:
            # Another one may have been accepted in its place: nothing may be confirmed with this one then.
            self._vivo = self._parejas.latir(self._destino) and self._parejas.son_pareja(self._destino)
            ultima = self._parejas.ultima_version(self._destino.otro)
            if ultima > self._ultima:
                self._ultima = ultima
                self._cortesia.hay_alguien()
            self._dicho_s = self._ahora_s()
        return self._vivo
