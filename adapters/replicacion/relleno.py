"""Backfill: a store gets all rows that it never had, whatever their mark, page by page of ids.

Why this may run while operators write, delete and create:

- A page is *inserted*: a row that the target holds by then, newer, older or a tombstone, is not touched.
  Where the origin's is pendiente, the engine brings the two together as ever (compare-and-set, conflicts
  kept); where it is not, both were told that they are equal, and verification says whether that is so.
- An inserted row arrives confirmed. The origin held that version when it was read (committed, and majority
  read in MongoDB), and the target holds it from the instant in which the mark can be seen: `version_comun`
  says what is true. An insert whose answer is lost may land late; where a newer row is by then, it does
  nothing, else it is that very version of a store that lags.
- The origin is told after the insert. A row that an operator changed in between has moved on to a version
  above the one that was copied: it gets `version_comun` alone and stays pendiente, so that the engine brings
  the newer one, as a descendant and not as a conflict.
- What is created or changed behind the cursor is pendiente, and the engine's as ever.
- The checkpoint lies in the target, and names the origin: a target that was wiped has none, one that was
  copied to from somewhere else has another. It is noted after the rows before it are in and told of;
  a program that dies repeats a little, and what it repeats is found there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

from adapters.health.compuerta import Compuerta
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.lotes import Separador
from adapters.replicacion.motor import Control
from adapters.replicacion.ritmo import RitmoDeLotes
from core.domain.errors import AlmacenSoloLectura, EsquemaSinAdoptar, OperacionFallida, ResultadoDesconocido
from core.domain.models.almacen import Escritura, NombreAlmacen
from core.domain.models.consulta import Filtro
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen
from core.domain.ports.relleno import AlmacenRellenable, PaginaRelleno
from core.domain.ports.revision import AlmacenRevisable

PUNTO_S = 1.0
"""Between two checkpoints, seconds."""
_CLAVE_PUNTO = "relleno"
_CLAVE_IDENTIDAD = "identidad"


class Relleno:
    """Copies all of one store to the other. Blocks; one backfill at a time on one object.

    Args:
        almacenes: both stores.
        lotes: bulk access to them.
        notas: their notes in `dual_tareas_meta`.
        compuerta: tells whether operators write meanwhile, to whom the backfill then gives way.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, Almacen],
        lotes: Mapping[NombreAlmacen, AlmacenRellenable],
        notas: Mapping[NombreAlmacen, AlmacenRevisable],
        compuerta: Compuerta,
    ) -> None:
        self._almacenes = almacenes
        self._lotes = lotes
        self._notas = notas
        self._compuerta = compuerta
        self._ritmo = RitmoDeLotes()
        self._separador = Separador()

    def rellenar(self, origen: NombreAlmacen, control: Control | None = None) -> InformePasada:
        """Copy all rows of `origen`, from the checkpoint on if there is one.

        Raises AlmacenError when a store stops answering; repeated, it goes on where it was.
        """
        control = control or Control()
        informe, self._separador = InformePasada(), Separador()
        identidad = self._identidad(origen)
        tras = self._punto(origen.otro, identidad)
        informe.total = self._contar(origen)
        control.al_faltar()
        with ThreadPoolExecutor(2, thread_name_prefix="DualRepo-relleno") as ayuda:
            self._paginas(origen, tras, identidad, informe, control, ayuda)
        return informe

    def _paginas(
        self,
        origen: NombreAlmacen,
        tras: str,
        identidad: str,
        informe: InformePasada,
        control: Control,
        ayuda: ThreadPoolExecutor,
    ) -> None:
        """While one page goes in, the next is read and the origin is told of the one before."""
        destino = origen.otro
        noticia: Future[None] | None = None
        anotado_s = time.monotonic()
        pagina = self._leer(origen, tras)
        while True:
            if control.cancelar():
                informe.cancelada = True
                break
            inicio_s, pasadas = time.monotonic(), self._compuerta.pasadas
            futura = ayuda.submit(self._leer, origen, pagina.siguiente) if pagina.siguiente else None
            puestas = self._poner(pagina.filas, origen, informe)
            if noticia is not None:
                noticia.result()
            if time.monotonic() - anotado_s > PUNTO_S:
                self._anotar_punto(destino, identidad, tras)
                anotado_s = time.monotonic()
            noticia, tras = ayuda.submit(self._avisar, origen, puestas, informe), pagina.siguiente
            informe.miradas += len(pagina.filas)
            control.progreso(informe)
            siguiente = futura.result() if futura is not None else None
            self._dar_paso(len(pagina.filas), time.monotonic() - inicio_s, pasadas, control)
            if siguiente is None:
                break
            pagina = siguiente
        if noticia is not None:
            noticia.result()
        # All is in: the next backfill, should there be one, begins at the beginning.
        self._anotar_punto(destino, identidad, tras if informe.cancelada else "")

    def _leer(self, origen: NombreAlmacen, tras: str) -> PaginaRelleno:
        return self._lotes[origen].pagina(tras=tras, limite=self._ritmo.lote)

    def _poner(self, filas: Sequence[Tarea], origen: NombreAlmacen, informe: InformePasada) -> list[Tarea]:
        """The page into the target; which of its rows were put."""
        confirmadas = [replace(fila, version_comun=fila.version, pendiente=False) for fila in filas]
        try:
            puestas = self._lotes[origen.otro].insertar(confirmadas)
        except (AlmacenSoloLectura, EsquemaSinAdoptar):
            raise
        except OperacionFallida:
            puestas = set()  # it does not say which
        puestas |= self._poner_rehusadas([f for f in confirmadas if f.id not in puestas], origen, informe)
        informe.copiadas += len(puestas)
        return [fila for fila in filas if fila.id in puestas]

    def _poner_rehusadas(
        self, filas: Sequence[Tarea], origen: NombreAlmacen, informe: InformePasada
    ) -> set[UUID]:
        """Those of them that are not there were refused together with others: which go in, and why not."""
        destino = self._almacenes[origen.otro]
        hay = destino.leer_lote([fila.id for fila in filas]) if filas else {}
        escrituras = [Escritura(fila) for fila in filas if fila.id not in hay]
        escritos = self._separador.escribir(destino, escrituras)
        for escritura, escrito in zip(escrituras, escritos, strict=True):
            if motivo := escritura.rechazada_por(origen.otro, escrito):
                informe.apartadas[escritura.fila.id] = motivo
        return {uno.fila.id for uno, escrito in zip(escrituras, escritos, strict=True) if escrito.aplicada}

    def _avisar(self, origen: NombreAlmacen, puestas: Sequence[Tarea], informe: InformePasada) -> None:
        """Tell the origin which of its pendientes the target has now."""
        pendientes = [fila for fila in puestas if fila.pendiente]
        if not self._lotes[origen].confirmar_vistas(pendientes):
            self._almacenes[origen].confirmar([(fila.id, fila.version) for fila in pendientes])
        informe.confirmadas += len(pendientes)

    def _dar_paso(self, filas: int, duracion_s: float, pasadas: int, control: Control) -> None:
        """Adapt the pages to the time they take, and leave the stores to operators who write."""
        self._ritmo.tras(filas, duracion_s)
        hay_operadores = self._compuerta.en_vuelo > 0 or self._compuerta.pasadas != pasadas
        if pausa_s := RitmoDeLotes.pausa_s(duracion_s, hay_operadores=hay_operadores):
            control.esperar(pausa_s)

    def _contar(self, origen: NombreAlmacen) -> int:
        """How many rows there are, for people to read."""
        try:
            return self._almacenes[origen].contar(Filtro(eliminadas=True))
        except (OperacionFallida, ResultadoDesconocido):
            return 0

    # -- notes --------------------------------------------------------------------------------------

    def _identidad(self, nombre: NombreAlmacen) -> str:
        """The name that this very database has given itself."""
        if identidad := self._notas[nombre].nota(_CLAVE_IDENTIDAD):
            return identidad
        self._notas[nombre].anotar(_CLAVE_IDENTIDAD, str(uuid4()))
        return self._notas[nombre].nota(_CLAVE_IDENTIDAD) or ""  # another program may have been faster

    def _punto(self, destino: NombreAlmacen, identidad: str) -> str:
        """Where an earlier backfill from this origin got to; empty for the beginning."""
        if not self._lotes[destino].pagina(tras="", limite=1).filas:
            return ""  # emptied since then
        try:
            de, tras = json.loads(self._notas[destino].nota(_CLAVE_PUNTO) or "")
            return str(UUID(tras)) if de == identidad and tras else ""
        except (ValueError, TypeError):  # none, or not ours
            return ""

    def _anotar_punto(self, destino: NombreAlmacen, identidad: str, tras: str) -> None:
        self._notas[destino].anotar(_CLAVE_PUNTO, json.dumps([identidad, tras]))
