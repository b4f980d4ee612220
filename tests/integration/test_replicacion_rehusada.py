"""Rows that a real server refuses, or does not let be confirmed, and two stores that were adopted apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pymongo
import pytest

from adapters.mongo import MongoTareaRepository
from adapters.nodo import ahora_ms
from adapters.peewee import PeeweeTareaRepository
from adapters.replicacion.motor import MotorReplicacion
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
REHUSA = """
CREATE FUNCTION rehusar() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN IF NEW.titulo LIKE ''MALA%'' THEN RAISE EXCEPTION ''no''; END IF; RETURN NEW; END';
CREATE TRIGGER rehusa BEFORE INSERT OR UPDATE ON tareas FOR EACH ROW EXECUTE FUNCTION rehusar()
"""


class Par:
    """Both stores on real servers, and an engine between them."""

    def __init__(self, postgres_url: str, mongo_url: str) -> None:
        self.postgres_url, self.mongo_url = postgres_url, mongo_url
        reloj = RelojHibrido(nodo=7, ahora_ms=ahora_ms)
        self.sql = PeeweeTareaRepository(postgres_url, reloj=reloj)
        self.mongo = MongoTareaRepository(mongo_url, reloj=reloj)
        self.motor = MotorReplicacion({SQL: self.sql, MONGO: self.mongo}, ahora_ms=ahora_ms)

    def en_sql(self, sentencia: str) -> None:
        with psycopg.connect(self.postgres_url, autocommit=True) as conexion:
            conexion.execute(sentencia)

    def en_mongo(self) -> pymongo.MongoClient[dict[str, Any]]:
        return pymongo.MongoClient(self.mongo_url, timeoutMS=10_000)

    def apartadas(self) -> list[tuple[NombreAlmacen, str]]:
        return sorted((una.origen, una.titulo) for una in self.motor.cuarentena.todas())


@pytest.fixture
def par(postgres_url: str, mongo_url: str) -> Iterator[Par]:
    par = Par(postgres_url, mongo_url)
    with closing(par.sql), closing(par.mongo):
        yield par


def test_las_que_un_disparador_rehusa_no_retienen_a_las_demas(par: Par) -> None:
    par.sql.preparar()
    par.en_sql(REHUSA)
    malas = [par.mongo.save(Tarea(titulo=f"MALA {n}")).titulo for n in range(5)]
    for numero in range(20):
        par.mongo.save(Tarea(titulo=f"buena {numero}"))
    informe = par.motor.drenar(MONGO)
    assert (informe.copiadas, par.sql.contar()) == (20, 20)
    assert par.apartadas() == [(MONGO, titulo) for titulo in malas]


def test_la_que_sql_no_deja_confirmar_se_copia_y_no_retiene_a_las_demas(par: Par) -> None:
    for titulo in ("MALA", *(f"buena {n}" for n in range(20))):
        par.sql.save(Tarea(titulo=titulo))
    par.en_sql("ALTER TABLE tareas ADD CONSTRAINT ck CHECK (titulo NOT LIKE 'MALA%') NOT VALID")
    informe = par.motor.drenar(SQL)
    assert (informe.copiadas, informe.confirmadas, par.mongo.contar()) == (21, 20, 21)
    assert par.apartadas() == [(SQL, "MALA")]
    assert informe.faltan == set()
    assert len(par.sql.pendientes(tras=None, limite=99)) == 1
    par.en_sql("ALTER TABLE tareas DROP CONSTRAINT ck")
    par.motor.cuarentena.reintentar()
    par.motor.drenar(SQL)
    assert (par.sql.pendientes(tras=None, limite=99), par.apartadas()) == ([], [])


def test_la_que_mongo_no_deja_confirmar_se_copia_y_no_retiene_a_las_demas(par: Par) -> None:
    for titulo in ("MALA", *(f"buena {n}" for n in range(20))):
        par.mongo.save(Tarea(titulo=titulo))
    with par.en_mongo() as cliente:
        cliente.get_default_database().command(
            "collMod", "tareas", validator={"titulo": {"$not": {"$regex": "^MALA"}}}
        )
    informe = par.motor.drenar(MONGO)
    assert (informe.copiadas, informe.confirmadas, par.sql.contar()) == (21, 20, 21)
    assert par.apartadas() == [(MONGO, "MALA")]
    assert informe.faltan == set()


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_adoptadas_con_otro_contenido_en_cada_una_acaban_iguales_y_nada_se_pierde(
    par: Par, origen: NombreAlmacen
) -> None:
    ids = [uuid4() for _ in range(3)]
    par.en_sql("CREATE TABLE tareas (id uuid PRIMARY KEY, titulo text, descripcion text, estado text)")
    with psycopg.connect(par.postgres_url) as conexion:
        conexion.cursor().executemany(
            "INSERT INTO tareas VALUES (%s, 'en sql', '', 'PENDIENTE')", [(id,) for id in ids]
        )
    with par.en_mongo() as cliente:
        cliente.get_default_database()["tareas"].insert_many(
            [{"_id": str(id), "titulo": "en mongo", "estado": "PENDIENTE"} for id in ids]
        )
    for almacen in (par.sql, par.mongo):
        almacen.preparar(adoptar=True)
    assert par.motor.drenar(origen).conflictos == 3
    par.motor.drenar(origen.otro)
    filas: dict[UUID, Tarea] = par.sql.leer_lote(ids)
    assert par.mongo.leer_lote(ids) == filas
    assert {fila.titulo for fila in filas.values()} == {"en sql"}
    assert not any(fila.pendiente for fila in filas.values())
    guardados = par.mongo.listar_conflictos(tras=None, limite=9)
    perdedoras = [uno.conflicto.perdedora for uno in guardados]
    assert {(una.id, una.titulo) for una in perdedoras} == {(id, "en mongo") for id in ids}
