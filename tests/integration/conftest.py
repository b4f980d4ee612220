"""Servers that outage tests may take down, shared by a module and mended after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.cortes import Mesa
from tests.servidores import BancoDePruebas, ServidorMongo, ServidorPostgres


@pytest.fixture(scope="module")
def servidores_fragiles(banco: BancoDePruebas) -> Iterator[tuple[ServidorPostgres, ServidorMongo]]:
    """A PostgreSQL and a MongoDB that tests of this module may kill and freeze."""
    postgres, mongo = banco.postgres(fsync=False), banco.mongo()
    yield postgres, mongo
    postgres.matar()
    mongo.matar()


@pytest.fixture
def mesa(servidores_fragiles: tuple[ServidorPostgres, ServidorMongo]) -> Iterator[Mesa]:
    """Both servers, up, with an empty database each."""
    mesa = Mesa(*servidores_fragiles)
    yield mesa
    mesa.close()
