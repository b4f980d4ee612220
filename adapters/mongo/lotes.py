"""Whole pages of documents in and out of MongoDB, for the backfill (see `AlmacenRellenable`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from bson.int64 import Int64
from pymongo import UpdateMany
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from adapters.mongo.documento import Documento, a_campos, a_tarea
from adapters.mongo.repositorio import MongoTareaRepository
from core.domain.models.tarea import Tarea
from core.domain.models.version import SIN_FECHA
from core.domain.ports.relleno import PaginaRelleno

_CONFIRMADO: list[Documento] = [{"$set": {"version_comun": "$version", "pendiente": False}}]


class LotesMongo:
    """Bulk access to a MongoTareaRepository's database."""

    def __init__(self, repositorio: MongoTareaRepository) -> None:
        self._repositorio = repositorio

    def pagina(self, *, tras: str, limite: int) -> PaginaRelleno:
        """See `AlmacenRellenable.pagina`."""
        condicion: Documento = {"_id": {"$gt": tras} if tras else {"$gte": ""}}

        def leer(base: Database[Documento]) -> list[Documento]:
            cursor = base["tareas"].find(condicion, sort=[("_id", 1)], limit=limite, batch_size=limite + 1)
            return list(cursor)

        documentos = self._repositorio._ejecutar(leer)
        filas = [tarea for tarea in map(a_tarea, documentos) if tarea is not None]
        return PaginaRelleno(filas, documentos[-1]["_id"] if len(documentos) == limite else "")

    def insertar(self, filas: Sequence[Tarea]) -> set[UUID]:
        """See `AlmacenRellenable.insertar`."""
        documentos = [{"_id": str(fila.id), **a_campos(fila)} for fila in filas]

        def poner(base: Database[Documento]) -> set[UUID]:
            try:
                base["tareas"].insert_many(documentos, ordered=False)
            except BulkWriteError as error:
                if error.details.get("writeConcernErrors"):
                    raise
                # There already, or refused: for the way that looks at each of them.
                fuera = {fallo["index"] for fallo in error.details["writeErrors"]}
                return {fila.id for lugar, fila in enumerate(filas) if lugar not in fuera}
            return {fila.id for fila in filas}

        return self._repositorio._ejecutar(poner, escritura=True) if filas else set()

    def confirmar_vistas(self, filas: Sequence[Tarea]) -> bool:
        """See `AlmacenRellenable.confirmar_vistas`.

        A version that a clock gave belongs to one write alone, so that "one of these ids at one of these
        versions" is that row as it was read. Others are asked for one version at a time.
        """
        por_version: defaultdict[int, list[Tarea]] = defaultdict(list)
        for fila in filas:
            por_version[fila.version if fila.version < SIN_FECHA else SIN_FECHA].append(fila)
        ordenes = [
            UpdateMany(
                {
                    "_id": {"$in": [str(fila.id) for fila in grupo]},
                    "version": {"$in": [Int64(version) for version in {fila.version for fila in grupo}]},
                },
                _CONFIRMADO,
            )
            for grupo in por_version.values()
        ]

        def confirmar(base: Database[Documento]) -> int:
            return base["tareas"].bulk_write(ordenes, ordered=False).matched_count

        return not filas or self._repositorio._ejecutar(confirmar, escritura=True) == len(filas)
