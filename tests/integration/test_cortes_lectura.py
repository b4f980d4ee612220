"""Reading while one database, or both, have been killed or frozen; a tombstone is an answer."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.domain.errors import CursorCaducado, LecturaImposible
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Columna, Consulta, Filtro
from core.domain.models.tarea import Tarea
from tests.conftest import Medir
from tests.integration.cortes import MONGO, SQL, Cronometro, Mesa, Modo

LECTURA_S = 3.5
MARGEN_S = 1.0


@pytest.mark.parametrize("modo", ["matar", "congelar"])
def test_la_lectura_usa_mongo_si_sql_cae(mesa: Mesa, modo: Modo, medir: Medir) -> None:
    dual = mesa.dual()
    guardadas = {dual.save(Tarea(titulo=f"T{numero}")).id for numero in range(5)}
    mesa.caer(SQL, modo)
    with Cronometro() as primera:
        pagina = dual.list()
    medir(f"list con SQL caído ({modo}), sin saberlo", primera.s, "s")
    assert primera.s < LECTURA_S + MARGEN_S
    assert pagina.almacen is MONGO
    assert "SQL no responde" in pagina.aviso
    assert {tarea.id for tarea in pagina} == guardadas
    unica = dual.get(next(iter(guardadas)))
    assert unica is not None
    assert dual.contar(Filtro(texto="t")) == 5
    assert dual.resumen().pendientes[SQL] is None


@pytest.mark.parametrize("modo", ["matar", "congelar"])
def test_con_mongo_caido_se_lee_de_sql_sin_aviso_ni_espera(mesa: Mesa, modo: Modo) -> None:
    dual = mesa.dual()
    guardada = dual.save(Tarea(titulo="Uno"))
    mesa.caer(MONGO, modo)
    with Cronometro() as cronometro:
        assert dual.get(guardada.id) is not None
        pagina = dual.list()
    assert cronometro.s < MARGEN_S
    assert (pagina.almacen, pagina.aviso) == (SQL, "")


def test_con_los_dos_caidos_la_lectura_lo_dice(mesa: Mesa) -> None:
    dual = mesa.dual()
    dual.save(Tarea(titulo="Uno"))
    mesa.caer(SQL, "matar")
    mesa.caer(MONGO, "matar")
    with Cronometro() as cronometro, pytest.raises(LecturaImposible, match=r"SQL: .*; MongoDB: "):
        dual.list()
    assert cronometro.s < LECTURA_S + MARGEN_S


def test_lo_que_no_esta_en_el_principal_se_busca_en_el_otro(mesa: Mesa) -> None:
    dual = mesa.dual()
    dual.save(Tarea(titulo="para preparar"))
    mesa.caer(SQL, "matar")
    solo_mongo = dual.save(Tarea(titulo="solo en Mongo"))
    mesa.levantar(SQL)
    assert mesa.cruda(SQL, solo_mongo.id) is None
    leida = dual.get(solo_mongo.id)
    assert leida is not None
    assert leida.titulo == "solo en Mongo"
    assert dual.get(uuid4()) is None


@pytest.mark.parametrize("caido", [SQL, MONGO])
def test_una_lapida_es_una_respuesta_aunque_el_otro_aun_la_tenga_viva(
    mesa: Mesa, caido: NombreAlmacen
) -> None:
    dual = mesa.dual(principal=caido.otro)
    base = dual.save(Tarea(titulo="Uno"))
    mesa.caer(caido, "matar")
    lapida = dual.eliminar(base.id, base=base)
    mesa.levantar(caido)
    viva = mesa.cruda(caido, base.id)
    assert viva is not None
    assert not viva.eliminada
    assert dual.get(base.id) is None
    assert dual.get(base.id, eliminadas=True) == lapida
    assert list(dual.list()) == []


def test_una_pagina_que_pierde_su_almacen_lo_dice_en_vez_de_mezclar_ordenes(mesa: Mesa) -> None:
    dual = mesa.dual()
    for numero in range(5):
        dual.save(Tarea(titulo=f"T{numero}"))
    primera = dual.list(Consulta(columna=Columna.TITULO, limite=2))
    mesa.caer(SQL, "matar")
    with pytest.raises(CursorCaducado, match="SQL"):
        dual.list(Consulta(columna=Columna.TITULO, limite=2, tras=primera.siguiente))
