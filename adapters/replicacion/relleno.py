"""Backfill: a store gets all rows that it never had, whatever their mark, page by page (see `Lugar`).

Operators may write meanwhile (see `traslado`):

- What is created or changed behind the cursor is pendiente: it comes by once more, or the engine brings it.
- The checkpoint lies in the target, and names the origin: one that was copied to from somewhere else has
  another. A target that was emptied since, also while it is being filled, is known by some of the rows that
  were put first: all begins anew then. It is noted after the rows before it are in, told of, or marked; a
  program that dies repeats a little, and what it repeats is found there.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

from adapters.fichas import PUNTO
from adapters.health.compuerta import Compuerta
from adapters.replicacion.cortesia import Cortesia
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import Control
from adapters.replicacion.traslado import Traslado
from core.domain.errors import OperacionFallida, ResultadoDesconocido
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Filtro
from core.domain.ports.almacen import Almacen
from core.domain.ports.pareja import AlmacenConFicha
from core.domain.ports.relleno import ID, INICIO, AlmacenRellenable, FilaRelleno, Lugar, PaginaRelleno
from core.domain.ports.revision import AlmacenRevisable

_log = logging.getLogger(__name__)

PUNTO_S = 1.0
"""Between two checkpoints, seconds."""
TESTIGOS = 8
"""Rows of a page by which it is known that what was put is still there."""


class Relleno:
    """Copies all of one store to the other. Blocks; one backfill at a time on one object.

    Attributes:
        cortesia: how it gives way to operators; to be told of those in other programs.

    Args:
        almacenes: both stores.
        lotes: bulk access to them.
        notas: their notes in `dual_tareas_meta`.
        fichas: who they are.
        compuerta: tells whether operators write meanwhile, to whom the backfill then gives way.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, Almacen],
        lotes: Mapping[NombreAlmacen, AlmacenRellenable],
        notas: Mapping[NombreAlmacen, AlmacenRevisable],
        fichas: Mapping[NombreAlmacen, AlmacenConFicha],
        compuerta: Compuerta,
    ) -> None:
        self._almacenes = almacenes
        self._lotes = lotes
        self._notas = notas
        self._fichas = fichas
        self.cortesia = Cortesia(compuerta)

    def rellenar(self, origen: NombreAlmacen, control: Control | None = None) -> InformePasada:
        """Copy all rows of `origen`, from the checkpoint on if there is one.

        Where the target was emptied meanwhile the report says that it was not done to the end.

        Raises AlmacenError when a store stops answering; repeated, it goes on where it was.
        """
        control, informe = control or Control(), InformePasada()
        identidad = self._fichas[origen].ficha().identidad
        punto = _Punto(self._notas[origen.otro], self._almacenes[origen.otro], identidad)
        tras = punto.retomar()
        informe.total = self._contar(origen)
        control.al_faltar()
        traslado = Traslado(origen, self._almacenes, self._lotes, informe)
        with ThreadPoolExecutor(2, thread_name_prefix="DualRepo-relleno") as ayuda:
            tras = self._paginas(traslado, tras, punto, control, ayuda)
        if not punto.siguen_ahi():
            _log.warning(
                "⚠️ %s se vació mientras se le copiaba: hay que empezar de nuevo", origen.otro.etiqueta
            )
            informe.cancelada = True
            punto.olvidar()
        else:
            # Where all is in, the next backfill, should there be one, begins at the beginning.
            punto.anotar(tras if informe.cancelada else INICIO)
        return informe

    def _paginas(
        self, traslado: Traslado, tras: Lugar, punto: _Punto, control: Control, ayuda: ThreadPoolExecutor
    ) -> Lugar:
        """All pages after `tras`; the place up to which all rows are in, and told of.

        While one page goes in, the next is read and the origin is told of the one before. Where somebody
        writes meanwhile, one thing is done after the other and nothing during the pauses.
        """
        informe, noticia = traslado.informe, None
        pagina: PaginaRelleno | None = traslado.leer(tras, self.cortesia.lote)
        while pagina is not None:
            if control.cancelar():
                informe.cancelada = True
                break
            inicio_s, amable = time.monotonic(), self.cortesia.hay_operadores
            futura = None
            if pagina.siguiente and not amable:
                futura = ayuda.submit(traslado.leer, pagina.siguiente, self.cortesia.lote)
            puestas = traslado.poner(pagina)
            _esperar(noticia)
            if punto.toca():
                if not punto.siguen_ahi():
                    break
                punto.anotar(tras)
            noticia, tras = ayuda.submit(traslado.avisar, puestas), pagina.siguiente or INICIO
            punto.ver(puestas)
            informe.miradas += len(pagina.filas) + len(pagina.sin_leer)
            control.progreso(informe)
            siguiente = futura.result() if futura is not None else None
            if amable:
                noticia.result()
            pausa_s = self.cortesia.tras(len(pagina.filas), time.monotonic() - inicio_s, amable=amable)
            if pausa_s:
                self.cortesia.descansar(pausa_s, control.esperar)
            if futura is None and pagina.siguiente:
                siguiente = traslado.leer(pagina.siguiente, self.cortesia.lote)
            pagina = siguiente
        _esperar(noticia)
        return tras

    def _contar(self, origen: NombreAlmacen) -> int:
        """How many rows there are, for people to read."""
        try:
            return self._almacenes[origen].contar(Filtro(eliminadas=True))
        except (OperacionFallida, ResultadoDesconocido):
            return 0


class _Punto:
    """The checkpoint in the target: how far the backfill from that origin got.

    It names the rows that were put first and last. Whoever empties the target, at whatever moment, takes
    either those first ones, or nothing that was put: what comes after it is put anew.
    """

    def __init__(self, notas: AlmacenRevisable, destino: Almacen, identidad: str) -> None:
        self._notas = notas
        self._destino = destino
        self._identidad = identidad
        self._primeras: list[str] = []
        self._ultimas: list[str] = []
        self._anotado_s = time.monotonic()

    def retomar(self) -> Lugar:
        """Where an earlier backfill from this origin got to."""
        try:
            de, (en_cola, version, id), primeras, ultimas = json.loads(self._notas.nota(PUNTO) or "")
            if de != self._identidad or not (primeras and ultimas):
                return INICIO
            tras = Lugar(bool(en_cola), int(version), str(UUID(id)) if id else "")
            self._primeras, self._ultimas = ([str(UUID(id)) for id in ids] for ids in (primeras, ultimas))
        except (ValueError, TypeError, AttributeError):  # none, or not ours
            return INICIO
        if self.siguen_ahi():
            return tras
        self.olvidar()
        return INICIO

    def ver(self, puestas: Sequence[FilaRelleno]) -> None:
        """The target holds these now."""
        ids = [str(fila[ID]) for fila in puestas[-TESTIGOS:]]
        self._primeras, self._ultimas = self._primeras or ids, ids or self._ultimas

    def siguen_ahi(self) -> bool:
        """Whether the target still holds what was put; one row may have been deleted by hand, most not."""
        hay = self._destino.leer_lote([UUID(id) for id in {*self._primeras, *self._ultimas}])
        return all(
            not ids or 2 * sum(UUID(id) in hay for id in ids) > len(ids)
            for ids in (self._primeras, self._ultimas)
        )

    def olvidar(self) -> None:
        """Begin at the beginning."""
        self._primeras, self._ultimas = [], []
        self.anotar(INICIO)

    def toca(self) -> bool:
        """Whether it was not noted for a moment."""
        return time.monotonic() - self._anotado_s > PUNTO_S

    def anotar(self, tras: Lugar) -> None:
        """All rows up to there are in the target, and the origin was told of them."""
        nota = [self._identidad, tras, self._primeras, self._ultimas]
        self._notas.anotar(PUNTO, json.dumps(nota))
        self._anotado_s = time.monotonic()


def _esperar(noticia: Future[None] | None) -> None:
    if noticia is not None:
        noticia.result()
