"""`dual-tareas exportar` while a store lacks what the other one has: stale data is never given in silence."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.cli import main
from adapters.mongo import MongoTareaRepository
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from tests.fakes import RelojDePrueba
from tests.servidores import ProxyTCP, ServidorMongo

Correr = Callable[..., tuple[int, str, str]]


@pytest.fixture
def red(servidor_mongo: ServidorMongo, mongo_url: str) -> Iterator[ProxyTCP]:
    """The program's own network to MongoDB."""
    with ProxyTCP(servidor_mongo.direccion) as red:
        yield red


@pytest.fixture
def correr(
    red: ProxyTCP,
    servidor_mongo: ServidorMongo,
    mongo_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Correr]:
    """Run the program in this process, on SQLite and MongoDB: exit code, stdout, stderr."""
    valores = {
        "ORM": "dual",
        "MONGO_URL": mongo_url.replace(f":{servidor_mongo.puerto}/", f":{red.puerto}/"),
        "DUAL_TAREAS_DATOS": str(tmp_path / "d"),
        "DUAL_TAREAS_PING_TIMEOUT_S": "0.7",
        "DUAL_TAREAS_OPERACION_TIMEOUT_S": "0.7",
    }
    for nombre, valor in valores.items():
        monkeypatch.setenv(nombre, valor)
    niveles = {nombre: logging.getLogger(nombre).level for nombre in ("core", "adapters", "gui")}
    yield lambda *argumentos: (main([str(uno) for uno in argumentos]), *capfd.readouterr())
    for nombre, nivel in niveles.items():
        logging.getLogger(nombre).setLevel(nivel)


@pytest.fixture
def mongo(mongo_url: str) -> Iterator[MongoTareaRepository]:
    """MongoDB as another program sees it, that does not reach SQL."""
    almacen = MongoTareaRepository(mongo_url, reloj=RelojHibrido(nodo=9, ahora_ms=RelojDePrueba(paso_ms=1)))
    yield almacen
    almacen.close()


def importar_una(correr: Correr, carpeta: Path, mongo: MongoTareaRepository) -> Tarea:
    """One tarea that both stores have."""
    (carpeta / "t.csv").write_text("titulo\nantes\n", "utf-8")
    codigo, _out, err = correr("importar", carpeta / "t.csv")
    assert codigo == 0, err
    return mongo.list().tareas[0]


def test_sin_la_base_que_tiene_los_cambios_se_dice_que_pueden_faltar_y_se_acaba_con_1(
    correr: Correr, mongo: MongoTareaRepository, red: ProxyTCP, tmp_path: Path
) -> None:
    mongo.save(replace(importar_una(correr, tmp_path, mongo), titulo="después"))
    red.atascar()
    codigo, out, err = correr("exportar", tmp_path / "s.csv")
    assert "1 tarea exportada de SQL" in out
    assert "antes" in (tmp_path / "s.csv").read_text("utf-8")
    assert "A SQL le pueden faltar los últimos cambios" in err
    assert codigo == 1


def test_lo_que_se_elimino_en_la_otra_base_no_se_exporta(
    correr: Correr, mongo: MongoTareaRepository, tmp_path: Path
) -> None:
    mongo.eliminar(importar_una(correr, tmp_path, mongo).id)
    codigo, out, err = correr("exportar", tmp_path / "s.csv")
    assert "0 tareas exportadas de MongoDB" in out
    assert "antes" not in (tmp_path / "s.csv").read_text("utf-8")
    assert "leído de MongoDB" in err
    assert codigo == 0
