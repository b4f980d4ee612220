"""The window on a real PostgreSQL and a real MongoDB: what was changed by hand is found, repaired, undone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psycopg
import pymongo
import pytest
from pymongo.collection import Collection
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from adapters.peewee.reparacion import ReparacionSql
from adapters.reparacion.recibo import leer_recibo
from core.domain.models.tarea import Tarea
from core.domain.ports.reparacion import Cambio
from core.health import EstadoSalud
from gui.arranque import Programa
from tests.gui.fuente_falsa import MONGO, SQL
from tests.gui.test_replicacion_real import PLAZO_MS, abierto, aviso, dice, pulsar
from tests.servidores import ServidorPostgres


def guardadas(programa: Programa, cuantas: int) -> list[Tarea]:
    repositorio = programa._contenedor.repositorio
    return [repositorio.save(Tarea(titulo=f"Tarea {n}")) for n in range(cuantas)]


def titulo_en(mongo: Collection[dict[str, object]], id: str) -> object:
    fila = mongo.find_one({"_id": id})
    assert fila is not None
    return fila["titulo"]


def verificar(programa: Programa, qtbot: QtBot) -> str:
    vista = programa.ventana.verificacion.vista
    QTest.mouseClick(vista.boton_verificar, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not vista.control.trabajo.ocupado, timeout=PLAZO_MS)
    return vista.resultado.texto


def simular(programa: Programa, qtbot: QtBot, gana: str) -> None:
    reparacion = programa.ventana.verificacion.vista.reparacion
    reparacion.gana.setCurrentIndex(reparacion.gana.findData(gana))
    QTest.mouseClick(reparacion.boton_simular, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: reparacion.plan is not None, timeout=PLAZO_MS)


def reparar(programa: Programa) -> None:
    vista = programa.ventana.verificacion.vista
    QTest.mouseClick(vista.reparacion.boton_reparar, Qt.MouseButton.LeftButton)
    (pregunta,) = vista.findChildren(QMessageBox)
    next(boton for boton in pregunta.buttons() if boton.text() == "Reparar").click()


def test_lo_cambiado_a_mano_se_encuentra_se_repara_y_se_deshace(
    qtbot: QtBot, tmp_path: Path, postgres_url: str, mongo_url: str
) -> None:
    with (
        abierto(qtbot, tmp_path, postgres_url, mongo_url) as programa,
        psycopg.connect(postgres_url, autocommit=True) as sql,
        pymongo.MongoClient[dict[str, object]](mongo_url) as cliente,
    ):
        ventana, mongo = programa.ventana, cliente.get_default_database()["tareas"]
        tareas = guardadas(programa, 3)
        ventana.ver("verificacion")
        vista = ventana.verificacion.vista
        qtbot.waitUntil(
            lambda: (
                mongo.count_documents({"pendiente": True}) == 0
                and sql.execute("SELECT count(*) FROM tareas WHERE pendiente").fetchone() == (0,)
            ),
            timeout=PLAZO_MS,
        )
        assert verificar(programa, qtbot).startswith("Iguales: 3 tareas")

        id = str(tareas[1].id)
        mongo.update_one({"_id": id}, {"$set": {"titulo": "A mano "}})
        assert verificar(programa, qtbot).startswith("1 diferencia,")
        qtbot.waitUntil(lambda: bool(vista.detalle.muestras), timeout=PLAZO_MS)
        assert [valor.toPlainText() for valor in vista.detalle.muestras[:2]] == ["Tarea 1", "A mano·"]

        simular(programa, qtbot, "sql")
        assert titulo_en(mongo, id) == "A mano "
        reparar(programa)
        qtbot.waitUntil(lambda: dice(ventana, "reparacion", "terminada"), timeout=PLAZO_MS)
        assert titulo_en(mongo, id) == "Tarea 1"
        (recibo,) = tmp_path.rglob("reparacion-*.json")
        assert [una.id for una in leer_recibo(recibo).reparadas] == [id]
        dicho = aviso(ventana, "reparacion")
        assert dicho is not None
        assert f"«dual-tareas reparar --deshacer {recibo}»" in dicho.detalle

        pulsar(ventana, "reparacion", "Deshacer")
        qtbot.waitUntil(lambda: dice(ventana, "reparacion", "Reparación deshecha"), timeout=PLAZO_MS)
        assert titulo_en(mongo, id) == "A mano "
        assert sql.execute("SELECT titulo FROM tareas WHERE id = %s", (id,)).fetchone() == ("A mano ",)
        assert verificar(programa, qtbot).startswith("Iguales: 3 tareas")


def test_lo_que_se_corta_en_el_primer_lote_se_dice_y_se_deshace(
    qtbot: QtBot,
    tmp_path: Path,
    postgres_propio: ServidorPostgres,
    mongo_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        abierto(qtbot, tmp_path, postgres_propio.crear_base("cortada"), mongo_url) as programa,
        pymongo.MongoClient[dict[str, object]](mongo_url) as cliente,
    ):
        ventana, mongo = programa.ventana, cliente.get_default_database()["tareas"]
        tareas = guardadas(programa, 3)
        id = str(tareas[1].id)
        ventana.ver("verificacion")
        qtbot.waitUntil(lambda: mongo.count_documents({"pendiente": True}) == 0, timeout=PLAZO_MS)
        mongo.update_one({"_id": id}, {"$set": {"titulo": "A mano"}})
        assert verificar(programa, qtbot).startswith("1 diferencia,")
        simular(programa, qtbot, "sql")
        de_verdad = ReparacionSql.sustituir

        def sin_servidor(esta: ReparacionSql, cambios: Sequence[Cambio]) -> set[str]:
            postgres_propio.matar()  # MongoDB has the new version by now
            return de_verdad(esta, cambios)

        monkeypatch.setattr(ReparacionSql, "sustituir", sin_servidor)
        reparar(programa)
        qtbot.waitUntil(lambda: not ventana.verificacion.vista.control.trabajo.ocupado, timeout=PLAZO_MS)
        monkeypatch.undo()
        assert titulo_en(mongo, id) == "Tarea 1"
        (recibo,) = tmp_path.rglob("reparacion-*.json")
        dicho = aviso(ventana, "reparacion")
        assert dicho is not None
        assert dicho.titulo == "La reparación se quedó a medias"
        assert dicho.detalle.startswith("Empezadas, y quizá ya reemplazadas: 1.")
        assert f"«dual-tareas reparar --deshacer {recibo}»" in dicho.detalle

        postgres_propio.revivir()
        contenedor = programa._contenedor
        qtbot.waitUntil(lambda: contenedor.estado_salud(SQL) is EstadoSalud.OK, timeout=PLAZO_MS)
        pulsar(ventana, "reparacion", "Deshacer")
        qtbot.waitUntil(lambda: dice(ventana, "reparacion", "Reparación deshecha"), timeout=PLAZO_MS)
        assert titulo_en(mongo, id) == "A mano"
        assert verificar(programa, qtbot).startswith("Iguales: 3 tareas")


def test_la_que_se_vacio_no_gana_y_se_dice_por_que(
    qtbot: QtBot, tmp_path: Path, postgres_url: str, mongo_url: str
) -> None:
    with (
        abierto(qtbot, tmp_path, postgres_url, mongo_url) as programa,
        pymongo.MongoClient[dict[str, object]](mongo_url) as cliente,
    ):
        ventana, mongo = programa.ventana, cliente.get_default_database()["tareas"]
        guardadas(programa, 3)
        ventana.ver("verificacion")
        vista = ventana.verificacion.vista
        qtbot.waitUntil(lambda: mongo.count_documents({"pendiente": False}) == 3, timeout=PLAZO_MS)
        qtbot.waitUntil(
            lambda: programa._contenedor.resumir.execute().pendientes == {SQL: 0, MONGO: 0}, timeout=PLAZO_MS
        )
        mongo.delete_many({})
        assert verificar(programa, qtbot).startswith("3 diferencias,")
        vista.reparacion.ambito.setCurrentIndex(vista.reparacion.ambito.findData("todas"))
        vista.reparacion.gana.setCurrentIndex(vista.reparacion.gana.findData("mongo"))
        QTest.mouseClick(vista.reparacion.boton_simular, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not vista.control.trabajo.ocupado, timeout=PLAZO_MS)
        assert vista.reparacion.plan is None
        assert not vista.reparacion.boton_reparar.isEnabled()
        assert vista.resultado.texto.startswith("No se pudo simular la reparación")
        assert "MongoDB se vació o es otra base de datos: si gana, lo que le falta" in vista.resultado.texto
        simular(programa, qtbot, "sql")
