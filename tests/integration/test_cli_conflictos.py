"""`dual-tareas conflictos` on real databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.mongo import MongoTareaRepository
from adapters.peewee import PeeweeTareaRepository
from core.domain.models.almacen import Conflicto, Escritura
from core.domain.models.tarea import Tarea
from tests.contract.datos import fila
from tests.fakes import reloj_de_prueba

Correr = Callable[..., tuple[int, str, str]]


class Almacenes:
    """Both stores, behind the program's back."""

    def __init__(self, ruta_sql: Path, mongo_url: str) -> None:
        self.sql = PeeweeTareaRepository(f"sqlite:///{ruta_sql}", reloj=reloj_de_prueba())
        self.mongo = MongoTareaRepository(mongo_url, reloj=reloj_de_prueba())

    def perder(self, titulo: str, *, descripcion: str = "") -> Tarea:
        """A tarea that says «ganó» in both stores, and this loser of it."""
        ganadora = fila("ganó", version=900, comun=900)
        perdedora = fila(titulo, id=ganadora.id, version=800, nodo="00a7", descripcion=descripcion)
        for almacen in (self.sql, self.mongo):
            almacen.escribir(Escritura(ganadora))
            almacen.guardar_conflicto(
                Conflicto(perdedora=perdedora, version_ganadora=900, cuando_ms=1_750_000_000_000)
            )
        return perdedora


@pytest.fixture
def almacenes(tmp_path: Path, mongo_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Almacenes]:
    datos = tmp_path / "datos"
    datos.mkdir()
    monkeypatch.setenv("DUAL_TAREAS_DATOS", str(datos))
    monkeypatch.setenv("MONGO_URL", mongo_url)
    almacenes = Almacenes(datos / "tareas.sqlite3", mongo_url)
    with closing(almacenes.sql), closing(almacenes.mongo):
        yield almacenes


def test_sin_conflictos_termina_con_0(almacenes: Almacenes, correr: Correr) -> None:
    assert correr("conflictos") == (0, "", "No hay ningún conflicto abierto.\n")
    codigo, dicho, _ = correr("conflictos", "--json")
    assert (codigo, json.loads(dicho)) == (0, [])


def test_un_conflicto_se_cuenta_una_vez_y_termina_con_1(almacenes: Almacenes, correr: Correr) -> None:
    perdedora = almacenes.perder("perdió\n\x1b[31m", descripcion="otra")
    codigo, dicho, aparte = correr("conflictos")
    assert codigo == 1
    (linea,) = dicho.splitlines()
    assert str(perdedora.id) in linea
    assert "«perdió" in linea
    assert "\x1b" not in linea
    assert "versión 800 · puesto 00a7 · difiere en título, descripción · ahora «ganó»" in linea
    assert aparte.startswith("1 conflicto abierto. ")


def test_en_json_va_todo(almacenes: Almacenes, correr: Correr) -> None:
    perdedora = almacenes.perder("perdió")
    _, dicho, _ = correr("conflictos", "--json")
    (uno,) = json.loads(dicho)
    assert (uno["id"], uno["campos"], uno["resuelta_en"]) == (str(perdedora.id), ["titulo"], None)
    assert (uno["perdedora"]["titulo"], uno["actual"]["titulo"]) == ("perdió", "ganó")


@pytest.mark.parametrize(("gana", "titulo"), [("ganadora", "ganó"), ("perdedora", "perdió")])
def test_resolver_deja_ambas_bases_iguales_y_ninguno_abierto(
    almacenes: Almacenes, correr: Correr, gana: str, titulo: str
) -> None:
    perdedora = almacenes.perder("perdió")
    codigo, dicho, _ = correr("conflictos", "resolver", perdedora.id, "--gana", gana)
    assert codigo == 0
    assert f"«{titulo}»" in dicho
    assert almacenes.sql.leer(perdedora.id) == almacenes.mongo.leer(perdedora.id)
    assert almacenes.sql.leer(perdedora.id).titulo == titulo
    assert correr("conflictos")[0] == 0
    codigo, dicho, _ = correr("conflictos", "--resueltos")
    # What was replaced is kept as well.
    assert (codigo, len(dicho.splitlines())) == (0, 1 if gana == "ganadora" else 2)


@pytest.mark.parametrize(("gana", "otro"), [("ganadora", "perdió"), ("perdedora", "ganó")])
def test_la_orden_dice_como_volver_al_otro_valor(
    almacenes: Almacenes, correr: Correr, gana: str, otro: str
) -> None:
    perdedora = almacenes.perder("perdió")
    _, _, aparte = correr("conflictos", "resolver", perdedora.id, "--gana", gana)
    _, orden = aparte.strip().split("dual-tareas ")
    assert correr(*orden.split())[0] == 0
    assert almacenes.sql.leer(perdedora.id).titulo == almacenes.mongo.leer(perdedora.id).titulo == otro


def test_ver_los_resueltos_no_depende_de_los_abiertos(almacenes: Almacenes, correr: Correr) -> None:
    almacenes.perder("perdió")
    assert correr("conflictos", "--resueltos")[0] == 0


def test_una_version_perdida_que_no_hay_dice_cuales_hay(almacenes: Almacenes, correr: Correr) -> None:
    perdedora = almacenes.perder("perdió")
    codigo, _, aparte = correr(
        "conflictos", "resolver", perdedora.id, "--gana", "perdedora", "--version-perdida", 7
    )
    assert codigo == 2
    assert "cuya versión perdida sea 7. Abiertos tiene: 800." in aparte


def test_sin_gana_se_nombra_la_opcion_que_falta(almacenes: Almacenes, correr: Correr) -> None:
    codigo, _, aparte = correr("conflictos", "resolver", uuid4())
    assert (codigo, "Falta la opción --gana ganadora|perdedora." in aparte) == (2, True)


def test_resolver_lo_que_no_hay_es_un_mal_pedido(almacenes: Almacenes, correr: Correr) -> None:
    codigo, _, aparte = correr("conflictos", "resolver", uuid4(), "--gana", "ganadora")
    assert (codigo, aparte[:36]) == (2, "No hay ningún conflicto abierto de l")
    assert correr("conflictos", "resolver", "x", "--gana", "ganadora")[0] == 2


def test_varios_de_la_misma_tarea_piden_decir_cual(almacenes: Almacenes, correr: Correr) -> None:
    perdedora = almacenes.perder("perdió")
    otra = fila("también perdió", id=perdedora.id, version=850)
    almacenes.sql.guardar_conflicto(Conflicto(perdedora=otra, version_ganadora=900, cuando_ms=1))
    codigo, _, aparte = correr("conflictos", "resolver", perdedora.id, "--gana", "perdedora")
    assert codigo == 2
    assert "--version-perdida (800, 850)" in aparte
    elegida = ("--gana", "perdedora", "--version-perdida", 850)
    assert correr("conflictos", "resolver", perdedora.id, *elegida)[0] == 0
    assert almacenes.mongo.leer(perdedora.id).titulo == "también perdió"


def test_sin_una_base_no_se_puede_saber(
    almacenes: Almacenes, correr: Correr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGO_URL", "mongodb://127.0.0.1:1/nada")
    codigo, _, aparte = correr("conflictos")
    assert codigo == 2
    assert "MongoDB no se ha podido leer" in aparte
    almacenes.sql.guardar_conflicto(Conflicto(perdedora=fila(), version_ganadora=900, cuando_ms=1))
    assert correr("conflictos")[0] == 1


def test_resolver_con_una_que_calla_dice_en_cual_quedo(
    almacenes: Almacenes, correr: Correr, monkeypatch: pytest.MonkeyPatch
) -> None:
    perdedora = almacenes.perder("perdió")
    with monkeypatch.context() as sin_mongo:
        sin_mongo.setenv("MONGO_URL", "mongodb://127.0.0.1:1/nada")
        codigo, _, aparte = correr("conflictos", "resolver", perdedora.id, "--gana", "perdedora")
    assert codigo == 0
    assert "MongoDB no responde: quedó guardado solo en SQL, y se copiará." in aparte
    assert correr("sincronizar")[0] == 0
    assert almacenes.mongo.leer(perdedora.id).titulo == "perdió"
    assert correr("conflictos")[0] == 0
