"""What several of these tests stand on: servers that may be taken down, two stores, the command line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.cli import main
from adapters.container import Contenedor
from adapters.events import BusEventos
from adapters.settings import cargar_ajustes
from tests.integration.cortes import Mesa
from tests.integration.parejas import Abrir
from tests.integration.revision import Par, abrir_par
from tests.servidores import BancoDePruebas, ServidorMongo, ServidorPostgres


@pytest.fixture(scope="module")
def servidores_fragiles(banco: BancoDePruebas) -> Iterator[tuple[ServidorPostgres, ServidorMongo]]:
    """A PostgreSQL and a MongoDB that tests of this module may kill and freeze."""
    postgres, mongo = banco.postgres(fsync=False), banco.mongo()
    yield postgres, mongo
    postgres.matar()
    mongo.matar()


@pytest.fixture
def correr(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Run the program in this process: exit code, stdout, stderr."""
    niveles = {nombre: logging.getLogger(nombre).level for nombre in ("core", "adapters", "gui")}
    yield lambda *argumentos: (main([str(uno) for uno in argumentos]), *capfd.readouterr())
    for nombre, nivel in niveles.items():
        logging.getLogger(nombre).setLevel(nivel)


@pytest.fixture
def par(tmp_path: Path, mongo_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Par]:
    """The stores that the settings name."""
    monkeypatch.setenv("DUAL_TAREAS_DATOS", str(tmp_path))
    monkeypatch.setenv("MONGO_URL", mongo_url)
    with abrir_par(f"sqlite:///{tmp_path / 'tareas.sqlite3'}", mongo_url) as par:
        yield par


@pytest.fixture
def mesa(servidores_fragiles: tuple[ServidorPostgres, ServidorMongo]) -> Iterator[Mesa]:
    """Both servers, up, with an empty database each."""
    mesa = Mesa(*servidores_fragiles)
    yield mesa
    mesa.close()


@pytest.fixture
def abrir(
    tmp_path: Path, postgres_url: str, mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Abrir]:
    """Opens programs on both databases, as many as a test likes."""
    abiertos: list[Contenedor] = []

    def uno(*, replicar: bool = True, bus: BusEventos | None = None, **entorno: str) -> Contenedor:
        valores = {"ORM": "dual", "SQL_URL": postgres_url, "MONGO_URL": mongo_url, **entorno}
        for nombre, valor in {**valores, "DUAL_TAREAS_DATOS": str(tmp_path / "d")}.items():
            monkeypatch.setenv(nombre, valor)
        contenedor = Contenedor(cargar_ajustes(), bus=bus)
        abiertos.append(contenedor)
        return contenedor.iniciar(replicar=replicar, mirar=True)

    yield uno
    for contenedor in abiertos:
        contenedor.close()
