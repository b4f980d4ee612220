"""Whatever a hand may leave in one row, verification names that row, once, and compares all the others."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import bson
import psycopg
import pytest
from bson import (
    Binary,
    Code,
    DatetimeMS,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from adapters.nodo import ahora_ms
from adapters.reparacion.almacenes import reparables
from adapters.verificacion.base import Verificador
from adapters.verificacion.flujo import VerificadorFlujo
from adapters.verificacion.resumen import VerificadorResumen
from core.application.reparar_diferencias import RepararDiferenciasUseCase
from core.diferencias import TipoDiferencia
from tests.integration.revision import SQL, Par, abrir_par, de_hace, url_sqlite

MALFORMADA = TipoDiferencia.MALFORMADA
METODOS: tuple[type[Verificador], ...] = (VerificadorResumen, VerificadorFlujo)
CAMPOS = (
    *("titulo", "descripcion", "estado", "creada_en", "actualizada_en", "version"),
    *("version_comun", "pendiente", "nodo", "eliminada"),
)


@pytest.fixture(params=["sqlite", "postgres"])
def par(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Par]:
    sql_url = url_sqlite(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with abrir_par(sql_url, mongo_url) as par:
        yield par


@pytest.fixture
def crudas(mongo_url: str) -> Iterator[Any]:
    """The collection, of documents as their bytes are."""
    cliente: MongoClient[Any]
    with MongoClient(mongo_url, document_class=RawBSONDocument) as cliente:
        yield cliente.get_default_database()["tareas"]


Elementos = list[tuple[bytes, bytes]]
"""Names, and what follows of each: type and value."""


def elementos(documento: Mapping[str, Any]) -> Elementos:
    return [(nombre.encode(), crudo(valor)) for nombre, valor in documento.items()]


def crudo(valor: Any) -> bytes:
    """Type and value; bytes are that already."""
    if type(valor) is bytes:
        return valor
    un_campo = bson.encode({"x": valor})
    return un_campo[4:5] + un_campo[7:-1]


def texto(contenido: bytes) -> bytes:
    """A text of these bytes, which need be no UTF-8."""
    return b"\x02" + (len(contenido) + 1).to_bytes(4, "little") + contenido + b"\0"


def documento(campos: Elementos) -> RawBSONDocument:
    cuerpo = b"".join(valor[:1] + nombre + b"\0" + valor[1:] for nombre, valor in campos)
    return RawBSONDocument((len(cuerpo) + 5).to_bytes(4, "little") + cuerpo + b"\0")


def todos(crudas: Any) -> dict[str, Elementos]:
    leidos = (bson.decode(uno.raw) for uno in crudas.find())
    return {leido["_id"]: elementos(leido) for leido in leidos}


def poner(crudas: Any, nuevos: Mapping[str, Elementos]) -> None:
    crudas.delete_many({"_id": {"$in": list(nuevos)}})
    crudas.insert_many([documento(uno) for uno in nuevos.values()])


def comprobar(
    par: Par, esperadas: Mapping[str, TipoDiferencia | None], *, no_en_resumen: Collection[str] = ()
) -> None:
    """Both methods name exactly these, of that kind where it matters; and each can be looked at."""
    reparar = RepararDiferenciasUseCase(
        par.almacenes,
        reparables(par.almacenes),
        version_nueva=lambda version: version + 1,
        nodo=lambda: "0009",
        ahora_ms=ahora_ms,
        comprobar=lambda: None,
        apuntar=lambda _filas: "",
    )
    for metodo in METODOS:
        informe = par.verificar(metodo, espera_s=0.01, pagina=50)
        ocultas = no_en_resumen if metodo is VerificadorResumen else ()
        assert Counter(una.id for una in informe.diferencias) == Counter(esperadas.keys() - ocultas)
        tipos = {una.id: una.tipo for una in informe.diferencias if esperadas[una.id] is not None}
        assert tipos == {id: tipo for id, tipo in esperadas.items() if tipo is not None and id not in ocultas}
    for una in informe.diferencias:
        reparar.detalle(una)


def valores() -> dict[str, Any]:
    """One of each type that BSON knows, the abandoned ones, too, and what is hard to read of some."""
    return {
        "nulo": None,
        "cierto": True,
        "int32": 5,
        "long": Int64(-5),
        "decimal": Decimal128("NaN"),
        "double": float("nan"),
        "infinito": float("-inf"),
        "texto": "texto",
        "vacío": "",
        "no es UTF-8": texto(b"a\xff"),
        "medio carácter": texto(b"\xed\xa0\x80"),
        "fecha lejana": DatetimeMS(2**62),
        "fecha antigua": DatetimeMS(-(2**62)),
        "marca de tiempo": Timestamp(1, 1),
        "id de objeto": ObjectId(),
        "binario": Binary(b"\xff", 0),
        "uuid": Binary(uuid4().bytes, 4),
        "código": Code("x"),
        "código con ámbito": Code("x", {"a": 1}),
        "expresión": Regex("x(", "i"),
        "mínimo": MinKey(),
        "máximo": MaxKey(),
        "referencia": DBRef("a", 1),
        "lista": ["a", {"b": []}],
        "objeto": {"$gt": {"": None}},
        "casi referencia": {"$ref": 7, "$id": 1},
        "sin definir": b"\x06",
        "símbolo": b"\x0e" + texto(b"x")[1:],
        "puntero": b"\x0c" + texto(b"x")[1:] + b"\0" * 12,
    }


DEL_TIPO = {
    "titulo": {"texto", "símbolo"},
    "descripcion": {"texto", "símbolo"},
    "version": {"int32"},
    "eliminada": {"cierto"},
}
"""What may stand there, in itself. The driver tells no symbol, long out of use, from a text."""
SIN_EFECTO = {("nodo", "texto"), ("nodo", "vacío"), ("descripcion", "vacío"), ("pendiente", "cierto"),
              ("version_comun", "int32"), ("version_comun", "long"), ("nodo", "símbolo")}  # fmt: skip
"""Of these both are equal."""
NO_EN_RESUMEN = {("nodo", "no es UTF-8"), ("nodo", "medio carácter")}
"""No part of the content, and a server says of no text whether it is UTF-8: only who reads it sees that."""


def test_cada_tipo_de_bson_en_cada_campo_se_nombra_y_el_resto_se_compara(par: Par, crudas: Any) -> None:
    son = {nombre: crudo(valor) for nombre, valor in valores().items()}
    casos = [(campo, nombre) for campo in CAMPOS for nombre in son]
    filas = [de_hace(3, f"{n}", contador=n % 30) for n in range(len(casos) + 20)]
    par.poner(filas)
    crudas.drop_indexes()  # one with a collation keeps symbols out
    documentos, nuevos = todos(crudas), {}
    esperadas: dict[str, TipoDiferencia | None] = {}
    ocultas = set()
    for (campo, nombre), fila in zip(casos, filas, strict=False):
        id = str(fila.id)
        nuevos[id] = [(uno, son[nombre] if uno == campo.encode() else otro) for uno, otro in documentos[id]]
        if (campo, nombre) not in SIN_EFECTO:
            esperadas[id] = None if nombre in DEL_TIPO.get(campo, ()) else MALFORMADA
        if (campo, nombre) in NO_EN_RESUMEN:
            ocultas.add(id)
    poner(crudas, nuevos)
    comprobar(par, esperadas, no_en_resumen=ocultas)


def test_un_campo_repetido_o_de_nombre_ilegible_se_nombra(par: Par, crudas: Any) -> None:
    filas = [de_hace(3, f"{n}", contador=n % 30) for n in range(20)]
    par.poner(filas)
    documentos = todos(crudas)
    nuevos = {
        id: [*documentos[id], (campo.encode(), dict(documentos[id])[campo.encode()])]
        for campo, id in zip(CAMPOS, documentos, strict=False)
    }
    otro, ilegible, vacio = list(documentos)[-3:]
    nuevos[otro] = [(b"titulo", crudo("otro")), *documentos[otro]]  # SQL's is the last one
    nuevos[ilegible] = [*documentos[ilegible], (b"\xff\xfe", crudo(1))]
    nuevos[vacio] = [*documentos[vacio], (b"", crudo(1))]
    poner(crudas, nuevos)
    comprobar(par, dict.fromkeys(nuevos, MALFORMADA))


def test_lo_que_no_es_utf8_no_pasa_por_lo_que_se_muestra_en_su_lugar(par: Par, crudas: Any) -> None:
    mala = de_hace(3, "\ufffd")
    par.poner([mala, de_hace(3, "otra")])
    campos = todos(crudas)[str(mala.id)]
    poner(crudas, {str(mala.id): [(n, texto(b"\xff") if n == b"titulo" else valor) for n, valor in campos]})
    comprobar(par, {str(mala.id): MALFORMADA})


IDS: dict[str, Any] = {
    "": "",
    "ab": "ab",
    "abc\U0010ffff": "abc\U0010ffff",
    "\U0010ffff" * 4: "\U0010ffff" * 4,
    "\ud7ff" * 4: "\ud7ff" * 4,
    "2038d271-6832-4445-9058-fcbef24ffdc0\0": "2038d271-6832-4445-9058-fcbef24ffdc0\0",
    "2038D271-6832-4445-9058-FCBEF24FFDC0": "2038D271-6832-4445-9058-FCBEF24FFDC0",
    "\\xff\\xfe": texto(b"\xff\xfe"),
    "abc\\xff": texto(b"abc\xff"),
    "7": 7,
    "None": None,
    "{'a': 1}": {"a": 1},
    "True": True,
}


@pytest.mark.parametrize("rotos", [False, True], ids=["", "con ids que no son UTF-8"])
def test_un_id_cualquiera_en_mongo_se_nombra(par: Par, crudas: Any, rotos: bool) -> None:
    filas = [de_hace(3, f"{n}", contador=n % 30) for n in range(60)]
    par.poner(filas)
    ids = {nombre: id for nombre, id in IDS.items() if rotos or type(id) is not bytes}
    campos = todos(crudas)[str(filas[0].id)][1:]
    crudas.insert_many([documento([(b"_id", crudo(id)), *campos]) for id in ids.values()])
    comprobar(par, dict.fromkeys(ids, MALFORMADA))


DE_POSTGRES = {
    "creada_en = 'infinity'": MALFORMADA,
    "actualizada_en = '-infinity'": MALFORMADA,
    "creada_en = '0044-03-15 BC'": MALFORMADA,
    "creada_en = '4713-01-01 BC'": MALFORMADA,
    "actualizada_en = '294276-12-31'": MALFORMADA,
    "creada_en = creada_en + interval '1 microsecond'": TipoDiferencia.CONTENIDO,
    "version = -1": MALFORMADA,
    "version = 9223372036854775807": TipoDiferencia.CONTENIDO,
    "estado = 'otro'": MALFORMADA,
    "titulo = ''": MALFORMADA,
    "titulo = E'\\x01\\u202e'": TipoDiferencia.CONTENIDO,
    "eliminada = true": TipoDiferencia.LAPIDA,
}


def test_cada_valor_raro_de_postgres_se_nombra(postgres_url: str, mongo_url: str) -> None:
    with abrir_par(postgres_url, mongo_url) as par:
        filas = [de_hace(3, f"{n}", contador=n % 30) for n in range(30)]
        par.poner(filas)
        with psycopg.connect(postgres_url) as conexion:
            for cambio, fila in zip(DE_POSTGRES, filas, strict=False):
                conexion.execute(f"UPDATE tareas SET {cambio} WHERE id = '{fila.id}'".encode())
        ids = (str(fila.id) for fila in filas)
        comprobar(par, dict(zip(ids, DE_POSTGRES.values(), strict=False)))


DE_SQLITE = (
    *("NULL", "5", "-1", "9223372036854775807", "1.5", "1e300", "-9e999", "''", "'texto'", "x''", "x'ff'"),
    *("CAST(x'41ff' AS TEXT)", "CAST(x'eda080' AS TEXT)", "'a' || char(0) || 'b'", "char(65533)"),
    *("'2024-02-31 10:00:00.000+00:00'", "'2024-02-01 10:00:00'", "'infinity'"),
)


def test_cada_clase_de_sqlite_en_cada_columna_se_nombra(tmp_path: Path, mongo_url: str) -> None:
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        casos = [(campo, valor) for campo in CAMPOS for valor in DE_SQLITE]
        filas = [de_hace(3, f"{n}", contador=n % 30) for n in range(len(casos) + 10)]
        par.poner(filas)
        esperadas: dict[str, TipoDiferencia | None] = {}
        with closing(sqlite3.connect(tmp_path / "tareas.db")) as archivo, archivo:
            for (campo, valor), fila in zip(casos, filas, strict=False):
                try:
                    archivo.execute(f"UPDATE tareas SET {campo} = {valor} WHERE id = ?", (str(fila.id),))
                except sqlite3.IntegrityError:
                    continue
                clase, es_blob = archivo.execute(
                    f"SELECT typeof({campo}), CAST({campo} AS blob) FROM tareas WHERE id = ?",
                    (str(fila.id),),
                ).fetchone()
                if not sin_efecto_en_sqlite(campo, clase, bytes(es_blob)):
                    esperadas[str(fila.id)] = None
        assert len(esperadas) > 100
        comprobar(par, esperadas)


def sin_efecto_en_sqlite(campo: str, clase: str, contenido: bytes) -> bool:
    """Whether both stores are equal with it."""
    if campo == "nodo":
        return clase == "text" and contenido.decode(errors="replace").encode() == contenido
    if campo == "version_comun":
        return clase == "integer"
    return campo == "descripcion" and (clase, contenido) == ("text", b"")


def test_un_id_cualquiera_en_sqlite_se_nombra(tmp_path: Path, mongo_url: str) -> None:
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        filas = [de_hace(3, f"{n}", contador=n % 30) for n in range(120)]
        par.poner(filas)
        raros = {
            "": "''",
            "abc\U0010ffff": "'abc' || char(1114111)",
            "\\xff\\xfe": "CAST(x'fffe' AS TEXT)",
            "abc\\xff": "CAST(x'616263ff' AS TEXT)",
            "X'FF'": "x'ff'",
            "X''": "x''",
            "5": "5",
        }
        with closing(sqlite3.connect(tmp_path / "tareas.db")) as archivo, archivo:
            resto = ", ".join(CAMPOS)
            for valor in raros.values():
                archivo.execute(
                    f"INSERT INTO tareas (id, {resto}) SELECT {valor}, {resto} FROM tareas LIMIT 1"
                )
        comprobar(par, dict.fromkeys(raros, MALFORMADA))
        textos = sorted(["", "abc\U0010ffff", "5", *(str(fila.id) for fila in filas)])
        for limite in range(2, 12):  # wherever a page ends
            vistos, tras = [], ""
            while pagina := par.crudos[SQL].pagina(tras=tras, limite=limite):
                vistos += [fila.id for fila in pagina]
                tras = vistos[-1]
            assert vistos == textos
