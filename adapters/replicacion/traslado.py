"""The steps of one backfill: read a page, put it into the target, tell the origin.

Why this may happen while operators write, delete and create:

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
- What could not be put there is marked in the origin before anything is noted of its page, and with the mark
  alone: whatever happens to this run, it is the engine's from then on. So is a row of which the two hold
  different versions although neither says so, as after a store was put back from a backup: the newer one is
  marked where it is, and the engine's compare-and-set decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from operator import itemgetter
from uuid import UUID

from adapters.replicacion.cuarentena import CAPACIDAD, SIN_LEER
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.lotes import Separador
from core.domain.errors import AlmacenSoloLectura, EsquemaSinAdoptar, OperacionFallida
from core.domain.models.almacen import Escritura, NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen
from core.domain.ports.relleno import (
    ACTUALIZADA_EN,
    PENDIENTE,
    VERSION,
    AlmacenRellenable,
    FilaRelleno,
    Lugar,
    PaginaRelleno,
    a_tarea,
)


class Traslado:
    """One backfill of `origen.otro`, step by step; the steps of different pages may run at once.

    Args:
        origen: the store that has the rows.
        almacenes: both stores.
        lotes: bulk access to them.
        informe: where what was done is added.
    """

    def __init__(
        self,
        origen: NombreAlmacen,
        almacenes: Mapping[NombreAlmacen, Almacen],
        lotes: Mapping[NombreAlmacen, AlmacenRellenable],
        informe: InformePasada,
    ) -> None:
        self._origen, self._destino = almacenes[origen], almacenes[origen.otro]
        self._lotes_origen, self._lotes_destino = lotes[origen], lotes[origen.otro]
        self._separador = Separador()
        self.informe = informe

    def leer(self, tras: Lugar, limite: int) -> PaginaRelleno:
        """The page after that place."""
        return self._lotes_origen.pagina(tras=tras, limite=limite)

    def poner(self, pagina: PaginaRelleno) -> list[FilaRelleno]:
        """The page into the target; those of its rows that both stores hold now.

        In the order in which they were written: most indexes follow it, and a page that goes through them
        from one end to the other costs the server half of what one does that jumps about in them.
        """
        if pagina.sin_leer:
            self._lotes_origen.marcar([(id, None) for id in pagina.sin_leer])
            self._apartar(dict.fromkeys(pagina.sin_leer, SIN_LEER))
        filas = sorted(pagina.filas, key=itemgetter(ACTUALIZADA_EN))
        try:
            lugares = self._lotes_destino.insertar(filas)
        except (AlmacenSoloLectura, EsquemaSinAdoptar):
            raise
        except OperacionFallida:
            lugares = ()  # it does not say which
        self.informe.copiadas += len(lugares)
        if len(lugares) == len(filas):
            return filas
        puestas = set(lugares)
        puestas |= self._poner_demas({i: fila for i, fila in enumerate(filas) if i not in puestas})
        return [fila for i, fila in enumerate(filas) if i in puestas]

    def _poner_demas(self, filas: Mapping[int, FilaRelleno]) -> set[int]:
        """Those that were there are left alone; those that were refused together with others are tried again.

        Returns: those that the target holds at this very version, be it since an earlier run.
        """
        tareas = {i: a_tarea(fila) for i, fila in filas.items()}
        hay = self._destino.leer_lote([tarea.id for tarea in tareas.values()])
        ya = {i for i, tarea in tareas.items() if tarea.id in hay and hay[tarea.id].misma_escritura(tarea)}
        faltan = [i for i, tarea in tareas.items() if tarea.id not in hay]
        # Pendiente, with the common version of the origin: what has come in between is compared with it.
        escrituras = [Escritura(replace(tareas[i], pendiente=True)) for i in faltan]
        escritos = self._separador.escribir(self._destino, escrituras)
        nuevas = {i for i, escrito in zip(faltan, escritos, strict=True) if escrito.aplicada}
        rehusadas = {
            escritura.fila.id: motivo
            for escritura, escrito in zip(escrituras, escritos, strict=True)
            if (motivo := escritura.rechazada_por(self._destino.nombre, escrito))
        }
        self._lotes_origen.marcar(
            [(t.id, t.version) for t in tareas.values() if t.id in rehusadas and not t.pendiente]
        )
        self._apartar(rehusadas)
        self._marcar_distintas([(tareas[i], hay[tareas[i].id]) for i in tareas.keys() - ya - set(faltan)])
        # What cannot be confirmed there stays marked there, and is told by the pass over its pendientes.
        self._separador.confirmar(self._destino, [(tareas[i].id, tareas[i].version) for i in nuevas])
        self.informe.copiadas += len(nuevas)
        return ya | nuevas

    def _marcar_distintas(self, parejas: Sequence[tuple[Tarea, Tarea]]) -> None:
        """The newer of each two, unless it is marked; of one version with two contents verification tells."""
        aqui = [(una.id, una.version) for una, otra in parejas if una.version > otra.version]
        alli = [(otra.id, otra.version) for una, otra in parejas if otra.version > una.version]
        marcadas = {tarea.id for pareja in parejas for tarea in pareja if tarea.pendiente}
        self._lotes_origen.marcar([par for par in aqui if par[0] not in marcadas])
        self._lotes_destino.marcar([par for par in alli if par[0] not in marcadas])

    def _apartar(self, motivos: Mapping[UUID, str]) -> None:
        """Tell of as many as can be remembered; marked they all are."""
        sitio = CAPACIDAD - len(self.informe.apartadas)
        self.informe.apartadas.update(islice(motivos.items(), max(0, sitio)))

    def avisar(self, puestas: Sequence[FilaRelleno]) -> None:
        """Tell the origin which of its pendientes the target has now."""
        pendientes = [fila for fila in puestas if fila[PENDIENTE]]
        rehusadas = {} if self._confirmar_vistas(pendientes) else self._confirmar_una_a_una(pendientes)
        self._apartar(rehusadas)
        self.informe.en_ambas |= rehusadas.keys() & self.informe.apartadas.keys()
        self.informe.confirmadas += len(pendientes) - len(rehusadas)

    def _confirmar_vistas(self, filas: Sequence[FilaRelleno]) -> bool:
        try:
            return self._lotes_origen.confirmar_vistas(filas)
        except (AlmacenSoloLectura, EsquemaSinAdoptar):
            raise
        except OperacionFallida:
            return False  # it does not say which

    def _confirmar_una_a_una(self, filas: Sequence[FilaRelleno]) -> dict[UUID, str]:
        """Why the mark of a row could not be cleared, for each that it could not."""
        return self._separador.confirmar(self._origen, [(a_tarea(fila).id, fila[VERSION]) for fila in filas])
