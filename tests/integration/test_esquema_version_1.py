"""A database of schema version 1, tareas and conflicts in it, becomes one of version 2 and loses nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
import pymongo
import pytest
from pymongo.database import Database

from adapters.mongo import MongoTareaRepository
from adapters.peewee import PeeweeTareaRepository
from core.domain.errors import OperacionFallida
from core.domain.models.almacen import Conflicto, Escritura
from tests.contract.datos import INICIO, fila
from tests.fakes import reloj_de_prueba

ID: Final = UUID("11111111-1111-4111-8111-111111111111")
_COLUMNAS: Final = """
    id {uuid} NOT NULL, titulo text NOT NULL, descripcion text NOT NULL, estado text NOT NULL,
    creada_en {fecha} NOT NULL, actualizada_en {fecha} NOT NULL, version bigint NOT NULL,
    version_comun bigint NOT NULL, pendiente {logico} NOT NULL, nodo text NOT NULL,
    eliminada {logico} NOT NULL"""
_META: Final = "CREATE TABLE dual_tareas_meta (clave text PRIMARY KEY NOT NULL, valor text NOT NULL)"
_VALORES: Final = f"'{ID}', 'ganó', '', 'PENDIENTE', '{INICIO}', '{INICIO}', 200, 200, {{no}}, '0001', {{no}}"


def tablas_de_la_version_1(*, uuid: str, fecha: str, logico: str, no: str) -> list[str]:
    """What the program of schema version 1 made, with a tarea and a value that lost."""
    columnas = _COLUMNAS.format(uuid=uuid, fecha=fecha, logico=logico)
    valores = _VALORES.format(no=no)
    return [
        f"CREATE TABLE tareas ({columnas}, PRIMARY KEY (id))",
        f"CREATE TABLE conflictos ({columnas}, version_ganadora bigint NOT NULL, cuando_ms bigint NOT NULL,"
        " PRIMARY KEY (id, version))",
        _META,
        "INSERT INTO dual_tareas_meta VALUES ('esquema', '1')",
        f"INSERT INTO tareas VALUES ({valores})",
        f"INSERT INTO conflictos VALUES ({valores.replace('200', '100').replace('ganó', 'perdió')}, 200, 7)",
    ]


@pytest.fixture
def sqlite_v1(tmp_path: Path) -> str:
    ruta = tmp_path / "tareas.db"
    with closing(sqlite3.connect(ruta)) as sql:
        for sentencia in tablas_de_la_version_1(uuid="text", fecha="text", logico="integer", no="0"):
            sql.execute(sentencia)
        sql.commit()
    return f"sqlite:///{ruta}"


@pytest.fixture
def postgres_v1(postgres_url: str) -> str:
    with psycopg.connect(postgres_url, autocommit=True) as sql:
        for sentencia in tablas_de_la_version_1(
            uuid="uuid", fecha="timestamptz", logico="boolean", no="false"
        ):
            sql.execute(sentencia)
    return postgres_url


@pytest.fixture
def mongo_v1(mongo_url: str) -> Iterator[Database[dict[str, Any]]]:
    comunes = {"descripcion": "", "estado": "PENDIENTE", "creada_en": INICIO, "actualizada_en": INICIO}
    comunes |= {"pendiente": False, "nodo": "0001", "eliminada": False}
    with pymongo.MongoClient[dict[str, Any]](mongo_url, tz_aware=True, timeoutMS=10_000) as cliente:
        base = cliente.get_default_database()
        base["tareas"].insert_one(
            {"_id": str(ID), "titulo": "ganó", "version": 200, "version_comun": 200} | comunes
        )
        perdedora = {"id": str(ID), "titulo": "perdió", "version": 100, "version_comun": 100} | comunes
        base["conflictos"].insert_one(perdedora | {"version_ganadora": 200, "cuando_ms": 7})
        base["conflictos"].create_index([("id", 1), ("version", 1)], name="dt_unico", unique=True)
        base["dual_tareas_meta"].insert_one({"_id": "esquema", "version": 1})
        yield base


@contextmanager
def sql(url: str) -> Iterator[PeeweeTareaRepository]:
    with closing(PeeweeTareaRepository(url, reloj=reloj_de_prueba(), timeout_s=15.0)) as almacen:
        yield almacen


def comprobar(almacen: PeeweeTareaRepository | MongoTareaRepository) -> None:
    """Everything that was there is there, and both tables take what is new."""
    assert almacen.contar_conflictos() == 1
    tarea = almacen.leer(ID)
    assert (tarea.titulo, tarea.version, tarea.pendiente) == ("ganó", 200, False)
    almacen.guardar_conflicto(Conflicto(perdedora=fila(version=5), version_ganadora=9, cuando_ms=8))
    assert almacen.contar_conflictos() == 2
    assert almacen.escribir(Escritura(fila("nueva"))).aplicada


def test_sqlite_pasa_a_la_version_2(sqlite_v1: str) -> None:
    with sql(sqlite_v1) as almacen:
        comprobar(almacen)
    with sql(sqlite_v1) as otra_vez:
        otra_vez.preparar(adoptar=True)
        assert otra_vez.contar_conflictos() == 2
    with closing(sqlite3.connect(sqlite_v1.removeprefix("sqlite:///"))) as crudo:
        assert crudo.execute("SELECT valor FROM dual_tareas_meta").fetchall() == [("2",)]
        guardado = crudo.execute(
            "SELECT titulo, resuelta_en_ms, resolucion FROM conflictos ORDER BY cuando_ms"
        )
        assert guardado.fetchone() == ("perdió", None, "")
        assert crudo.execute("SELECT nodo, instalacion, visto_en_ms FROM nodos").fetchall() == []


def test_postgres_pasa_a_la_version_2(postgres_v1: str) -> None:
    with sql(postgres_v1) as almacen:
        comprobar(almacen)
    with psycopg.connect(postgres_v1) as crudo:
        assert crudo.execute("SELECT valor FROM dual_tareas_meta").fetchall() == [("2",)]
        guardado = crudo.execute(
            "SELECT titulo, resuelta_en_ms, resolucion FROM conflictos ORDER BY cuando_ms"
        )
        assert guardado.fetchone() == ("perdió", None, "")
        assert crudo.execute("SELECT nodo, instalacion, visto_en_ms FROM nodos").fetchall() == []


def test_mongo_pasa_a_la_version_2(mongo_v1: Database[dict[str, Any]], mongo_url: str) -> None:
    with closing(MongoTareaRepository(mongo_url, reloj=reloj_de_prueba())) as almacen:
        comprobar(almacen)
    assert mongo_v1["dual_tareas_meta"].find_one() == {"_id": "esquema", "version": 2}
    guardado = mongo_v1["conflictos"].find_one({"cuando_ms": 7}) or {}
    assert (guardado["titulo"], guardado["resuelta_en_ms"], guardado["resolucion"]) == ("perdió", None, "")


def test_varios_programas_pasan_postgres_a_la_version_2_a_la_vez(postgres_v1: str) -> None:
    def abrir(_: int) -> int:
        with sql(postgres_v1) as almacen:
            return almacen.contar_conflictos()

    with ThreadPoolExecutor(6) as grupo:
        assert list(grupo.map(abrir, range(6))) == [1] * 6


def test_varios_programas_pasan_sqlite_a_la_version_2_a_la_vez(sqlite_v1: str) -> None:
    def abrir(_: int) -> int:
        with sql(sqlite_v1) as almacen:
            return almacen.contar_conflictos()

    with ThreadPoolExecutor(6) as grupo:
        assert list(grupo.map(abrir, range(6))) == [1] * 6


def test_varios_programas_pasan_mongo_a_la_version_2_a_la_vez(
    mongo_v1: Database[dict[str, Any]], mongo_url: str
) -> None:
    def abrir(_: int) -> int:
        with closing(MongoTareaRepository(mongo_url, reloj=reloj_de_prueba(), timeout_s=15.0)) as almacen:
            return almacen.contar_conflictos()

    with ThreadPoolExecutor(6) as grupo:
        assert list(grupo.map(abrir, range(6))) == [1] * 6
    assert mongo_v1["dual_tareas_meta"].count_documents({}) == 1


def test_el_programa_de_la_version_1_dice_que_la_2_es_mas_nueva(
    sqlite_v1: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sql(sqlite_v1) as almacen:
        almacen.preparar()
    monkeypatch.setattr("adapters.peewee.esquema.VERSION_ESQUEMA", 1)
    monkeypatch.setattr("adapters.peewee.esquema_sqlite.VERSION_ESQUEMA", 1)
    with sql(sqlite_v1) as viejo, pytest.raises(OperacionFallida, match="versión más nueva"):
        viejo.contar()
