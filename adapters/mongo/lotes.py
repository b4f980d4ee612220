"""Whole pages of documents in and out of MongoDB, for the backfill (see `AlmacenRellenable`)."""

from __future__ import annotations

import re
from collections.abc import Collection as Coleccion
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

import pymongo
from bson.int64 import Int64
from pymongo import UpdateMany, UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, PyMongoError

from adapters.mongo import consultas
from adapters.mongo.documento import Documento, a_tarea
from adapters.mongo.escrituras import version_es
from adapters.mongo.repositorio import MongoTareaRepository
from core.domain.models.version import SIN_FECHA
from core.domain.ports.relleno import (
    COLA,
    ID,
    INICIO,
    VERSION,
    FilaRelleno,
    Lugar,
    PaginaRelleno,
    ParRelleno,
    de_tarea,
    ventana,
)

_CAMPOS: Final = (
    *("_id", "titulo", "descripcion", "estado", "creada_en", "actualizada_en"),
    *("version", "version_comun", "pendiente", "nodo", "eliminada"),
)
_leer_campos: Final = itemgetter(*_CAMPOS)
_FORMA: Final = (str, str, str, str, datetime, datetime, Int64, Int64, bool, str, bool)
_ID: Final = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EN_COLA: Final[Documento] = {"pendiente": True, "version": {"$type": ["int", "long"]}, "_id": {"$gte": ""}}
"""Has its place among the pendientes: what is no whole number has none."""
_MIRADA_S: Final = 1.0
_CONFIRMADO: Final[list[Documento]] = [{"$set": {"version_comun": "$version", "pendiente": False}}]


class LotesMongo:
    """Bulk access to a MongoTareaRepository's database."""

    def __init__(self, repositorio: MongoTareaRepository) -> None:
        self._repositorio = repositorio

    def pagina(self, *, tras: Lugar, limite: int) -> PaginaRelleno:
        """See `AlmacenRellenable.pagina`."""
        return self._repositorio._ejecutar(lambda base: _pagina(base["tareas"], tras, limite))

    def insertar(self, filas: Sequence[FilaRelleno]) -> Coleccion[int]:
        """See `AlmacenRellenable.insertar`."""
        documentos = [_documento(fila) for fila in filas]

        def poner(base: Database[Documento]) -> Coleccion[int]:
            try:
                base["tareas"].insert_many(documentos, ordered=False)
            except BulkWriteError as error:
                if error.details.get("writeConcernErrors"):
                    raise
                # There already, or refused: for the way that looks at each of them.
                fuera = {fallo["index"] for fallo in error.details["writeErrors"]}
                return [lugar for lugar in range(len(filas)) if lugar not in fuera]
            return range(len(filas))

        return self._repositorio._ejecutar(poner, escritura=True) if filas else ()

    def confirmar_vistas(self, filas: Sequence[FilaRelleno]) -> bool:
        """See `AlmacenRellenable.confirmar_vistas`."""
        ordenes = _ordenes(filas)

        def confirmar(base: Database[Documento]) -> int:
            # With the ordinary concern: who reads next would not see the marks cleared by a lesser one.
            try:
                return base["tareas"].bulk_write(ordenes, ordered=False).matched_count
            except BulkWriteError as error:
                if error.details.get("writeConcernErrors"):
                    raise
                return 0  # one of them was refused, which ended the rest

        return not filas or self._repositorio._ejecutar(confirmar, escritura=True) == len(filas)

    def marcar(self, pares: Sequence[ParRelleno]) -> None:
        """See `AlmacenRellenable.marcar`."""
        ordenes = [
            UpdateOne(
                {"_id": str(id), **({} if version is None else version_es(version))},
                {"$set": {"pendiente": True}},
            )
            for id, version in pares
        ]
        if ordenes:
            self._repositorio._ejecutar(
                lambda base: base["tareas"].bulk_write(ordenes, ordered=False), escritura=True
            )


def _pagina(tareas: Collection[Documento], tras: Lugar, limite: int) -> PaginaRelleno:
    documentos, siguiente = (_de_la_cola if tras.en_cola else _fuera_de_la_cola)(tareas, tras, limite)
    if len(documentos) == limite:
        ultimo = documentos[-1]
        siguiente = Lugar(tras.en_cola, int(ultimo["version"]) if tras.en_cola else 0, ultimo["_id"])
    leidas = [_fila(documento) for documento in documentos]
    filas = [fila for fila in leidas if fila is not None]
    raros = [documento for documento, fila in zip(documentos, leidas, strict=True) if fila is None]
    if not raros:
        return PaginaRelleno(filas, siguiente)
    # Of another form: the server says which cannot be read as they are, the others are read as always.
    condicion = {"_id": {"$in": [raro["_id"] for raro in raros]}, "$or": list(consultas.ILEGIBLES)}
    malos = {malo["_id"] for malo in tareas.find(condicion, {"_id": 1})}
    tareas_raras = [tarea for tarea in map(a_tarea, raros) if tarea is not None]
    filas += [de_tarea(tarea) for tarea in tareas_raras if str(tarea.id) not in malos]
    return PaginaRelleno(filas, siguiente, [tarea.id for tarea in tareas_raras if str(tarea.id) in malos])


def _fuera_de_la_cola(
    tareas: Collection[Documento], tras: Lugar, limite: int
) -> tuple[list[Documento], Lugar | None]:
    """What is not pendiente, by id; where to go on if these are not as many as were asked for."""
    if tras == INICIO and not _hay_fuera_de_la_cola(tareas):
        return [], COLA
    ids: Documento = {"$gt": tras.id} if tras.id else {"$gte": ""}
    # Answered by the index of ids alone.
    fin = next(
        tareas.find({"_id": ids}, {"_id": 1}, sort=[("_id", 1)], skip=ventana(limite) - 1, limit=1), None
    )
    if fin is not None:
        ids["$lte"] = fin["_id"]
    condicion = {"_id": ids, "$nor": [_EN_COLA]}
    documentos = list(tareas.find(condicion, sort=[("_id", 1)], limit=limite, batch_size=limite + 1))
    return documentos, COLA if fin is None else Lugar(id=fin["_id"])


def _hay_fuera_de_la_cola(tareas: Collection[Documento]) -> bool:
    """Whether anything may not be pendiente.

    After an adoption all is, and to look at the documents as they lie takes the server a tenth of what it
    takes window after window of their ids.
    """
    try:
        with pymongo.timeout(_MIRADA_S):
            return tareas.find_one({"$nor": [_EN_COLA]}, {"_id": 1}) is not None
    except PyMongoError as error:
        if error.timeout:
            return True
        raise


def _de_la_cola(
    tareas: Collection[Documento], tras: Lugar, limite: int
) -> tuple[list[Documento], Lugar | None]:
    """Pendientes, oldest version first."""
    condiciones = [_EN_COLA]
    if tras.id:
        version = Int64(tras.version)
        condiciones.append({"version": {"$gte": version}})
        condiciones.append({"$or": [{"version": {"$gt": version}}, {"_id": {"$gt": tras.id}}]})
    documentos = tareas.find(
        {"$and": condiciones}, sort=consultas.ORDEN_PENDIENTES, limit=limite, batch_size=limite + 1
    )
    return list(documentos), None


def _fila(documento: Documento) -> FilaRelleno | None:
    """The row in a document that is in the very form in which we store them; None for another one."""
    try:
        valores: Any = _leer_campos(documento)
    except KeyError:
        return None
    if tuple(map(type, valores)) != _FORMA or not _ID.fullmatch(valores[ID]):
        return None
    # No kind of number of the driver's own: psycopg makes a list of those as wide as the last one is.
    return (*valores[:VERSION], int(valores[VERSION]), int(valores[VERSION + 1]), *valores[VERSION + 2 :])


def _documento(fila: FilaRelleno) -> Documento:
    """The row, confirmed, as it is stored."""
    id, titulo, descripcion, estado, creada, actualizada, version, _comun, _pendiente, nodo, eliminada = fila
    larga = Int64(version)
    return {
        "_id": str(id),
        "titulo": titulo,
        "descripcion": descripcion,
        "estado": estado,
        "creada_en": creada,
        "actualizada_en": actualizada,
        "version": larga,
        "version_comun": larga,
        "pendiente": False,
        "nodo": nodo,
        "eliminada": eliminada,
    }


def _ordenes(filas: Sequence[FilaRelleno]) -> list[UpdateMany]:
    """Updates that change the documents that still are at the version of their row, and no other one.

    Those with a version that a clock gave are looked up by it: that is the order in which documents mostly
    lie, and in that of the ids the server would jump about in all its indexes. Versions below are shared by
    many old rows. The ids are named as well: a document that a hand has copied has the version of the first.
    """
    grupos = (
        ("dt_version", [fila for fila in filas if fila[VERSION] >= SIN_FECHA]),
        ("_id_", [fila for fila in filas if fila[VERSION] < SIN_FECHA]),
    )
    return [_orden(grupo, indice) for indice, grupo in grupos if grupo]


def _orden(filas: Sequence[FilaRelleno], indice: str) -> UpdateMany:
    ids = [fila[ID] for fila in filas]
    versiones = [Int64(version) for version in {fila[VERSION] for fila in filas}]
    return UpdateMany({"_id": {"$in": ids}, "version": {"$in": versiones}}, _CONFIRMADO, hint=indice)
