"""Collections and indexes: made at first use, by whoever comes first, any number of times.

The schema's version stands in `dual_tareas_meta`. There is no document validator: other programs may write
to the same collection, and what they write wrongly is shown and reported, not refused.
"""

from __future__ import annotations

from typing import Any

from bson.int64 import Int64
from pymongo import ASCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from adapters.mongo.consultas import ES_TAREA, ESPANOL
from adapters.mongo.documento import EPOCA, Documento
from core.domain.errors import EsquemaSinAdoptar, OperacionFallida
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import EstadoTarea

VERSION_ESQUEMA = 2
"""2: what became of a conflict, and `nodos` (`_id` the node number, `instalacion`, `visto_en_ms`), which is
there once somebody writes to it."""

_INDICES = [
    IndexModel([("actualizada_en", ASCENDING), ("_id", ASCENDING)], name="dt_actualizada_en"),
    IndexModel([("creada_en", ASCENDING), ("_id", ASCENDING)], name="dt_creada_en"),
    IndexModel([("estado", ASCENDING), ("_id", ASCENDING)], name="dt_estado"),
    IndexModel([("titulo", ASCENDING), ("_id", ASCENDING)], name="dt_titulo_es", collation=ESPANOL),
    IndexModel([("version", ASCENDING)], name="dt_version"),
    IndexModel(
        [("pendiente", ASCENDING), ("version", ASCENDING), ("_id", ASCENDING)],
        name="dt_pendientes",
        partialFilterExpression={"pendiente": True},
    ),
]
_POR_CUANDO = [("cuando_ms", ASCENDING), ("id", ASCENDING), ("version", ASCENDING)]
_INDICES_CONFLICTOS = [
    IndexModel([("id", ASCENDING), ("version", ASCENDING)], name="dt_unico", unique=True),
    IndexModel(_POR_CUANDO, name="dt_cuando"),
    IndexModel([("resuelta_en_ms", ASCENDING), *_POR_CUANDO], name="dt_abiertos"),
]

_ADOPCION: Documento = {
    "titulo": "",
    "descripcion": "",
    "estado": str(EstadoTarea.PENDIENTE),
    "creada_en": EPOCA,
    "actualizada_en": "$creada_en",
    "version": Int64(1),  # 0 would be the base of a new tarea, which could then overwrite the document
    "version_comun": Int64(0),
    "pendiente": True,
    "nodo": "",
    "eliminada": False,
}
"""What a document gets for each of our fields that it lacks or has as null. Nothing here may differ from run
to run or from store to store: two stores with the same old rows must hold the same after their adoption."""


def asegurar_esquema(base: Database[Documento], *, adoptar: bool) -> None:
    """Create what is missing. Raises EsquemaSinAdoptar, or OperacionFallida for a newer schema."""
    version = _version_de(base)
    if version > VERSION_ESQUEMA:
        raise OperacionFallida(
            NombreAlmacen.MONGO,
            "La base de datos de MongoDB es de una versión más nueva de este programa. Actualícelo.",
        )
    if version == VERSION_ESQUEMA and not adoptar:
        return
    # The tareas of an older schema are ours: looking through all of them would only take time.
    if not version:
        _comprobar_ids(base)
    if (not version or adoptar) and (faltan := _campos_que_faltan(base)):
        if not adoptar:
            raise EsquemaSinAdoptar(
                NombreAlmacen.MONGO,
                "La colección «tareas» de MongoDB ya existe y algunos de sus documentos no tienen los campos "
                f"{', '.join(faltan)}.",
                "«dual-tareas preparar» los añade, si usted quiere, y no cambia nada más.",
            )
        _adoptar(base, faltan)
    base["tareas"].create_indexes(_INDICES)
    base["conflictos"].create_indexes(_INDICES_CONFLICTOS)
    base["conflictos"].update_many(
        {"resuelta_en_ms": {"$exists": False}}, {"$set": {"resuelta_en_ms": None, "resolucion": ""}}
    )
    _anotar_version(base)


def _version_de(base: Database[Documento]) -> int:
    meta = base["dual_tareas_meta"].find_one({"_id": "esquema"})
    return int(meta["version"]) if meta else 0


def _anotar_version(base: Database[Documento]) -> None:
    try:
        base["dual_tareas_meta"].update_one(
            {"_id": "esquema"}, {"$max": {"version": VERSION_ESQUEMA}}, upsert=True
        )
    except DuplicateKeyError:
        return  # another program wrote the same in between


def _campos_que_faltan(base: Database[Documento]) -> list[str]:
    alguno = {"$or": [_sin(campo) for campo in _ADOPCION]}
    if _una_tarea(base, alguno) is None:
        return []
    return [campo for campo in _ADOPCION if _una_tarea(base, _sin(campo))]


def _una_tarea(base: Database[Documento], condicion: Documento) -> Documento | None:
    return base["tareas"].find_one({**condicion, **ES_TAREA}, projection={"_id": 1}, hint=[("$natural", 1)])


def _comprobar_ids(base: Database[Documento]) -> None:
    """An `_id` cannot be changed, and a document whose `_id` is no UUID's text would never be seen again."""
    ajeno = {"_id": {"$not": ES_TAREA["_id"]}}
    documento = base["tareas"].find_one(ajeno, projection={"_id": 1})
    if documento is not None:
        raise OperacionFallida(
            NombreAlmacen.MONGO,
            "La colección «tareas» de MongoDB no se puede adoptar y queda como estaba: el _id "
            f"«{documento['_id']}» no es el texto de un UUID. Cámbiele el nombre a la colección, expórtela a "
            "JSON e impórtela con «dual-tareas importar».",
        )


def _sin(campo: str) -> Documento:
    return {campo: None}  # holds for a missing field, too


def _adoptar(base: Database[Documento], faltan: list[str]) -> None:
    """Add the fields, in one update that may be interrupted and repeated."""
    etapas: list[dict[str, Any]] = [
        {"$set": {campo: {"$cond": [_es_ausente(campo), _ADOPCION[campo], f"${campo}"]}}}
        for campo in _ADOPCION
        if campo in faltan
    ]
    etapas.append({"$set": {"pendiente": True}})  # whatever a field of that name meant before
    base["tareas"].update_many({"$or": [_sin(campo) for campo in faltan], **ES_TAREA}, etapas)


def _es_ausente(campo: str) -> Documento:
    return {"$in": [{"$type": f"${campo}"}, ["missing", "null"]]}
