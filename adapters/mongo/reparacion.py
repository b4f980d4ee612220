"""Repair of the MongoDB store (see `AlmacenReparable`): each write names the whole document that it replaces.

Standalone servers have no transactions, so the look and the write are two requests; the write's condition is
the document itself, bookkeeping and fields of other programs included.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import bson
from bson import json_util
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import BSONError
from bson.int64 import Int64
from bson.raw_bson import RawBSONDocument
from pymongo import ReplaceOne, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from adapters.mongo.documento import Documento, a_campos, de_conflicto
from adapters.mongo.errores import CLAVE_DUPLICADA, frase_de_codigo
from adapters.mongo.revision import _CRUDO, RevisionMongo, _vista
from core.domain.errors import OperacionFallida
from core.domain.models.almacen import Conflicto, NombreAlmacen
from core.domain.models.conflicto import ClaveConflicto
from core.domain.ports.reparacion import BYTES, Cambio
from core.reparacion import huella
from core.textos import es_texto

INTENTOS: Final = 3
"""Times that a document may change in its bookkeeping between the look and the write."""
_ESTRICTO: Final[CodecOptions[Mapping[str, Any]]] = CodecOptions(
    datetime_conversion=DatetimeConversion.DATETIME_MS
)
# To look at one field of it, the driver reads them all: none may be out of its reach.
_TAL_CUAL: Final[CodecOptions[RawBSONDocument]] = CodecOptions(
    document_class=RawBSONDocument,
    datetime_conversion=DatetimeConversion.DATETIME_MS,
    unicode_decode_error_handler="replace",
)


class ReparacionMongo(RevisionMongo):
    """Raw access, for reading and for repair, to a MongoTareaRepository's database."""

    def crudos(self, ids: Sequence[str]) -> Mapping[str, str]:
        """See `AlmacenReparable.crudos`."""
        leer = partial(_documentos, ids=ids)
        return {id: _en_json(documento) for id, documento in self._conexion.ejecutar(leer).items()}

    def guardar_perdedoras(self, conflictos: Sequence[Conflicto], resolucion: str) -> None:
        """See `AlmacenReparable.guardar_perdedoras`."""
        self._en_conflictos(
            [
                UpdateOne(
                    _clave((uno.perdedora.id, uno.perdedora.version)),
                    {
                        "$setOnInsert": {
                            **de_conflicto(uno),
                            "resuelta_en_ms": Int64(uno.cuando_ms),
                            "resolucion": resolucion,
                        }
                    },
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


def _en_json(documento: RawBSONDocument) -> str:
    """All of it; its bytes, too, where JSON does not tell all: a field twice, a text that is none."""
    leido = bson.decode(documento.raw, _CRUDO)
    texto = json_util.dumps(leido, ensure_ascii=False, json_options=json_util.CANONICAL_JSON_OPTIONS)
    crudo = bytes(documento.raw)
    if _cabe_en_json(crudo):
        return texto
    return json.dumps({**json.loads(texto), BYTES: crudo.hex()}, ensure_ascii=not es_texto(texto))


def _cabe_en_json(crudo: bytes) -> bool:
    try:
        return bson.encode(bson.decode(crudo, _ESTRICTO)) == crudo
    except BSONError:
        return False


def _sustituir(base: Database[Documento], cambios: Sequence[Cambio]) -> set[str]:
    puestas: set[str] = set()
    faltan = {cambio.id: cambio for cambio in cambios}
    # Of a collection made with a collation, to which "a" may be "Á".
    por_resumen = "collation" in base["tareas"].options()
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
                ordenes.append(_orden(cambio, documento, por_resumen=por_resumen))
        if not ordenes:
            break
        _escribir(base, ordenes)
    return puestas


def _orden(
    cambio: Cambio, documento: RawBSONDocument | None, *, por_resumen: bool
) -> ReplaceOne[Documento] | UpdateOne:
    campos = a_campos(cambio.fila)
    if documento is None:
        return UpdateOne({"_id": cambio.id}, {"$setOnInsert": campos}, upsert=True)
    condicion: Documento = {"_id": cambio.id, "$expr": _es(documento, por_resumen=por_resumen)}
    # Fields of other programs do not survive: the verification objects to each, and the journal keeps it.
    return ReplaceOne(condicion, {"_id": cambio.id, **campos})


def _es(documento: RawBSONDocument, *, por_resumen: bool) -> Documento:
    """That the document is that one, to the last byte of a text.

    To ask with the simple collation would do as well, but no index of such a collection serves that: the
    server would look at all of it for each document. Digests know no collation.
    """
    este = {"$literal": documento}
    iguales: Documento = {"$eq": ["$$ROOT", este]}
    if not por_resumen:
        return iguales
    return {"$and": [iguales, {"$eq": [{"$toHashedIndexKey": "$$ROOT"}, {"$toHashedIndexKey": este}]}]}


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
        if error.details.get("writeConcernErrors"):
            raise
        # Another program has just made that document: the next look tells (it was kept, or is another row).
        codigos = [f["code"] for f in error.details.get("writeErrors", ()) if not _es_del_id(f)]
        if codigos:
            # Certain, and said of single documents: the others are in, and to write them again is harmless.
            motivo = f"MongoDB no guardó esta tarea: {frase_de_codigo(int(codigos[0]))}."
            raise OperacionFallida(NombreAlmacen.MONGO, motivo) from error


def _es_del_id(fallo: Documento) -> bool:
    """Whether it says that this very document is there, and not that another one has a unique value."""
    claves = set(fallo.get("keyPattern", ("_id",)))
    return fallo["code"] == CLAVE_DUPLICADA and claves <= {"_id", "id", "version"}
