"""Schema set-up on real servers: once or a hundred times, by one program or several, over data of others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import uuid4

import pymongo
import pytest
from pymongo.database import Database

from adapters.mongo import MongoTareaRepository
from adapters.mongo.documento import EPOCA
from core.domain.errors import EsquemaSinAdoptar, OperacionFallida
from core.domain.models.consulta import Filtro
from core.domain.models.tarea import Tarea
from tests.fakes import reloj_de_prueba

Base = Database[dict[str, Any]]


@pytest.fixture
def base(mongo_url: str) -> Iterator[Base]:
    """The test's database, without our code."""
    with pymongo.MongoClient[dict[str, Any]](mongo_url, tz_aware=True, timeoutMS=10_000) as cliente:
        yield cliente.get_default_database()


@pytest.fixture
def almacen(mongo_url: str) -> Iterator[MongoTareaRepository]:
    with closing(MongoTareaRepository(mongo_url, reloj=reloj_de_prueba())) as almacen:
        yield almacen


def antiguo(**campos: Any) -> dict[str, Any]:
    """A document as a program wrote it that knew nothing of replication."""
    return {"_id": str(uuid4()), "titulo": "Antigua", "estado": "PENDIENTE", **campos}


def test_el_primer_uso_crea_indices_y_version(almacen: MongoTareaRepository, base: Base) -> None:
    almacen.contar()

    indices = base["tareas"].index_information()
    assert {"dt_actualizada_en", "dt_creada_en", "dt_estado", "dt_titulo_es", "dt_version"} < set(indices)
    assert indices["dt_pendientes"]["partialFilterExpression"] == {"pendiente": True}
    assert base["conflictos"].index_information()["dt_unico"]["unique"]
    assert base["dual_tareas_meta"].find_one({"_id": "esquema"}) == {"_id": "esquema", "version": 2}
    assert "validator" not in base["tareas"].options()


def test_varios_programas_preparan_a_la_vez(mongo_url: str, base: Base) -> None:
    almacenes = [MongoTareaRepository(mongo_url, reloj=reloj_de_prueba(nodo)) for nodo in range(1, 7)]

    with ThreadPoolExecutor(6) as hilos:
        for futuro in [hilos.submit(almacen.preparar) for almacen in almacenes]:
            futuro.result(timeout=30)

    assert base["dual_tareas_meta"].count_documents({}) == 1
    for almacen in almacenes:
        almacen.close()


def test_una_coleccion_ajena_no_se_toca_sin_permiso(almacen: MongoTareaRepository, base: Base) -> None:
    documento = antiguo()
    base["tareas"].insert_one(documento)

    with pytest.raises(EsquemaSinAdoptar, match=r"descripcion, creada_en.*version, version_comun, pendiente"):
        almacen.contar()

    assert base["tareas"].find_one() == documento
    assert list(base["tareas"].index_information()) == ["_id_"]


def test_adoptar_anade_lo_que_falta_y_nada_mas(almacen: MongoTareaRepository, base: Base) -> None:
    nulo = antiguo(descripcion=None, prioridad={"alta": [1, 2]})
    entero = antiguo(descripcion="con texto", eliminada=True, pendiente=False)
    base["tareas"].insert_many([nulo, entero])

    almacen.preparar(adoptar=True)

    nuevos = {"version": 1, "version_comun": 0, "pendiente": True, "nodo": ""}
    fechas = {"creada_en": EPOCA, "actualizada_en": EPOCA}
    assert base["tareas"].find_one({"_id": nulo["_id"]}) == {
        **nulo,
        **nuevos,
        **fechas,
        "descripcion": "",
        "eliminada": False,
    }
    assert base["tareas"].find_one({"_id": entero["_id"]}) == {**entero, **nuevos, **fechas}
    assert almacen.contar(Filtro(solo_pendientes=True, eliminadas=True)) == 2


def test_adoptar_dos_veces_no_cambia_nada(almacen: MongoTareaRepository, base: Base) -> None:
    base["tareas"].insert_many([antiguo() for _ in range(5)])
    almacen.preparar(adoptar=True)
    antes = list(base["tareas"].find())

    almacen.preparar(adoptar=True)

    assert list(base["tareas"].find()) == antes


def test_una_tarea_adoptada_se_edita_y_conserva_los_campos_ajenos(
    almacen: MongoTareaRepository, base: Base
) -> None:
    base["tareas"].insert_one(antiguo(prioridad=3))
    almacen.preparar(adoptar=True)
    (tarea,) = almacen.list()

    almacen.eliminar(tarea.id)

    documento = base["tareas"].find_one()
    assert documento is not None
    assert documento["prioridad"] == 3
    assert documento["eliminada"] is True


def test_un_esquema_mas_nuevo_no_se_toca(almacen: MongoTareaRepository, base: Base) -> None:
    base["dual_tareas_meta"].insert_one({"_id": "esquema", "version": 99})

    with pytest.raises(OperacionFallida, match="Actualícelo"):
        almacen.save(Tarea(titulo="x"))

    assert "tareas" not in base.list_collection_names()


def test_un_documento_ajeno_posterior_no_estorba(almacen: MongoTareaRepository, base: Base) -> None:
    almacen.save(Tarea(titulo="nuestra"))

    base["tareas"].insert_one(antiguo())

    assert {tarea.titulo for tarea in almacen.list()} == {"nuestra", "Antigua"}
    assert almacen.contar() == 2
