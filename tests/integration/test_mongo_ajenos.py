"""Documents that another hand put into the collection: they hold nothing up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from bson.int64 import Int64
from bson.objectid import ObjectId
from pymongo import MongoClient

from adapters.mongo import MongoTareaRepository
from core.domain.models.almacen import Escritura
from core.domain.models.tarea import Tarea
from tests.fakes import reloj_de_prueba


@pytest.fixture
def repositorio(mongo_url: str) -> Iterator[MongoTareaRepository]:
    with closing(MongoTareaRepository(mongo_url, reloj=reloj_de_prueba())) as repositorio:
        yield repositorio


@pytest.fixture
def coleccion(mongo_url: str) -> Iterator[Any]:
    cliente: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with cliente:
        yield cliente.get_default_database()["tareas"]


def test_los_documentos_con_otro_id_no_tapan_los_pendientes(
    repositorio: MongoTareaRepository, coleccion: Any
) -> None:
    buenas = [repositorio.save(Tarea(titulo=str(numero))) for numero in range(20)]
    coleccion.insert_many(
        [{"_id": ObjectId(), "pendiente": True, "version": Int64(numero)} for numero in range(500)]
    )
    lote = repositorio.pendientes(tras=None, limite=20)
    assert {fila.id for fila in lote} == {tarea.id for tarea in buenas}


@pytest.mark.parametrize("version", ["texto", 7.5, None, True])
def test_una_version_que_no_lo_es_se_puede_sustituir(
    repositorio: MongoTareaRepository, coleccion: Any, version: object
) -> None:
    tarea = repositorio.save(Tarea(titulo="una"))
    coleccion.update_one({"_id": str(tarea.id)}, {"$set": {"version": version}})
    leida = repositorio.leer(tarea.id)
    assert leida is not None
    assert leida.version == 0
    assert repositorio.save(replace(leida, titulo="otra")).titulo == "otra"
    coleccion.update_one({"_id": str(tarea.id)}, {"$set": {"version": version}})
    assert repositorio.reemplazar(replace(tarea, titulo="de la otra base"), 0)
    coleccion.update_one({"_id": str(tarea.id)}, {"$set": {"version": version}})
    assert repositorio.escribir_lote([Escritura(tarea)])[0].aplicada
