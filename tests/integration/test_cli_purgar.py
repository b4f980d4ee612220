"""`dual-tareas purgar` on real databases: what it does, what it asks, what it says, how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from io import StringIO

import pytest

from tests.integration.revision import MONGO, SQL, Par, de_hace

Correr = Callable[..., tuple[int, str, str]]


@pytest.fixture
def correr(correr: Correr) -> Correr:
    return partial(correr, "purgar")


def cuantas(par: Par) -> tuple[int, int]:
    sql, mongo = (len(par.crudos[nombre].pagina(tras="", limite=100)) for nombre in (SQL, MONGO))
    return sql, mongo


def contestar(monkeypatch: pytest.MonkeyPatch, respuesta: str) -> None:
    terminal = StringIO(f"{respuesta}\n")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", terminal)


def test_sin_verificacion_la_hace_antes_y_purga(par: Par, correr: Correr) -> None:
    par.poner(
        [de_hace(40, eliminada=True), de_hace(31, eliminada=True), de_hace(2, eliminada=True), de_hace(1)]
    )
    codigo, out, err = correr("--si")
    assert codigo == 0
    assert "se verifica ahora" in err
    assert out.splitlines()[0] == "2 lápidas borradas para siempre."
    assert "1 se queda: es más reciente que 30 días." in out
    assert cuantas(par) == (2, 2)
    assert correr("--si") == (
        0,
        "0 lápidas borradas para siempre.\n           1 se queda: es más reciente que 30 días.\n",
        "",
    )


def test_simular_no_cambia_nada_y_lo_dice_en_json(par: Par, correr: Correr) -> None:
    par.poner([de_hace(40, eliminada=True), de_hace(1)])
    codigo, out, _ = correr("--simular", "--json")
    assert codigo == 0
    dicho = json.loads(out)
    assert dicho.pop("duracion_s") >= 0
    assert dicho == {
        "simulada": True,
        "dias": 30,
        "purgadas": 0,
        "purgables": 0,
        "recientes": 0,
        "sin_confirmar": 0,
        "distintas": 0,
        "sin_verificar": 1,
        "verificada_en": None,
        "diferencias": None,
    }
    assert cuantas(par) == (2, 2)
    assert par.crudos[SQL].nota("verificacion") is None
    par.verificar()
    dicho = json.loads(correr("--simular", "--json", "--dias", "50")[1])
    assert (dicho["purgables"], dicho["recientes"]) == (0, 1)
    assert correr("--simular")[1].startswith("1 lápida se puede borrar para siempre.\nEra una simulación")


def test_con_diferencias_no_se_purga_nada(par: Par, correr: Correr) -> None:
    par.poner([de_hace(40, eliminada=True)])
    par.poner([de_hace(1)], SQL)
    codigo, _, err = correr("--si")
    assert codigo == 1
    assert "Difieren en 1 tarea" in err
    assert "No se ha borrado nada." in err
    assert cuantas(par) == (2, 1)


@pytest.mark.parametrize(("respuesta", "codigo", "quedan"), [("n", 1, 2), ("", 1, 2), ("sí", 0, 1)])
def test_en_un_terminal_pregunta_antes(
    par: Par, correr: Correr, monkeypatch: pytest.MonkeyPatch, respuesta: str, codigo: int, quedan: int
) -> None:
    par.poner([de_hace(40, eliminada=True), de_hace(1)])
    par.verificar()
    contestar(monkeypatch, respuesta)
    hecho, _, err = correr()
    assert "Se borrarán para siempre hasta 1 lápida" in err
    assert (hecho, cuantas(par)) == (codigo, (quedan, quedan))


def test_sin_terminal_y_sin_si_no_borra(par: Par, correr: Correr, monkeypatch: pytest.MonkeyPatch) -> None:
    par.poner([de_hace(40, eliminada=True)])
    monkeypatch.setattr(sys, "stdin", StringIO(""))
    codigo, _, err = correr()
    assert (codigo, cuantas(par)) == (2, (1, 1))
    assert "--si" in err


def test_si_una_no_responde_no_se_purga(par: Par, correr: Correr, monkeypatch: pytest.MonkeyPatch) -> None:
    par.poner([de_hace(40, eliminada=True)])
    par.verificar()
    monkeypatch.setenv("MONGO_URL", "mongodb://127.0.0.1:1/x")
    codigo, out, err = correr("--si")
    assert (codigo, out) == (2, "")
    assert "Se purga solo cuando responden las dos." in err
    assert "MongoDB: MongoDB" not in err
    assert cuantas(par) == (1, 1)


def test_con_una_sola_base_de_datos_se_dice(
    par: Par, correr: Correr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORM", "peewee")
    codigo, _, err = correr("--si")
    assert codigo == 2
    assert "Solo se purga con las dos bases de datos." in err


@pytest.mark.parametrize("dias", ["0", "-1", "x"])
def test_una_antiguedad_que_no_sirve_dice_cuales_sirven(par: Par, correr: Correr, dias: str) -> None:
    codigo, _, err = correr("--dias", dias)
    assert (codigo, "El valor de --dias no sirve: debe ser un número entero, 1 o más." in err) == (2, True)
