"""The documents keep their word: their Python runs, their tables are complete."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from pymongo import MongoClient

from adapters.cli.app import app
from adapters.settings import Ajustes, variable_de

RAIZ = Path(__file__).parents[2]
DOCUMENTOS = ("README.md", "CONTRIBUTING.md")


def texto(documento: str) -> str:
    return (RAIZ / documento).read_text("utf-8")


def bloques(documento: str) -> list[str]:
    """The Python blocks of a document, in order."""
    return re.findall(r"^```python\n(.*?)^```", texto(documento), re.M | re.S)


BLOQUES = [
    pytest.param(bloque, id=f"{documento}-{numero}")
    for documento in DOCUMENTOS
    for numero, bloque in enumerate(bloques(documento), start=1)
]


def ejecutar(bloque: str, carpeta: Path, *, avisos: bool = False, **variables: str) -> str:
    """The output of a block in a process of its own, as somebody who copies it would run it.

    Args:
        avisos: it is to warn on stderr; otherwise it must not.
    """
    entorno = {
        clave: valor for clave, valor in os.environ.items() if clave not in ("ORM", "SQL_URL", "MONGO_URL")
    }
    rutas = os.pathsep.join([str(RAIZ), os.environ.get("PYTHONPATH", "")])
    hecho = subprocess.run(
        [sys.executable, "-W", "error", "-c", bloque],
        cwd=carpeta,
        env={
            **entorno,
            "PYTHONPATH": rutas,
            "PYTHONUTF8": "1",
            "DUAL_TAREAS_DATOS": str(carpeta / "datos"),
            **variables,
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert hecho.returncode == 0, hecho.stderr
    assert bool(hecho.stderr) == avisos, hecho.stderr
    assert "Traceback" not in hecho.stderr
    return hecho.stdout


@pytest.mark.parametrize("bloque", BLOQUES)
def test_el_codigo_de_los_documentos_funciona(bloque: str, tmp_path: Path, mongo_url: str) -> None:
    ejecutar(bloque, tmp_path, MONGO_URL=mongo_url)


def test_el_ejemplo_de_contributing_se_puede_repetir(tmp_path: Path, mongo_url: str) -> None:
    for _ in range(2):
        dicho = ejecutar(bloques("CONTRIBUTING.md")[0], tmp_path, MONGO_URL=mongo_url)
        assert dicho == "Guardado en SQL y en MongoDB\nConflictos nuevos: 1\n"


def test_los_ejemplos_con_repositorios_propios_acaban_bien_sin_mongo(tmp_path: Path) -> None:
    url = "mongodb://127.0.0.1:1/tareas"
    for bloque in (bloques("README.md")[1], bloques("CONTRIBUTING.md")[0]):
        ejecutar(bloque, tmp_path, avisos=True, MONGO_URL=url)


def test_el_ejemplo_del_readme_deja_la_tarea_en_ambas_bases(tmp_path: Path, mongo_url: str) -> None:
    dicho = ejecutar(bloques("README.md")[0], tmp_path, MONGO_URL=mongo_url)
    encontrado = re.fullmatch(r"Tarea ([0-9a-f-]{36}) creada en ambas bases de datos\n", dicho)
    assert encontrado is not None
    conexion = sqlite3.connect(tmp_path / "datos" / "tareas.sqlite3")
    assert conexion.execute("select id from tareas").fetchall() == [(encontrado[1],)]
    conexion.close()
    cliente: MongoClient[dict[str, object]]
    with MongoClient(mongo_url) as cliente:
        documentos: list[dict[str, object]] = cliente.get_default_database()["tareas"].find().to_list()
    assert [uno["_id"] for uno in documentos] == [encontrado[1]]


def test_el_ejemplo_del_readme_funciona_con_el_mongo_embebido(tmp_path: Path) -> None:
    assert "creada en ambas bases de datos" in ejecutar(bloques("README.md")[0], tmp_path)
    assert any((tmp_path / "datos" / "mongo").iterdir())


def test_el_readme_nombra_cada_ajuste_con_su_variable_y_su_valor_de_fabrica() -> None:
    filas = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.*?) \|", texto("README.md"), re.M)
    assert {(campo, variable) for campo, variable, _ in filas} == {
        (campo, variable_de(campo)) for campo in Ajustes.model_fields
    }
    for campo, _, de_fabrica in filas:
        if de_fabrica.startswith("`"):
            assert str(getattr(Ajustes(), campo)) == de_fabrica.strip("`")


def test_el_readme_nombra_cada_orden() -> None:
    ordenes = {orden.name or orden.callback.__name__ for orden in app.registered_commands if orden.callback}
    ordenes |= {grupo.name for grupo in app.registered_groups if grupo.name}
    assert ordenes == set(re.findall(r"`dual-tareas ([a-z]+)", texto("README.md")))


@pytest.mark.parametrize("documento", [*DOCUMENTOS, "CHANGELOG.md"])
def test_los_enlaces_internos_llevan_a_algo(documento: str) -> None:
    titulos = {
        "#" + re.sub(r"[^\w -]", "", titulo.lower()).replace(" ", "-")
        for titulo in re.findall(r"^#+ (.+)$", texto(documento), re.M)
    }
    for destino in re.findall(r"\]\((?!https?://)([^)]+)\)", texto(documento)):
        assert destino in titulos or (RAIZ / destino).is_file(), destino
