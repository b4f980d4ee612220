"""A batch of new tareas into both stores with one ping, repeatable after any interruption."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol
from uuid import UUID

from adapters.repositorio_base import planear_importacion
from core.domain.models.almacen import Escrito, Escritura, NombreAlmacen, ResultadoEscritura
from core.domain.models.importacion import ResultadoFila, SuerteFila, suerte_de
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from core.domain.ports.almacen import Almacen


class Despachar(Protocol):
    """`DualTareaRepository._dispatch_escritura`."""

    def __call__(
        self,
        *,
        operacion: str,
        sql_func: Callable[[], Sequence[Escrito]],
        mongo_func: Callable[[], Sequence[Escrito]],
        entidad_id: object,
    ) -> ResultadoEscritura:
        """Run both and say what became of it."""
        ...


def importar_lote(
    tareas: Sequence[Tarea],
    *,
    reloj: RelojHibrido,
    existentes: Mapping[UUID, Tarea],
    almacenes: Mapping[NombreAlmacen, Almacen],
    despachar: Despachar,
    confirmar: Callable[[Mapping[UUID, int]], None],
) -> Sequence[ResultadoFila]:
    """Insert what no store has yet (`existentes`: what they have); one result a tarea, in order.

    A row that a store has already (an earlier run was interrupted, or a store was away) is offered again
    under the version it has there: the store that has it sees the very same write, the one that lacks it
    gets it, and no second version of the tarea is made.

    Raises: as `_dispatch_escritura`; nothing of the batch is then known to be in.
    """
    escrituras, resultados = planear_importacion(tareas, existentes, reloj=reloj)
    for existente in existentes.values():
        if existente.pendiente:
            escrituras.setdefault(existente.id, Escritura(existente, 0))
    escritos = _escribir(list(escrituras.values()), almacenes, despachar, confirmar)
    return [
        resultado or _suerte_nueva(tarea, escritos[tarea.id])
        for tarea, resultado in zip(tareas, resultados, strict=True)
    ]


def _suerte_nueva(tarea: Tarea, escritos: Sequence[Escrito]) -> ResultadoFila:
    actual = next((escrito.actual for escrito in escritos if escrito.actual is not None), None)
    if actual is None:
        if any(escrito.aplicada for escrito in escritos):
            return ResultadoFila(SuerteFila.NUEVA)
        motivo = next((escrito.error for escrito in escritos if escrito.error), "")
        return ResultadoFila(SuerteFila.RECHAZADA, motivo or "ninguna base de datos la admitió")
    # Somebody else wrote it between our look and our write: theirs wins in both.
    return suerte_de(tarea, actual)


def _escribir(
    escrituras: Sequence[Escritura],
    almacenes: Mapping[NombreAlmacen, Almacen],
    despachar: Despachar,
    confirmar: Callable[[Mapping[UUID, int]], None],
) -> dict[UUID, list[Escrito]]:
    """What each store that acknowledged the batch says of each row."""
    if not escrituras:
        return {}
    resultado = despachar(
        operacion="importar",
        sql_func=partial(almacenes[NombreAlmacen.SQL].escribir_lote, escrituras),
        mongo_func=partial(almacenes[NombreAlmacen.MONGO].escribir_lote, escrituras),
        entidad_id=f"{len(escrituras)} tareas",
    )
    por_almacen = [uno.valor for uno in resultado.por_almacen if uno.confirmada]
    escritos = {
        escritura.fila.id: list(de_cada_uno)
        for escritura, de_cada_uno in zip(escrituras, zip(*por_almacen, strict=True), strict=True)
    }
    if resultado.en_ambos:
        # A row that somebody changed meanwhile is not ours to confirm: it stays pendiente for replication.
        confirmar(
            {
                escritura.fila.id: escritura.fila.version
                for escritura in escrituras
                if all(escrito.aplicada for escrito in escritos[escritura.fila.id])
            }
        )
    return escritos
