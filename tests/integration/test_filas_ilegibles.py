"""Values put there by hand that Python cannot hold: nothing else is kept from being read and copied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from bson.datetime_ms import DatetimeMS
from bson.int64 import Int64

from adapters.mongo import MongoTareaRepository
from adapters.mongo.documento import EPOCA
from adapters.mongo.lotes import LotesMongo
from adapters.nodo import ahora_ms
from adapters.replicacion.cuarentena import SIN_LEER
from adapters.replicacion.motor import MotorReplicacion
from core.domain.models.consulta import Filtro
from core.domain.models.tarea import Tarea, cortar_a_ms
from core.domain.ports.relleno import ID, INICIO, Lugar
from tests.integration.revision import MONGO, SQL, AMano, Par, abrir_par, url_sqlite

POSTGRES = ["creada_en = 'infinity'", "actualizada_en = '20000-01-01'", "creada_en = '0044-03-15 BC'"]
SQLITE = [
    "titulo = CAST(x'41ff' AS TEXT)",
    "nodo = CAST(x'ff' AS TEXT)",
    "version = 'abc'",
    "version = 1e300",
    "version_comun = 'x'",
    "creada_en = 'ayer'",
    "creada_en = '2024-13-45'",
    "actualizada_en = '2023-02-29 10:00:00'",
    "actualizada_en = '9999-12-31T23:59:59-05:00'",
    "creada_en = CAST(x'ff' AS TEXT)",
    "creada_en = 0",
    "eliminada = 'false'",
    "titulo = x'4142'",
    "estado = x'4142'",
]


class Manos(AMano):
    def __init__(self, sql_url: str, mongo_url: str) -> None:
        self.sql_url, self.mongo_url = sql_url, mongo_url


@pytest.fixture(
    params=[("postgres", uno) for uno in POSTGRES] + [("sqlite", uno) for uno in SQLITE],
    ids=lambda caso: f"{caso[0]}: {caso[1]}",
)
def caso(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[tuple[Par, Manos, str]]:
    producto, cambio = request.param
    sql = request.getfixturevalue("postgres_url") if producto == "postgres" else url_sqlite(tmp_path)
    with abrir_par(sql, mongo_url) as par:
        yield par, Manos(sql, mongo_url), cambio


def test_una_fila_ilegible_no_detiene_a_las_demas(caso: tuple[Par, Manos, str]) -> None:
    par, manos, cambio = caso
    sql, mongo = par.almacenes[SQL], par.almacenes[MONGO]
    antes, mala, despues = (sql.save(Tarea(titulo=titulo)) for titulo in ("antes", "mala", "después"))
    manos.en_sql(f"UPDATE tareas SET {cambio} WHERE id = ?", str(mala.id))

    motor = MotorReplicacion(par.almacenes, ahora_ms=ahora_ms)
    informe = motor.drenar(SQL)
    motor.drenar(MONGO)
    assert mongo.leer(antes.id) is not None
    assert mongo.leer(despues.id) is not None
    assert informe.copiadas == 2
    assert mongo.leer(mala.id) is None  # not as something that it is not
    assert sql.contar(Filtro(solo_pendientes=True)) == 1
    assert informe.faltan == {mala.id}
    assert {(una.id, una.origen, una.motivo) for una in motor.cuarentena.todas()} == {
        (mala.id, SQL, SIN_LEER)
    }
    assert len(sql.list()) == 3
    assert sql.leer(mala.id) is not None
    assert set(sql.leer_lote([antes.id, mala.id])) == {antes.id, mala.id}


MONGO_MALOS: list[dict[str, Any]] = [
    {"version": "7"},
    {"version": 7.5},
    {"version": [Int64(7)]},
    {"creada_en": DatetimeMS(10**15)},
    {"actualizada_en": DatetimeMS(-(10**15))},
    {"creada_en": "ayer"},
    {"creada_en": "2024-13-45"},
    {"creada_en": "2023-02-29T10:00:00"},
    {"creada_en": "0000-01-01"},
    {"creada_en": "0001-01-01T00:00:00+01:00"},
    {"creada_en": "2024-01-02 basura"},
    {"creada_en": "2024-01-02T25:00"},
    {"creada_en": "9999-12-31T23:59:59-05:00"},
    {"creada_en": "2024-01-02\n"},
    {"actualizada_en": 7},
    {"creada_en": [EPOCA]},
    {"eliminada": 1},
    {"eliminada": "true"},
    {"eliminada": [True]},
    {"titulo": ["a", "b"]},
    {"titulo": {"x": 1}},
    {"descripcion": b"\xff"},
    {"estado": ["PENDIENTE"]},
]


@pytest.fixture(params=MONGO_MALOS, ids=repr)
def caso_mongo(
    request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str
) -> Iterator[tuple[Par, Manos, dict[str, Any]]]:
    sql = url_sqlite(tmp_path)
    with abrir_par(sql, mongo_url) as par:
        yield par, Manos(sql, mongo_url), request.param


def test_un_documento_ilegible_se_aparta_y_corregido_se_copia(
    caso_mongo: tuple[Par, Manos, dict[str, Any]],
) -> None:
    par, manos, cambio = caso_mongo
    sql, mongo = par.almacenes[SQL], par.almacenes[MONGO]
    antes, mala, despues = (mongo.save(Tarea(titulo=titulo)) for titulo in ("antes", "mala", "después"))
    campos = {"version": Int64(mala.version), "creada_en": mala.creada_en, "actualizada_en": mala.creada_en}
    campos |= {"eliminada": False, "titulo": "mala", "descripcion": "", "estado": "PENDIENTE"}
    manos.en_mongo(str(mala.id), {"$set": cambio})

    motor = MotorReplicacion(par.almacenes, ahora_ms=ahora_ms)
    informe = motor.drenar(MONGO)
    assert set(sql.leer_lote([antes.id, mala.id, despues.id])) == {antes.id, despues.id}
    assert {(una.id, una.origen, una.motivo) for una in motor.cuarentena.todas()} == {
        (mala.id, MONGO, SIN_LEER)
    }
    assert informe.faltan == {mala.id}

    manos.en_mongo(str(mala.id), {"$set": campos})
    motor.cuarentena.reintentar()
    motor.drenar(MONGO)
    assert not motor.cuarentena.todas()
    assert sql.leer(mala.id) == mongo.leer(mala.id)


@pytest.mark.parametrize("cambio", MONGO_MALOS, ids=repr)
def test_un_relleno_aparta_el_documento_ilegible_y_lo_marca(
    tmp_path: Path, mongo_url: str, cambio: dict[str, Any]
) -> None:
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        manos = Manos("", mongo_url)
        mongo = par.almacenes[MONGO]
        buena, mala = mongo.save(Tarea(titulo="buena")), mongo.save(Tarea(titulo="mala"))
        cambio = cambio | {"pendiente": False}
        manos.en_mongo(str(mala.id), {"$set": cambio})
        assert isinstance(mongo, MongoTareaRepository)
        lotes = LotesMongo(mongo)
        vistas: list[UUID | str] = []
        ilegibles: list[UUID] = []
        tras: Lugar | None = INICIO
        while tras is not None:
            pagina = lotes.pagina(tras=tras, limite=10)
            vistas += [fila[ID] for fila in pagina.filas]
            ilegibles += pagina.sin_leer
            tras = pagina.siguiente
        assert (vistas, ilegibles) == ([str(buena.id)], [mala.id])


@pytest.mark.parametrize(
    "fecha",
    [
        *("2024-02-29", "2000-02-29T00:00:00Z", "2024-01-31 23:59", "2024-12-31T23:59:59.123456+05:30"),
        *("2023-02-28T10:00:00.5", "0002-01-01", "2024-06-30T00:00:00-03:00"),
    ],
)
def test_una_fecha_en_texto_que_se_entiende_se_copia_como_es(
    tmp_path: Path, mongo_url: str, fecha: str
) -> None:
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        manos = Manos("", mongo_url)
        tarea = par.almacenes[MONGO].save(Tarea(titulo="de otro programa"))
        manos.en_mongo(str(tarea.id), {"$set": {"creada_en": fecha}})
        motor = MotorReplicacion(par.almacenes, ahora_ms=ahora_ms)
        assert motor.drenar(MONGO).copiadas == 1
        copiada = par.almacenes[SQL].leer(tarea.id)
        instante = datetime.fromisoformat(fecha)
        assert copiada is not None
        assert copiada.creada_en == cortar_a_ms(instante if instante.tzinfo else instante.replace(tzinfo=UTC))


def test_los_que_no_tienen_version_no_cortan_las_paginas(tmp_path: Path, mongo_url: str) -> None:
    """They come first in the order of versions, and none follows the last of them."""
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        manos = Manos("", mongo_url)
        mongo = par.almacenes[MONGO]
        sin_version = [mongo.save(Tarea(titulo=f"sin versión {n}")) for n in range(5)]
        for una in sin_version:
            manos.en_mongo(str(una.id), {"$set": {"version": None}})
        buenas = [mongo.save(Tarea(titulo=f"buena {n}")) for n in range(5)]
        motor = MotorReplicacion(par.almacenes, ahora_ms=ahora_ms, lote=2)
        informe = motor.drenar(MONGO)
        assert informe.apartadas.keys() == {una.id for una in sin_version}
        assert set(par.almacenes[SQL].leer_lote([una.id for una in buenas])) == {una.id for una in buenas}
