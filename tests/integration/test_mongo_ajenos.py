"""Documents that another hand put into the collection: they hold nothing up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from bson.int64 import Int64
from bson.objectid import ObjectId
from pymongo import MongoClient

from adapters.mongo import MongoTareaRepository
from core.domain.errors import OperacionFallida
from core.domain.models.almacen import Conflicto, Escritura
from core.domain.models.consulta import Consulta, Filtro
from core.domain.models.tarea import EstadoTarea, Tarea
from tests.contract.datos import fila
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


def test_los_documentos_con_otro_id_no_se_cuentan(repositorio: MongoTareaRepository, coleccion: Any) -> None:
    tarea = repositorio.save(Tarea(titulo="una"))
    malos = (ObjectId(), str(tarea.id).upper(), f"{tarea.id}\n", tarea.id.hex, 7)
    campos = {"titulo": "una", "estado": "PENDIENTE", "pendiente": True, "version": Int64(1)}
    coleccion.insert_many([{"_id": malo, **campos} for malo in malos])
    for filtro in (
        Filtro(),
        Filtro(texto="una"),
        Filtro(estado=EstadoTarea.PENDIENTE),
        Filtro(solo_pendientes=True, eliminadas=True),
    ):
        assert repositorio.contar(filtro) == len(repositorio.list(Consulta(filtro=filtro)).tareas) == 1
    assert repositorio.pendientes(tras=None, limite=10) == [tarea]


@pytest.mark.parametrize(
    "malo", [ObjectId("6b0549e554309bf091a45d0c"), "42", "5F8A0B7E-0000-4000-8000-000000000000"], ids=repr
)
def test_una_coleccion_con_otros_ids_no_se_adopta_a_medias(
    repositorio: MongoTareaRepository, coleccion: Any, malo: object
) -> None:
    documentos = [{"_id": str(uuid4()), "titulo": "buena"}, {"_id": malo, "titulo": "se perdería de vista"}]
    coleccion.insert_many(documentos)
    for adoptar in (False, True):
        with pytest.raises(OperacionFallida, match=r"no se puede adoptar y queda como estaba.*UUID"):
            repositorio.preparar(adoptar=adoptar)
    assert list(coleccion.find()) == documentos


def test_un_documento_con_otro_id_que_llego_despues_no_se_adopta(
    repositorio: MongoTareaRepository, coleccion: Any
) -> None:
    repositorio.preparar()
    buena = str(uuid4())
    coleccion.insert_many([{"_id": buena, "titulo": "buena"}, {"_id": 7, "titulo": "ajena"}])
    repositorio.preparar(adoptar=True)
    assert coleccion.find_one({"_id": buena})["pendiente"] is True
    assert coleccion.find_one({"_id": 7}) == {"_id": 7, "titulo": "ajena"}


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


@pytest.mark.parametrize(
    "malo",
    [
        {"id": 7},
        {"id": None},
        {"id": "no es un UUID"},
        {"version": "7"},
        {"version_ganadora": None},
        {"cuando_ms": float("nan")},
        {"cuando_ms": "ayer"},
        {"resuelta_en_ms": "ayer"},
    ],
    ids=repr,
)
def test_lo_que_una_mano_puso_entre_los_conflictos_no_tapa_los_demas(
    repositorio: MongoTareaRepository, coleccion: Any, malo: dict[str, Any]
) -> None:
    buena = Conflicto(perdedora=fila(version=5), version_ganadora=9, cuando_ms=7)
    repositorio.guardar_conflicto(buena)
    conflictos = coleccion.database["conflictos"]
    documento = {**conflictos.find_one({}, {"_id": 0}), "id": str(uuid4()), **malo}
    conflictos.insert_many([documento, {"id": str(uuid4()), "version": Int64(3)}])
    assert [uno.conflicto for uno in repositorio.listar_conflictos(tras=None, limite=9)] == [buena]
    assert [uno.conflicto for uno in repositorio.leer_conflictos([(buena.perdedora.id, 5)])] == [buena]
    assert repositorio.listar_conflictos(tras=None, limite=9, resueltos=True) == []
    assert repositorio.contar_conflictos() == 1
