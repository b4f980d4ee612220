"""Work that takes several steps in the server: what is told of it when it ends between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg
import pytest

from adapters.peewee import PeeweeTareaRepository
from core.domain.errors import OperacionFallida, ResultadoDesconocido
from core.domain.models.almacen import Escritura
from tests.contract.datos import fila, sobre
from tests.fakes import reloj_de_prueba
from tests.servidores import ProxyTCP, ServidorPostgres
from tests.servidores.espera import esperar


@pytest.fixture
def repositorio(postgres_url: str) -> Iterator[PeeweeTareaRepository]:
    with closing(PeeweeTareaRepository(postgres_url, reloj=reloj_de_prueba())) as repositorio:
        repositorio.preparar()
        yield repositorio


@pytest.fixture
def sql(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres_url, autocommit=True) as conexion:
        yield conexion


def al_escribir(sql: psycopg.Connection[Any], cuando: str, orden: str) -> None:
    """Have the server do something at each INSERT or UPDATE of a tarea."""
    sql.execute(
        f"CREATE FUNCTION estorbar() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {orden} RETURN NEW; END $$"
    )
    sql.execute(
        f"CREATE TRIGGER estorbar {cuando} INSERT OR UPDATE ON tareas"
        " FOR EACH ROW EXECUTE FUNCTION estorbar()"
    )


def rechazar(codigo: str) -> str:
    return f"IF NEW.version = 200 THEN RAISE EXCEPTION 'no' USING ERRCODE = '{codigo}'; END IF;"


def test_lo_que_el_servidor_rechaza_despues_no_niega_lo_que_ya_guardo(
    repositorio: PeeweeTareaRepository, sql: psycopg.Connection[Any]
) -> None:
    al_escribir(sql, "BEFORE", rechazar("57014"))
    una, otra = fila("una"), fila("otra")
    escritos = repositorio.escribir_lote([Escritura(una), Escritura(otra), sobre(una, version=200)])
    assert [escrito.aplicada for escrito in escritos] == [True, True, False]
    assert "tardaba demasiado" in escritos[2].error
    assert repositorio.leer(una.id) == una


def test_si_el_servidor_deja_de_admitir_escrituras_a_mitad_no_se_dice_que_nada_se_guardo(
    repositorio: PeeweeTareaRepository, sql: psycopg.Connection[Any]
) -> None:
    al_escribir(sql, "BEFORE", rechazar("25006"))
    una = fila("una")
    with pytest.raises(ResultadoDesconocido, match="solo quedó guardada una parte"):
        repositorio.escribir_lote([Escritura(una), sobre(una, version=200)])
    assert repositorio.leer(una.id) == una


def test_si_no_se_puede_mirar_el_resto_no_se_dice_que_nada_se_guardo(
    repositorio: PeeweeTareaRepository, sql: psycopg.Connection[Any]
) -> None:
    ya_estaba = fila("ya estaba")
    repositorio.escribir(Escritura(ya_estaba))
    # The statement that wrote found its tables before; the look that follows finds none.
    al_escribir(sql, "AFTER", "PERFORM set_config('search_path', 'en_ninguna_parte', false);")
    nueva = fila("nueva")
    with pytest.raises(ResultadoDesconocido, match="solo quedó guardada una parte"):
        repositorio.escribir_lote([Escritura(nueva), Escritura(fila(id=ya_estaba.id, version=300))])
    assert sql.execute("SELECT titulo FROM tareas WHERE id = %s", [nueva.id]).fetchone() == ("nueva",)


def test_si_no_ha_entrado_nada_el_rechazo_es_cierto(
    repositorio: PeeweeTareaRepository, sql: psycopg.Connection[Any]
) -> None:
    al_escribir(sql, "BEFORE", rechazar("57014"))
    una = fila("una")
    repositorio.escribir(Escritura(una))
    with pytest.raises(OperacionFallida, match="tardaba demasiado"):
        repositorio.escribir_lote([sobre(una, version=200), Escritura(fila("otra"))])
    assert repositorio.contar() == 1


def test_una_adopcion_cuya_respuesta_se_pierde_es_un_resultado_desconocido(
    servidor_postgres: ServidorPostgres, postgres_url: str, sql: psycopg.Connection[Any]
) -> None:
    sql.execute("CREATE TABLE tareas (id uuid PRIMARY KEY, titulo text)")
    partes = psycopg.conninfo.conninfo_to_dict(postgres_url)
    with ProxyTCP(servidor_postgres.direccion) as proxy, ThreadPoolExecutor(1) as hilo:
        url = f"postgresql://{partes['user']}@127.0.0.1:{proxy.puerto}/{partes['dbname']}"
        with closing(PeeweeTareaRepository(url, reloj=reloj_de_prueba())) as repositorio, sql.transaction():
            sql.execute("LOCK TABLE tareas")
            adopcion = hilo.submit(repositorio.preparar, adoptar=True)
            esperan = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'tareas'::regclass"
            esperar(lambda: sql.execute(esperan).fetchone(), que="la adopción ha empezado y espera")
            proxy.reiniciar()
            with pytest.raises(ResultadoDesconocido):
                adopcion.result(5)
