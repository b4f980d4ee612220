"""Compare-and-set on documents: one atomic update each, alone or many in one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from bson.int64 import Int64
from pymongo import InsertOne, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from adapters.mongo.documento import Documento, a_campos, a_tarea
from adapters.mongo.errores import CLAVE_DUPLICADA, frase_de_codigo
from core.domain.errors import OperacionFallida
from core.domain.models.almacen import Escrito, Escritura, NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.version import SIN_FECHA

_SIN_VERSION: Documento = {"version": {"$not": {"$type": ["int", "long"]}}}
"""None at all, or something that no version is (a text, a fraction): read as 0."""
INTENTOS = 3
"""Times that a document may vanish between a refused write and the look at what is there."""


def escribir(base: Database[Documento], escritura: Escritura) -> Escrito:
    """See `Almacen.escribir`."""
    clave = str(escritura.fila.id)
    for _ in range(INTENTOS):
        try:
            base["tareas"].update_one(_condicion(escritura), _cambio(escritura), upsert=True)
            return Escrito(True)
        except DuplicateKeyError as error:
            if not _es_del_id(error.details):
                raise
        documento = base["tareas"].find_one({"_id": clave})
        if documento is not None:
            return _segun(escritura, documento)
    raise OperacionFallida(
        NombreAlmacen.MONGO, "La tarea aparece y desaparece en MongoDB; vuelva a intentarlo."
    )


def escribir_lote(base: Database[Documento], escrituras: Sequence[Escritura]) -> list[Escrito]:
    """See `Almacen.escribir_lote`."""
    resultados: dict[int, Escrito] = {}
    for tanda in _tandas(escrituras):
        resultados.update(_escribir_tanda(base, tanda))
    return [resultados[indice] for indice in range(len(escrituras))]


def confirmar(base: Database[Documento], pares: Sequence[tuple[UUID, int]]) -> None:
    """See `Almacen.confirmar`."""
    ordenes = [
        UpdateOne(
            {"_id": str(id)},
            [
                {"$set": {"version_comun": {"$max": ["$version_comun", Int64(version)]}}},
                {"$set": {"pendiente": {"$gt": ["$version", "$version_comun"]}}},
            ],
        )
        for id, version in pares
    ]
    if not ordenes:
        return
    try:
        base["tareas"].bulk_write(ordenes, ordered=False)
    except BulkWriteError as error:
        if error.details.get("writeConcernErrors") or not error.details.get("writeErrors"):
            raise
        # Certain, and said of single documents: the others are confirmed, and to do it again does no harm.
        codigo = int(error.details["writeErrors"][0].get("code", 0))
        motivo = f"MongoDB no dejó confirmar una tarea: {frase_de_codigo(codigo)}."
        raise OperacionFallida(NombreAlmacen.MONGO, motivo) from error


def reemplazar(base: Database[Documento], fila: Tarea, vista: int | None) -> bool:
    """See `Almacen.reemplazar`."""
    clave: Documento = {"_id": str(fila.id)}
    if vista is not None:
        resultado = base["tareas"].update_one({**clave, **version_es(vista)}, {"$set": a_campos(fila)})
        return resultado.matched_count == 1
    try:
        resultado = base["tareas"].update_one(clave, {"$setOnInsert": a_campos(fila)}, upsert=True)
    except DuplicateKeyError as error:
        if not _es_del_id(error.details):
            raise
        return False
    return resultado.upserted_id is not None


def _condicion(escritura: Escritura) -> Documento:
    """The document that this write may change.

    Where there is one that it may not change, the upsert tries to insert a second one and fails on `_id`:
    that is the refusal. The very same version is excluded so that a repeated write never takes back what
    has been confirmed since.
    """
    comun = escritura.fila.version_comun
    antepasada: Documento = {"$lte": Int64(comun)}
    if comun >= SIN_FECHA:  # `core.domain.models.version.es_antepasada`
        antepasada["$gte"] = Int64(SIN_FECHA)
    return {
        "_id": str(escritura.fila.id),
        "version": {"$ne": Int64(escritura.fila.version)},
        "$or": [
            {"version": Int64(escritura.base)},
            {"version": antepasada},
            _SIN_VERSION,  # a document of another program, older than all of ours
        ],
    }


def _cambio(escritura: Escritura) -> Documento:
    """What it makes of that document (`Escritura.asentada`)."""
    campos = a_campos(escritura.fila)
    # A value of another program that is no number stays: it is read as 0, which claims nothing.
    return {"$max": {"version_comun": campos.pop("version_comun")}, "$set": campos}


def version_es(version: int) -> Documento:
    """A condition: what we read as the version of the document is this one."""
    exacta: Documento = {"version": Int64(version)}
    return exacta if version else {"$or": [exacta, _SIN_VERSION]}


def _segun(escritura: Escritura, documento: Documento) -> Escrito:
    actual = a_tarea(documento)
    return Escrito(True) if actual and escritura.es(actual) else Escrito(False, actual)


def _tandas(escrituras: Iterable[Escritura]) -> Iterator[dict[int, Escritura]]:
    """Groups, by place, in which no id comes twice: within one request the order is the server's."""
    pendientes = dict(enumerate(escrituras))
    while pendientes:
        vistos: set[UUID] = set()
        tanda: dict[int, Escritura] = {}
        for indice, escritura in pendientes.items():
            if escritura.fila.id not in vistos:
                vistos.add(escritura.fila.id)
                tanda[indice] = escritura
        yield tanda
        pendientes = {indice: uno for indice, uno in pendientes.items() if indice not in tanda}


def _escribir_tanda(
    base: Database[Documento], tanda: dict[int, Escritura], *, insertar: bool = True
) -> dict[int, Escrito]:
    """The outcome of each.

    New tareas are inserted, which is several times faster than an upsert and comes to the same; those that
    turn out to be there go the long way in a second request.
    """
    indices = list(tanda)
    resultados = dict.fromkeys(indices, Escrito(True))
    ordenes = [_orden(uno, insertar=insertar and not uno.base) for uno in tanda.values()]
    if not ordenes:
        return {}
    try:
        base["tareas"].bulk_write(ordenes, ordered=False)
    except BulkWriteError as error:
        if error.details.get("writeConcernErrors"):
            raise
        por_mirar: dict[int, Escritura] = {}
        por_repetir: dict[int, Escritura] = {}
        for fallo in error.details["writeErrors"]:
            indice = indices[fallo["index"]]
            if not _es_del_id(fallo):
                resultados[indice] = Escrito(False, error=_frase(fallo))
            elif insertar and not tanda[indice].base:
                por_repetir[indice] = tanda[indice]
            else:
                por_mirar[indice] = tanda[indice]
        resultados.update(_escribir_tanda(base, por_repetir, insertar=False))
        resultados.update(_mirar(base, por_mirar))
    return resultados


def _orden(escritura: Escritura, *, insertar: bool) -> InsertOne[Documento] | UpdateOne:
    if insertar:
        return InsertOne({"_id": str(escritura.fila.id), **a_campos(escritura.fila)})
    return UpdateOne(_condicion(escritura), _cambio(escritura), upsert=True)


def _mirar(base: Database[Documento], escrituras: dict[int, Escritura]) -> dict[int, Escrito]:
    """What is there instead of the rows that were refused."""
    claves = [str(uno.fila.id) for uno in escrituras.values()]
    documentos = {uno["_id"]: uno for uno in base["tareas"].find({"_id": {"$in": claves}})} if claves else {}
    resultados = {}
    for indice, uno in escrituras.items():
        documento = documentos.get(str(uno.fila.id))
        # Gone in the meantime: try this one by itself.
        resultados[indice] = _segun(uno, documento) if documento else escribir(base, uno)
    return resultados


def _es_del_id(detalles: object) -> bool:
    """Whether a write error says that the `_id` is taken, and not a value of another unique index."""
    if not isinstance(detalles, dict) or detalles.get("code") != CLAVE_DUPLICADA:
        return False
    return list(detalles.get("keyPattern", {"_id": 1})) == ["_id"]


def _frase(fallo: Documento) -> str:
    return f"MongoDB no guardó esta tarea: {frase_de_codigo(int(fallo.get('code', 0)))}."
