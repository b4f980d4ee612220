"""One save in PostgreSQL, in MongoDB and in both, on real servers, in one run.

`python -m tests.bench latencias [--veces N]`. The dual save is measured twice: with a connection opened for
each ping, as a plain implementation does it, and with pings over connections that stay open.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pymongo

from adapters.dual import DualTareaRepository
from adapters.mongo import MongoTareaRepository
from adapters.nodo import ahora_ms
from adapters.peewee import PeeweeTareaRepository
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from core.health import percentil
from tests.servidores import BancoDePruebas

CALENTAMIENTO = 30


def medir(nombre: str, hacer: Callable[[], object], veces: int) -> float:
    """p50 of `hacer` in milliseconds, printed with p95 and p99."""
    for _ in range(CALENTAMIENTO):
        hacer()
    tiempos_ms = []
    for _ in range(veces):
        inicio_s = time.perf_counter()
        hacer()
        tiempos_ms.append((time.perf_counter() - inicio_s) * 1000)
    p50, p95, p99 = (percentil(tiempos_ms, q) or 0.0 for q in (50, 95, 99))
    print(f"{nombre:<52} p50 {p50:6.2f}  p95 {p95:6.2f}  p99 {p99:6.2f} ms")
    return p50


def latencias(veces: int) -> None:
    """Print the table and the ratios."""
    reloj = RelojHibrido(nodo=1, ahora_ms=ahora_ms)
    with BancoDePruebas() as banco:
        url_sql, url_mongo = banco.postgres().crear_base("latencias"), banco.mongo().url("latencias")
        sql = PeeweeTareaRepository(url_sql, reloj=reloj)
        mongo = MongoTareaRepository(url_mongo, reloj=reloj)
        dual = DualTareaRepository(sql_repository=sql, mongo_repository=mongo, reloj=reloj)

        def pings_con_conexion_nueva() -> None:
            def ping_sql() -> None:
                with psycopg.connect(url_sql) as conexion:
                    conexion.execute("SELECT 1")

            def ping_mongo() -> None:
                with pymongo.MongoClient[dict[str, object]](url_mongo) as cliente:
                    cliente.admin.command("ping")

            list(ejecutor.map(lambda ping: ping(), (ping_sql, ping_mongo)))

        def dual_con_conexion_nueva() -> None:
            pings_con_conexion_nueva()
            dual.save(Tarea(titulo="una"))

        with ThreadPoolExecutor(2) as ejecutor:
            try:
                solo_sql = medir("save, PostgreSQL", lambda: sql.save(Tarea(titulo="una")), veces)
                solo_mongo = medir(
                    "save, MongoDB (majority, j)", lambda: mongo.save(Tarea(titulo="una")), veces
                )
                nueva = medir("save dual, una conexión nueva por ping", dual_con_conexion_nueva, veces)
                abierta = medir(
                    "save dual, pings por conexiones abiertas", lambda: dual.save(Tarea(titulo="una")), veces
                )
                base = dual.save(Tarea(titulo="una"))

                def editar() -> None:
                    nonlocal base
                    base = dual.save(replace(base, titulo="otra"))

                medir("editar dual", editar, veces)
            finally:
                dual.close()
                sql.close()
                mongo.close()
    peor = max(solo_sql, solo_mongo)
    print(
        f"dual / el más lento de los dos: {abierta / peor:.2f}   "
        f"conexión nueva / abierta: {nueva / abierta:.2f}"
    )
