"""Values put there by hand that Python cannot hold: nothing else is kept from being read and copied."""

from __future__ import annotations

from collections.abc import Iterator
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
from core.domain.models.tarea import Tarea
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
    {"actualizada_en": 7},
    {"creada_en": [EPOCA]},
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
