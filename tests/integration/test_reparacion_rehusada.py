"""A store that refuses one row, for whatever reason, costs that row alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from pymongo import MongoClient

from core.application.criba import Criba
from core.application.obra import Obra
from core.domain.errors import OperacionFallida
from core.domain.models.reparacion import InformeReparacion, Suerte
from core.domain.models.tarea import Tarea
from core.reparacion import Gana
from tests.integration.reparacion import Taller
from tests.integration.revision import MONGO, SQL, abrir_par, de_hace, url_sqlite
from tests.servidores import ServidorPostgres

CUANTAS = 12


@pytest.fixture
def taller(tmp_path: Path, postgres_url: str, mongo_url: str) -> Iterator[Taller]:
    with abrir_par(postgres_url, mongo_url) as par:
        yield Taller(par, postgres_url, mongo_url, tmp_path)


@pytest.fixture
def filas(taller: Taller) -> list[Tarea]:
    """Edited by hand in MongoDB since they were in both."""
    filas = [de_hace(3, f"fila {n}", contador=n) for n in range(CUANTAS)]
    taller.par.poner(filas)
    for fila in filas:
        taller.en_mongo(str(fila.id), {"$set": {"titulo": f"a mano, {fila.titulo}"}})
    return filas


def rehusar_en_sql(taller: Taller, fila: Tarea) -> None:
    """A trigger that lets nobody change that row."""
    taller.en_sql(
        "CREATE FUNCTION rehusar() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF new.id = '{fila.id}' THEN RAISE EXCEPTION 'no'; END IF; RETURN new; END $$"
    )
    taller.en_sql("CREATE TRIGGER z BEFORE UPDATE ON tareas FOR EACH ROW EXECUTE FUNCTION rehusar()")


def reparar(taller: Taller, gana: Gana) -> InformeReparacion:
    return taller.caso(lote=50).execute(taller.plan(gana))


@pytest.mark.parametrize("gana", [Gana.SQL, Gana.MONGO])
def test_lo_que_rehusa_un_disparador_falla_solo_y_no_deja_nada_por_decidir(
    taller: Taller, filas: list[Tarea], gana: Gana
) -> None:
    rehusar_en_sql(taller, filas[4])
    informe = reparar(taller, gana)
    assert informe.cuentas == {Suerte.REPARADA: CUANTAS - 1, Suerte.FALLIDA: 1}
    ((id, motivo),) = informe.problemas
    assert (id, taller.abiertos()) == (str(filas[4].id), 0)
    assert motivo.startswith("SQL: PostgreSQL rechazó la operación")
    assert ("quedó pendiente de copiar" in motivo) == (gana is Gana.SQL)
    assert len(taller.diferencias()) == 1
    assert reparar(taller, gana).cuentas == {Suerte.FALLIDA: 1}
    taller.en_sql("DROP TRIGGER z ON tareas")
    if gana is Gana.SQL:  # MongoDB has taken it
        taller.replicar()
    else:
        reparar(taller, gana)
    assert (taller.diferencias(), taller.abiertos()) == ([], 0)


def test_lo_que_quedo_en_una_sola_base_tambien_se_devuelve(taller: Taller, filas: list[Tarea]) -> None:
    rehusar_en_sql(taller, filas[4])
    informe = reparar(taller, Gana.SQL)
    assert [una.id for una in informe.a_medias] == [str(filas[4].id)]
    taller.en_sql("DROP TRIGGER z ON tareas")
    assert taller.caso().deshacer(informe).cuentas == {Suerte.REPARADA: CUANTAS}
    assert {uno.titulo[:6] for fila in filas for uno in taller.en_ambos(fila.id)} == {"a mano"}
    assert taller.par.verificar().iguales


def test_una_fila_que_otra_sesion_bloquea_no_detiene_a_las_demas(
    taller: Taller, filas: list[Tarea], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.peewee.reparacion.ESPERA_MS", 50)
    plan = taller.plan(Gana.SQL)
    with psycopg.connect(taller.sql_url) as otra:
        otra.execute("SELECT 1 FROM tareas WHERE id = %s FOR UPDATE", [filas[4].id])
        informe = taller.caso(lote=50).execute(plan)
    assert informe.cuentas == {Suerte.REPARADA: CUANTAS - 1, Suerte.FALLIDA: 1}
    assert "otra sesión mantiene bloqueada la fila" in informe.problemas[0][1].lower()
    taller.replicar()
    assert (taller.diferencias(), taller.abiertos()) == ([], 0)


def test_lo_que_rehusan_las_reglas_de_la_coleccion_falla_solo(taller: Taller, filas: list[Tarea]) -> None:
    cliente: MongoClient[dict[str, object]]
    with MongoClient(taller.mongo_url) as cliente:
        cliente.get_default_database().command(
            "collMod", "tareas", validator={"titulo": {"$ne": "fila 4"}}, validationLevel="strict"
        )
    informe = reparar(taller, Gana.SQL)
    assert informe.cuentas == {Suerte.REPARADA: CUANTAS - 1, Suerte.FALLIDA: 1}
    assert informe.problemas == [
        (str(filas[4].id), "MongoDB: MongoDB no guardó esta tarea: el documento no cumple las reglas de "
         "validación de la colección.")
    ]  # fmt: skip
    assert taller.documento(str(filas[4].id))["titulo"] == "a mano, fila 4"


def test_en_un_archivo_bloqueado_no_se_espera_fila_a_fila(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred rows, three seconds each, would be ten minutes a batch."""
    reloj_s, intentos = [0.0], [0]

    def hacer(_obras: object) -> list[Obra]:
        reloj_s[0] += 3
        intentos[0] += 1
        raise OperacionFallida(SQL, "otro programa mantiene bloqueado el archivo.")

    monkeypatch.setattr("core.application.criba.time.monotonic", lambda: reloj_s[0])
    obras: list[Obra] = [object()] * 200  # type: ignore[list-item]  # only counted
    with pytest.raises(OperacionFallida):
        Criba(hacer, lambda _obra, _error: None).pasar(obras)
    assert intentos == [7]


def test_en_sqlite_tambien(tmp_path: Path, mongo_url: str) -> None:
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        taller = Taller(par, url_sqlite(tmp_path), mongo_url, tmp_path)
        filas = [de_hace(3, f"fila {n}", contador=n) for n in range(CUANTAS)]
        par.poner(filas)
        for fila in filas:
            taller.en_mongo(str(fila.id), {"$set": {"titulo": "a mano"}})
        taller.en_sql(
            "CREATE TRIGGER z BEFORE UPDATE ON tareas"
            f" WHEN new.id = '{filas[4].id}' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        informe = reparar(taller, Gana.SQL)
        assert informe.cuentas == {Suerte.REPARADA: CUANTAS - 1, Suerte.FALLIDA: 1}
        assert (taller.abiertos(), par.almacenes[MONGO].leer(filas[4].id).titulo) == (0, "fila 4")


def test_de_una_lapida_que_no_cabe_se_dice_como_salir_y_se_sale(
    servidor_postgres: ServidorPostgres, tmp_path: Path, mongo_url: str
) -> None:
    servidor_postgres.ejecutar(
        "CREATE DATABASE reparar_latin1 ENCODING 'LATIN1' TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'"
    )
    url = servidor_postgres.url("reparar_latin1")
    with abrir_par(url, mongo_url) as par:
        taller, mongo = Taller(par, url, mongo_url, tmp_path), par.almacenes[MONGO]
        viva = de_hace(3, "viva en SQL")
        par.poner([viva])
        lapida = replace(viva, titulo="😀", version=viva.version + 99, eliminada=True, pendiente=True)
        assert mongo.reemplazar(lapida, viva.version)
        ((_, motivo),) = reparar(taller, Gana.MONGO).problemas
        assert "la codificación de PostgreSQL no admite" in motivo
        assert motivo.endswith("Restáurela, corrija su texto y elimínela otra vez.")
        assert (taller.en_ambos(viva.id)[0].titulo, taller.abiertos()) == ("viva en SQL", 0)
        restaurada = mongo.save(replace(lapida, eliminada=False))
        mongo.eliminar(viva.id, base=mongo.save(replace(restaurada, titulo="sin ello")))
        taller.replicar()
        assert ([uno.titulo for uno in taller.en_ambos(viva.id)], taller.diferencias()) == (
            ["sin ello"] * 2,
            [],
        )
    servidor_postgres.ejecutar("DROP DATABASE reparar_latin1 WITH (FORCE)")
