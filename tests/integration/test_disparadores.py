"""A trigger of somebody's in PostgreSQL that changes what is written: it is refused, and nothing differs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest

from adapters.peewee import PeeweeTareaRepository
from core.domain.errors import OperacionFallida
from core.domain.models.almacen import Escritura
from core.domain.models.tarea import Tarea
from tests.integration.revision import MONGO, SQL, Par, abrir_par

ACORTAR = "NEW.titulo := left(NEW.titulo, 5)"
FECHAR = "NEW.actualizada_en := clock_timestamp()"


@pytest.fixture
def par(postgres_url: str, mongo_url: str) -> Iterator[Par]:
    with abrir_par(postgres_url, mongo_url) as ambos:
        yield ambos


def disparador(url: str, hacer: str, cuando: str) -> None:
    with psycopg.connect(url) as conexion:
        cuerpo = f"BEGIN {hacer}; RETURN NEW; END"
        conexion.execute(f"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ {cuerpo} $$".encode())
        conexion.execute(
            f"CREATE TRIGGER t BEFORE {cuando} ON tareas FOR EACH ROW EXECUTE FUNCTION f()".encode()
        )


@pytest.mark.parametrize("hacer", [ACORTAR, FECHAR])
def test_lo_que_un_disparador_cambia_no_se_guarda(par: Par, postgres_url: str, hacer: str) -> None:
    sql = par.almacenes[SQL]
    antes = sql.save(Tarea(titulo="como estaba"))
    disparador(postgres_url, hacer, "INSERT OR UPDATE")
    nueva = replace(antes, id=Tarea(titulo="x").id, titulo="otra muy larga")
    editada = replace(antes, titulo="editada y larga", version=antes.version + (1 << 20))
    with pytest.raises(OperacionFallida, match="disparador"):
        sql.escribir(Escritura(nueva))
    with pytest.raises(OperacionFallida, match="disparador"):
        sql.escribir(Escritura(editada, base=antes.version))
    with pytest.raises(OperacionFallida, match="disparador"):
        sql.reemplazar(editada, antes.version)
    with pytest.raises(OperacionFallida, match="disparador"):
        sql.reemplazar(nueva, None)
    escritos = sql.escribir_lote([Escritura(nueva), Escritura(editada, base=antes.version)])
    assert not any(escrito.aplicada for escrito in escritos)
    assert sql.leer(antes.id) == antes
    assert sql.leer(nueva.id) is None


def test_uno_que_no_cambia_nada_no_estorba(par: Par, postgres_url: str) -> None:
    disparador(postgres_url, "NEW.titulo := NEW.titulo", "INSERT OR UPDATE")
    sql = par.almacenes[SQL]
    tarea = sql.save(Tarea(titulo="una, 'con' comillas \U0001f600"))
    assert sql.leer(sql.save(replace(tarea, titulo="otra")).id).titulo == "otra"
    for _ in range(2):
        sql.confirmar([(tarea.id, sql.leer(tarea.id).version)])
    assert par.almacenes[MONGO].contar() == 0


@pytest.mark.parametrize("cuando", ["INSERT", "UPDATE"])
def test_una_tabla_con_un_disparador_que_puede_cambiarla_no_se_adopta(postgres_url: str, cuando: str) -> None:
    with psycopg.connect(postgres_url) as conexion:
        conexion.execute("CREATE TABLE tareas (id uuid PRIMARY KEY, titulo text, actualizada_en timestamptz)")
        conexion.execute("INSERT INTO tareas VALUES (gen_random_uuid(), 'vieja', now())")
    disparador(postgres_url, FECHAR, cuando)
    with closing(PeeweeTareaRepository(postgres_url)) as almacen:
        with pytest.raises(
            OperacionFallida, match=r"queda como estaba: tiene un disparador \(trigger\), «t»"
        ):
            almacen.preparar(adoptar=True)
        with psycopg.connect(postgres_url) as conexion:
            conexion.execute("ALTER TABLE tareas DISABLE TRIGGER t")
        almacen.preparar(adoptar=True)
        assert almacen.contar() == 1
