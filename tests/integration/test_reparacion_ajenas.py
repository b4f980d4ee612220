"""Repair of documents that hold what no program of ours writes: told before, and never overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.models.reparacion import Suerte
from core.reparacion import Accion, Gana
from tests.integration.reparacion import Taller
from tests.integration.revision import MONGO, abrir_par, de_hace, url_sqlite

CAMBIOS = [
    ({"prioridad": "alta"}, {"prioridad": "URGENTE"}),
    ({"prioridad": {"n": 1, "de": ["a"]}}, {"prioridad": {"n": 1, "de": ["b"]}}),
    ({"creada_en": "2024-01-01"}, {"creada_en": "2024-06-30"}),
    ({"nodo": 5}, {"nodo": 6}),
]


@pytest.fixture
def taller(tmp_path: Path, mongo_url: str) -> Iterator[Taller]:
    sql_url = url_sqlite(tmp_path)
    with abrir_par(sql_url, mongo_url) as par:
        yield Taller(par, sql_url, mongo_url, tmp_path)


@pytest.mark.parametrize(("a_mano", "luego"), CAMBIOS)
@pytest.mark.parametrize("cuando", ["tras el plan", "entre el diario y la escritura"])
def test_un_valor_ajeno_que_cambia_entretanto_se_deja(
    taller: Taller, a_mano: dict[str, object], luego: dict[str, object], cuando: str
) -> None:
    fila = de_hace(3, "buena")
    taller.par.poner([fila])
    taller.en_mongo(str(fila.id), {"$set": a_mano})
    plan, caso = taller.plan(Gana.SQL), taller.caso()

    def cambiar() -> None:
        taller.en_mongo(str(fila.id), {"$set": luego})

    if cuando == "tras el plan":
        cambiar()
    else:
        taller.espias[MONGO].antes = cambiar
    informe = caso.execute(plan)
    assert informe.cuentas == {Suerte.CAMBIO: 1}
    documento = taller.documento(str(fila.id))
    assert {campo: documento[campo] for campo in luego} == luego


def test_las_marcas_que_van_y_vienen_no_son_un_cambio(taller: Taller) -> None:
    fila = de_hace(3, "buena")
    taller.par.poner([fila])
    taller.en_mongo(str(fila.id), {"$set": {"prioridad": "alta"}})
    plan = taller.plan(Gana.SQL)
    taller.en_mongo(str(fila.id), {"$set": {"pendiente": True}})
    assert taller.caso().execute(plan).cuentas == {Suerte.REPARADA: 1}


@pytest.mark.parametrize(("gana", "accion"), [(Gana.SQL, Accion.SUSTITUIR), (Gana.MONGO, Accion.RENOVAR)])
def test_de_un_campo_ajeno_se_dice_antes_que_no_volvera(taller: Taller, gana: Gana, accion: Accion) -> None:
    fila, otra = de_hace(3, "buena"), de_hace(3, "otra", contador=1)
    taller.par.poner([fila, otra])
    taller.en_mongo(str(fila.id), {"$set": {"prioridad": "alta"}})
    taller.en_mongo(str(otra.id), {"$set": {"titulo": "a mano"}})
    plan = taller.plan(gana)
    assert {paso.id: paso.accion for paso in plan.pasos}[str(fila.id)] is accion
    assert plan.sin_vuelta == 1
    informe = taller.caso().execute(plan)
    assert informe.cuentas == {Suerte.REPARADA: 2}
    assert "prioridad" not in taller.documento(str(fila.id))
    assert informe.diario is not None
    assert '"prioridad"' in Path(informe.diario).read_text(encoding="utf-8").replace("\\", "")
