"""Repair on real databases: both hold the winner under a new version, what goes is kept, edits are safe."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.mongo.reparacion import _escribir
from core.domain.errors import OperacionFallida
from core.domain.models.reparacion import Suerte
from core.reparacion import Accion, Gana
from tests.integration.reparacion import Taller
from tests.integration.revision import MONGO, SQL, abrir_par, de_hace, url_sqlite


@pytest.fixture(params=["sqlite", "postgres"])
def taller(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Taller]:
    sql_url = url_sqlite(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with abrir_par(sql_url, mongo_url) as par:
        yield Taller(par, sql_url, mongo_url, tmp_path)


def test_repara_cada_clase_de_diferencia_y_repetir_no_cambia_nada(taller: Taller) -> None:
    iguales = [de_hace(5, f"igual {n}", contador=n) for n in range(12)]
    taller.par.poner(iguales)
    a_mano, con_version, borrada, malformada = iguales[2:6]
    solo_sql, solo_mongo = de_hace(4, "solo en SQL"), de_hace(4, "solo en MongoDB")
    taller.par.poner([solo_sql], SQL)
    taller.par.poner([solo_mongo], MONGO)
    taller.en_sql("UPDATE tareas SET titulo = ? WHERE id = ?", "a mano", str(a_mano.id))
    taller.en_mongo(str(con_version.id), {"$set": {"version": con_version.version + 1}})
    taller.en_mongo(str(borrada.id), {"$set": {"eliminada": True}})
    taller.en_mongo(str(malformada.id), {"$set": {"titulo": 7}})
    plan = taller.plan(Gana.SQL)
    assert plan.por_accion == {
        Accion.COPIAR: 1, Accion.ELIMINAR: 1, Accion.SUSTITUIR: 3, Accion.RENOVAR: 1,
    }  # fmt: skip
    assert (plan.se_escriben, plan.se_sobrescriben) == (6, {MONGO: 4})
    informe = taller.caso().execute(plan)
    assert (informe.cuentas, informe.completa, informe.sobrescritas) == ({Suerte.REPARADA: 6}, True, 4)
    despues = taller.par.verificar()
    assert (despues.diferencias, despues.iguales) == ([], True)
    for antes, titulo, eliminada in (
        (a_mano, "a mano", False),
        (borrada, borrada.titulo, False),
        (malformada, malformada.titulo, False),
        (solo_sql, "solo en SQL", False),
        (solo_mongo, "solo en MongoDB", True),
    ):
        sql, mongo = taller.en_ambos(antes.id)
        assert sql == mongo
        assert (sql.titulo, sql.eliminada, sql.pendiente, sql.nodo) == (titulo, eliminada, False, "0005")
        assert sql.version > antes.version
    versiones = [taller.en_ambos(uno.id) for uno in (a_mano, solo_mongo, *iguales)]
    otra_vez = taller.caso().execute(plan)
    assert otra_vez.cuentas == {Suerte.IGUALES: 6}
    assert [taller.en_ambos(uno.id) for uno in (a_mano, solo_mongo, *iguales)] == versiones


def test_lo_que_se_reemplaza_queda_en_conflictos_como_resuelto_y_se_puede_deshacer(taller: Taller) -> None:
    fila, borrada, copiada = de_hace(3, "original"), de_hace(3, "viva"), de_hace(3, "copiada")
    taller.par.poner([fila, borrada])
    taller.par.poner([copiada], SQL)
    taller.en_sql("UPDATE tareas SET titulo = ? WHERE id = ?", "a mano", str(fila.id))
    taller.en_sql("UPDATE tareas SET eliminada = ? WHERE id = ?", True, str(borrada.id))
    informe = taller.caso().execute(taller.plan(Gana.SQL))
    assert informe.cuentas == {Suerte.REPARADA: 3}
    guardados = taller.par.almacenes[MONGO].leer_conflictos([(fila.id, fila.version)])
    assert [uno.conflicto.perdedora.titulo for uno in guardados] == ["original"]
    assert taller.par.almacenes[MONGO].contar_conflictos() == 0
    deshecha = taller.caso().deshacer(informe)
    assert (deshecha.cuentas, deshecha.total) == ({Suerte.REPARADA: 2}, 2)
    assert [uno.titulo for uno in taller.en_ambos(fila.id)] == ["original"] * 2
    assert [uno.eliminada for uno in taller.en_ambos(borrada.id)] == [False] * 2
    assert taller.par.verificar().iguales
    vuelta = taller.caso().deshacer(deshecha)  # what undoing replaced is kept as well
    assert vuelta.cuentas == {Suerte.REPARADA: 2}
    assert [uno.titulo for uno in taller.en_ambos(fila.id)] == ["a mano"] * 2


@pytest.mark.parametrize("gana", [Gana.MONGO, Gana.RECIENTE])
def test_gana_lo_que_se_pidio_con_la_misma_version(taller: Taller, gana: Gana) -> None:
    fila = de_hace(3, "original")
    taller.par.poner([fila])
    taller.en_mongo(str(fila.id), {"$set": {"titulo": "más nuevo", "actualizada_en": de_hace(1).creada_en}})
    assert taller.caso().execute(taller.plan(gana)).completa
    assert [uno.titulo for uno in taller.en_ambos(fila.id)] == ["más nuevo"] * 2


def test_lo_que_cambia_entre_el_plan_y_la_reparacion_se_deja_como_esta(taller: Taller) -> None:
    filas = [de_hace(3, f"fila {n}", contador=n) for n in range(5)]
    taller.par.poner(filas)
    for fila in filas:
        taller.en_sql("UPDATE tareas SET titulo = ? WHERE id = ?", "a mano", str(fila.id))
    plan = taller.plan(Gana.SQL)
    # By hand as well: the version is the one that was seen, the content is not.
    taller.en_mongo(str(filas[1].id), {"$set": {"descripcion": "otra mano"}})
    taller.en_sql("UPDATE tareas SET estado = ? WHERE id = ?", "COMPLETADA", str(filas[2].id))
    informe = taller.caso().execute(plan)
    assert informe.cuentas == {Suerte.REPARADA: 3, Suerte.CAMBIO: 2}
    assert not informe.completa
    sql, mongo = taller.en_ambos(filas[1].id)
    assert (sql.titulo, mongo.descripcion, mongo.version) == ("a mano", "otra mano", filas[1].version)


@pytest.mark.parametrize("donde", [SQL, MONGO])
def test_una_edicion_que_llega_entre_las_dos_escrituras_no_se_pierde(taller: Taller, donde: object) -> None:
    """The first store has the new version already; the edit lands in the second one, and wins in both."""
    fila = de_hace(3, "original")
    taller.par.poner([fila])
    taller.en_mongo(str(fila.id), {"$set": {"titulo": "en MongoDB"}})
    gana = Gana.SQL if donde is SQL else Gana.MONGO
    plan = taller.plan(gana)
    segundo = SQL if donde is SQL else MONGO

    def editar() -> None:
        taller.espias[segundo].antes = lambda: None
        actual = taller.par.almacenes[segundo].leer(fila.id)
        assert actual is not None
        edicion = replace(actual, titulo="edición", version=actual.version + 99, pendiente=True)
        assert taller.par.almacenes[segundo].reemplazar(edicion, actual.version)

    taller.espias[segundo].antes = editar
    informe = taller.caso().execute(plan)
    assert informe.cuentas == {Suerte.CAMBIO: 1}
    assert [uno.titulo for uno in taller.en_ambos(fila.id)] == ["edición"] * 2
    assert taller.par.verificar().iguales
    assert taller.par.almacenes[segundo.otro].contar_conflictos() == 1  # what was replaced there, to look at


def test_si_se_corta_entre_las_dos_escrituras_la_replicacion_lo_termina(taller: Taller) -> None:
    fila, solo = de_hace(3, "original"), de_hace(3, "solo en MongoDB")
    taller.par.poner([fila])
    taller.par.poner([solo], MONGO)
    taller.en_sql("UPDATE tareas SET titulo = ? WHERE id = ?", "a mano", str(fila.id))
    plan = taller.plan(Gana.MONGO)
    taller.espias[MONGO].error = RuntimeError("the program dies here")
    with pytest.raises(RuntimeError):
        taller.caso().execute(plan)
    taller.espias[MONGO].error = None
    taller.replicar()
    assert [uno.titulo for uno in taller.en_ambos(fila.id)] == ["original"] * 2
    assert taller.par.verificar().iguales


def test_lo_rezagado_que_llega_tras_un_corte_queda_como_conflicto(taller: Taller) -> None:
    """Older than what was replaced in SQL, and yet nobody's ancestor: no mark may say that it was in both."""
    vieja = de_hace(5, "vieja")
    taller.par.poner([vieja], MONGO)
    taller.par.poner([de_hace(1, "nueva", id=vieja.id)], SQL)
    plan = taller.plan(Gana.MONGO)
    taller.espias[MONGO].error = RuntimeError("the program dies here")
    with pytest.raises(RuntimeError):
        taller.caso().execute(plan)
    rezagada = de_hace(3, "rezagada", id=vieja.id, pendiente=True)
    assert taller.par.almacenes[MONGO].reemplazar(rezagada, vieja.version)
    taller.replicar()
    assert [uno.titulo for uno in taller.en_ambos(vieja.id)] == ["vieja"] * 2
    abiertos = taller.par.almacenes[MONGO].listar_conflictos(tras=None, limite=9)
    assert [uno.conflicto.perdedora.titulo for uno in abiertos] == ["rezagada"]


def test_una_mano_entre_la_mirada_y_la_escritura_en_mongo_no_se_pisa(
    taller: Taller, monkeypatch: pytest.MonkeyPatch
) -> None:
    fila = de_hace(3, "original")
    taller.par.poner([fila])
    taller.en_sql("UPDATE tareas SET titulo = ? WHERE id = ?", "a mano", str(fila.id))
    plan = taller.plan(Gana.SQL)

    def escribir(base: Any, ordenes: Any, coleccion: str = "tareas") -> None:
        if coleccion == "tareas":
            taller.en_mongo(str(fila.id), {"$set": {"descripcion": "justo entonces"}})
        _escribir(base, ordenes, coleccion)

    monkeypatch.setattr("adapters.mongo.reparacion._escribir", escribir)
    informe = taller.caso().execute(plan)
    assert informe.cuentas == {Suerte.CAMBIO: 1}
    assert taller.documento(str(fila.id))["descripcion"] == "justo entonces"


def test_lo_que_gana_descompuesto_queda_tal_cual_en_el_diario(taller: Taller) -> None:
    """It is written as every tarea is, an accent and its letter being one character."""
    fila = de_hace(1, "caf\u00e9")
    taller.par.poner([fila])
    taller.en_mongo(str(fila.id), {"$set": {"titulo": "cafe\u0301"}})
    informe = taller.caso().execute(taller.plan(Gana.MONGO))
    assert [una.titulo for una in taller.en_ambos(fila.id)] == ["caf\u00e9"] * 2  # type: ignore[union-attr]
    (linea,) = Path(informe.diario).read_text("utf-8").splitlines()
    assert "cafe\u0301" in json.loads(json.loads(linea)["contenido"])["titulo"]
    assert taller.par.verificar().iguales


def test_un_documento_malformado_se_reemplaza_y_queda_tal_cual_en_el_diario(taller: Taller) -> None:
    fila = de_hace(3, "buena")
    taller.par.poner([fila])
    taller.en_mongo(str(fila.id), {"$set": {"titulo": {"raro": [1, 2]}, "creada_en": "2024-01-01"}})
    informe = taller.caso().execute(taller.plan(Gana.RECIENTE))  # the one that can be written
    assert (informe.cuentas, informe.reparadas[0].exacta) == ({Suerte.REPARADA: 1}, False)
    assert [uno.titulo for uno in taller.en_ambos(fila.id)] == ["buena"] * 2
    (linea,) = Path(informe.diario).read_text("utf-8").splitlines()
    apunte = json.loads(linea)
    assert (apunte["id"], apunte["almacen"]) == (str(fila.id), "mongo")
    assert json.loads(apunte["contenido"])["creada_en"] == "2024-01-01"
    assert '"raro"' in apunte["contenido"]
    assert taller.caso().deshacer(informe).problemas[0][0] == str(fila.id)


def test_lo_que_no_se_puede_reparar_se_dice_con_su_motivo(taller: Taller) -> None:
    filas = [de_hace(3, contador=n) for n in range(3)]
    taller.par.poner(filas)
    taller.en_mongo(str(filas[0].id), {"$set": {"titulo": "x" * 300}})
    taller.en_mongo(str(filas[1].id), {"$set": {"titulo": "misma fecha"}})
    taller.en_mongo("NO-ES-UN-UUID", {"$set": {"titulo": "ajeno"}})
    taller.en_mongo(17, {"$set": {"titulo": "ajeno"}})
    malos = [str(filas[0].id), "NO-ES-UN-UUID", "17"]
    motivos = {paso.id: paso.motivo for paso in taller.plan(Gana.MONGO).imposibles}
    assert sorted(motivos) == sorted(malos)
    assert "300 caracteres" in motivos[malos[0]]
    assert "bórrela a mano en MongoDB" in motivos["NO-ES-UN-UUID"]
    sin_alcance = next(una for una in taller.diferencias() if una.id == "17")
    assert taller.caso().detalle(sin_alcance).diferencia == sin_alcance, "nadie la ve y sigue ahí"
    recientes = {paso.id: paso.motivo for paso in taller.plan(Gana.RECIENTE).imposibles}
    assert "elija usted" in recientes[str(filas[1].id)]
    informe = taller.caso().execute(taller.plan(Gana.MONGO))
    assert informe.cuentas == {Suerte.REPARADA: 1, Suerte.FALLIDA: 3}
    assert dict(informe.problemas) == motivos


def test_una_fila_que_la_base_rehusa_no_detiene_a_las_demas(taller: Taller) -> None:
    filas = [de_hace(3, f"fila {n}", contador=n) for n in range(7)]
    taller.par.poner(filas, MONGO)
    taller.en_sql("CREATE UNIQUE INDEX uno ON tareas (titulo)")
    taller.par.poner([de_hace(9, "fila 4")], SQL)
    plan = taller.caso(lote=50).planear(
        (una, Gana.MONGO) for una in taller.diferencias() if una.tipo == "solo_mongo"
    )
    informe = taller.caso(lote=50).execute(plan)
    assert informe.cuentas == {Suerte.REPARADA: 6, Suerte.FALLIDA: 1}
    assert informe.problemas[0][0] == str(filas[4].id)


def test_parar_termina_tras_el_lote_y_lo_hecho_queda_hecho(taller: Taller) -> None:
    taller.par.poner([de_hace(3, contador=n) for n in range(10)], SQL)
    parar, vistos = threading.Event(), []
    caso = taller.caso(lote=4)
    plan = caso.planear((una, Gana.SQL) for una in taller.diferencias())
    informe = caso.execute(
        plan, parar=parar, progreso=lambda i: (vistos.append(i.miradas), parar.set())[1]
    )  # fmt: skip
    assert (informe.cancelada, informe.miradas, vistos) == (True, 4, [4])
    assert len(taller.diferencias()) == 6


def test_si_no_se_puede_guardar_antes_no_se_reemplaza_nada(taller: Taller) -> None:
    fila = de_hace(3, "original")
    taller.par.poner([fila])
    taller.en_mongo(str(fila.id), {"$set": {"titulo": "otra"}})

    def rehusar(*_: object) -> None:
        raise OperacionFallida(MONGO, "disco lleno.")

    plan = taller.plan(Gana.SQL)
    taller.espias[MONGO].guardar_perdedoras = rehusar  # type: ignore[method-assign,assignment]
    informe = taller.caso().execute(plan)
    assert informe.cuentas == {Suerte.FALLIDA: 1}
    assert taller.en_ambos(fila.id)[1].titulo == "otra"


def test_el_detalle_pone_los_dos_valores_lado_a_lado(taller: Taller) -> None:
    fila, solo = de_hace(3, "original"), de_hace(3, "solo")
    taller.par.poner([fila])
    taller.par.poner([solo], SQL)
    taller.en_mongo(str(fila.id), {"$set": {"titulo": "<b>otra</b>", "version": fila.version + 5, "etq": 1}})
    detalles = {una.id: taller.caso().detalle(una) for una in taller.diferencias()}
    detalle = detalles[str(fila.id)]
    distintos = {uno.nombre: (uno.sql, uno.mongo) for uno in detalle.campos if uno.distinto}
    assert distintos == {
        "titulo": ("original", "<b>otra</b>"),
        "version": (str(fila.version), str(fila.version + 5)),
        "etq": (None, "1 (número)"),
    }
    assert detalle.mas_reciente is MONGO
    assert json.loads(detalle.crudo_mongo)["etq"] == {"$numberInt": "1"}
    assert (detalles[str(solo.id)].mas_reciente, detalles[str(solo.id)].crudo_mongo) == (SQL, "")


def test_el_detalle_muestra_lo_que_ningun_programa_nuestro_escribe(taller: Taller) -> None:
    """Each with what it is, where that is what is wrong with it: the value alone may look like the other."""
    fila = de_hace(3, "7")
    taller.par.poner([fila])
    ajeno = {"titulo": 7, "creada_en": "ayer", "extra": {"a": [1]}, "nodo": None, "lista": []}
    taller.en_mongo(str(fila.id), {"$set": ajeno})
    (diferencia,) = taller.diferencias()
    distintos = {u.nombre: (u.sql, u.mongo) for u in taller.caso().detalle(diferencia).campos if u.distinto}
    assert distintos.pop("creada_en")[1] == "ayer (texto)"
    assert distintos == {
        "titulo": ("7", "7 (número)"),
        "extra": (None, '{"a": [{"$numberInt": "1"}]} (objeto)'),
        "lista": (None, "[] (lista)"),
        "nodo": (None, "(nulo)"),
    }
