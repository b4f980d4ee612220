"""What a backfill does not copy is marked before it goes on: whatever happens then, nothing is forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from pymongo import MongoClient

from adapters.fichas import PUNTO
from adapters.health.compuerta import Compuerta
from adapters.mongo.lotes import LotesMongo
from adapters.nodo import ahora_ms
from adapters.replicacion import relleno
from adapters.replicacion.cuarentena import SIN_LEER
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import Control, MotorReplicacion
from adapters.replicacion.rellenables import rellenables
from adapters.replicacion.relleno import Relleno
from adapters.verificacion.almacenes import con_fichas
from core.domain.errors import AlmacenNoDisponible
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from tests.integration.revision import MONGO, SQL, AMano, Par, abrir_par, de_hace, url_sqlite

CUANTAS = 1_200
"""More than two pages."""


class Caso(AMano):
    """Both stores, and a way past them."""

    def __init__(self, par: Par, sql_url: str, mongo_url: str) -> None:
        self.par, self.sql_url, self.mongo_url = par, sql_url, mongo_url

    def copia(self) -> Relleno:
        """A backfill of its own."""
        return Relleno(
            self.par.almacenes,
            rellenables(self.par.almacenes),
            self.par.crudos,
            con_fichas(self.par.almacenes),
            Compuerta(),
        )

    def rellenar(self, origen: NombreAlmacen, *, paginas: int | None = None) -> InformePasada:
        """Copy everything, or as many pages."""
        vistas: list[InformePasada] = []
        return self.copia().rellenar(
            origen, Control(cancelar=lambda: len(vistas) == paginas, progreso=vistas.append)
        )

    def vaciar(self, nombre: NombreAlmacen) -> None:
        """Somebody deletes all rows of it."""
        if nombre is SQL:
            self.en_sql("DELETE FROM tareas")
            return
        cliente: MongoClient[dict[str, Any]]
        with MongoClient(self.mongo_url) as cliente:
            cliente.get_default_database()["tareas"].delete_many({})

    def drenar(self) -> None:
        """Copy what is pendiente, both ways."""
        motor = MotorReplicacion(self.par.almacenes, ahora_ms=ahora_ms)
        for origen in (SQL, MONGO, SQL, MONGO):
            motor.drenar(origen)

    def pendientes(self, nombre: NombreAlmacen) -> set[UUID]:
        """Marked in that store."""
        return {fila.id for fila in self.par.almacenes[nombre].pendientes(tras=None, limite=CUANTAS)}

    def documento(self, id: UUID) -> dict[str, Any]:
        """As it lies in MongoDB."""
        cliente: MongoClient[dict[str, Any]]
        with MongoClient(self.mongo_url) as cliente:
            return cliente.get_default_database()["tareas"].find_one({"_id": str(id)}) or {}


@pytest.fixture(params=["postgres", "sqlite"])
def caso(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Caso]:
    sql = request.getfixturevalue("postgres_url") if request.param == "postgres" else url_sqlite(tmp_path)
    with abrir_par(sql, mongo_url) as par:
        yield Caso(par, sql, mongo_url)


def confirmadas(caso: Caso, *donde: NombreAlmacen) -> list[Tarea]:
    """In the order of their ids, which is that of the pages."""
    filas = [de_hace(1, f"n {n}", contador=n % 32) for n in range(CUANTAS)]
    caso.par.poner(filas, *donde)
    return sorted(filas, key=lambda fila: fila.id)


def test_lo_que_el_destino_rehusa_queda_marcado_aunque_la_copia_se_interrumpa(caso: Caso) -> None:
    filas = confirmadas(caso, MONGO)
    mala = filas[0]
    caso.en_mongo(str(mala.id), {"$set": {"titulo": "nulo \x00", "creada_en": "2026-01-02"}})
    caso.en_mongo(str(mala.id), {"$set": {"otra": {"de": ["otro", "programa"]}}})
    antes = caso.documento(mala.id)
    if caso.sql_url.startswith("sqlite"):
        caso.en_sql(
            "CREATE TRIGGER no BEFORE INSERT ON tareas WHEN NEW.titulo LIKE 'nulo%'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    primera = caso.rellenar(MONGO, paginas=1)
    assert primera.cancelada
    assert caso.pendientes(MONGO) == {mala.id}
    # The mark alone: it is the only copy, and holds what no tarea of ours could.
    assert caso.documento(mala.id) == {**antes, "pendiente": True}
    assert not caso.rellenar(MONGO).cancelada
    assert caso.pendientes(MONGO) == {mala.id}
    assert caso.par.almacenes[SQL].contar() == CUANTAS - 1


@pytest.mark.parametrize(
    ("producto", "cambio"),
    [
        ("postgres", "creada_en = 'infinity'"),
        ("postgres", "actualizada_en = '0044-03-15 BC'"),
        ("postgres", "actualizada_en = '20000-01-01'"),
        ("sqlite", "titulo = CAST(x'41ff' AS TEXT)"),
        ("sqlite", "nodo = CAST(x'ff' AS TEXT)"),
        ("sqlite", "creada_en = 'ayer'"),
        ("sqlite", "actualizada_en = 0"),
        ("sqlite", "version = 'siete'"),
        ("sqlite", "version_comun = 1.5"),
    ],
)
def test_lo_que_no_se_puede_leer_se_aparta_y_las_demas_entran(
    request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str, producto: str, cambio: str
) -> None:
    sql = request.getfixturevalue("postgres_url") if producto == "postgres" else url_sqlite(tmp_path)
    with abrir_par(sql, mongo_url) as par:
        caso = Caso(par, sql, mongo_url)
        filas = confirmadas(caso, SQL)
        malas = (filas[0], filas[700], filas[-1])
        for mala in malas:
            caso.en_sql(f"UPDATE tareas SET {cambio} WHERE id = ?", str(mala.id))
        informe = caso.rellenar(SQL)
        assert informe.miradas >= CUANTAS  # those that were marked come by once more, as pendientes
        assert informe.copiadas == CUANTAS - len(malas)
        assert informe.apartadas == {mala.id: SIN_LEER for mala in malas}
        assert not par.almacenes[MONGO].leer_lote([mala.id for mala in malas])
        hay = par.almacenes[SQL]._motor.ejecutar(  # type: ignore[attr-defined]
            lambda conexion: conexion.filas("SELECT id FROM tareas WHERE pendiente ORDER BY id")
        )
        assert [str(id) for (id,) in hay] == [str(mala.id) for mala in malas]


def test_una_base_de_una_copia_de_seguridad_vieja_recibe_lo_que_le_falta(caso: Caso) -> None:
    filas = confirmadas(caso, SQL)
    falta, editada, borrada, aqui = filas[1], filas[400], filas[800], filas[1100]
    caso.par.poner([fila for fila in filas if fila is not falta], MONGO)
    hoy = datetime.now(UTC).replace(microsecond=0)
    nueva = replace(de_hace(0, "editada después"), id=editada.id, creada_en=hoy)
    lapida = replace(de_hace(0, borrada.titulo, eliminada=True), id=borrada.id)
    for fila, vista in ((nueva, editada), (lapida, borrada)):
        caso.par.almacenes[SQL].reemplazar(fila, vista.version)
    # And the other way: here it is the origin that was put back.
    reciente = replace(de_hace(0, "editada aquí"), id=aqui.id)
    caso.par.almacenes[MONGO].reemplazar(reciente, aqui.version)

    assert caso.rellenar(SQL).copiadas == 1
    assert caso.pendientes(SQL) == {nueva.id, lapida.id}
    assert caso.pendientes(MONGO) == {reciente.id}
    caso.drenar()
    assert caso.par.verificar(pagina=1_000).iguales
    assert {caso.par.almacenes[uno].contar() for uno in NombreAlmacen} == {CUANTAS - 1}
    leidas = caso.par.almacenes[MONGO].leer_lote([nueva.id, lapida.id])
    assert leidas[nueva.id].titulo == "editada después"
    assert leidas[lapida.id].eliminada
    assert caso.par.almacenes[SQL].leer_lote([reciente.id])[reciente.id].titulo == "editada aquí"
    assert not any(almacen.contar_conflictos() for almacen in caso.par.almacenes.values())


def test_a_medias_vaciada_y_con_algo_nuevo_empieza_desde_el_principio(caso: Caso) -> None:
    confirmadas(caso, MONGO)
    assert caso.rellenar(MONGO, paginas=2).cancelada
    caso.en_sql("DELETE FROM tareas")
    nueva = de_hace(0, "nueva", pendiente=True)
    caso.par.poner([nueva], SQL)
    assert caso.rellenar(MONGO).copiadas == CUANTAS
    caso.drenar()
    assert caso.par.verificar(pagina=1_000).iguales


@pytest.mark.parametrize("origen", [SQL, MONGO])
@pytest.mark.parametrize("hasta", [None, 2])
@pytest.mark.parametrize("punto_s", [0.0, 60.0])
def test_vaciada_mientras_se_llena_se_empieza_de_nuevo(
    caso: Caso, origen: NombreAlmacen, hasta: int | None, punto_s: float
) -> None:
    confirmadas(caso, origen)
    vistas: list[InformePasada] = []

    def vaciar_tras_la_primera(informe: InformePasada) -> None:
        vistas.append(informe)
        if len(vistas) == 1:
            caso.vaciar(origen.otro)

    with patch.object(relleno, "PUNTO_S", punto_s):
        primera = caso.copia().rellenar(
            origen, Control(cancelar=lambda: len(vistas) == hasta, progreso=vaciar_tras_la_primera)
        )
        assert primera.cancelada
        segunda = caso.rellenar(origen)
    assert not segunda.cancelada
    assert segunda.miradas == CUANTAS
    assert caso.par.verificar(pagina=1_000).iguales


def test_el_punto_no_pasa_de_lo_que_el_origen_aun_no_sabe(caso: Caso) -> None:
    filas = [de_hace(1, f"n {n}", contador=n % 32, pendiente=True) for n in range(CUANTAS)]
    caso.par.poner(filas, MONGO)

    def no_contesta(*_: object) -> bool:
        raise AlmacenNoDisponible(MONGO, "MongoDB no responde.")

    with (
        patch.object(relleno, "PUNTO_S", 0.0),
        patch.object(LotesMongo, "confirmar_vistas", no_contesta),
        pytest.raises(AlmacenNoDisponible),
    ):
        caso.rellenar(MONGO)
    assert json.loads(caso.par.crudos[SQL].nota(PUNTO) or "[0, [0, 0, 0]]")[1][2] == ""
    informe = caso.rellenar(MONGO)
    assert (informe.miradas, informe.confirmadas) == (CUANTAS, CUANTAS)
    assert not caso.pendientes(MONGO)


def test_un_punto_de_otra_base_no_vale(caso: Caso) -> None:
    confirmadas(caso, MONGO)
    assert caso.rellenar(MONGO, paginas=2).cancelada
    caso.par.crudos[MONGO].anotar("identidad", "otra")
    assert caso.rellenar(MONGO).miradas == CUANTAS
