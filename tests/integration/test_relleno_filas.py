"""What a backfill does to single rows: what it puts, what it leaves alone, whose mark it clears."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from bson.int64 import Int64
from pymongo import MongoClient

from adapters.health.compuerta import Compuerta
from adapters.mongo.documento import a_campos
from adapters.replicacion.cuarentena import SIN_LEER
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.rellenables import rellenables
from adapters.replicacion.relleno import Relleno
from adapters.verificacion.almacenes import con_fichas
from core.domain.models.almacen import Escritura, NombreAlmacen
from core.domain.models.consulta import Consulta, Filtro
from core.domain.models.tarea import Tarea
from core.domain.ports.relleno import (
    COLA,
    INICIO,
    AlmacenRellenable,
    FilaRelleno,
    Lugar,
    PaginaRelleno,
    ParRelleno,
)
from tests.integration.revision import MONGO, SQL, Par, abrir_par, de_hace, url_sqlite

DIFICILES = (
    *(
        "tab\ty salto\ny retorno\r",
        "barra \\ y \\n y \\. y \\N",
        "\\.",
        "separador \x1f y \x08",
        "é ñ 日本 🏓",
    ),
    *("‮derecha", "espacio\u00a0duro", "'; DROP TABLE tareas; --", "{$ne: 1}", "\t", "NULL"),
)


@pytest.fixture(params=["postgres", "sqlite"])
def par(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Par]:
    """Both stores, empty."""
    sql = request.getfixturevalue("postgres_url") if request.param == "postgres" else url_sqlite(tmp_path)
    with abrir_par(sql, mongo_url) as ambos:
        yield ambos


def en_orden(id: int) -> UUID:
    """Ids whose order is known."""
    return UUID(int=id << 64 | 4 << 76 | 8 << 60)


def rellenar(par: Par, origen: NombreAlmacen, lotes: AlmacenRellenable | None = None) -> InformePasada:
    todos = rellenables(par.almacenes)
    if lotes is not None:
        todos[origen] = lotes
    return Relleno(par.almacenes, todos, par.crudos, con_fichas(par.almacenes), Compuerta()).rellenar(origen)


def filas_de(par: Par, nombre: NombreAlmacen) -> dict[UUID, Tarea]:
    pagina = par.almacenes[nombre].listar(Consulta(filtro=Filtro(eliminadas=True), limite=500))
    return {tarea.id: tarea for tarea in pagina.tareas}


@dataclass
class AntesDeConfirmar:
    """A store to whose rows something happens between the copying and the confirmation."""

    dentro: AlmacenRellenable
    entretanto: Callable[[], None]

    def pagina(self, *, tras: Lugar, limite: int) -> PaginaRelleno:
        return self.dentro.pagina(tras=tras, limite=limite)

    def insertar(self, filas: Sequence[FilaRelleno]) -> Collection[int]:
        return self.dentro.insertar(filas)

    def confirmar_vistas(self, filas: Sequence[FilaRelleno]) -> bool:
        if filas:
            self.entretanto()
        return self.dentro.confirmar_vistas(filas)

    def marcar(self, pares: Sequence[ParRelleno]) -> None:
        self.dentro.marcar(pares)


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_lo_copiado_es_lo_mismo_y_queda_confirmado_en_ambas(par: Par, origen: NombreAlmacen) -> None:
    filas = [
        de_hace(1, f"x{dificil}", descripcion=dificil, contador=n, pendiente=n % 2 == 0, eliminada=n % 3 == 0)
        for n, dificil in enumerate(DIFICILES)
    ]
    antigua = datetime(1, 1, 1, tzinfo=UTC)
    filas.append(replace(filas[0], id=en_orden(1), version=1, version_comun=0, pendiente=True))
    filas.append(replace(filas[1], id=en_orden(2), creada_en=antigua, actualizada_en=antigua))
    par.poner(filas, origen)
    assert rellenar(par, origen).copiadas == len(filas)
    for fila in filas:
        for nombre in NombreAlmacen:
            esta = par.almacenes[nombre].leer(fila.id)
            assert esta == replace(fila, version_comun=fila.version, pendiente=False), nombre


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_los_contenidos_dificiles_no_echan_a_perder_la_pagina(par: Par, origen: NombreAlmacen) -> None:
    par.poner([de_hace(1, f"x{uno}", descripcion=uno, contador=n) for n, uno in enumerate(DIFICILES)], origen)
    lotes = rellenables(par.almacenes)
    puestas = lotes[origen.otro].insertar(lotes[origen].pagina(tras=INICIO, limite=100).filas)
    assert len(puestas) == len(DIFICILES)  # at once: none of them was left to the way that looks at each
    assert filas_de(par, origen.otro) == filas_de(par, origen)


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_nada_de_lo_que_el_destino_tiene_cambia_y_lo_que_le_falta_entra(
    par: Par, origen: NombreAlmacen
) -> None:
    filas = [de_hace(2, f"n {n}", contador=n, id=en_orden(n)) for n in range(9)]
    par.poner(filas, origen)
    nueva, vieja = de_hace(1, "más nueva", id=filas[1].id), de_hace(3, "más vieja", id=filas[3].id)
    lapida = de_hace(1, "eliminada", id=filas[5].id, eliminada=True, pendiente=True)
    par.poner([nueva, vieja, lapida], origen.otro)
    assert rellenar(par, origen).copiadas == 6
    # Of the two that differ although neither store says so, the newer ones are marked, and nothing else.
    destino = filas_de(par, origen.otro)
    marcada = replace(nueva, pendiente=True)
    assert (destino[nueva.id], destino[vieja.id], destino[lapida.id]) == (marcada, vieja, lapida)
    assert {fila.id for fila in filas} == destino.keys()
    assert filas_de(par, origen) == {
        fila.id: replace(fila, pendiente=True) if fila is filas[3] else fila for fila in filas
    }


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_una_fila_que_cambia_antes_de_confirmarse_sigue_pendiente_como_descendiente(
    par: Par, origen: NombreAlmacen
) -> None:
    filas = [de_hace(1, f"n {n}", contador=n, id=en_orden(n), pendiente=True) for n in range(5)]
    par.poner(filas, origen)
    aqui, cambiada = par.almacenes[origen], filas[2]
    hechas: list[Tarea] = []
    lotes = AntesDeConfirmar(
        rellenables(par.almacenes)[origen],
        lambda: hechas.append(aqui.save(replace(cambiada, titulo="otra"))),
    )
    assert rellenar(par, origen, lotes).copiadas == 5
    esta = aqui.leer(cambiada.id)
    assert esta == replace(hechas[0], version_comun=cambiada.version, pendiente=True)
    assert [fila.id for fila in filas_de(par, origen).values() if fila.pendiente] == [cambiada.id]
    assert par.almacenes[origen.otro].leer(cambiada.id).version == cambiada.version


@pytest.mark.parametrize("version", ["de reloj", "compartida", "de archivo"])
@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_lo_que_nace_o_cambia_en_medio_de_la_pagina_no_pierde_su_marca(
    par: Par, origen: NombreAlmacen, version: str
) -> None:
    """Versions below the highest of the page too: a clock that lags, a program that knows of no version."""
    alta = {"de reloj": de_hace(1, "x").version, "compartida": 1, "de archivo": 1 << 30}[version]
    filas = [
        replace(
            de_hace(1, f"n {n}", id=en_orden(2 * n), pendiente=True),
            version=alta if version == "compartida" else alta + n,
        )
        for n in range(6)
    ]
    par.poner(filas, origen)
    nacida = replace(filas[0], id=en_orden(5), titulo="nacida", version=alta if alta == 1 else alta - 7)
    tardia = replace(filas[3], titulo="tardía", version=filas[3].version + 1 if alta == 1 else alta + 777)

    def entretanto() -> None:
        aqui = par.almacenes[origen]
        assert aqui.escribir(Escritura(nacida)).aplicada
        assert aqui.escribir(Escritura(tardia, base=filas[3].version)).aplicada

    rellenar(par, origen, AntesDeConfirmar(rellenables(par.almacenes)[origen], entretanto))
    estan = filas_de(par, origen)
    assert {id for id, fila in estan.items() if fila.pendiente} == {nacida.id, tardia.id}
    assert estan[nacida.id].version_comun == 0


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_lo_que_entro_sin_que_el_origen_se_enterase_se_le_dice_despues(
    par: Par, origen: NombreAlmacen
) -> None:
    filas = [de_hace(1, f"n {n}", contador=n, id=en_orden(n), pendiente=True) for n in range(4)]
    par.poner(filas, origen)
    lotes = rellenables(par.almacenes)
    lotes[origen.otro].insertar(lotes[origen].pagina(tras=COLA, limite=3).filas)
    informe = rellenar(par, origen)
    assert (informe.copiadas, informe.confirmadas) == (1, 4)
    assert not any(fila.pendiente for fila in filas_de(par, origen).values())


def test_una_fila_que_el_destino_no_admite_se_aparta_y_las_demas_entran(
    postgres_url: str, mongo_url: str
) -> None:
    with abrir_par(postgres_url, mongo_url) as par:
        filas = [de_hace(1, f"n {n}", contador=n, id=en_orden(n), pendiente=True) for n in range(8)]
        par.poner(filas, MONGO)
        _en_mongo(mongo_url, str(filas[3].id), {"titulo": "nulo \x00"})
        informe = rellenar(par, MONGO)
        assert informe.apartadas.keys() == {filas[3].id}
        assert "PostgreSQL" in informe.apartadas[filas[3].id]
        assert filas_de(par, SQL).keys() == {fila.id for fila in filas} - {filas[3].id}
        assert not any(fila.pendiente for fila in filas_de(par, SQL).values())
        assert [fila.id for fila in filas_de(par, MONGO).values() if fila.pendiente] == [filas[3].id]


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_una_marca_que_el_origen_no_deja_quitar_no_detiene_a_las_demas(
    postgres_url: str, mongo_url: str, origen: NombreAlmacen
) -> None:
    with abrir_par(postgres_url, mongo_url) as par:
        filas = [de_hace(1, f"n {n}", contador=n, id=en_orden(n), pendiente=True) for n in range(8)]
        par.poner(filas, origen)
        _prohibir_confirmar(postgres_url, mongo_url, origen, filas[3].id)
        informe = rellenar(par, origen)
        assert (informe.copiadas, informe.confirmadas, informe.en_ambas) == (8, 7, {filas[3].id})
        assert informe.apartadas.keys() == informe.en_ambas
        assert [fila.id for fila in filas_de(par, origen).values() if fila.pendiente] == [filas[3].id]


def _prohibir_confirmar(sql_url: str, mongo_url: str, donde: NombreAlmacen, id: UUID) -> None:
    """A rule of somebody else in that database."""
    if donde is SQL:
        with psycopg.connect(sql_url) as conexion:
            regla = f"ALTER TABLE tareas ADD CHECK (pendiente OR id <> '{id}')"
            conexion.execute(regla.encode())
        return
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(mongo_url) as cliente:
        regla_mongo = {"$or": [{"pendiente": True}, {"_id": {"$ne": str(id)}}]}
        cliente.get_default_database().command("collMod", "tareas", validator=regla_mongo)


def test_un_documento_de_otra_forma_se_copia_si_se_lee_como_es_y_uno_sin_id_no(
    par: Par, mongo_url: str
) -> None:
    buena = de_hace(1, "buena")
    par.poner([buena], MONGO)
    rara, otra = en_orden(1), en_orden(2)
    _en_mongo(mongo_url, str(rara), {"titulo": "siete", "creada_en": "2020-02-03T04:05:06", "version": 9})
    _en_mongo(
        mongo_url, str(otra), {"titulo": "versión corta", "version": 5, "pendiente": "sí", "de": "otro"}
    )
    entera = {**a_campos(buena), "titulo": "mayúsculas"}
    _en_mongo(mongo_url, "ABCDEF00-0000-4000-8000-000000000000", entera)
    _en_mongo(mongo_url, str(en_orden(3)), {**entera, "titulo": 8})
    _en_mongo(mongo_url, "no es un id", {"titulo": "nada"})
    _en_mongo(mongo_url, Int64(7), {"titulo": "número"})
    informe = rellenar(par, MONGO)
    assert (informe.copiadas, informe.apartadas) == (3, {en_orden(3): SIN_LEER})
    copiadas = filas_de(par, SQL)
    assert copiadas.keys() == {buena.id, rara, otra}
    assert (copiadas[rara].titulo, copiadas[rara].version) == ("siete", 9)
    assert copiadas[rara].creada_en == datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert copiadas[otra].titulo == "versión corta"
    assert not any(fila.pendiente for fila in copiadas.values())


def _en_mongo(url: str, id: object, campos: dict[str, Any]) -> None:
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(url) as cliente:
        cliente.get_default_database()["tareas"].update_one({"_id": id}, {"$set": campos}, upsert=True)


def test_las_versiones_de_una_pagina_no_se_recortan_a_la_de_su_ultima_fila(par: Par) -> None:
    """The driver of MongoDB has whole numbers of its own; psycopg makes a list as wide as its last one is."""
    filas = [de_hace(3 - n, f"n {n}", contador=n, id=en_orden(n)) for n in range(3)]
    filas[2] = replace(filas[2], version=1)
    par.poner(filas, MONGO)
    par.poner(filas[:1], SQL)  # so that a page meets what is there already
    rellenar(par, MONGO)
    for fila in filas:
        assert par.almacenes[SQL].leer(fila.id).version == fila.version


def test_un_nulo_donde_no_debe_haberlo_no_detiene_el_relleno(postgres_url: str, mongo_url: str) -> None:
    with abrir_par(postgres_url, mongo_url) as par:
        filas = [de_hace(1, f"n {n}", contador=n, id=en_orden(n), pendiente=n == 2) for n in range(4)]
        par.poner(filas, SQL)
        with psycopg.connect(postgres_url) as conexion:
            for columna in ("version", "titulo", "creada_en"):
                conexion.execute(f"ALTER TABLE tareas ALTER COLUMN {columna} DROP NOT NULL".encode())
            conexion.execute(
                "UPDATE tareas SET version = NULL WHERE id = ANY(%s)", ([filas[1].id, filas[2].id],)
            )
            conexion.execute(
                "UPDATE tareas SET titulo = NULL, creada_en = NULL WHERE id = %s", (filas[3].id,)
            )
        assert rellenar(par, SQL).miradas == 4
        assert filas_de(par, MONGO).keys() == {fila.id for fila in filas}
