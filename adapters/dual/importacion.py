"""A batch of new tareas into both stores with one ping, repeatable after any interruption."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol
from uuid import UUID

from adapters.dual.desenlace import con_uno
from adapters.repositorio_base import planear_importacion
from core.domain.models.almacen import Escrito, Escritura, NombreAlmacen, ResultadoEscritura
from core.domain.models.importacion import ResultadoFila, SuerteFila, suerte_de
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from core.domain.ports.almacen import Almacen

EscritosDeUna = Mapping[NombreAlmacen, Escrito]
"""What each store says of one row."""


class Despachar(Protocol):
    """`DualTareaRepository._dispatch_escritura`."""

    def __call__(
        self,
        *,
        operacion: str,
        sql_func: Callable[[], Sequence[Escrito]],
        mongo_func: Callable[[], Sequence[Escrito]],
        entidad_id: object,
        asentar: Callable[[ResultadoEscritura], ResultadoEscritura],
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
        resultado or _suerte_nueva(escrituras[tarea.id], escritos[tarea.id])
        for tarea, resultado in zip(tareas, resultados, strict=True)
    ]


def _suerte_nueva(escritura: Escritura, escritos: EscritosDeUna) -> ResultadoFila:
    rechazos = _rechazos(escritura, escritos)
    motivo = "; ".join(f"{nombre.etiqueta}: {error.rstrip('.')}" for nombre, error in rechazos.items())
    if any(escrito.aplicada for escrito in escritos.values()):
        return ResultadoFila(SuerteFila.NUEVA, motivo)
    if rechazos:
        return ResultadoFila(SuerteFila.RECHAZADA, motivo)
    # Somebody else wrote it between our look and our write: theirs wins in both.
    actual = next(escrito.actual for escrito in escritos.values() if escrito.actual is not None)
    return suerte_de(escritura.fila, actual)


def _rechazos(escritura: Escritura, escritos: EscritosDeUna) -> dict[NombreAlmacen, str]:
    """The stores that refused the row itself, each with the reason."""
    motivos = {nombre: escritura.rechazada_por(nombre, escrito) for nombre, escrito in escritos.items()}
    return {nombre: motivo for nombre, motivo in motivos.items() if motivo}


def _por_fila(escrituras: Sequence[Escritura], resultado: ResultadoEscritura) -> list[EscritosDeUna]:
    """For each row what each store says of it that acknowledged the batch."""
    respuestas = {uno.almacen: uno.valor for uno in resultado.por_almacen if uno.confirmada}
    return [
        {nombre: escritos[indice] for nombre, escritos in respuestas.items()}
        for indice in range(len(escrituras))
    ]


def _con_lo_que_falta(escrituras: Sequence[Escritura], resultado: ResultadoEscritura) -> ResultadoEscritura:
    """The same, where one store refused rows that the other took: said of it, for it lacks them now."""
    if not resultado.en_ambos:
        return resultado
    faltan: dict[NombreAlmacen, list[str]] = {}
    for escritura, escritos in zip(escrituras, _por_fila(escrituras, resultado), strict=True):
        if any(escrito.aplicada for escrito in escritos.values()):
            for nombre, motivo in _rechazos(escritura, escritos).items():
                faltan.setdefault(nombre, []).append(motivo)
    for nombre, motivos in faltan.items():
        error = f"no admite {len(motivos)} de {len(escrituras)} filas; la primera: {motivos[0]}"
        resultado = con_uno(resultado, replace(resultado.de(nombre), error=error))
    return resultado


def _escribir(
    escrituras: Sequence[Escritura],
    almacenes: Mapping[NombreAlmacen, Almacen],
    despachar: Despachar,
    confirmar: Callable[[Mapping[UUID, int]], None],
) -> dict[UUID, EscritosDeUna]:
    """What each store that acknowledged the batch says of each row."""
    if not escrituras:
        return {}
    resultado = despachar(
        operacion="importar",
        sql_func=partial(almacenes[NombreAlmacen.SQL].escribir_lote, escrituras),
        mongo_func=partial(almacenes[NombreAlmacen.MONGO].escribir_lote, escrituras),
        entidad_id=f"{len(escrituras)} tareas",
        asentar=partial(_con_lo_que_falta, escrituras),
    )
    escritos = {
        escritura.fila.id: de_cada_uno
        for escritura, de_cada_uno in zip(escrituras, _por_fila(escrituras, resultado), strict=True)
    }
    if resultado.en_ambos:
        # A row that somebody changed meanwhile is not ours to confirm: it stays pendiente for replication.
        confirmar(
            {
                escritura.fila.id: escritura.fila.version
                for escritura in escrituras
                if all(escrito.aplicada for escrito in escritos[escritura.fila.id].values())
            }
        )
    return escritos
