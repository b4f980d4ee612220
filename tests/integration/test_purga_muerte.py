"""A purge that is killed between its two deletions: nothing comes back, and the next one ends it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from adapters.nodo import ahora_ms
from adapters.replicacion.motor import MotorReplicacion
from core.application.purgar_lapidas import PurgarLapidasCommand
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Consulta
from tests.integration.revision import MONGO, SQL, Par, abrir_par, de_hace

RAIZ = Path(__file__).parents[2]


def test_muerta_entre_los_dos_borrados_no_revive_nada_y_la_siguiente_la_acaba(
    postgres_url: str, mongo_url: str
) -> None:
    viejas = [de_hace(40, f"vieja {n}", contador=n, eliminada=True) for n in range(20)]
    viva = de_hace(40, "viva")
    with abrir_par(postgres_url, mongo_url) as par:
        par.poner([*viejas, viva])
        assert par.verificar().iguales
        _purgar_y_matar(postgres_url, mongo_url)
        assert _cuantas(par) == {SQL: 21 - 7, MONGO: 21}  # one batch of seven was on its way

        motor = MotorReplicacion(par.almacenes, ahora_ms=ahora_ms)
        for origen in NombreAlmacen:
            assert motor.drenar(origen).copiadas == 0
        assert par.verificar().iguales
        for nombre in (SQL, MONGO):
            assert [una.id for una in par.almacenes[nombre].listar(Consulta())] == [viva.id]

        informe = par.purga().execute(PurgarLapidasCommand())
        assert informe.purgadas == 20
        assert _cuantas(par) == {SQL: 1, MONGO: 1}


def _cuantas(par: Par) -> dict[NombreAlmacen, int]:
    return {nombre: len(crudo.pagina(tras="", limite=100)) for nombre, crudo in par.crudos.items()}


def _purgar_y_matar(sql_url: str, mongo_url: str) -> None:
    orden = [sys.executable, "-m", "tests.integration.purga_interrumpida", sql_url, mongo_url]
    with subprocess.Popen(orden, cwd=RAIZ, stdout=subprocess.PIPE, text=True) as proceso:
        try:
            assert proceso.stdout is not None
            assert proceso.stdout.readline() == "entre las dos\n"
        finally:
            proceso.kill()
        proceso.wait(10)
