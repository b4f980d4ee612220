"""Values put into SQL by hand that Python cannot hold: nothing else is kept from being read and copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.nodo import ahora_ms
from adapters.replicacion.motor import MotorReplicacion
from core.domain.models.consulta import Filtro
from core.domain.models.tarea import Tarea
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
    if cambio != "creada_en = 'ayer'":  # shown, and copied, as a tarea that has no date
        assert informe.copiadas == 2
        assert mongo.leer(mala.id) is None  # not as something that it is not
        assert sql.contar(Filtro(solo_pendientes=True)) == 1
    assert len(sql.list()) == 3
    assert sql.leer(mala.id) is not None
    assert set(sql.leer_lote([antes.id, mala.id])) == {antes.id, mala.id}
