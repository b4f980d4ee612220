"""Verification of many equal rows in PostgreSQL and MongoDB, beside other ways to compare them, in one run.

`python -m tests.bench verificar [--filas N] [--veces N]`. Beside ours: our own comparison in order ("flujo");
a bare loop that reads both in order with the drivers and compares values; and `reladiff`, where that program
is installed, on the same rows in two tables of PostgreSQL. Then 100 rows are changed by hand, and named.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import psutil
import psycopg
import pymongo
from bson.int64 import Int64

from adapters.mongo import MongoTareaRepository
from adapters.nodo import ahora_ms
from adapters.peewee import PeeweeTareaRepository
from adapters.verificacion.almacenes import revisables
from adapters.verificacion.base import Verificador
from adapters.verificacion.flujo import VerificadorFlujo
from adapters.verificacion.resumen import LARGO, VerificadorResumen
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.version import componer
from tests.servidores import BancoDePruebas

LOTE = 10_000
DISTINTAS = 100
INICIO = datetime(2024, 1, 1, tzinfo=UTC)
CAMPOS = (
    *("titulo", "descripcion", "estado", "creada_en", "actualizada_en"),
    *("version", "version_comun", "pendiente", "nodo", "eliminada"),
)


def filas(cuantas: int) -> Iterator[tuple[Any, ...]]:
    """Rows of random ids, of some 250 bytes each."""
    azar = Random(4)
    for n in range(cuantas):
        version = componer(1_704_067_200_000 + n, 0, 9)
        yield (
            UUID(int=azar.getrandbits(128), version=4),
            f"Revisar el expediente número {n}",
            "Llamar a la oficina y pedir la copia que falta. " * (n % 5),
            ("PENDIENTE", "EN_PROGRESO", "COMPLETADA")[n % 3],
            INICIO + timedelta(milliseconds=1_001 * n),
            INICIO + timedelta(milliseconds=1_003 * n),
            *(version, version, False, "0009", n % 50 == 0),
        )


def cargar(sql: str, mongo: str, cuantas: int) -> None:
    """The same rows into both."""
    with psycopg.connect(sql) as conexion:
        with conexion.cursor().copy("COPY tareas FROM STDIN") as copia:
            for fila in filas(cuantas):
                copia.write_row(fila)
        conexion.execute("CREATE TABLE copia (LIKE tareas INCLUDING ALL)")
        conexion.execute("INSERT INTO copia SELECT * FROM tareas")
    with psycopg.connect(sql, autocommit=True) as conexion:
        conexion.execute("VACUUM ANALYZE")
    cliente: pymongo.MongoClient[dict[str, Any]]
    with pymongo.MongoClient(mongo, w=1) as cliente:
        tareas, lote = cliente.get_default_database()["tareas"], []
        for fila in filas(cuantas):
            documento = {"_id": str(fila[0]), **dict(zip(CAMPOS, fila[1:], strict=True))}
            documento["version"] = documento["version_comun"] = Int64(fila[6])
            lote.append(documento)
            if len(lote) == LOTE:
                tareas.insert_many(lote, ordered=False)
                lote = []
        if lote:
            tareas.insert_many(lote, ordered=False)


def a_pelo(sql: str, mongo: str) -> None:
    """Read both in order and compare the values: nothing is checked, counted or bounded."""
    with ExitStack() as pila:
        conexion = pila.enter_context(psycopg.connect(sql))
        cliente: pymongo.MongoClient[dict[str, Any]] = pila.enter_context(
            pymongo.MongoClient(mongo, tz_aware=True)
        )
        cursor = pila.enter_context(conexion.cursor("todo"))
        cursor.itersize = LOTE
        cursor.execute(f"SELECT id::text, {', '.join(CAMPOS)} FROM tareas ORDER BY id")  # type: ignore[arg-type]
        documentos = cliente.get_default_database()["tareas"].find(sort=[("_id", 1)], batch_size=LOTE)
        for fila, documento in zip(cursor, documentos, strict=True):
            assert fila == (documento["_id"], *(documento[campo] for campo in CAMPOS))


def con_reladiff(programa: str, sql: str) -> None:
    """The same rows in two tables of PostgreSQL, all columns of the content."""
    columnas = [parte for campo in CAMPOS[:6] for parte in ("-c", campo)]
    orden = [programa, sql, "tareas", sql, "copia", "-k", "id", *columnas, "-j", "2"]
    hecho = subprocess.run(orden, capture_output=True, text=True, timeout=600, check=False)
    assert hecho.returncode == 0, hecho.stderr[-500:]
    assert not hecho.stdout.strip(), hecho.stdout[:200]


def medir(nombre: str, hacer: Callable[[], object], veces: int = 1) -> float:
    """The median of it in seconds, printed with the lowest."""
    tiempos = []
    for _ in range(veces):
        inicio_s = time.perf_counter()
        hacer()
        tiempos.append(time.perf_counter() - inicio_s)
    print(f"{nombre:<58} {statistics.median(tiempos):7.2f} s  (mejor {min(tiempos):.2f})", flush=True)
    return statistics.median(tiempos)


def verificar(cuantas: int, veces: int) -> None:
    """Print the table and the ratios."""
    with BancoDePruebas() as banco, ExitStack() as pila:
        sql, mongo = banco.postgres().crear_base("verificar"), banco.mongo().url("verificar")
        almacenes = {
            NombreAlmacen.SQL: pila.enter_context(closing(PeeweeTareaRepository(sql))),
            NombreAlmacen.MONGO: pila.enter_context(closing(MongoTareaRepository(mongo))),
        }
        for almacen in almacenes.values():
            almacen.preparar()
        medir(f"cargar {cuantas:,} filas en las dos", lambda: cargar(sql, mongo, cuantas))

        def comparar(metodo: type[Verificador], distintas: int = 0) -> None:
            informe = metodo(revisables(almacenes), ahora_ms=ahora_ms).verificar()
            assert informe.filas_sql == informe.filas_mongo == cuantas, informe
            assert informe.cuentas.total() == len(informe.diferencias) == distintas, informe.cuentas

        proceso = psutil.Process()
        antes_mib = proceso.memory_info().rss / 2**20
        comparar(VerificadorResumen)
        nuestra_s = medir("verificar, por resumen", lambda: comparar(VerificadorResumen), veces)
        despues_mib = proceso.memory_info().rss / 2**20
        for nombre, crudo in revisables(almacenes).items():
            medir(f"  las sumas de {nombre.etiqueta} solo", partial(crudo.resumir, "", LARGO))
            crudo.soltar()
        flujo_s = medir("verificar, en flujo", lambda: comparar(VerificadorFlujo))
        pelo_s = medir("los controladores, a pelo y en orden", lambda: a_pelo(sql, mongo))
        print(f"en flujo / por resumen: {flujo_s / nuestra_s:.1f}")
        print(f"a pelo / por resumen: {pelo_s / nuestra_s:.1f}")
        if programa := shutil.which("reladiff"):
            otra_s = medir("reladiff, PostgreSQL contra PostgreSQL", lambda: con_reladiff(programa, sql))
            print(f"reladiff / por resumen: {otra_s / nuestra_s:.1f}")
        else:
            print("reladiff: no está instalado en el PATH")
        estropear(mongo, cuantas)
        halladas_s = medir(
            f"verificar y nombrar {DISTINTAS} distintas",
            lambda: comparar(VerificadorResumen, DISTINTAS),
            veces,
        )
        print(
            f"por nombrarlas: {halladas_s - nuestra_s:+.2f} s   memoria: {despues_mib - antes_mib:+.0f} MiB"
        )


def estropear(mongo: str, cuantas: int) -> None:
    """Change scattered documents by hand."""
    azar = Random(5)
    elegidas = set(azar.sample(range(cuantas), DISTINTAS))
    cliente: pymongo.MongoClient[dict[str, Any]]
    with pymongo.MongoClient(mongo) as cliente:
        tareas = cliente.get_default_database()["tareas"]
        for n, fila in enumerate(filas(cuantas)):
            if n in elegidas:
                tareas.update_one({"_id": str(fila[0])}, {"$set": {"titulo": "a mano"}})
