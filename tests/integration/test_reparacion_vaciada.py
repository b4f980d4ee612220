"""A store that was emptied does not win a repair, whoever asks for it, unless the tareas were named."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from core.domain.errors import GanaLaVaciada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.reparacion import Suerte
from core.reparacion import Gana
from tests.integration.parejas import CUANTAS, Abrir, Correr, confirmadas, sin_pendientes, vaciar
from tests.integration.revision import MONGO, SQL


@pytest.mark.parametrize("vaciada", [SQL, MONGO])
def test_la_vaciada_no_gana_tampoco_desde_la_biblioteca(
    abrir: Abrir, postgres_url: str, mongo_url: str, vaciada: NombreAlmacen
) -> None:
    with closing(abrir()) as antes:
        confirmadas(antes)
    vaciar(vaciada, {SQL: postgres_url, MONGO: mongo_url}[vaciada])
    contenedor, gana = abrir(replicar=False), Gana(vaciada)
    distintas = contenedor.verificar().diferencias
    assert len(distintas) == CUANTAS
    nombre, otra = vaciada.etiqueta, vaciada.otro.etiqueta
    with pytest.raises(GanaLaVaciada, match=f"{nombre} se vació .* se eliminaría en {otra}"):
        contenedor.plan_de_reparacion(distintas, gana)
    with pytest.raises(GanaLaVaciada):
        contenedor.plan_de_reparacion(distintas, lambda _una: gana)
    with pytest.raises(GanaLaVaciada):
        contenedor.reparar([(una, gana) for una in distintas])
    assert contenedor._stores[vaciada.otro].contar() == CUANTAS
    hecha = contenedor.reparar(contenedor.plan_de_reparacion(distintas, Gana.RECIENTE))
    assert hecha.cuentas == {Suerte.REPARADA: CUANTAS}
    assert contenedor._stores[vaciada].contar() == CUANTAS


def test_de_la_vaciada_vale_lo_que_tiene_y_lo_que_se_nombra(
    abrir: Abrir, postgres_url: str, mongo_url: str, correr: Correr, tmp_path: Path
) -> None:
    with closing(abrir()) as antes:
        confirmadas(antes)
    vaciar(MONGO, mongo_url)
    contenedor = abrir(replicar=False)
    contenedor.repositorio.list()
    una, otra, *_ = contenedor.verificar().diferencias
    contenedor.reparar(contenedor.plan_de_reparacion([una], Gana.SQL))
    with psycopg.connect(postgres_url) as conexion:
        conexion.execute("UPDATE tareas SET titulo = 'a mano' WHERE id = %s", [una.id])
    (distinta,) = contenedor.diferencias_de([una.id]).diferencias
    plan = contenedor.plan_de_reparacion([distinta], Gana.MONGO)
    assert contenedor.reparar(plan).cuentas == {Suerte.REPARADA: 1}
    lista = tmp_path / "ids.txt"
    lista.write_text(otra.id, "utf-8")
    assert correr("reparar", "--gana", "mongo", "--ids", str(lista), "--si")[0] == 0
    assert contenedor._stores[SQL].contar() == CUANTAS - 1


def test_una_que_falta_suelta_no_es_una_base_vaciada(abrir: Abrir, postgres_url: str) -> None:
    with closing(abrir()) as contenedor:
        tareas = confirmadas(contenedor)
        with psycopg.connect(postgres_url) as conexion:
            conexion.execute("DELETE FROM tareas WHERE id = %s", [tareas[7].id])
        plan = contenedor.plan_de_reparacion(contenedor.verificar().diferencias, Gana.SQL)
        assert contenedor.reparar(plan).cuentas == {Suerte.REPARADA: 1}
        sin_pendientes(contenedor)
        assert contenedor._stores[MONGO].contar() == CUANTAS - 1
