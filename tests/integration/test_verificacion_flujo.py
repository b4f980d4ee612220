"""Comparing both stores, on real databases: hard contents are equal, each difference is found and named."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import psycopg
import pytest
from pymongo import MongoClient

from adapters.nodo import ahora_ms
from adapters.peewee.motor import Conexion
from adapters.peewee.revision import _Postgres
from adapters.verificacion.base import Verificador
from adapters.verificacion.control import elegir_verificador
from adapters.verificacion.flujo import VerificadorFlujo
from adapters.verificacion.resumen import VerificadorResumen
from core.diferencias import TipoDiferencia
from core.domain.errors import AlmacenNoDisponible
from core.domain.models.tarea import DESCRIPCION_MAX, Tarea
from core.domain.models.verificacion import NOTA_LIMPIA, NOTA_ULTIMA, InformeVerificacion, empezada_ms_de
from tests.contract.datos import TEXTOS_HOSTILES
from tests.integration.revision import MONGO, SQL, AMano, Par, abrir_par, de_hace, url_sqlite


@dataclass(frozen=True, slots=True)
class Mesa(AMano):
    """Both stores, and hands that reach into them past the program."""

    par: Par
    sql_url: str
    mongo_url: str
    metodo: type[Verificador]

    def verificar(self) -> InformeVerificacion:
        """Compare both stores."""
        return self.par.verificar(self.metodo)


SOLO_SQL = TipoDiferencia.SOLO_SQL
METODOS: dict[str, Any] = {"flujo": VerificadorFlujo, "resumen": VerificadorResumen}


CADA_UNA = [f"{metodo}-{producto}" for metodo in METODOS for producto in ("sqlite", "postgres")]
EN_CADA_MESA = pytest.mark.parametrize("mesa", CADA_UNA, indirect=True)
"""For what each product does in a way of its own in each method; else each is seen once."""


@pytest.fixture(params=["flujo-postgres", "resumen-sqlite"])
def mesa(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Mesa]:
    metodo, producto = request.param.split("-")
    sql_url = url_sqlite(tmp_path) if producto == "sqlite" else request.getfixturevalue("postgres_url")
    with abrir_par(sql_url, mongo_url) as par:
        yield Mesa(par, sql_url, mongo_url, METODOS[metodo])


def hallazgos(mesa: Mesa) -> dict[str, tuple[TipoDiferencia, tuple[str, ...]]]:
    return {uno.id: (uno.tipo, uno.campos) for uno in mesa.verificar().diferencias}


@EN_CADA_MESA
def test_lo_dificil_es_igual_en_los_dos_y_queda_anotado(mesa: Mesa) -> None:
    filas = [de_hace(3, clave[:200], descripcion=texto) for clave, texto in TEXTOS_HOSTILES.items()]
    filas += [
        replace(de_hace(n, "x" * (n % 200 + 1), descripcion="á" * (DESCRIPCION_MAX - n)), id=uuid4())
        for n in range(40)
    ]
    filas.append(replace(de_hace(1, "año 1"), creada_en=datetime(1, 1, 1, tzinfo=UTC)))
    filas.append(replace(de_hace(1, "año 9999"), creada_en=datetime(9999, 12, 31, 23, 59, 59, 999000, UTC)))
    filas.append(de_hace(2, "lápida", eliminada=True))
    filas += [replace(de_hace(1), id=UUID(int=n)) for n in (0, 1, 2**127, 2**128 - 1)]
    mesa.par.poner(filas)
    antes_ms = ahora_ms()
    informe = mesa.verificar()
    assert informe.diferencias == []
    assert informe.iguales
    assert mesa.par.digeridas_iguales()
    assert (informe.filas_sql, informe.filas_mongo, informe.metodo) == (
        len(filas),
        len(filas),
        mesa.metodo.metodo,
    )
    for nombre in (SQL, MONGO):
        for clave in (NOTA_ULTIMA, NOTA_LIMPIA):
            anotada_ms = empezada_ms_de(mesa.par.crudos[nombre].nota(clave))
            assert anotada_ms is not None
            assert antes_ms <= anotada_ms <= ahora_ms()


@EN_CADA_MESA
def test_cada_diferencia_se_halla_y_se_nombra(mesa: Mesa) -> None:
    iguales = [de_hace(5, f"igual {n}", contador=n % 30) for n in range(30)]
    mesa.par.poner(iguales)
    uno, otro, tercero, cuarto, quinto = iguales[3:8]
    solo_sql, solo_mongo = de_hace(4), de_hace(4)
    mesa.par.poner([solo_sql], SQL)
    mesa.par.poner([solo_mongo], MONGO)
    mesa.en_sql("UPDATE tareas SET titulo = ? WHERE id = ?", "a mano", str(uno.id))
    mesa.en_mongo(str(otro.id), {"$set": {"version": otro.version + 1}})
    mesa.en_mongo(str(tercero.id), {"$set": {"eliminada": True}})
    mesa.en_mongo(str(cuarto.id), {"$set": {"titulo": 7}, "$unset": {"descripcion": ""}})
    mesa.en_mongo(str(quinto.id), {"$set": {"creada_en": "2024-01-01T00:00:00+00:00"}})
    assert hallazgos(mesa) == {
        str(solo_sql.id): (TipoDiferencia.SOLO_SQL, ()),
        str(solo_mongo.id): (TipoDiferencia.SOLO_MONGO, ()),
        str(uno.id): (TipoDiferencia.CONTENIDO, ("titulo",)),
        str(otro.id): (TipoDiferencia.CONTENIDO, ("version",)),
        str(tercero.id): (TipoDiferencia.LAPIDA, ("eliminada",)),
        str(cuarto.id): (TipoDiferencia.MALFORMADA, ("titulo", "descripcion")),
        str(quinto.id): (TipoDiferencia.MALFORMADA, ("creada_en",)),
    }
    assert mesa.par.crudos[SQL].nota(NOTA_ULTIMA) is not None
    assert mesa.par.crudos[SQL].nota(NOTA_LIMPIA) is None


def test_un_id_que_no_es_un_texto_o_no_es_un_uuid_se_halla(mesa: Mesa) -> None:
    mesa.par.poner([de_hace(1)])
    mesa.en_mongo(17, {"$set": {"titulo": "con un número"}})
    mesa.en_mongo("no-es-un-uuid", {"$set": {"titulo": "con otro texto"}})
    assert {id: tipo for id, (tipo, _) in hallazgos(mesa).items()} == {
        "17": TipoDiferencia.MALFORMADA,
        "no-es-un-uuid": TipoDiferencia.MALFORMADA,
    }


@EN_CADA_MESA
def test_los_microsegundos_puestos_a_mano_son_una_diferencia(mesa: Mesa) -> None:
    fila = de_hace(1)
    mesa.par.poner([fila])
    con_micros = (fila.creada_en.replace(microsecond=fila.creada_en.microsecond + 1)).isoformat(sep=" ")
    mesa.en_sql("UPDATE tareas SET creada_en = ? WHERE id = ?", con_micros, str(fila.id))
    assert hallazgos(mesa) == {str(fila.id): (TipoDiferencia.CONTENIDO, ("creada_en",))}


@EN_CADA_MESA
def test_vacias_no_es_iguales_y_una_vacia_es_diferente(mesa: Mesa) -> None:
    assert not mesa.verificar().iguales
    assert mesa.par.crudos[SQL].nota(NOTA_LIMPIA) is None
    mesa.par.poner([de_hace(1) for _ in range(20)], SQL)
    informe = mesa.verificar()
    assert informe.cuentas == {TipoDiferencia.SOLO_SQL: 20}


def test_una_coleccion_que_no_esta_no_pasa_por_vacia(mesa: Mesa) -> None:
    mesa.par.poner([de_hace(1), de_hace(2)])
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(mesa.mongo_url) as cliente:
        cliente.get_default_database()["tareas"].drop()
    informe = elegir_verificador(mesa.par.crudos).verificar()
    assert (informe.ausentes, informe.iguales, informe.cuentas) == ((MONGO,), False, {SOLO_SQL: 2})
    assert "colección" in informe.motivo_metodo
    mesa.en_sql("DELETE FROM tareas")
    assert not elegir_verificador(mesa.par.crudos).verificar().iguales
    mesa.en_sql("DROP TABLE tareas")
    informe = elegir_verificador(mesa.par.crudos).verificar()
    assert (informe.ausentes, informe.iguales, informe.hay_diferencias) == ((SQL, MONGO), False, True)


def test_vaciadas_las_dos_tras_verlas_iguales_no_pasa_por_iguales(mesa: Mesa) -> None:
    fila = de_hace(1)
    mesa.par.poner([fila])
    assert mesa.verificar().iguales
    mesa.en_sql("DELETE FROM tareas")
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(mesa.mongo_url) as cliente:
        cliente.get_default_database()["tareas"].delete_many({})
    assert not mesa.verificar().iguales


def test_lo_que_llega_entre_dos_miradas_no_es_diferencia(mesa: Mesa) -> None:
    filas = [de_hace(1, f"fila {n}", contador=n) for n in range(20)]
    mesa.par.poner(filas[:15])
    mesa.par.poner(filas[15:], SQL)
    llegadas = threading.Event()

    class Espera(threading.Event):
        """The pause between two looks, in which the rest of the writes lands."""

        def wait(self, timeout: float | None = None) -> bool:
            if not llegadas.is_set():
                mesa.par.poner(filas[15:], MONGO)
                llegadas.set()
            return False

    verificador = mesa.metodo(mesa.par.crudos, ahora_ms=ahora_ms, espera_s=0.01, pagina=4)
    informe = verificador.verificar(parar=Espera())
    assert llegadas.is_set()
    assert (informe.iguales, informe.diferencias) == (True, [])


def test_lo_que_cambia_en_cada_mirada_queda_en_duda_y_no_como_diferencia(mesa: Mesa) -> None:
    fila = de_hace(1)
    mesa.par.poner([fila])
    vueltas = 0

    class Espera(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            nonlocal vueltas
            vueltas += 1
            mesa.en_sql("UPDATE tareas SET titulo = ? WHERE id = ?", f"vuelta {vueltas}", str(fila.id))
            return False

    mesa.en_sql("UPDATE tareas SET titulo = ? WHERE id = ?", "vuelta 0", str(fila.id))
    informe = mesa.metodo(mesa.par.crudos, ahora_ms=ahora_ms).verificar(parar=Espera())
    assert (informe.en_vuelo, informe.diferencias, informe.iguales) == (1, [], False)


def test_cancelada_no_dice_nada_ni_lo_anota(mesa: Mesa) -> None:
    mesa.par.poner([de_hace(1) for _ in range(30)])
    parar = threading.Event()
    parar.set()
    informe = mesa.metodo(mesa.par.crudos, ahora_ms=ahora_ms, pagina=5).verificar(parar=parar)
    assert (informe.cancelada, informe.iguales) == (True, False)
    assert mesa.par.crudos[SQL].nota(NOTA_ULTIMA) is None


def test_si_un_almacen_no_responde_no_se_sabe_nada(mesa: Mesa) -> None:
    mesa.par.poner([de_hace(1)])
    mesa.par.almacenes[MONGO].close()
    with pytest.raises(AlmacenNoDisponible):
        mesa.verificar()


def test_una_pagina_de_postgres_no_ordena_la_tabla_entera(postgres_url: str, mongo_url: str) -> None:
    with abrir_par(postgres_url, mongo_url), psycopg.connect(postgres_url) as conexion:

        class Explicada:
            """Tells the plan of a query, in the place of its rows."""

            def filas(self, sql: str, parametros: Sequence[Any]) -> list[tuple[Any, ...]]:
                return conexion.execute(f"EXPLAIN {sql}".encode(), parametros).fetchall()

        conexion.execute("SET enable_sort = off")
        conexion.execute("SET enable_seqscan = off")
        for tras in ("", str(UUID(int=5))):
            plan = str(_Postgres().pagina(cast(Conexion, Explicada()), tras, 9, False))
            assert "Index Scan" in plan
            assert "Sort" not in plan


def test_las_paginas_de_los_dos_van_en_el_mismo_orden(mesa: Mesa) -> None:
    filas: list[Tarea] = [de_hace(1, contador=n % 30) for n in range(100)]
    mesa.par.poner(filas)
    ordenes = []
    for nombre in (SQL, MONGO):
        tras, vistos = "", []
        while pagina := mesa.par.crudos[nombre].pagina(tras=tras, limite=9):
            vistos += [fila.id for fila in pagina]
            tras = pagina[-1].id
        ordenes.append(vistos)
    assert ordenes[0] == ordenes[1] == sorted(str(fila.id) for fila in filas)
