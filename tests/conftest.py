"""What every test gets: real servers, a data folder of its own, and no tolerance for noise."""

from __future__ import annotations

import gc
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

# Before anything imports Qt or reads settings: no display, no user's data, no settings from outside.
# Not even a display that is there: its window manager, or that it has none, would decide what has the focus.
if sys.platform == "linux" and not os.environ.get("QT_QPA_PLATFORM"):
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
for _nombre in [*os.environ]:
    if _nombre in {"ORM", "SQL_URL", "MONGO_URL"} or _nombre.startswith("DUAL_TAREAS_"):
        del os.environ[_nombre]
_hogar = tempfile.TemporaryDirectory(prefix="dual-tareas-hogar-", ignore_cleanup_errors=True)
for _nombre in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
    os.environ[_nombre] = _hogar.name
for _nombre in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
    os.environ[_nombre] = str(Path(_hogar.name, _nombre.lower()))
    Path(os.environ[_nombre]).mkdir(mode=0o700)
os.environ["DUAL_TAREAS_DATOS"] = str(Path(_hogar.name, "datos"))

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from tests.servidores import BancoDePruebas, ServidorMongo, ServidorPostgres  # noqa: E402

RAIZ = Path(__file__).parents[1]

# How long one example takes says how busy the machine is; that it ends at all is for pytest's time-out.
settings.register_profile("pruebas", deadline=None)
settings.load_profile("pruebas")


@pytest.fixture(scope="session")
def banco() -> Iterator[BancoDePruebas]:
    """Makes servers; everything it made ends with the session."""
    with BancoDePruebas() as banco:
        yield banco


@pytest.fixture(scope="session")
def servidor_postgres(banco: BancoDePruebas) -> ServidorPostgres:
    """The PostgreSQL that all tests share: leave it running."""
    return banco.postgres(fsync=False)


@pytest.fixture(scope="session")
def servidor_mongo(banco: BancoDePruebas) -> ServidorMongo:
    """The MongoDB (one-node replica set) that all tests share: leave it running."""
    return banco.mongo()


@pytest.fixture(scope="session")
def servidor_mongo_suelto(banco: BancoDePruebas) -> ServidorMongo:
    """A standalone mongod that all tests share: leave it running."""
    return banco.mongo(conjunto=False)


@pytest.fixture
def postgres_url(servidor_postgres: ServidorPostgres) -> Iterator[str]:
    """An empty PostgreSQL database, for this test alone."""
    nombre = servidor_postgres.prestar_base()
    yield servidor_postgres.url(nombre)
    _sigue_viva(servidor_postgres)
    servidor_postgres.devolver_base(nombre)


@pytest.fixture
def mongo_url(servidor_mongo: ServidorMongo) -> Iterator[str]:
    """An empty database of a replica set, for this test alone."""
    yield from _base_de_mongo(servidor_mongo)


@pytest.fixture
def mongo_suelto_url(servidor_mongo_suelto: ServidorMongo) -> Iterator[str]:
    """An empty database of a standalone mongod, for this test alone."""
    yield from _base_de_mongo(servidor_mongo_suelto)


@pytest.fixture
def postgres_propio(banco: BancoDePruebas) -> Iterator[ServidorPostgres]:
    """A PostgreSQL for this test alone: kill it, freeze it, whatever."""
    servidor = banco.postgres(fsync=False)
    yield servidor
    servidor.matar()


@pytest.fixture
def mongo_propio(banco: BancoDePruebas) -> Iterator[ServidorMongo]:
    """A MongoDB for this test alone: kill it, freeze it, whatever."""
    servidor = banco.mongo()
    yield servidor
    servidor.matar()


def _base_de_mongo(servidor: ServidorMongo) -> Iterator[str]:
    # Never dropped, which takes longer than most tests: it ends with its server.
    yield servidor.url(f"prueba_{uuid4().hex}")
    _sigue_viva(servidor)


def _sigue_viva(servidor: ServidorPostgres | ServidorMongo) -> None:
    assert servidor.vivo, f"la prueba ha dejado caído el {type(servidor).__name__} que comparten todas"
    assert not servidor.congelado, f"la prueba ha dejado congelado el {type(servidor).__name__}"


class _Errores(logging.Handler):
    """Collects ERROR records of the whole process."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.mensajes: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.mensajes.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _sin_errores_en_el_registro(request: pytest.FixtureRequest) -> Iterator[None]:
    """An ERROR in the log that the test did not expect fails it.

    `@pytest.mark.errores_esperados("part of a message", …)` names those that are meant.
    """
    esperados = [parte for marca in request.node.iter_markers("errores_esperados") for parte in marca.args]
    errores = _Errores()
    logging.getLogger().addHandler(errores)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(errores)
    inesperados = [uno for uno in errores.mensajes if not any(parte in uno for parte in esperados)]
    assert not inesperados, f"errores inesperados en el registro: {inesperados}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish() -> None:
    """What exists by now stays: no later collection needs to look at it."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the window get a Qt application even if they name none: without one Qt ends the process."""
    for item in items:
        if isinstance(item, pytest.Function) and "gui" in item.path.relative_to(RAIZ).parts:
            item.fixturenames.insert(0, "qapp")


def pytest_runtest_logstart(nodeid: str) -> None:
    """Tests of the window leave their cyclic garbage to the main thread.

    A collection happens in whichever thread allocates. In a worker it would destroy widgets of an earlier
    test from there, and Qt ends the process for that, many tests later.
    """
    if nodeid.startswith("tests/gui/"):
        gc.disable()


def pytest_runtest_logfinish(nodeid: str) -> None:
    """Collect what a test of the window left, a failed one too: Python keeps the frames of the last."""
    if nodeid.startswith("tests/gui/"):
        for nombre in ("last_exc", "last_type", "last_value", "last_traceback"):
            vars(sys).pop(nombre, None)
        gc.collect()
        gc.enable()


Medir = Callable[[str, float, str], None]
MEDIDA = "medida"


@pytest.fixture
def medir(request: pytest.FixtureRequest) -> Medir:
    """`medir("what", 1.23, "s")`: a figure to be printed at the end of the run."""
    # A property of the test, so that it gets out of the process that ran it.
    propiedades = request.node.user_properties
    return lambda que, valor, unidad: propiedades.append((MEDIDA, f"{que}: {valor:.3g} {unidad}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests have measured."""
    informes = (uno for clase in ("passed", "failed") for uno in terminalreporter.stats.get(clase, []))
    lineas = [valor for uno in informes for nombre, valor in uno.user_properties if nombre == MEDIDA]
    if lineas:
        terminalreporter.section("medidas")
        for linea in lineas:
            terminalreporter.line(linea)
