"""The same tests for every store, and for every repository: what the fake may do, the real ones do too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from adapters.dual import DualTareaRepository
from adapters.mongo import MongoTareaRepository
from adapters.nodo import ahora_ms
from adapters.peewee import PeeweeTareaRepository
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.version import RelojHibrido
from core.domain.ports.tarea_repository import TareaRepository
from tests.fakes import AlmacenEnMemoria

ALMACENES = ("memoria", "sqlite", "postgres", "mongo", "mongo_suelto")
REPOSITORIOS = (*ALMACENES, "dual", "dual_memoria")


@pytest.fixture
def reloj() -> RelojHibrido:
    """One clock for all repositories of a test."""
    return RelojHibrido(nodo=7, ahora_ms=ahora_ms)


def _crear(
    clase: str, request: pytest.FixtureRequest, carpeta: Path, reloj: RelojHibrido
) -> RepositorioDeUnAlmacen:
    if clase == "memoria":
        return AlmacenEnMemoria(NombreAlmacen.SQL, reloj=reloj)
    if clase == "sqlite":
        return PeeweeTareaRepository(f"sqlite:///{carpeta / 'tareas.db'}", reloj=reloj)
    if clase == "postgres":
        return PeeweeTareaRepository(request.getfixturevalue("postgres_url"), reloj=reloj)
    url = request.getfixturevalue("mongo_url" if clase == "mongo" else "mongo_suelto_url")
    return MongoTareaRepository(url, reloj=reloj)


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
