"""One page of a list: the documents it takes to show `limite` tareas and to know whether more follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pymongo.collation import Collation
from pymongo.database import Database

from adapters.mongo import consultas
from adapters.mongo.consultas import Condicion
from adapters.mongo.documento import Documento, a_tarea
from core.domain.errors import CursorCaducado
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Columna, Consulta, Cursor, Pagina
from core.domain.models.tarea import Tarea

PRUEBA = 5_000
"""Documents in which a text is looked for in the order of the list, before all are looked through."""

Fila = tuple[Tarea, object]
"""A tarea and the stored value of the column that the list is ordered by."""


@dataclass(frozen=True, slots=True)
class _Busqueda:
    """What to ask the server for.

    Attributes:
        condicion: what indexes can serve.
        texto: what they cannot.
        orden: as an index has it.
        colacion: of texts in that order.
    """

    condicion: Condicion
    texto: Condicion
    orden: list[tuple[str, int]]
    colacion: Collation | None = None


def leer_pagina(base: Database[Documento], consulta: Consulta) -> Pagina:
    """See `Almacen.listar`. Raises CursorCaducado if an odd row that ended the last page is gone."""
    leer = _por_pendiente if consulta.columna is Columna.PENDIENTE else _por_valor
    filas = leer(base, consulta)
    siguiente = None
    if len(filas) > consulta.limite:
        tarea, crudo = filas[consulta.limite - 1]
        siguiente = Cursor(consultas.valor_de_cursor(crudo), tarea.id, NombreAlmacen.MONGO)
    return Pagina(
        tareas=tuple(tarea for tarea, _ in filas[: consulta.limite]),
        siguiente=siguiente,
        almacen=NombreAlmacen.MONGO,
    )


def _por_valor(base: Database[Documento], consulta: Consulta) -> list[Fila]:
    condicion = _condicion(consulta)
    if consulta.tras is not None:
        valor = _valor_exacto(base, consulta.columna, consulta.tras)
        condicion = consultas.tras(condicion, consulta, valor, str(consulta.tras.id))
    busqueda = _Busqueda(
        condicion,
        consultas.texto_de(consulta.filtro),
        consultas.orden_de(consulta),
        consultas.colacion_de(consulta),
    )
    filas = _mostrables(base, busqueda, consulta.limite + 1)
    return [(tarea, documento.get(str(consulta.columna))) for tarea, documento in filas]


def _por_pendiente(base: Database[Documento], consulta: Consulta) -> list[Fila]:
    """Those that are pendiente and those that are not, each by id.

    Two questions that an index answers each, where one would have the server sort everything: the only
    index on `pendiente` holds just those where it is true.
    """
    comparar = "$lt" if consulta.descendente else "$gt"
    orden = consultas.orden_de(consulta)[-1:]
    texto = consultas.texto_de(consulta.filtro)
    cursor = consulta.tras
    filas: list[Fila] = []
    for pendiente in (True, False) if consulta.descendente else (False, True):
        condiciones: list[Condicion] = [
            _condicion(consulta),
            {"pendiente": True if pendiente else {"$ne": True}},
        ]
        if cursor is not None:
            if cursor.valor is not pendiente:
                continue
            condiciones.append({"_id": {comparar: str(cursor.id)}})
            cursor = None
        busqueda = _Busqueda({"$and": condiciones}, texto, orden)
        faltan = consulta.limite + 1 - len(filas)
        filas += [(tarea, pendiente) for tarea, _ in _mostrables(base, busqueda, faltan)]
        if len(filas) > consulta.limite:
            break
    return filas


def _condicion(consulta: Consulta) -> Condicion:
    return consultas.condicion_de(replace(consulta.filtro, texto=""))


def _mostrables(
    base: Database[Documento], busqueda: _Busqueda, cuantas: int
) -> list[tuple[Tarea, Documento]]:
    """Up to `cuantas` tareas; documents whose `_id` is no UUID are left out, more are asked for instead."""
    pedidos = cuantas
    while True:
        documentos = _pedir(base, busqueda, pedidos)
        filas = [(tarea, documento) for documento in documentos if (tarea := a_tarea(documento)) is not None]
        if len(filas) >= cuantas or len(documentos) < pedidos:
            return filas[:cuantas]
        pedidos *= 4


def _pedir(base: Database[Documento], busqueda: _Busqueda, cuantos: int) -> list[Documento]:
    """The first `cuantos` documents.

    A text that many documents hold is soon found in the order of the list. One that few hold is not, and
    then it is several times faster to look through all documents as they lie, and to order what was found.
    """
    opciones: dict[str, Any] = {"collation": busqueda.colacion}
    condicion = busqueda.condicion
    if busqueda.texto:
        hallados = _probar(base, busqueda, cuantos)
        if len(hallados) == cuantos:
            return hallados
        condicion = {"$and": [condicion, busqueda.texto]}
        opciones["hint"] = [("$natural", 1)]
    return list(
        base["tareas"].find(
            condicion,
            sort=busqueda.orden,
            limit=cuantos,
            batch_size=cuantos,
            allow_disk_use=True,
            **opciones,
        )
    )


def _probar(base: Database[Documento], busqueda: _Busqueda, cuantos: int) -> list[Documento]:
    etapas: list[Documento] = [
        {"$match": busqueda.condicion},
        {"$sort": dict(busqueda.orden)},
        {"$limit": PRUEBA},
        {"$match": busqueda.texto},
        {"$limit": cuantos},
    ]
    opciones: dict[str, Any] = {} if busqueda.colacion is None else {"collation": busqueda.colacion}
    return list(base["tareas"].aggregate(etapas, batchSize=cuantos, **opciones))


def _valor_exacto(base: Database[Documento], columna: Columna, cursor: Cursor) -> object:
    """The value to go on from; where a cursor could not carry it, the row itself is asked."""
    if cursor.valor is not None:
        return cursor.valor
    documento = base["tareas"].find_one({"_id": str(cursor.id)}, projection={str(columna): 1})
    if documento is None:
        raise CursorCaducado("La lista cambió mientras se cargaba.")
    return documento.get(str(columna))
