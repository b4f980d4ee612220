"""How much there is in MongoDB and how new it is: tells cheaply that no program has written since."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from adapters.mongo.documento import Documento
from adapters.mongo.repositorio import MongoTareaRepository


def pulso(repositorio: MongoTareaRepository) -> tuple[int, int]:
    """About how many documents there are, and their highest version. Raises AlmacenError."""

    def mirar(base: Database[Documento]) -> tuple[int, Any]:
        ultimo = base["tareas"].find_one(sort=[("version", -1)], projection=["version"]) or {}
        return base["tareas"].estimated_document_count(), ultimo.get("version")

    filas, version = repositorio._conexion.ejecutar(mirar)
    return filas, int(version) if isinstance(version, int) else 0
