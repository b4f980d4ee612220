"""`dual-tareas sincronizar` on real databases: both ways, killed, interrupted, with what cannot be copied."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.mongo import MongoTareaRepository
from adapters.peewee import PeeweeTareaRepository
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import Escritura
from core.domain.models.consulta import Filtro
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from tests.fakes import RelojDePrueba
from tests.servidores.espera import esperar

CLAVE = "s3cr3ta"
MUCHAS = 8_000


@pytest.fixture
def ajustes(tmp_path: Path, postgres_url: str, mongo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of a program on both databases, in the environment."""
    valores = {"ORM": "dual", "SQL_URL": postgres_url, "MONGO_URL": mongo_url}
    for nombre, valor in {**valores, "PYTHONUTF8": "1", "DUAL_TAREAS_DATOS": str(tmp_path / "d")}.items():
        monkeypatch.setenv(nombre, valor)


Correr = Callable[..., tuple[int, str, str]]


@pytest.fixture
def correr(ajustes: None, correr: Correr) -> Correr:
    return correr


@pytest.fixture
def sql(postgres_url: str) -> Iterator[RepositorioDeUnAlmacen]:
    """PostgreSQL, seen by another program."""
    almacen = PeeweeTareaRepository(postgres_url)
    yield almacen
    almacen.close()


@pytest.fixture
def mongo(mongo_url: str) -> Iterator[RepositorioDeUnAlmacen]:
    """MongoDB, seen by another program."""
    almacen = MongoTareaRepository(mongo_url)
    yield almacen
    almacen.close()


def llenar(almacen: RepositorioDeUnAlmacen, cuantas: int) -> list[Tarea]:
    """Pendientes that only this store has."""
    reloj = RelojHibrido(nodo=9, ahora_ms=RelojDePrueba(paso_ms=1))
    filas = [
        Tarea(titulo=f"tarea {n}", version=reloj.siguiente(), pendiente=True, nodo="0009")
        for n in range(cuantas)
    ]
    almacen.escribir_lote([Escritura(fila) for fila in filas])
    return filas


def pendientes(almacen: RepositorioDeUnAlmacen) -> int:
    return almacen.contar(Filtro(solo_pendientes=True, eliminadas=True))


def test_copia_en_ambos_sentidos_y_acaba_con_cero(
    correr: Correr, sql: RepositorioDeUnAlmacen, mongo: RepositorioDeUnAlmacen
) -> None:
    llenar(sql, 300)
    solo_mongo = mongo.save(Tarea(titulo="de MongoDB"))
    codigo, out, err = correr("sincronizar", "--json")
    informe = json.loads(out)
    assert (codigo, err) == (0, "")
    assert informe.pop("duracion_s") > 0
    assert informe == {
        "copiadas": 301,
        "conflictos": 0,
        "pendientes": {"sql": 0, "mongo": 0},
        "por_rellenar": [],
        "apartadas": [],
    }
    assert sql.contar() == mongo.contar() == 301
    assert sql.leer(solo_mongo.id) == mongo.leer(solo_mongo.id)
    codigo, out, _err = correr("sincronizar")
    assert (codigo, out.splitlines()[-1]) == (0, "Ambas bases de datos están al día.")


def test_lo_que_no_se_puede_copiar_se_dice_con_su_motivo_y_un_1(
    correr: Correr, sql: RepositorioDeUnAlmacen, mongo: RepositorioDeUnAlmacen, postgres_url: str
) -> None:
    sql.preparar()
    rara = mongo.save(Tarea(titulo="rara"))
    llenar(mongo, 20)
    _prohibir(postgres_url, "CONSTRAINT sin_raras CHECK (titulo <> 'rara')")
    codigo, out, err = correr("sincronizar", "--json")
    informe = json.loads(out)
    assert codigo == 1, err
    assert informe["copiadas"] == 20
    assert informe["pendientes"] == {"sql": 0, "mongo": 1}
    motivo = "PostgreSQL rechazó la operación: no lo admite la regla CHECK «sin_raras»."
    assert informe["apartadas"] == [{"id": str(rara.id), "motivo": motivo}]
    _codigo, _out, err = correr("sincronizar")
    assert f"✗ {rara.id}: no se puede copiar a SQL: {motivo}" in err
    assert "MongoDB: 1 tarea sigue pendiente." in err


def test_de_lo_que_no_se_puede_confirmar_se_dice_que_esta_en_ambas(
    correr: Correr, sql: RepositorioDeUnAlmacen, postgres_url: str
) -> None:
    rara = sql.save(Tarea(titulo="rara"))
    _prohibir(postgres_url, "CHECK (titulo <> 'rara') NOT VALID")
    codigo, _out, err = correr("sincronizar")
    assert codigo == 1
    assert f"✗ {rara.id}: está en ambas bases de datos, pero SQL no deja anotarlo" in err


def _prohibir(postgres_url: str, regla: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as conexion:
        conexion.execute(f"ALTER TABLE tareas ADD {regla}".encode())


@pytest.mark.parametrize(
    ("otros", "dice"),
    [
        ({"MONGO_URL": f"mongodb://ana:{CLAVE}@127.0.0.1:1/t"}, "MongoDB"),
        ({"SQL_URL": f"postgresql://ana:{CLAVE}@127.0.0.1:1/t"}, "PostgreSQL"),
        ({"ORM": "peewee"}, "una sola base de datos"),
    ],
)
def test_si_no_hay_dos_que_respondan_acaba_con_2(
    correr: Correr, monkeypatch: pytest.MonkeyPatch, otros: dict[str, str], dice: str
) -> None:
    for nombre, valor in otros.items():
        monkeypatch.setenv(nombre, valor)
    codigo, _out, err = correr("sincronizar", "--json")
    assert codigo == 2
    assert dice in err
    assert CLAVE not in err
    assert "Traceback" not in err


def test_con_una_caida_se_cuenta_lo_que_espera_en_la_otra(
    correr: Correr, sql: RepositorioDeUnAlmacen, monkeypatch: pytest.MonkeyPatch
) -> None:
    llenar(sql, 30)
    monkeypatch.setenv("MONGO_URL", "mongodb://127.0.0.1:1/t")
    codigo, out, _err = correr("sincronizar", "--json")
    assert (codigo, json.loads(out)["pendientes"]) == (2, {"sql": 30, "mongo": None})


def test_con_las_dos_caidas_se_nombran_las_dos(correr: Correr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGO_URL", "mongodb://127.0.0.1:1/t")
    monkeypatch.setenv("SQL_URL", "postgresql://ana@127.0.0.1:1/t")
    codigo, _out, err = correr("sincronizar")
    assert codigo == 2
    assert err.count("PostgreSQL no está disponible: ") == 1
    assert err.count("MongoDB no está disponible: ") == 1


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("senal", [signal.SIGKILL, signal.SIGINT])
def test_una_copia_cortada_a_la_mitad_sigue_donde_quedo(
    correr: Correr,
    sql: RepositorioDeUnAlmacen,
    mongo: RepositorioDeUnAlmacen,
    postgres_url: str,
    senal: signal.Signals,
) -> None:
    filas = llenar(sql, MUCHAS)
    mongo.preparar()
    en_marcha = subprocess.Popen(
        [sys.executable, "-m", "adapters.cli", "sincronizar"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    esperar(lambda: 0 < mongo.contar() < MUCHAS, plazo_s=30, que="copia empezada", paso_s=0.002)
    en_marcha.send_signal(senal)
    _out, err = en_marcha.communicate(timeout=30)
    assert en_marcha.returncode == (130 if senal is signal.SIGINT else -senal), err
    assert "Traceback" not in err
    copiadas = mongo.contar()
    assert 0 < copiadas < MUCHAS
    codigo, out, err = correr("sincronizar", "--json")
    informe = json.loads(out)
    assert (codigo, informe["copiadas"]) == (0, MUCHAS - copiadas), err
    assert pendientes(sql) == pendientes(mongo) == 0
    assert _versiones(postgres_url) == {
        (str(fila.id), fila.version, fila.version_comun)
        for fila in mongo.leer_lote([fila.id for fila in filas]).values()
    }


def _versiones(postgres_url: str) -> set[tuple[str, int, int]]:
    with psycopg.connect(postgres_url, connect_timeout=10) as conexion:
        filas = conexion.execute("SELECT id::text, version, version_comun FROM tareas")
        return {(id, version, comun) for id, version, comun in filas}
