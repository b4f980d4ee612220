"""The numbers of the writers, in MongoDB: who took which."""

from __future__ import annotations

from bson.int64 import Int64
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from adapters.mongo.documento import Documento
from adapters.mongo.repositorio import MongoTareaRepository
from core.domain.models.almacen import NombreAlmacen


class NodosMongo:
    """The register of a MongoTareaRepository's database."""

    nombre = NombreAlmacen.MONGO

    def __init__(self, repositorio: MongoTareaRepository) -> None:
        self._repositorio = repositorio

    def reclamar(self, nodo: int, instalacion: str, *, ahora_ms: int) -> str:
        """See `RegistroDeNodos.reclamar`."""

        def pedir(base: Database[Documento]) -> str:
            try:
                # If somebody else has it, no document fits and the upsert runs into his.
                base["nodos"].update_one(
                    {"_id": nodo, "instalacion": instalacion},
                    {"$set": {"visto_en_ms": Int64(ahora_ms)}},
                    upsert=True,
                )
            except DuplicateKeyError:
                documento = base["nodos"].find_one({"_id": nodo}) or {}
                return str(documento.get("instalacion", ""))
            return instalacion

        return self._repositorio._ejecutar(pedir, escritura=True)
