"""The replication engine: copies pendientes from the store that has them to the one that lacks them.

One pass serves a store that was down, a crash between the two writes, a backfill and a rollback: they are
all "rows pendientes here". Every step is idempotent and conditional on what was read, so that several
programs may run it at once, and a pass that dies anywhere is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from adapters.replicacion.empujar import empujar
from core.conflictos import pierde_algo
from core.domain.errors import OperacionFallida
from core.domain.models.almacen import Conflicto, Escritura, NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.version import lleva_esperando
from core.domain.ports.almacen import Almacen

LOTE = 500
"""Rows a batch."""


@dataclass(slots=True)
class InformePasada:
    """What one pass in one direction did.

    Attributes:
        miradas: pendientes looked at.
        copiadas: rows written to either store.
        confirmadas: rows of which both stores now know that both hold them.
        conflictos: concurrent values kept in `conflictos`.
        apartadas: rows that could not be copied, with the reason; they stay pendientes.
        cancelada: it was stopped before the end.
    """

    miradas: int = 0
    copiadas: int = 0
    confirmadas: int = 0
    conflictos: int = 0
    apartadas: dict[UUID, str] = field(default_factory=dict)
    cancelada: bool = False


class MotorReplicacion:
    """Drains one store into the other, a batch at a time. Blocks; owns no thread."""

    def __init__(
        self, almacenes: Mapping[NombreAlmacen, Almacen], *, ahora_ms: Callable[[], int], lote: int = LOTE
    ) -> None:
        self._almacenes = almacenes
        self._ahora_ms = ahora_ms
        self._lote = lote

    def hay_rezagadas(self, origen: NombreAlmacen) -> bool:
        """Whether `origen` has pendientes that are no writes on their way: the other store is behind."""
        primeras = self._almacenes[origen].pendientes(tras=None, limite=1)
        return any(lleva_esperando(fila.version, self._ahora_ms()) for fila in primeras)

    def drenar(
        self,
        origen: NombreAlmacen,
        *,
        cancelar: Callable[[], bool] = lambda: False,
        progreso: Callable[[InformePasada], None] = lambda _informe: None,
    ) -> InformePasada:
        """One pass over the pendientes of `origen`, oldest version first.

        Args:
            origen: the store whose pendientes are copied to the other.
            cancelar: asked before each batch.
            progreso: called after each batch with the running report.

        Raises AlmacenError when a store stops answering: what was copied is copied, the rest stays marked.
        """
        informe = InformePasada()
        for filas in self._lotes(origen):
            if cancelar():
                informe.cancelada = True
                break
            self._copiar(filas, origen, informe)
            progreso(informe)
        return informe

    def _lotes(self, origen: NombreAlmacen) -> Iterator[Sequence[Tarea]]:
        tras: tuple[int, UUID] | None = None
        while filas := self._almacenes[origen].pendientes(tras=tras, limite=self._lote):
            yield filas
            if len(filas) < self._lote:
                return  # what was written since then is for the next pass, or this one might never end
            tras = (filas[-1].version, filas[-1].id)

    def _copiar(self, filas: Sequence[Tarea], origen: NombreAlmacen, informe: InformePasada) -> None:
        destino = self._almacenes[origen.otro]
        informe.miradas += len(filas)
        otras = destino.leer_lote([fila.id for fila in filas])
        comunes: dict[UUID, int] = {}
        sencillas: list[Tarea] = []
        for fila in filas:
            otra = otras.get(fila.id)
            if otra is not None and otra.version == fila.version:
                if otra.misma_escritura(fila):
                    comunes[fila.id] = fila.version
                else:  # old rows that were adopted on both sides, or a hand in the database
                    self._apartar(fila, "el contenido difiere bajo la misma versión", informe)
            elif otra is None or otra.version <= fila.version_comun:
                sencillas.append(fila)
            else:
                self._encontrar(fila, origen, comunes, informe)
        # The compare-and-set applies exactly where the other store lacks the row or merely lags: what
        # changed since we looked is refused there, and met again in the next pass.
        escritos = destino.escribir_lote([Escritura(fila, 0) for fila in sencillas]) if sencillas else []
        for fila, escrito in zip(sencillas, escritos, strict=True):
            if escrito.aplicada:
                comunes[fila.id] = fila.version
                informe.copiadas += 1
            elif escrito.actual is None:
                self._apartar(fila, escrito.error or f"{origen.otro.etiqueta} no la admite", informe)
        self._confirmar(comunes, informe)

    def _encontrar(
        self, fila: Tarea, origen: NombreAlmacen, comunes: dict[UUID, int], informe: InformePasada
    ) -> None:
        """Each store holds a version that the other lacks: the higher wins, a concurrent loser is kept."""
        aqui, alli = self._almacenes[origen], self._almacenes[origen.otro]
        try:
            otra = alli.leer(fila.id)
            if otra is not None and otra.version > fila.version:
                if pierde_algo(fila, otra):
                    alli.guardar_conflicto(
                        Conflicto(perdedora=fila, version_ganadora=otra.version, cuando_ms=self._ahora_ms())
                    )
                    informe.conflictos += 1
                gana, destino = otra, aqui
            else:
                informe.conflictos += otra is not None and pierde_algo(otra, fila)
                gana, destino = fila, alli
            if empujar(destino, gana, ahora_ms=self._ahora_ms):
                comunes[gana.id] = gana.version
                informe.copiadas += 1
        except OperacionFallida as error:
            self._apartar(fila, str(error), informe)

    def _confirmar(self, comunes: Mapping[UUID, int], informe: InformePasada) -> None:
        if not comunes:
            return
        pares = list(comunes.items())
        for almacen in self._almacenes.values():
            almacen.confirmar(pares)
        informe.confirmadas += len(pares)

    @staticmethod
    def _apartar(fila: Tarea, motivo: str, informe: InformePasada) -> None:
        informe.apartadas[fila.id] = motivo
