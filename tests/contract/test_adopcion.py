"""Adopting what was there before: the same old rows become the same tareas in every store."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pymongo
import pytest

from adapters.mongo import MongoTareaRepository
from adapters.peewee import PeeweeTareaRepository
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.errors import OperacionFallida
from core.domain.models.tarea import EstadoTarea, Tarea
from core.domain.models.version import RelojHibrido

EPOCA = datetime(1970, 1, 1, tzinfo=UTC)
CREADA_EN = datetime(2020, 5, 6, 7, 8, 9, 123_000, tzinfo=UTC)
CAMPOS = ("id", "titulo", "descripcion", "estado", "creada_en")
FILAS: tuple[tuple[str | datetime | None, ...], ...] = (
    ("11111111-1111-4111-8111-111111111111", "con todo", "texto", "COMPLETADA", CREADA_EN),
    ("22222222-2222-4222-8222-222222222222", "sin fecha", "", "EN_PROGRESO", None),
    ("33333333-3333-4333-8333-333333333333", None, None, None, None),
)


def esperada(id: str, titulo: str, descripcion: str, estado: EstadoTarea, cuando: datetime) -> Tarea:
    return Tarea(
        id=UUID(id),
        titulo=titulo,
        descripcion=descripcion,
        estado=estado,
        creada_en=cuando,
        actualizada_en=cuando,
        version=1,
        pendiente=True,
    )


ESPERADAS = [
    esperada(str(FILAS[0][0]), "con todo", "texto", EstadoTarea.COMPLETADA, CREADA_EN),
    esperada(str(FILAS[1][0]), "sin fecha", "", EstadoTarea.EN_PROGRESO, EPOCA),
    esperada(str(FILAS[2][0]), "", "", EstadoTarea.PENDIENTE, EPOCA),
]


def sqlite_con_filas(request: pytest.FixtureRequest, carpeta: Path) -> RepositorioDeUnAlmacen:
    with closing(sqlite3.connect(carpeta / "tareas.db")) as ajena:
        ajena.execute("CREATE TABLE tareas (id text PRIMARY KEY, titulo, descripcion, estado, creada_en)")
        textos = [[str(valor) if valor else valor for valor in una] for una in FILAS]
        ajena.executemany("INSERT INTO tareas VALUES (?, ?, ?, ?, ?)", textos)
        ajena.commit()
    return PeeweeTareaRepository(f"sqlite:///{carpeta / 'tareas.db'}", reloj=reloj())


def postgres_con_filas(request: pytest.FixtureRequest, carpeta: Path) -> RepositorioDeUnAlmacen:
    url: str = request.getfixturevalue("postgres_url")
    with psycopg.connect(url) as ajena:
        ajena.execute(
            "CREATE TABLE tareas"
            " (id uuid PRIMARY KEY, titulo text, descripcion text, estado text, creada_en timestamptz)"
        )
        ajena.cursor().executemany("INSERT INTO tareas VALUES (%s, %s, %s, %s, %s)", FILAS)
    return PeeweeTareaRepository(url, reloj=reloj())


def mongo_con_nulos(request: pytest.FixtureRequest, carpeta: Path) -> RepositorioDeUnAlmacen:
    return _mongo_con(request, [dict(zip(("_id", *CAMPOS[1:]), una, strict=True)) for una in FILAS])


def mongo_sin_campos(request: pytest.FixtureRequest, carpeta: Path) -> RepositorioDeUnAlmacen:
    documentos = [zip(("_id", *CAMPOS[1:]), una, strict=True) for una in FILAS]
    return _mongo_con(
        request, [{campo: valor for campo, valor in uno if valor is not None} for uno in documentos]
    )


def _mongo_con(
    request: pytest.FixtureRequest, documentos: Sequence[dict[str, Any]]
) -> RepositorioDeUnAlmacen:
    url: str = request.getfixturevalue("mongo_url")
    with pymongo.MongoClient[dict[str, Any]](url, timeoutMS=10_000) as cliente:
        cliente.get_default_database()["tareas"].insert_many(documentos)
    return MongoTareaRepository(url, reloj=reloj())


def reloj() -> RelojHibrido:
    return RelojHibrido(nodo=7, ahora_ms=lambda: 0)


@pytest.mark.parametrize(
    "abrir",
    [sqlite_con_filas, postgres_con_filas, mongo_con_nulos, mongo_sin_campos],
    ids=lambda f: f.__name__,
)
def test_la_misma_fila_antigua_es_la_misma_tarea_en_cada_almacen(
    abrir: Any, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with closing(abrir(request, tmp_path)) as almacen:
        almacen.preparar(adoptar=True)

        leidas = almacen.leer_lote([tarea.id for tarea in ESPERADAS])

        assert [leidas[tarea.id] for tarea in ESPERADAS] == ESPERADAS


@pytest.mark.parametrize("tipo", ["STRING", "UUID", "NUMERIC", "INTEGER"])
@pytest.mark.parametrize("columna", ["titulo", "descripcion", "estado"])
def test_sqlite_no_adopta_una_columna_que_cambia_los_textos(tmp_path: Path, columna: str, tipo: str) -> None:
    """SQLite keeps «00042» as 42 in a column of such a type, whoever writes it."""
    columnas = {"titulo": "text", "descripcion": "varchar(80)", "estado": "", columna: tipo}
    with closing(sqlite3.connect(tmp_path / "tareas.db")) as ajena:
        ajena.execute(
            f"CREATE TABLE tareas (id UUID PRIMARY KEY, {', '.join(map(' '.join, columnas.items()))})"
        )
        ajena.execute("INSERT INTO tareas VALUES (?, 'una', '', 'PENDIENTE')", (str(FILAS[0][0]),))
        ajena.commit()
        antes = list(ajena.iterdump())
        url = f"sqlite:///{tmp_path / 'tareas.db'}"
        with (
            closing(PeeweeTareaRepository(url, reloj=reloj())) as almacen,
            pytest.raises(OperacionFallida, match=f"«{columna}» es de tipo {tipo}"),
        ):
            almacen.preparar(adoptar=True)
        assert list(ajena.iterdump()) == antes


@pytest.mark.parametrize("tipo", ["timestamptz(0)", "timestamp(0)", "timestamp(3)", "date"])
def test_postgres_ensancha_una_fecha_que_guardaria_menos(postgres_url: str, tipo: str) -> None:
    with psycopg.connect(postgres_url) as conexion:
        conexion.execute(
            f"CREATE TABLE tareas (id uuid PRIMARY KEY, creada_en {tipo}, actualizada_en {tipo})".encode()
        )
        conexion.execute("INSERT INTO tareas VALUES (%s, '2020-05-06', '2020-05-06')", [FILAS[0][0]])
    with closing(PeeweeTareaRepository(postgres_url, reloj=reloj())) as almacen:
        almacen.preparar(adoptar=True)
        (adoptada,) = almacen.leer_lote([UUID(str(FILAS[0][0]))]).values()
        assert adoptada.creada_en == datetime(2020, 5, 6, tzinfo=UTC)
        nueva = almacen.save(Tarea(titulo="nueva", creada_en=CREADA_EN, actualizada_en=CREADA_EN))
        assert almacen.leer(nueva.id).creada_en == CREADA_EN


def test_postgres_dice_en_que_columna_hay_algo_que_no_se_convierte(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as conexion:
        conexion.execute("CREATE TABLE tareas (id uuid PRIMARY KEY, titulo text, pendiente text)")
        conexion.execute("INSERT INTO tareas VALUES (%s, 'una', 'x')", [FILAS[0][0]])
    with (
        closing(PeeweeTareaRepository(postgres_url, reloj=reloj())) as almacen,
        pytest.raises(OperacionFallida, match="queda como estaba: en la columna «pendiente»"),
    ):
        almacen.preparar(adoptar=True)
    with psycopg.connect(postgres_url) as conexion:
        assert conexion.execute("SELECT pendiente FROM tareas").fetchall() == [("x",)]


def test_postgres_sigue_dando_id_y_fecha_a_quien_no_los_dice(postgres_url: str) -> None:
    """The program that filled the table may go on doing so."""
    with psycopg.connect(postgres_url) as conexion:
        conexion.execute(
            "CREATE TABLE tareas (id text PRIMARY KEY DEFAULT gen_random_uuid()::text, titulo text,"
            " creada_en timestamptz DEFAULT now())"
        )
        conexion.execute("INSERT INTO tareas (titulo) VALUES ('vieja')")
    with closing(PeeweeTareaRepository(postgres_url, reloj=reloj())) as almacen:
        almacen.preparar(adoptar=True)
        with psycopg.connect(postgres_url) as conexion:
            conexion.execute("INSERT INTO tareas (titulo) VALUES ('nueva')")
        filas = almacen.pendientes(tras=None, limite=9)
    assert {fila.titulo for fila in filas} == {"vieja", "nueva"}
    assert all(fila.creada_en.year > 2000 and not fila.creada_en.microsecond % 1_000 for fila in filas)
