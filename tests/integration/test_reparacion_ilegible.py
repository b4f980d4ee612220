"""A value that no program of ours writes, and that a driver may not read, costs no other row its repair."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bson
import pytest
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient, UpdateOne

from adapters.mongo.reparacion import _escribir
from core.domain.models.reparacion import Suerte
from core.domain.models.tarea import Tarea
from core.reparacion import Gana
from tests.integration.reparacion import Taller
from tests.integration.revision import MONGO, abrir_par, de_hace, url_sqlite

CAMPOS = ["titulo", "descripcion", "estado", "creada_en", "actualizada_en"]
CAMPOS += ["version", "version_comun", "pendiente", "nodo", "eliminada"]
RAROS: list[Any] = [
    *(1.5, float("nan"), {}, {"a": [1]}, [], b"1", None, -5, "", "x\x00y"),
    *(bson.ObjectId("6b05a0c1e69648853f25be53"), bson.Regex("["), bson.Code("x"), bson.Code("x", {"a": 1})),
    *(bson.Timestamp(1, 1), bson.Decimal128("NaN"), bson.MinKey(), bson.MaxKey(), bson.DBRef("a", 1)),
    *(bson.datetime_ms.DatetimeMS(ms) for ms in (10**17, -(10**17), -62_150_000_000_000)),
]


@pytest.fixture
def taller(tmp_path: Path, mongo_url: str) -> Iterator[Taller]:
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        yield Taller(par, url_sqlite(tmp_path), mongo_url, tmp_path)


def poner(taller: Taller, cuantas: int) -> list[Tarea]:
    filas = [de_hace(3, f"fila {n}", contador=n % 30) for n in range(cuantas)]
    taller.par.poner(filas)
    return filas


def diario(taller: Taller) -> dict[str, str]:
    """What it says of each tarea."""
    lineas = (taller.carpeta / "reparaciones.jsonl").read_text("utf-8").splitlines()
    return {apunte["id"]: apunte["contenido"] for apunte in map(json.loads, lineas)}


def test_cualquier_cosa_en_cualquier_campo_de_mongo_se_repara(taller: Taller) -> None:
    casos = [(campo, raro) for campo in CAMPOS for raro in RAROS]
    filas = poner(taller, len(casos))
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(taller.mongo_url) as cliente:
        cliente.get_default_database()["tareas"].bulk_write(
            [
                UpdateOne({"_id": str(fila.id)}, {"$set": {campo: raro}})
                for fila, (campo, raro) in zip(filas, casos, strict=True)
            ]
        )
    distintas = taller.diferencias()
    for diferencia in distintas:
        assert taller.caso().detalle(diferencia).campos
    informe = taller.caso(lote=100).execute(
        taller.caso(lote=100).planear((una, Gana.SQL) for una in distintas)
    )
    assert (informe.cuentas, informe.problemas) == ({Suerte.REPARADA: len(distintas)}, [])
    assert taller.par.verificar().iguales
    assert {una.id for una in informe.reparadas if una.clave and not una.exacta} <= set(diario(taller))


def test_lo_que_ningun_texto_es_en_mongo_queda_byte_a_byte_en_el_diario(taller: Taller) -> None:
    mala, buena = poner(taller, 2)
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(taller.mongo_url) as cliente:
        tareas = cliente.get_default_database()["tareas"]
        entero = bson.encode({**(tareas.find_one({"_id": str(mala.id)}) or {}), "titulo": "@@@@"})
        tareas.delete_one({"_id": str(mala.id)})
        tareas.insert_one(RawBSONDocument(entero.replace(b"@@@@", b"a\xff\xfeb")))
    taller.en_mongo(str(buena.id), {"$set": {"titulo": "a mano"}})
    distintas = taller.diferencias()
    assert len(distintas) == 2
    (detalle,) = (taller.caso().detalle(una) for una in distintas if una.id == str(mala.id))
    assert {uno.nombre: uno.mongo for uno in detalle.campos if uno.distinto} == {"titulo": r"a\xff\xfeb"}
    informe = taller.caso().execute(taller.plan(Gana.SQL))
    assert informe.cuentas == {Suerte.REPARADA: 2}
    apuntado = bytes.fromhex(json.loads(diario(taller)[str(mala.id)])["$bson"])
    assert b"a\xff\xfeb" in apuntado
    assert taller.par.verificar().iguales


@pytest.mark.parametrize("nombre", [b"pri\xe9\xff", b"\xff" + b"x" * 80, "prioridad ñ".encode()])
def test_un_campo_de_mas_se_quita_tambien_si_su_nombre_no_es_texto(taller: Taller, nombre: bytes) -> None:
    mala, buena = poner(taller, 2)
    hueco = "@" * len(nombre)
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(taller.mongo_url) as cliente:
        tareas = cliente.get_default_database()["tareas"]
        entero = bson.encode({**(tareas.find_one({"_id": str(mala.id)}) or {}), hueco: 1})
        tareas.delete_one({"_id": str(mala.id)})
        tareas.insert_one(RawBSONDocument(entero.replace(hueco.encode(), nombre)))
    taller.en_mongo(str(buena.id), {"$set": {"titulo": "a mano"}})
    informe = taller.caso().execute(taller.plan(Gana.SQL))
    assert (informe.cuentas, informe.problemas) == ({Suerte.REPARADA: 2}, [])
    assert taller.par.verificar().iguales
    assert set(taller.documento(str(mala.id))) == {"_id", *CAMPOS}
    assert str(mala.id) in diario(taller)


@pytest.mark.parametrize(
    ("cambio", "apuntado"),
    [
        ("titulo = CAST(x'41ff' AS TEXT)", '"titulo": {"$text": "41ff"}'),
        ("descripcion = x'00ff'", '"descripcion": {"$blob": "00ff"}'),
        ("version = 'abc'", '"version": "abc"'),
        ("estado = 17", '"estado": "17"'),
    ],
)
def test_cualquier_cosa_en_sqlite_se_repara(taller: Taller, cambio: str, apuntado: str) -> None:
    mala, buena = poner(taller, 2)
    taller.en_sql(f"UPDATE tareas SET {cambio} WHERE id = ?", str(mala.id))
    taller.en_sql("UPDATE tareas SET titulo = 'a mano' WHERE id = ?", str(buena.id))
    assert all(taller.caso().detalle(una).campos for una in taller.diferencias())
    informe = taller.caso().execute(taller.plan(Gana.MONGO))
    assert informe.cuentas == {Suerte.REPARADA: 2}
    assert apuntado in diario(taller)[str(mala.id)]
    assert taller.par.verificar().iguales


def test_las_fechas_que_python_no_tiene_se_reparan_en_postgres(
    tmp_path: Path, postgres_url: str, mongo_url: str
) -> None:
    with abrir_par(postgres_url, mongo_url) as par:
        taller = Taller(par, postgres_url, mongo_url, tmp_path)
        fechas = ("infinity", "-infinity", "20000-01-01", "0044-03-15 BC", "294276-12-31")
        filas = poner(taller, len(fechas) + 1)
        for fecha, fila in zip(fechas, filas, strict=False):
            taller.en_sql("UPDATE tareas SET creada_en = ? WHERE id = ?", fecha, str(fila.id))
        taller.en_sql("UPDATE tareas SET titulo = 'a mano' WHERE id = ?", str(filas[-1].id))
        assert all(taller.caso().detalle(una).campos for una in taller.diferencias())
        no_se_puede = taller.caso(lote=50).execute(taller.plan(Gana.SQL))
        assert no_se_puede.cuentas == {Suerte.REPARADA: 1, Suerte.FALLIDA: len(fechas)}
        informe = taller.caso(lote=50).execute(taller.plan(Gana.MONGO))
        assert informe.cuentas == {Suerte.REPARADA: len(fechas)}
        assert '"creada_en":"infinity"' in diario(taller)[str(filas[0].id)]
        assert '"creada_en":"0044-03-15' in diario(taller)[str(filas[3].id)]
        assert par.verificar().iguales


def test_una_mano_que_solo_cambia_acentos_no_se_pisa_en_una_coleccion_que_no_los_distingue(
    tmp_path: Path, mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(mongo_url) as cliente:
        cliente.get_default_database().create_collection("tareas", collation={"locale": "es", "strength": 1})
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        taller = Taller(par, url_sqlite(tmp_path), mongo_url, tmp_path)
        fila, otra = de_hace(3, "original"), de_hace(3, "otra")
        par.poner([fila, otra])
        for una in (fila, otra):
            taller.en_mongo(str(una.id), {"$set": {"titulo": "camion"}})
        plan = taller.plan(Gana.SQL)

        def escribir(base: Any, ordenes: Any, coleccion: str = "tareas") -> None:
            if coleccion == "tareas":
                taller.en_mongo(str(fila.id), {"$set": {"titulo": "CÁMION"}})
            _escribir(base, ordenes, coleccion)

        monkeypatch.setattr("adapters.mongo.reparacion._escribir", escribir)
        assert taller.caso().execute(plan).cuentas == {Suerte.CAMBIO: 1, Suerte.REPARADA: 1}
        assert taller.documento(str(fila.id))["titulo"] == "CÁMION"
        assert par.almacenes[MONGO].leer(otra.id).titulo == "otra"
