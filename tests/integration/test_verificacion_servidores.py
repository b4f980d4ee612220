"""Comparing stores on servers that are not as ours: other encodings, no digests, columns of somebody else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.mongo import revision_resumen
from adapters.nodo import ahora_ms
from adapters.peewee import revision_lado, revision_resumen_sqlite
from adapters.verificacion.control import elegir_verificador
from adapters.verificacion.flujo import VerificadorFlujo
from adapters.verificacion.informe import Firma, guardar_informe
from adapters.verificacion.resumen import VerificadorResumen
from core.diferencias import TipoDiferencia
from core.domain.models.tarea import DESCRIPCION_MAX, TITULO_MAX
from core.domain.models.verificacion import NOTA_ULTIMA
from tests.integration.revision import MONGO, SQL, AMano, Par, abrir_par, de_hace, url_sqlite
from tests.servidores import ServidorPostgres


@pytest.fixture(params=["LATIN1", "SQL_ASCII"])
def url_no_utf8(request: pytest.FixtureRequest, servidor_postgres: ServidorPostgres) -> Iterator[str]:
    """An empty database of another encoding."""
    nombre = f"en_{request.param.lower()}"
    servidor_postgres.ejecutar(
        f"CREATE DATABASE {nombre} ENCODING '{request.param}'"
        " TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'"
    )
    yield servidor_postgres.url(nombre)
    servidor_postgres.ejecutar(f"DROP DATABASE {nombre} WITH (FORCE)")


def test_una_base_que_no_es_utf8_tambien_se_resume(url_no_utf8: str, mongo_url: str) -> None:
    with abrir_par(url_no_utf8, mongo_url) as par:
        filas = [
            de_hace(3, "ñandú"),
            de_hace(3, "á" * TITULO_MAX, descripcion="ü\x1f" * (DESCRIPCION_MAX // 2)),
            de_hace(3, "a\x1fb", descripcion="€" if "ascii" in url_no_utf8 else "§"),
            de_hace(3, "ç" * (TITULO_MAX // 2 + 1)),
        ]
        par.poner(filas)
        informe = elegir_verificador(par.crudos).verificar()
        assert (informe.metodo, informe.motivo_metodo, informe.diferencias) == ("resumen", "", [])
        assert (informe.iguales, par.verificar(VerificadorFlujo).iguales) == (True, True)
        de_sql, de_mongo = par.huellas()
        # A database that knows no characters counts bytes: what looks too long is read, and not digested.
        assert {fila.titulo[0] for fila in filas if de_sql[str(fila.id)] != de_mongo[str(fila.id)]} == (
            {"á", "ç"} if "ascii" in url_no_utf8 else set()
        )
        otra = replace(filas[0], titulo="ñandu")
        with psycopg.connect(url_no_utf8, client_encoding="utf8") as conexion:
            conexion.execute("UPDATE tareas SET titulo = %s WHERE id = %s", (otra.titulo, otra.id))
        for metodo in (VerificadorResumen, VerificadorFlujo):
            assert par.verificar(metodo).cuentas == {TipoDiferencia.CONTENIDO: 1}


@pytest.mark.parametrize("url_no_utf8", ["SQL_ASCII"], indirect=True)
def test_bytes_que_no_son_utf8_en_postgres_se_nombran_y_el_resto_se_compara(
    url_no_utf8: str, mongo_url: str
) -> None:
    with abrir_par(url_no_utf8, mongo_url) as par:
        filas = [de_hace(3, contador=n) for n in range(20)]
        par.poner(filas)
        campos = ("titulo", "descripcion", "estado")
        with psycopg.connect(url_no_utf8) as conexion:
            for fila, campo in zip(filas, campos, strict=False):
                poner = f"UPDATE tareas SET {campo} = convert_from('\\x61ff', 'SQL_ASCII') WHERE id = %s"
                conexion.execute(poner.encode(), (fila.id,))
        esperadas = {
            str(fila.id): (TipoDiferencia.MALFORMADA, (campo,))
            for fila, campo in zip(filas, campos, strict=False)
        }
        for metodo in (VerificadorResumen, VerificadorFlujo):
            informe = par.verificar(metodo)
            assert {una.id: (una.tipo, una.campos) for una in informe.diferencias} == esperadas


def test_sin_la_funcion_de_resumen_se_compara_en_flujo_y_se_dice(
    tmp_path: Path, mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a server says to an operator that it does not know is the same for any of them.
    monkeypatch.setattr(revision_resumen, "_OPERADOR", "$toHashedIndexKeyDeOtraVersion")
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        par.poner([de_hace(1)])
        informe = elegir_verificador(par.crudos).verificar()
        motivo = "Este servidor de MongoDB no tiene $toHashedIndexKey."
        assert (informe.metodo, informe.motivo_metodo, informe.iguales) == ("flujo", motivo, True)
        par.poner([de_hace(1)], MONGO)
        assert elegir_verificador(par.crudos).verificar().cuentas == {TipoDiferencia.SOLO_MONGO: 1}


def test_cancelar_a_mitad_de_una_suma_de_sqlite_la_para(
    tmp_path: Path, mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parar, digeridas = threading.Event(), 0

    def digerir(canonico: bytes) -> bytes:
        nonlocal digeridas
        digeridas += 1
        if digeridas == 20:
            parar.set()
            assert cancelado.wait(10)
        return b"12345678"

    monkeypatch.setattr(revision_resumen_sqlite, "PIEZA", 10)
    monkeypatch.setattr(revision_resumen_sqlite, "digerir", digerir)
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        par.poner([de_hace(3, contador=n % 30) for n in range(100)])
        crudo = par.crudos[SQL]
        assert isinstance(crudo, revision_lado.LadoSql)
        cancelado = crudo._cancelado
        informe = VerificadorResumen(par.crudos, ahora_ms=ahora_ms).verificar(parar=parar)
        assert (informe.cancelada, informe.iguales) == (True, False)
        assert digeridas <= 30  # the piece in hand, and no more of the hundred
        assert crudo.nota(NOTA_ULTIMA) is None


class Manos(AMano):
    """Hands in the SQL database."""

    def __init__(self, sql_url: str, mongo_url: str) -> None:
        self.sql_url = sql_url
        self.mongo_url = mongo_url


@pytest.fixture(params=["sqlite", "postgres"])
def con_columnas(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Par]:
    """Two equal stores, of which SQL has columns that are none of ours."""
    sql_url = url_sqlite(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with abrir_par(sql_url, mongo_url) as par:
        par.poner([de_hace(3, contador=n) for n in range(20)])
        manos = Manos(sql_url, mongo_url)
        manos.en_sql("ALTER TABLE tareas ADD COLUMN color text DEFAULT 'rojo'")
        manos.en_sql('ALTER TABLE tareas ADD COLUMN "<b>ñ" integer')
        yield par


@pytest.mark.parametrize("metodo", [VerificadorFlujo, VerificadorResumen])
def test_las_columnas_de_otros_se_dicen_una_vez_y_no_son_diferencias(
    con_columnas: Par, metodo: Any, tmp_path: Path
) -> None:
    informe = con_columnas.verificar(metodo)
    assert (informe.iguales, informe.columnas_ajenas) == (True, ("color", "<b>ñ"))
    firma = Firma(almacenes={}, nombre="", nodo="0001", firmado_ms=0, programa="")
    en_json, en_html = guardar_informe(informe, firma, tmp_path / "informe")
    assert json.loads(en_json.read_text())["columnas_que_no_se_comparan"] == ["color", "<b>ñ"]
    assert en_html.read_text().count("Columna de SQL que no se compara") == 2
    assert "&lt;b&gt;ñ" in en_html.read_text()
