"""Comparison by sums that the servers make: what it sees, what it costs under load, how it ends."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from bson.int64 import Int64
from pymongo import MongoClient

from adapters.mongo.revision import RevisionMongo
from adapters.nodo import ahora_ms
from adapters.verificacion import resumen
from adapters.verificacion.control import elegir_verificador
from adapters.verificacion.flujo import VerificadorFlujo
from adapters.verificacion.resumen import VerificadorResumen
from core.diferencias import Subtipo, TipoDiferencia
from core.domain.errors import AlmacenError
from core.domain.models.verificacion import InformeVerificacion
from tests.integration.revision import MONGO, SQL, Par, abrir_par, de_hace, url_sqlite
from tests.servidores import ServidorMongo, ServidorPostgres

MALFORMADA, CONTENIDO = TipoDiferencia.MALFORMADA, TipoDiferencia.CONTENIDO


@pytest.fixture(params=["sqlite", "postgres"])
def par(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Par]:
    sql_url = url_sqlite(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with abrir_par(sql_url, mongo_url) as par:
        yield par


@pytest.fixture
def coleccion(mongo_url: str) -> Iterator[Any]:
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(mongo_url) as cliente:
        yield cliente.get_default_database()["tareas"]


def verificar(par: Par) -> InformeVerificacion:
    return par.verificar(VerificadorResumen)


def hallazgos(par: Par) -> dict[str, tuple[TipoDiferencia, Subtipo | None, tuple[str, ...]]]:
    return {uno.id: (uno.tipo, uno.subtipo, uno.campos) for uno in verificar(par).diferencias}


def test_sqlite_postgres_y_mongo_se_pueden_resumir(par: Par) -> None:
    par.poner([de_hace(1)])
    assert [crudo.motivo_sin_resumen() for crudo in par.crudos.values()] == ["", ""]
    informe = elegir_verificador(par.crudos).verificar()
    assert (informe.metodo, informe.motivo_metodo, informe.iguales, informe.fraccion) == (
        "resumen",
        "",
        True,
        1.0,
    )


AJENOS: list[tuple[str, dict[str, Any], Subtipo, tuple[str, ...]]] = [
    ("campo de nadie", {"$set": {"color": "rojo"}}, Subtipo.CAMPO_DESCONOCIDO, ("color",)),
    ("entero por booleano", {"$set": {"eliminada": 0}}, Subtipo.TIPO, ("eliminada",)),
    ("falta", {"$unset": {"descripcion": ""}}, Subtipo.TIPO, ("descripcion",)),
    ("nulo", {"$set": {"descripcion": None}}, Subtipo.TIPO, ("descripcion",)),
    ("número por texto", {"$set": {"titulo": 7}}, Subtipo.TIPO, ("titulo",)),
    ("fecha como texto", {"$set": {"creada_en": "2024-01-01"}}, Subtipo.TIPO, ("creada_en",)),
    ("fecha como número", {"$set": {"creada_en": Int64(5)}}, Subtipo.TIPO, ("creada_en",)),
    ("versión con decimales", {"$set": {"version": 7.0}}, Subtipo.TIPO, ("version",)),
    ("sin nodo", {"$unset": {"nodo": ""}}, Subtipo.TIPO, ("nodo",)),
    ("versión negativa", {"$set": {"version": Int64(-3)}}, Subtipo.TIPO, ("version",)),
    ("título vacío", {"$set": {"titulo": ""}}, Subtipo.LIMITES, ("titulo",)),
    ("título largo", {"$set": {"titulo": "x" * 201}}, Subtipo.LIMITES, ("titulo",)),
    ("descripción larga", {"$set": {"descripcion": "é" * 10_001}}, Subtipo.LIMITES, ("descripcion",)),
    ("estado de nadie", {"$set": {"estado": "HECHA"}}, Subtipo.LIMITES, ("estado",)),
    (
        "campo de nadie y otro de menos",
        {"$set": {"version": 5, "version_comun": 5, "xy": 1}},
        Subtipo.CAMPO_DESCONOCIDO,
        ("xy",),
    ),
]


def test_lo_que_no_debe_haber_en_un_documento_se_ve_y_se_nombra(par: Par, coleccion: Any) -> None:
    filas = [de_hace(3, f"{n}", contador=n % 30) for n in range(40)]
    par.poner(filas)
    esperados = {}
    for fila, (_, cambio, subtipo, campos) in zip(filas, AJENOS, strict=False):
        coleccion.update_one({"_id": str(fila.id)}, cambio)
        esperados[str(fila.id)] = (MALFORMADA, subtipo, campos)
    assert hallazgos(par) == esperados


def test_un_defecto_que_esta_en_los_dos_tambien_se_ve(par: Par, coleccion: Any) -> None:
    malas = [
        replace(de_hace(2), titulo="t" * 201),
        replace(de_hace(2), titulo=""),
        replace(de_hace(2), descripcion="d" * 10_001),
        replace(de_hace(2), estado="HECHA"),  # type: ignore[arg-type]
    ]
    par.poner([de_hace(1), *malas])
    informe = verificar(par)
    assert (informe.cuentas, informe.iguales) == ({MALFORMADA: 4}, False)
    assert {uno.subtipo for uno in informe.diferencias} == {Subtipo.LIMITES}
    coleccion.update_one({"_id": str(malas[0].id)}, {"$set": {"color": "rojo"}})
    assert hallazgos(par)[str(malas[0].id)] == (MALFORMADA, Subtipo.CAMPO_DESCONOCIDO, ("titulo", "color"))


CERCANOS = [
    ("á", "a\u0301"),
    ("a\x1fb", "a"),
    ("x ", "x"),
    ("🎉", "🎊"),
    ("א\u202eb", "אb\u202e"),
    ("a\x07", "a\x08"),
    ("ñ" * 200, "ñ" * 199 + "n"),
]


def test_lo_que_se_parece_no_es_lo_mismo_y_se_edito_a_mano(par: Par, coleccion: Any) -> None:
    filas = [replace(de_hace(3, uno), titulo=uno) for uno, _ in CERCANOS]
    par.poner(filas)
    assert verificar(par).iguales
    for fila, (_, otro) in zip(filas, CERCANOS, strict=True):
        coleccion.update_one({"_id": str(fila.id)}, {"$set": {"titulo": otro}})
    assert hallazgos(par) == {str(fila.id): (CONTENIDO, Subtipo.MISMA_VERSION, ("titulo",)) for fila in filas}


PASAN: list[tuple[tuple[str, str], tuple[str, str]]] = [
    (("a", "\x1fb"), ("a\x1f", "b")),
    (("a", "PENDIENTEb"), ("aPENDIENTE", "b")),
    (("a", "PENDIENTE\x1fb"), ("aPENDIENTE", "\x1fb")),
]


def test_lo_que_pasa_de_un_campo_a_otro_se_ve(par: Par, coleccion: Any) -> None:
    filas = [replace(de_hace(3), titulo=suyo[0], descripcion=suyo[1]) for suyo, _ in PASAN]
    con_estado = replace(de_hace(3), descripcion="hecha")
    par.poner([*filas, con_estado])
    for fila, (_, otro) in zip(filas, PASAN, strict=True):
        cambio = dict(zip(("titulo", "descripcion"), otro, strict=True))
        coleccion.update_one({"_id": str(fila.id)}, {"$set": cambio})
    cambio = {"estado": "PENDIENTEhecha", "descripcion": ""}
    coleccion.update_one({"_id": str(con_estado.id)}, {"$set": cambio})
    distinta = (CONTENIDO, Subtipo.MISMA_VERSION, ("titulo", "descripcion"))
    assert hallazgos(par) == {
        **{str(fila.id): distinta for fila in filas},
        str(con_estado.id): (MALFORMADA, Subtipo.LIMITES, ("estado",)),
    }


CON_NUL = [
    ("titulo", "a\0" + "b" * 300, Subtipo.LIMITES),
    ("descripcion", "a\0" + "b" * 10_000, Subtipo.LIMITES),
    ("estado", "PENDIENTE\0x", Subtipo.LIMITES),
    ("creada_en", "2026-01-02 03:04:05.678+00:00\0x", Subtipo.TIPO),
    ("actualizada_en", "2026-01-02 03:04:05.678+00:00\0 x", Subtipo.TIPO),
]


def test_lo_que_sigue_a_un_nul_en_sqlite_tambien_se_mira(
    tmp_path: Path, mongo_url: str, coleccion: Any
) -> None:
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        instante = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
        filas = [
            replace(de_hace(3, f"{n}"), creada_en=instante, actualizada_en=instante)
            for n in range(len(CON_NUL) + 1)
        ]
        par.poner(filas)
        corta = filas[-1]
        cambios = [(fila, campo, valor) for fila, (campo, valor, _) in zip(filas, CON_NUL, strict=False)]
        with closing(sqlite3.connect(tmp_path / "tareas.db")) as conexion, conexion:
            for fila, campo, valor in [*cambios, (corta, "titulo", "a\0b")]:
                conexion.execute(
                    f"UPDATE tareas SET {campo} = CAST(? AS TEXT) WHERE id = ?",
                    (valor.encode(), str(fila.id)),
                )
                if not campo.endswith("_en"):
                    coleccion.update_one({"_id": str(fila.id)}, {"$set": {campo: valor}})
        esperados = {
            str(fila.id): (MALFORMADA, subtipo, (campo,))
            for fila, (campo, _, subtipo) in zip(filas, CON_NUL, strict=False)
        }
        assert hallazgos(par) == esperados
        flujo = par.verificar(VerificadorFlujo).diferencias
        assert {una.id: (una.tipo, una.subtipo, una.campos) for una in flujo} == esperados


def test_una_fecha_de_sqlite_vale_por_su_instante_y_no_por_su_forma(tmp_path: Path, mongo_url: str) -> None:
    archivo = tmp_path / "tareas.db"
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        buena, febrero, micros = filas = [
            replace(de_hace(2), creada_en=datetime(2024, 3, 2, 10, 0, 0, 5000, UTC)) for _ in range(3)
        ]
        par.poner(filas)
        formas = {buena: "2024-03-02T12:00:00.005+02:00", febrero: "2024-02-31 10:00:00.005+00:00"}
        formas[micros] = "2024-03-02 10:00:00.005001+00:00"
        with closing(sqlite3.connect(archivo)) as conexion, conexion:
            for fila, forma in formas.items():
                conexion.execute("UPDATE tareas SET creada_en = ? WHERE id = ?", (forma, str(fila.id)))
        assert {id: campos for id, (_, _, campos) in hallazgos(par).items()} == {
            str(febrero.id): ("creada_en",),
            str(micros.id): ("creada_en",),
        }


def test_los_bordes_de_fechas_y_versiones_son_iguales(par: Par) -> None:
    filas = [
        replace(de_hace(1, "año 1"), creada_en=datetime(1, 1, 1, tzinfo=UTC)),
        replace(de_hace(1, "año 9999"), creada_en=datetime(9999, 12, 31, 23, 59, 59, 999000, UTC)),
        replace(de_hace(1, "antes de 1970"), creada_en=datetime(1969, 12, 31, 23, 59, 59, 999000, UTC)),
        replace(de_hace(1, "enorme"), version=2**63 - 1, version_comun=2**63 - 1),
        replace(de_hace(1, "larga"), descripcion="🎉" * 10_000),
        replace(de_hace(1, "lápida"), eliminada=True),
    ]
    par.poner(filas)
    informe = verificar(par)
    assert (informe.iguales, informe.diferencias) == (True, [])
    assert par.digeridas_iguales()


def test_ids_casi_iguales_se_reparten_mas_hondo(par: Par, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resumen, "FILAS_MAX", 20)
    azar = random.Random(7)
    base = azar.getrandbits(100) << 28
    filas = [replace(de_hace(2, f"{n}", contador=n % 30), id=UUID(int=base + n * 7919)) for n in range(100)]
    par.poner(filas[:-3])
    par.poner(filas[-3:-1], SQL)
    par.poner(filas[-1:], MONGO)
    assert {id: tipo for id, (tipo, _, _) in hallazgos(par).items()} == {
        **{str(fila.id): TipoDiferencia.SOLO_SQL for fila in filas[-3:-1]},
        str(filas[-1].id): TipoDiferencia.SOLO_MONGO,
    }


def test_ids_que_no_son_de_tarea_se_ven_donde_esten(par: Par, coleccion: Any) -> None:
    par.poner([de_hace(1)])
    modelo = coleccion.find_one()
    raros = ["ñandú", "zz", "ABC", str(UUID(int=5)).upper() + "F", "\U0010fffe"]
    coleccion.insert_many([{**modelo, "_id": id} for id in [*raros, 17]])
    vistos = hallazgos(par)
    assert set(vistos) == {*raros, "17"}
    assert {(tipo, subtipo) for tipo, subtipo, _ in vistos.values()} == {(MALFORMADA, Subtipo.ID)}


def test_lo_que_cambia_mientras_no_es_diferencia(par: Par) -> None:
    par.poner([de_hace(5, f"{n}", contador=n % 30) for n in range(300)])
    acabar, abierta, cerrar, cerrada = (threading.Event() for _ in range(4))

    def operar() -> None:
        """Writes rows, one after the other, each of which is in SQL alone until somebody looks twice."""
        while not acabar.is_set():
            fila = de_hace(0, "nueva")
            par.poner([fila], SQL)
            abierta.set()
            cerrar.wait(10)
            cerrar.clear()
            par.poner([fila], MONGO)
            cerrada.set()

    class Pausa(threading.Event):
        """Between two looks the write that was open ends, and the next one begins."""

        def wait(self, timeout: float | None = None) -> bool:
            abierta.clear()
            cerrar.set()
            assert cerrada.wait(10)
            cerrada.clear()
            return False

    hilo = threading.Thread(target=operar)
    hilo.start()
    try:
        for _ in range(4):
            assert abierta.wait(10)
            informe = VerificadorResumen(par.crudos, ahora_ms=ahora_ms).verificar(parar=Pausa())
            assert (informe.iguales, informe.diferencias) == (True, [])
    finally:
        acabar.set()
        cerrar.set()
        hilo.join(10)
    assert verificar(par).iguales


def test_cien_distintas_se_nombran_todas(par: Par, coleccion: Any) -> None:
    filas = [de_hace(5, f"{n}", contador=n % 30) for n in range(300)]
    par.poner(filas)
    elegidas = random.Random(3).sample(filas, 100)
    for fila in elegidas:
        coleccion.update_one({"_id": str(fila.id)}, {"$set": {"titulo": "a mano"}})
    assert set(hallazgos(par)) == {str(fila.id) for fila in elegidas}


# -- how it ends ------------------------------------------------------------------------------------------


PLAZO_S = 1.0
"""Of a store that is going to be frozen, seconds."""


class Lenta(RevisionMongo):
    """A server whose sums never end: each document waits."""

    def resumir(self, prefijo: str, largo: int) -> Any:
        espera = {"$function": {"body": "function() { sleep(200); return 1; }", "args": [], "lang": "js"}}
        etapas: list[dict[str, Any]] = [
            {"$project": {"n": espera}},
            {"$group": {"_id": None, "n": {"$sum": "$n"}}},
        ]
        return self._abrir().ejecutar(
            lambda base: list(base["tareas"].aggregate(etapas, comment="lenta")), plazo_s=60
        )


def hasta(condicion: Callable[[], bool], plazo_s: float = 5.0) -> None:
    """Wait for it."""
    pausa, limite_s = threading.Event(), time.monotonic() + plazo_s
    while not condicion():
        assert time.monotonic() < limite_s
        pausa.wait(0.02)


def test_cancelar_tarda_menos_de_medio_segundo_y_para_al_servidor(
    tmp_path: Path, mongo_url: str, servidor_mongo: ServidorMongo
) -> None:
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        cancelar_a_mitad(par, servidor_mongo)


def cancelar_a_mitad(par: Par, servidor_mongo: ServidorMongo) -> None:
    par.poner([de_hace(3) for _ in range(300)])
    crudos = {**par.crudos, MONGO: Lenta(par.almacenes[MONGO])}  # type: ignore[arg-type]
    parar = threading.Event()
    informes: list[InformeVerificacion] = []
    verificador = VerificadorResumen(crudos, ahora_ms=ahora_ms)
    hilo = threading.Thread(target=lambda: informes.append(verificador.verificar(parar=parar)))
    with servidor_mongo.cliente() as cliente:

        def corre() -> bool:
            ops = cliente.admin.aggregate([{"$currentOp": {}}, {"$match": {"command.comment": "lenta"}}])
            return bool(list(ops))

        hilo.start()
        hasta(corre)
        inicio_s = time.monotonic()
        parar.set()
        hilo.join(5)
        assert time.monotonic() - inicio_s < 0.5
        assert (informes[0].cancelada, informes[0].iguales) == (True, False)
        hasta(lambda: not corre())
    assert par.crudos[SQL].nota("verificacion") is None


def test_un_mongo_congelado_a_la_mitad_acaba_con_una_frase(
    tmp_path: Path, servidores_fragiles: tuple[ServidorPostgres, ServidorMongo]
) -> None:
    _, mongo_propio = servidores_fragiles
    with abrir_par(url_sqlite(tmp_path), mongo_propio.url("x"), timeout_s=PLAZO_S) as par:
        par.poner([de_hace(3) for _ in range(300)])
        crudos = {**par.crudos, MONGO: Lenta(par.almacenes[MONGO])}  # type: ignore[arg-type]
        reloj = threading.Timer(0.5, mongo_propio.congelar)
        reloj.start()
        inicio_s = time.monotonic()
        try:
            with pytest.raises(AlmacenError, match=r"MongoDB no está disponible"):
                VerificadorResumen(crudos, ahora_ms=ahora_ms).verificar()
            assert time.monotonic() - inicio_s < 4
        finally:
            reloj.join()
            mongo_propio.descongelar()


def test_cancelar_para_tambien_la_consulta_de_postgres(postgres_url: str, mongo_url: str) -> None:
    sumas = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT left(clave%%'"
    with ExitStack() as pila:
        par = pila.enter_context(abrir_par(postgres_url, mongo_url))
        candado, vista = (
            pila.enter_context(psycopg.connect(postgres_url, autocommit=suelta)) for suelta in (False, True)
        )
        par.poner([de_hace(3)])
        candado.execute("LOCK TABLE tareas IN ACCESS EXCLUSIVE MODE")  # to wait is as good as to be slow
        parar = threading.Event()
        informes: list[InformeVerificacion] = []
        verificador = VerificadorResumen(par.crudos, ahora_ms=ahora_ms)
        hilo = threading.Thread(target=lambda: informes.append(verificador.verificar(parar=parar)))
        hilo.start()
        hasta(lambda: vista.execute(sumas, ()).fetchone() is not None)
        inicio_s = time.monotonic()
        parar.set()
        hilo.join(5)
        assert time.monotonic() - inicio_s < 0.5
        assert informes[0].cancelada
        hasta(lambda: vista.execute(sumas, ()).fetchone() is None)


def test_unas_huellas_pueden_tardar_mas_que_una_operacion(postgres_url: str, mongo_url: str) -> None:
    with abrir_par(postgres_url, mongo_url, timeout_s=PLAZO_S) as par, psycopg.connect(postgres_url) as otra:
        fila = de_hace(3)
        par.poner([fila])
        otra.execute("LOCK TABLE tareas IN ACCESS EXCLUSIVE MODE")  # to wait is as good as to be slow
        reloj = threading.Timer(PLAZO_S * 1.5, otra.rollback)
        reloj.start()
        try:
            assert list(par.crudos[SQL].huellas([str(fila.id)[:3]])) == [str(fila.id)]
        finally:
            reloj.join()


def test_no_hace_esperar_a_quien_escribe(postgres_url: str, mongo_url: str) -> None:
    with abrir_par(postgres_url, mongo_url) as par, psycopg.connect(postgres_url) as otra:
        par.poner([de_hace(3)])
        otra.execute("UPDATE tareas SET titulo = titulo")  # in a transaction that stays open
        assert verificar(par).iguales
        otra.execute("ALTER TABLE tareas ADD COLUMN nueva text")  # nobody holds a lock any more
        otra.rollback()


def test_un_postgres_congelado_a_la_mitad_acaba_con_una_frase(
    servidores_fragiles: tuple[ServidorPostgres, ServidorMongo], mongo_url: str
) -> None:
    postgres_propio, _ = servidores_fragiles
    url = postgres_propio.crear_base("congelada")
    with abrir_par(url, mongo_url, timeout_s=PLAZO_S) as par:
        par.poner([de_hace(3)])
        with psycopg.connect(url) as otra:
            otra.execute("LOCK TABLE tareas IN ACCESS EXCLUSIVE MODE")
            reloj = threading.Timer(0.5, postgres_propio.congelar)
            reloj.start()
            inicio_s = time.monotonic()
            try:
                with pytest.raises(AlmacenError, match=r"no contestó|no está disponible"):
                    VerificadorResumen(par.crudos, ahora_ms=ahora_ms).verificar()
                assert time.monotonic() - inicio_s < 4
            finally:
                reloj.join()
                postgres_propio.descongelar()
