"""Repair of the MongoDB store (see `AlmacenReparable`): each write names the whole document that it replaces.

Standalone servers have no transactions, so the look and the write are two requests; the write's condition is
the document itself, bookkeeping and fields of other programs included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import bson
from bson import json_util
from bson.codec_options import CodecOptions
from bson.int64 import Int64
from bson.raw_bson import RawBSONDocument
from pymongo import ReplaceOne, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from adapters.mongo.documento import Documento, a_campos, de_conflicto
from adapters.mongo.errores import CLAVE_DUPLICADA
from adapters.mongo.revision import _CRUDO, RevisionMongo, _vista
from core.diferencias import FilaVista
from core.domain.models.almacen import Conflicto
from core.domain.models.conflicto import ClaveConflicto
from core.domain.ports.reparacion import Cambio
from core.reparacion import huella

INTENTOS: Final = 3
"""Times that a document may change in its bookkeeping between the look and the write."""
NOMBRE_MAX: Final = 60
"""So much of the name of a field of another program is told, characters."""
_TAL_CUAL: Final[CodecOptions[RawBSONDocument]] = CodecOptions(document_class=RawBSONDocument)


class ReparacionMongo(RevisionMongo):
    """Raw access, for reading and for repair, to a MongoTareaRepository's database."""

    def crudos(self, ids: Sequence[str]) -> Mapping[str, str]:
        """See `AlmacenReparable.crudos`."""
        leer = partial(_documentos, ids=ids)
        return {
            id: json_util.dumps(
                bson.decode(documento.raw, _CRUDO),
                ensure_ascii=False,
                json_options=json_util.CANONICAL_JSON_OPTIONS,
            )
            for id, documento in self._conexion.ejecutar(leer).items()
        }

    def guardar_perdedoras(self, conflictos: Sequence[Conflicto]) -> None:
        """See `AlmacenReparable.guardar_perdedoras`."""
        self._en_conflictos(
            [
                UpdateOne(
                    _clave((uno.perdedora.id, uno.perdedora.version)),
                    {"$setOnInsert": de_conflicto(uno)},
                    upsert=True,
                )
                for uno in conflictos
            ]
        )

    def anotar_resueltas(self, claves: Sequence[ClaveConflicto], resolucion: str, cuando_ms: int) -> None:
        """See `AlmacenReparable.anotar_resueltas`."""
        cambio = {"$set": {"resuelta_en_ms": Int64(cuando_ms), "resolucion": resolucion}}
        self._en_conflictos([UpdateOne({**_clave(una), "resuelta_en_ms": None}, cambio) for una in claves])

    def _en_conflictos(self, ordenes: Sequence[UpdateOne]) -> None:
        if ordenes:
            escribir = partial(_escribir, ordenes=ordenes, coleccion="conflictos")
            self._conexion.ejecutar(escribir, escritura=True)

    def sustituir(self, cambios: Sequence[Cambio]) -> set[str]:
        """See `AlmacenReparable.sustituir`."""
        return self._conexion.ejecutar(partial(_sustituir, cambios=cambios), escritura=True)


def _documentos(base: Database[Documento], ids: Sequence[str]) -> dict[str, RawBSONDocument]:
    tareas: Any = base["tareas"].with_options(codec_options=_TAL_CUAL)
    return {documento["_id"]: documento for documento in tareas.find({"_id": {"$in": list(ids)}})}


def _sustituir(base: Database[Documento], cambios: Sequence[Cambio]) -> set[str]:
    puestas: set[str] = set()
    faltan = {cambio.id: cambio for cambio in cambios}
    for _ in range(INTENTOS + 1):  # the last look only tells what the last writes came to
        documentos = _documentos(base, list(faltan))
        ordenes: list[ReplaceOne[Documento] | UpdateOne] = []
        for id, cambio in list(faltan.items()):
            documento = documentos.get(id)
            actual = None if documento is None else _vista(bson.decode(documento.raw, _CRUDO))
            if actual is not None and actual.version == cambio.fila.version and actual != cambio.vista:
                puestas.add(id)  # this very write: no other one has its version
                del faltan[id]
            elif huella(actual) != huella(cambio.vista):
                del faltan[id]
            else:
                ordenes.append(_orden(cambio, documento, actual))
        if not ordenes:
            break
        _escribir(base, ordenes)
    return puestas


def _orden(
    cambio: Cambio, documento: RawBSONDocument | None, actual: FilaVista | None
) -> ReplaceOne[Documento] | UpdateOne:
    campos = a_campos(cambio.fila)
    if documento is None or actual is None:
        return UpdateOne({"_id": cambio.id}, {"$setOnInsert": campos}, upsert=True)
    condicion: Documento = {"_id": cambio.id, "$expr": {"$eq": ["$$ROOT", {"$literal": documento}]}}
    # Fields of other programs survive, unless it is they that the verification objects to.
    ajenos = {
        campo: valor
        for campo, valor in bson.decode(documento.raw, _CRUDO).items()
        if campo not in actual.defectos and campo[:NOMBRE_MAX] not in actual.defectos
    }
    return ReplaceOne(condicion, {**ajenos, "_id": cambio.id, **campos})


def _clave(clave: ClaveConflicto) -> Documento:
    id, version = clave
    return {"id": str(id), "version": Int64(version)}


def _escribir(
    base: Database[Documento],
    ordenes: Sequence[ReplaceOne[Documento] | UpdateOne],
    coleccion: str = "tareas",
) -> None:
    try:
        base[coleccion].bulk_write(list(ordenes), ordered=False)
    except BulkWriteError as error:
        fallos = error.details.get("writeErrors", ())
        # Another program has just made that document: the next look tells (it was kept, or is another row).
        if error.details.get("writeConcernErrors") or any(f["code"] != CLAVE_DUPLICADA for f in fallos):
            raise
