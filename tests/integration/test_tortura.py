"""Half a minute of torture with the same seed as ever, and half a minute with a fresh one."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.conftest import Medir
from tests.servidores import ServidorMongo, ServidorPostgres
from tests.torture.autocomprobar import ESCENARIOS, plan_de
from tests.torture.cifras import en_json, en_texto
from tests.torture.plan import Plan
from tests.torture.plantilla import Trato
from tests.torture.prueba import Prueba

SEGUNDOS = 22.0
"""Of work; starting, the last healing and the verdict take some more."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("semilla", [20_261_124, None], ids=["fija", "fresca"])
def test_ninguna_escritura_confirmada_se_pierde(
    semilla: int | None,
    servidores_fragiles: tuple[ServidorPostgres, ServidorMongo],
    tmp_path: Path,
    medir: Medir,
) -> None:
    semilla = secrets.randbelow(1_000_000) if semilla is None else semilla
    plan = Plan(segundos=SEGUNDOS, semilla=semilla, trato=Trato(semilla=semilla))
    resultado = Prueba(plan, *servidores_fragiles, tmp_path).correr()
    datos = en_json(resultado)
    medir(f"tortura, {datos['orden']}: operaciones", datos["operaciones"], "")
    medir("tortura: de la cura a la igualdad, p99", datos["p99_calma_s"] or -1, "s")
    assert datos["superada"], en_texto(resultado)
    assert datos["muertes"] >= 2


@pytest.mark.timeout(180)
def test_el_juez_delata_que_una_respuesta_perdida_se_de_por_fallo(
    servidores_fragiles: tuple[ServidorPostgres, ServidorMongo], tmp_path: Path
) -> None:
    """Of the bugs of `--autocomprobar` the one that needs failed writes: once there were none to judge."""
    plan = plan_de("perdida-es-fallo", semilla=77, segundos=8.0)
    veredicto = Prueba(plan, *servidores_fragiles, tmp_path).correr().veredicto
    (delata,) = ESCENARIOS["perdida-es-fallo"].delata
    assert veredicto[delata]
