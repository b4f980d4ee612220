"""The same tests for every store, and for every repository: what the fake may do, the real ones do too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from adapters.dual import DualTareaRepository
from adapters.mongo import MongoTareaRepository
from adapters.nodo import ahora_ms
from adapters.peewee import PeeweeTareaRepository
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.version import RelojHibrido
from core.domain.ports.tarea_repository import TareaRepository
from tests.fakes import AlmacenEnMemoria, reloj_de_prueba
from tests.servidores import ServidorMongo, ServidorPostgres

ALMACENES = ("memoria", "sqlite", "postgres", "mongo", "mongo_suelto")
REPOSITORIOS = (*ALMACENES, "dual", "dual_memoria")


@pytest.fixture
def reloj() -> RelojHibrido:
    """One clock for all repositories of a test."""
    return RelojHibrido(nodo=7, ahora_ms=ahora_ms)


@dataclass(frozen=True, slots=True)
class Preparada:
    """A database with its schema, for all tests of the contract: making one takes longer than a test.

    What happens in an empty database is for each store's own tests.
    """

    abrir: Callable[[RelojHibrido], RepositorioDeUnAlmacen]
    vaciar: Callable[[], object]


@pytest.fixture(scope="session")
def postgres_preparada(servidor_postgres: ServidorPostgres) -> Iterator[Preparada]:
    """Of PostgreSQL."""
    url = servidor_postgres.url(servidor_postgres.prestar_base())
    with psycopg.connect(url, autocommit=True) as conexion:
        yield _preparada(
            lambda reloj: PeeweeTareaRepository(url, reloj=reloj),
            lambda: conexion.execute("TRUNCATE tareas, conflictos"),
        )


@pytest.fixture(scope="session")
def mongo_preparada(servidor_mongo: ServidorMongo) -> Iterator[Preparada]:
    """Of a replica set."""
    yield from _de_mongo(servidor_mongo)


@pytest.fixture(scope="session")
def mongo_suelto_preparada(servidor_mongo_suelto: ServidorMongo) -> Iterator[Preparada]:
    """Of a standalone mongod."""
    yield from _de_mongo(servidor_mongo_suelto)


def _de_mongo(servidor: ServidorMongo) -> Iterator[Preparada]:
    with servidor.cliente() as cliente:
        base = cliente["contrato"]
        yield _preparada(
            lambda reloj: MongoTareaRepository(servidor.url(base.name), reloj=reloj),
            lambda: [base[nombre].delete_many({}) for nombre in ("tareas", "conflictos")],
        )


def _preparada(
    abrir: Callable[[RelojHibrido], RepositorioDeUnAlmacen], vaciar: Callable[[], object]
) -> Preparada:
    with closing(abrir(reloj_de_prueba())) as almacen:
        almacen.preparar()
    return Preparada(abrir, vaciar)


def _crear(
    clase: str, request: pytest.FixtureRequest, carpeta: Path, reloj: RelojHibrido
) -> RepositorioDeUnAlmacen:
    if clase == "memoria":
        return AlmacenEnMemoria(NombreAlmacen.SQL, reloj=reloj)
    if clase == "sqlite":
        return PeeweeTareaRepository(f"sqlite:///{carpeta / 'tareas.db'}", reloj=reloj)
    preparada: Preparada = request.getfixturevalue(f"{clase}_preparada")
    preparada.vaciar()
    return preparada.abrir(reloj)


@pytest.fixture(params=ALMACENES)
def almacen(
    request: pytest.FixtureRequest, tmp_path: Path, reloj: RelojHibrido
) -> Iterator[RepositorioDeUnAlmacen]:
    """Each store, empty."""
    with closing(_crear(request.param, request, tmp_path, reloj)) as almacen:
        yield almacen


@pytest.fixture(params=REPOSITORIOS)
def repositorio(
    request: pytest.FixtureRequest, tmp_path: Path, reloj: RelojHibrido
) -> Iterator[TareaRepository]:
    """Each repository, empty: single stores, both real ones, and both in memory."""
    with ExitStack() as pila:
        if request.param == "dual":
            sql = pila.enter_context(closing(_crear("postgres", request, tmp_path, reloj)))
            mongo = pila.enter_context(closing(_crear("mongo", request, tmp_path, reloj)))
        elif request.param == "dual_memoria":
            sql = AlmacenEnMemoria(NombreAlmacen.SQL, reloj=reloj)
            mongo = AlmacenEnMemoria(NombreAlmacen.MONGO, reloj=reloj)
        else:
            yield pila.enter_context(closing(_crear(request.param, request, tmp_path, reloj)))
            return
        yield pila.enter_context(
            closing(DualTareaRepository(sql_repository=sql, mongo_repository=mongo, reloj=reloj))
        )
