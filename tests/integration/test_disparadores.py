"""A trigger of somebody's in PostgreSQL that changes what is written: it is refused, and nothing differs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest

from adapters.peewee import PeeweeTareaRepository
from adapters.peewee.reparacion import ReparacionSql
from adapters.replicacion.rellenables import rellenables
from core.domain.errors import OperacionFallida
from core.domain.models.almacen import Escritura
from core.domain.models.tarea import Tarea
from core.domain.ports.relleno import COLA, INICIO
from core.domain.ports.reparacion import Cambio
from tests.integration.revision import MONGO, SQL, Par, abrir_par, de_hace

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


def test_uno_que_no_cambia_lo_que_se_guarda_no_estorba(par: Par, postgres_url: str) -> None:
    disparador(postgres_url, "NEW.titulo := NEW.titulo", "INSERT OR UPDATE")
    sql = par.almacenes[SQL]
    tarea = sql.save(Tarea(titulo="una, 'con' comillas \U0001f600"))
    assert sql.leer(sql.save(replace(tarea, titulo="otra")).id).titulo == "otra"


def test_quien_solo_quita_una_marca_no_deja_que_cambie_lo_demas(par: Par, postgres_url: str) -> None:
    fila = de_hace(1, "una", pendiente=True)
    par.poner([fila])
    disparador(postgres_url, FECHAR, "UPDATE")
    lotes = rellenables(par.almacenes)[SQL]
    for hacer in (
        lambda: par.almacenes[SQL].confirmar([(fila.id, fila.version)]),
        lambda: lotes.confirmar_vistas(lotes.pagina(tras=COLA, limite=9).filas),
        lambda: lotes.marcar([(fila.id, None)]),
    ):
        with pytest.raises(OperacionFallida, match="disparador"):
            hacer()
    assert par.almacenes[SQL].leer(fila.id) == fila


def test_un_relleno_no_copia_por_encima_de_un_disparador(par: Par, postgres_url: str) -> None:
    par.poner([de_hace(1, f"tarea larga {n}", contador=n) for n in range(3)], MONGO)
    disparador(postgres_url, ACORTAR, "INSERT")
    lotes = rellenables(par.almacenes)
    with pytest.raises(OperacionFallida, match="disparador"):
        lotes[SQL].insertar(lotes[MONGO].pagina(tras=INICIO, limite=9).filas)
    assert par.almacenes[SQL].contar() == 0


def test_una_reparacion_no_pone_lo_que_un_disparador_cambia(par: Par, postgres_url: str) -> None:
    hay, falta = (de_hace(1, f"tarea larga {n}", contador=n) for n in range(2))
    par.poner([hay])
    par.poner([falta], MONGO)
    disparador(postgres_url, ACORTAR, "INSERT OR UPDATE")
    sql = ReparacionSql(par.almacenes[SQL])  # type: ignore[arg-type]
    nueva = replace(hay, titulo="otra muy larga", version=hay.version + (1 << 20))
    for cambio in (
        Cambio(sql.leer([str(hay.id)])[str(hay.id)], nueva),
        Cambio(None, falta),
    ):
        with pytest.raises(OperacionFallida, match="disparador"):
            sql.sustituir([cambio])
    assert par.almacenes[SQL].leer_lote([hay.id, falta.id]) == {hay.id: hay}


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
