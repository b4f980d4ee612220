"""A repair that dies at any of its writes: what it replaced was kept before, and the next one ends it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.domain.models.tarea import Tarea
from core.reparacion import Gana
from tests.integration.reparacion import Taller
from tests.integration.revision import MONGO, abrir_par, de_hace, url_sqlite

RAIZ = Path(__file__).parents[2]
CUANTAS = 8
"""A batch of five and one of three."""
ESCRITURAS = 5
"""Of each batch four: what goes is kept, both stores are written, what was kept is noted as decided."""


class Muerte(BaseException):
    """Nothing of the program sees it."""


def preparar(taller: Taller) -> list[Tarea]:
    """Rows of which SQL says something else than MongoDB; as MongoDB has them."""
    filas = [de_hace(3, f"original {n}", contador=n) for n in range(CUANTAS)]
    taller.par.poner(filas)
    taller.en_sql("UPDATE tareas SET titulo = replace(titulo, 'original', 'nueva')")
    return filas


def comprobar(taller: Taller, filas: Sequence[Tarea]) -> int:
    """Nothing of MongoDB's is gone, and repairing again ends it; how many were replaced so far."""
    actuales = {fila.id: taller.en_ambos(fila.id)[1] for fila in filas}
    claves = [(fila.id, fila.version) for fila in filas]
    guardadas = {
        uno.conflicto.perdedora.id: uno.conflicto.perdedora.titulo
        for uno in taller.par.almacenes[MONGO].leer_conflictos(claves)
    }
    reemplazadas = [fila for fila in filas if getattr(actuales[fila.id], "titulo", "") != fila.titulo]
    assert {fila.id: guardadas.get(fila.id) for fila in reemplazadas} == {
        fila.id: fila.titulo for fila in reemplazadas
    }
    taller.caso().execute(taller.plan(Gana.SQL))
    assert taller.par.verificar().iguales
    assert {taller.en_ambos(fila.id)[0].titulo[:5] for fila in filas} == {"nueva"}  # type: ignore[union-attr]
    return len(reemplazadas)


@pytest.mark.parametrize("numero", range(1, ESCRITURAS + 1))
def test_muerta_en_cualquier_escritura_no_se_pierde_nada_de_lo_que_reemplazo(
    tmp_path: Path, mongo_url: str, numero: int
) -> None:
    sql_url = url_sqlite(tmp_path)
    with abrir_par(sql_url, mongo_url) as par:
        taller = Taller(par, sql_url, mongo_url, tmp_path)
        filas, caso, faltan = preparar(taller), taller.caso(lote=5), numero
        plan = taller.plan(Gana.SQL)

        def morir() -> None:
            nonlocal faltan
            faltan -= 1
            if not faltan:
                raise Muerte

        for espia in taller.espias.values():
            espia.antes_de_todo = morir
        with pytest.raises(Muerte):
            caso.execute(plan)
        assert comprobar(taller, filas) == (0, 0, 5, 5, 5)[numero - 1]


@pytest.mark.parametrize(("numero", "reemplazadas"), [(2, 0), (3, 5)])
def test_matada_con_lo_que_se_va_recien_guardado_o_a_medio_escribir(
    tmp_path: Path, postgres_url: str, mongo_url: str, numero: int, reemplazadas: int
) -> None:
    with abrir_par(postgres_url, mongo_url) as par:
        taller = Taller(par, postgres_url, mongo_url, tmp_path)
        filas = preparar(taller)
        _reparar_y_matar(taller, numero)
        assert comprobar(taller, filas) == reemplazadas


def _reparar_y_matar(taller: Taller, numero: int) -> None:
    orden = [sys.executable, "-m", "tests.integration.reparacion_interrumpida"]
    orden += [taller.sql_url, taller.mongo_url, str(taller.carpeta), str(numero)]
    with subprocess.Popen(
        orden, cwd=RAIZ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as proceso:
        try:
            assert proceso.stdout is not None
            assert proceso.stdout.readline() == "ahora\n"
        finally:
            proceso.kill()
        proceso.wait(10)
