"""A `tareas` whose key somebody took away: nothing is written twice, and what was is no equality."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from adapters.peewee import PeeweeTareaRepository
from adapters.replicacion.rellenables import rellenables
from adapters.verificacion.base import Verificador
from adapters.verificacion.flujo import VerificadorFlujo
from adapters.verificacion.resumen import VerificadorResumen
from core.diferencias import Subtipo, TipoDiferencia
from core.domain.errors import OperacionFallida
from core.domain.models.tarea import Tarea
from core.domain.ports.relleno import INICIO
from tests.integration.parejas import Correr
from tests.integration.revision import MONGO, SQL, Par, abrir_par, de_hace, url_sqlite


@dataclass
class Caso:
    par: Par
    sql_url: str

    def en_sql(self, *sentencias: str) -> None:
        """By hand, past every program."""
        if self.sql_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.sql_url.removeprefix("sqlite:///"))) as archivo, archivo:
                for sentencia in sentencias:
                    archivo.execute(sentencia)
            return
        with psycopg.connect(self.sql_url) as conexion:
            for sentencia in sentencias:
                conexion.execute(sentencia.encode())

    def quitar_clave(self) -> None:
        self.en_sql(
            "CREATE TABLE copia AS SELECT * FROM tareas",
            "DROP TABLE tareas",
            "ALTER TABLE copia RENAME TO tareas",
        )


@pytest.fixture(params=["postgres", "sqlite"])
def caso(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Caso]:
    sql = request.getfixturevalue("postgres_url") if request.param == "postgres" else url_sqlite(tmp_path)
    with abrir_par(sql, mongo_url) as par:
        yield Caso(par, sql)


@pytest.mark.parametrize("metodo", [VerificadorFlujo, VerificadorResumen])
def test_una_fila_repetida_no_es_igual_a_una(caso: Caso, metodo: type[Verificador]) -> None:
    filas = [de_hace(1, f"n {n}", contador=n) for n in range(20)]
    caso.par.poner(filas)
    assert caso.par.verificar().iguales
    caso.quitar_clave()
    dobles = sorted(filas, key=lambda fila: fila.id)[4:7]  # a page of five ends between two of the same
    for fila in dobles:
        caso.en_sql(f"INSERT INTO tareas SELECT * FROM tareas WHERE id = '{fila.id}'")
    informe = caso.par.verificar(metodo, pagina=5)
    assert not informe.iguales
    assert {(una.id, una.tipo, una.subtipo, una.campos) for una in informe.diferencias} == {
        (str(fila.id), TipoDiferencia.MALFORMADA, Subtipo.ID, ("id",)) for fila in dobles
    }


def test_sin_clave_no_se_escribe_ni_se_rellena_y_preparar_la_pone(caso: Caso) -> None:
    filas = [de_hace(1, f"n {n}", contador=n) for n in range(5)]
    caso.par.poner(filas)
    caso.quitar_clave()
    caso.en_sql("DELETE FROM tareas")
    sql = caso.par.almacenes[SQL]
    with pytest.raises(OperacionFallida, match=r"falta la clave única de «id».*preparar --adoptar"):
        sql.save(Tarea(titulo="otra"))
    lotes = rellenables(caso.par.almacenes)
    with pytest.raises(OperacionFallida, match="falta la clave única"):
        lotes[SQL].insertar(lotes[MONGO].pagina(tras=INICIO, limite=10).filas)
    with closing(PeeweeTareaRepository(caso.sql_url)) as otro:  # whoever opens it anew
        assert otro.leer(filas[0].id) is None
        for hacer in (lambda: otro.save(Tarea(titulo="otra")), otro.preparar):
            with pytest.raises(OperacionFallida, match="falta la clave única"):
                hacer()
        otro.preparar(adoptar=True)
        otro.preparar()
    for indice in ("tareas_id", "tareas_version", "tareas_pendientes"):  # of all of them it had lost
        caso.en_sql(f"DROP INDEX {indice}")
    with closing(PeeweeTareaRepository(caso.sql_url)) as otro:
        otro.preparar(adoptar=True)
    assert sql.contar() == 0  # a connection of SQLite hears of a new index when it reads
    assert lotes[SQL].insertar(lotes[MONGO].pagina(tras=INICIO, limite=10).filas)
    assert caso.par.verificar().iguales
    sql.save(Tarea(titulo="otra"))


def test_con_filas_repetidas_la_clave_no_se_pone_y_se_dice(caso: Caso) -> None:
    caso.par.poner([de_hace(1, "una")])
    caso.quitar_clave()
    caso.en_sql("INSERT INTO tareas SELECT * FROM tareas")
    with closing(PeeweeTareaRepository(caso.sql_url)) as otro:
        with pytest.raises(OperacionFallida, match="ids repetidos"):
            otro.preparar(adoptar=True)
        assert len(caso.par.crudos[SQL].pagina(tras="", limite=10)) == 1


def test_la_orden_que_se_nombra_pone_la_clave(par: Par, tmp_path: Path, correr: Correr) -> None:
    caso = Caso(par, f"sqlite:///{tmp_path / 'tareas.sqlite3'}")
    caso.quitar_clave()
    codigo, _, error = correr("preparar")
    assert codigo == 1
    assert "La pone «dual-tareas preparar --adoptar»" in error
    codigo, dicho, _ = correr("preparar", "--adoptar")
    assert (codigo, "se le puso la clave" in dicho) == (0, True)
    assert correr("preparar")[0] == 0
