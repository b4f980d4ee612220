"""The way back from a repair: what can be put back, what cannot and is told before, and a receipt in time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.container import Contenedor
from adapters.reparacion.recibo import guardar_recibo, leer_recibo
from adapters.settings import Ajustes
from core.domain.errors import ArchivoInvalido, ConfiguracionInvalida
from core.domain.models.reparacion import InformeReparacion, Suerte
from core.domain.models.tarea import Tarea
from core.reparacion import Gana
from tests.integration.reparacion import Taller
from tests.integration.revision import SQL, abrir_par, de_hace, url_sqlite


@pytest.fixture(params=["sqlite", "postgres"])
def taller(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Taller]:
    sql_url = url_sqlite(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with abrir_par(sql_url, mongo_url) as par:
        yield Taller(par, sql_url, mongo_url, tmp_path)


@pytest.fixture
def en_sqlite(tmp_path: Path, mongo_url: str) -> Iterator[Taller]:
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        yield Taller(par, url_sqlite(tmp_path), mongo_url, tmp_path)


def a_mano(taller: Taller, cuantas: int = 1) -> list[Tarea]:
    """Rows that a hand changed in SQL, with the microseconds that `now()` leaves."""
    filas = [de_hace(3, f"original {n}", contador=n) for n in range(cuantas)]
    taller.par.poner(filas)
    cuando = "2031-05-06 07:08:09.123456+00:00"
    taller.en_sql(
        "UPDATE tareas SET titulo = replace(titulo, 'original', 'a mano'), actualizada_en = ?", cuando
    )
    return filas


def test_lo_que_una_mano_cambio_despues_es_lo_mas_reciente(taller: Taller) -> None:
    (fila,) = a_mano(taller)
    assert taller.caso().detalle(taller.diferencias()[0]).mas_reciente is SQL
    informe = taller.caso().execute(taller.plan(Gana.RECIENTE))
    assert informe.cuentas == {Suerte.REPARADA: 1}
    assert [uno.titulo for uno in taller.en_ambos(fila.id)] == ["a mano 0"] * 2


def test_lo_que_llevaba_microsegundos_se_devuelve_cortado_y_se_dice(taller: Taller) -> None:
    (fila,) = a_mano(taller)
    plan = taller.plan(Gana.MONGO)
    assert plan.sin_vuelta == 0
    informe = taller.caso().execute(plan)
    (reparada,) = informe.reparadas
    assert (reparada.exacta, reparada.devolvible, bool(informe.diario)) == (False, True, True)
    informe = leer_recibo(guardar_recibo(informe, taller.carpeta, 1) or Path())
    assert taller.caso().prever_vuelta(informe).cuentas == {Suerte.REPARADA: 1}
    assert taller.caso().deshacer(informe).cuentas == {Suerte.REPARADA: 1}
    sql, mongo = taller.en_ambos(fila.id)
    assert sql == mongo
    assert (sql.titulo, sql.actualizada_en.microsecond) == ("a mano 0", 123_000)
    assert taller.caso().prever_vuelta(informe).cuentas == {Suerte.IGUALES: 1}, "ya se devolvió"


def test_lo_que_no_se_podra_devolver_se_cuenta_antes(en_sqlite: Taller) -> None:
    fila = de_hace(3, "buena")
    en_sqlite.par.poner([fila])
    en_sqlite.en_mongo(str(fila.id), {"$set": {"titulo": 7}})
    plan = en_sqlite.plan(Gana.SQL)
    assert (plan.se_escriben, plan.sin_vuelta) == (1, 1)
    informe = en_sqlite.caso().execute(plan)
    assert en_sqlite.caso().prever_vuelta(informe).cuentas == {Suerte.FALLIDA: 1}


def test_antes_de_cada_lote_esta_escrito_como_se_deshace(en_sqlite: Taller) -> None:
    filas = a_mano(en_sqlite, 5)
    vistos: list[tuple[int, int]] = []
    hasta_ahora = InformeReparacion()

    def asegurar(informe: InformeReparacion) -> None:
        nonlocal hasta_ahora
        hasta_ahora = informe
        reparadas = [uno.titulo for una in filas for uno in en_sqlite.en_ambos(una.id)[:1]].count("a mano 0")
        vistos.append((len(informe.con_vuelta), reparadas))
        if len(vistos) == 2:
            raise ArchivoInvalido("El disco está lleno.")

    caso = en_sqlite.caso(lote=3)
    with pytest.raises(ArchivoInvalido):
        caso.execute(en_sqlite.plan(Gana.MONGO), asegurar=asegurar)
    assert [cuantas for cuantas, _ in vistos] == [3, 5]
    assert vistos[0][1] == 1, "todavía no se había escrito nada"
    titulos = sorted(en_sqlite.en_ambos(una.id)[0].titulo[:6] for una in filas)
    assert titulos == ["a mano"] * 2 + ["origin"] * 3, "del segundo lote no se escribió nada"
    assert (len(hasta_ahora.con_vuelta), hasta_ahora.en_curso) == (3, [])


def contenedor(tmp_path: Path, sql_url: str, mongo_url: str) -> Contenedor:
    return Contenedor(Ajustes(datos=tmp_path, sql_url=sql_url, mongo_url=mongo_url))  # type: ignore[arg-type]


def test_el_recibo_de_otra_base_no_deshace_nada(en_sqlite: Taller, tmp_path: Path, mongo_url: str) -> None:
    a_mano(en_sqlite, 2)
    with contenedor(tmp_path, en_sqlite.sql_url, mongo_url) as uno:
        plan = uno.plan_de_reparacion(en_sqlite.diferencias(), Gana.MONGO)
        hecha = uno.reparar(plan)
        recibo = leer_recibo(Path(hecha.recibo))
        assert json.loads(Path(hecha.recibo).read_text("utf-8"))["bases"].keys() == {"sql", "mongo"}
        assert [una.clave for una in recibo.reparadas] == [una.clave for una in hecha.reparadas]
        assert uno.prever_vuelta(recibo).cuentas == {Suerte.REPARADA: 2}
        assert len(list(tmp_path.glob("reparacion-*.json"))) == 1
    with contenedor(tmp_path, f"sqlite:///{tmp_path / 'otra.db'}", mongo_url) as otro:
        with pytest.raises(ConfiguracionInvalida, match="en otra base de datos de SQL"):
            otro.prever_vuelta(recibo)
        with pytest.raises(ConfiguracionInvalida, match="en otra base de datos de SQL"):
            otro.deshacer_reparacion(recibo)
