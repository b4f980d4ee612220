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
        """See `RegistroDeNodos.reclamar`; makes the tables, if nobody has, in a time of their own.

        Here, at the first contact and in nobody's way. An operator's own first write makes them as well, but
        within its deadline, and over a slow network that would not be enough at any try.
        """

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

        if not self._repositorio.preparado:
            self._repositorio.preparar()
        return self._repositorio._ejecutar(pedir, escritura=True)
