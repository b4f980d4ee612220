"""The window on real databases: one that returns and catches up, rows that cannot be copied, old tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pymongo
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from adapters.settings import Ajustes
from core.domain.models.tarea import Tarea
from gui.arranque import Programa
from gui.avisos.aviso import Aviso, Nivel
from gui.tareas.celdas import Col
from gui.ventana import Ventana
from tests.gui.escenario_tareas import escribir
from tests.gui.fuente_falsa import MONGO, SQL
from tests.servidores import ServidorMongo

PLAZO_MS = 15_000
AJENAS = 250
"""Rows of the old table: more than one page."""


@contextmanager
def abierto(qtbot: QtBot, carpeta: Path, sql_url: str, mongo_url: str) -> Iterator[Programa]:
    ajustes = Ajustes.model_validate({"datos": carpeta, "sql_url": sql_url, "mongo_url": mongo_url})
    preferencias = QSettings(str(carpeta / "ventana.ini"), QSettings.Format.IniFormat)
    programa = Programa(ajustes, preferencias=preferencias)
    qtbot.addWidget(programa.ventana)
    programa.ventana.show()
    programa.iniciar()
    try:
        qtbot.waitUntil(lambda: len(programa.ventana.barra.indicadores) == 2, timeout=PLAZO_MS)
        yield programa
    finally:
        programa.salir()


def aviso(ventana: Ventana, clave: str) -> Aviso | None:
    return next((uno for uno in ventana.avisos.avisos if uno.clave == clave), None)


def dice(ventana: Ventana, clave: str, titulo: str) -> bool:
    hallado = aviso(ventana, clave)
    return hallado is not None and titulo in hallado.titulo


def pulsar(ventana: Ventana, clave: str, texto: str) -> None:
    hallado = aviso(ventana, clave)
    assert hallado is not None
    next(accion for accion in hallado.acciones if accion.texto == texto).hacer()


def guardar(programa: Programa, titulo: str, qtbot: QtBot) -> str:
    """Save through the form; what the form says of it."""
    tareas = programa.ventana.tareas
    tareas.nueva()
    escribir(tareas.formulario.titulo, titulo)
    tareas.formulario.guardar()
    qtbot.waitUntil(lambda: tareas.formulario.dicho.startswith("Guardada"), timeout=PLAZO_MS)
    return tareas.formulario.dicho


def test_la_que_vuelve_se_pone_al_dia_y_solo_entonces_es_buena_noticia(
    qtbot: QtBot, tmp_path: Path, postgres_url: str, mongo_propio: ServidorMongo
) -> None:
    with abierto(qtbot, tmp_path, postgres_url, mongo_propio.url("ventana")) as programa:
        ventana = programa.ventana
        indicador = ventana.barra.indicadores[MONGO]
        qtbot.waitUntil(lambda: "MongoDB: OK" in indicador.texto, timeout=PLAZO_MS)
        mongo_propio.matar()
        qtbot.waitUntil(lambda: "CAÍDA" in indicador.texto, timeout=PLAZO_MS)
        assert "por copiar" in guardar(programa, "Con MongoDB caída", qtbot)
        assert ventana.salud.replicacion is not None
        QTest.mouseClick(ventana.salud.replicacion.boton_pausa, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: dice(ventana, "replicacion-pausada", "en pausa"), timeout=PLAZO_MS)

        mongo_propio.revivir()
        qtbot.waitUntil(
            lambda: "PONIÉNDOSE AL DÍA, 1 pendiente · en pausa" in indicador.texto, timeout=PLAZO_MS
        )
        volviendo = aviso(ventana, "salud-mongo")
        assert volviendo is not None
        assert (volviendo.nivel, volviendo.titulo) == (
            Nivel.AVISO,
            "MongoDB vuelve a responder y se está poniendo al día",
        )
        assert "Mongo … se copiará" in guardar(programa, "Mientras se pone al día", qtbot)
        assert not dice(ventana, "salud-mongo", "no está guardando")

        pulsar(ventana, "replicacion-pausada", "Reanudar")
        qtbot.waitUntil(lambda: dice(ventana, "salud-mongo", "MongoDB está al día"), timeout=PLAZO_MS)
        qtbot.waitUntil(
            lambda: aviso(ventana, "salud-mongo").detalle.startswith("2 tareas copiadas en"), timeout=PLAZO_MS
        )
        assert aviso(ventana, "replicacion-pausada") is None
        assert "MongoDB: OK" in indicador.texto


def duplicar_con_otro_titulo(
    sql: psycopg.Connection[tuple[object, ...]], mongo_url: str, titulo: str
) -> UUID:
    """A second row like the one there is, in SQL alone, with a titulo that MongoDB does not admit."""
    id = uuid4()
    with pymongo.MongoClient[dict[str, object]](mongo_url) as cliente:
        regla = {"titulo": {"$ne": titulo}}
        cliente.get_default_database().command("collMod", "tareas", validator=regla)
    campos = "descripcion, estado, creada_en, actualizada_en, version, version_comun, nodo, eliminada"
    sql.execute(
        f"INSERT INTO tareas (id, titulo, pendiente, {campos}) SELECT %s, %s, true, {campos} FROM tareas",
        (id, titulo),
    )
    return id


def test_lo_que_no_se_puede_copiar_se_ve_se_abre_y_sale_cuando_se_arregla(
    qtbot: QtBot, tmp_path: Path, postgres_url: str, mongo_url: str
) -> None:
    with abierto(qtbot, tmp_path, postgres_url, mongo_url) as programa, psycopg.connect(postgres_url) as mano:
        ventana = programa.ventana
        mano.autocommit = True
        qtbot.waitUntil(lambda: "SQL: OK" in ventana.barra.indicadores[SQL].texto, timeout=PLAZO_MS)
        guardar(programa, "Igual en ambas", qtbot)
        id = duplicar_con_otro_titulo(mano, mongo_url, "Cambiada a mano")
        qtbot.waitUntil(
            lambda: dice(ventana, "cuarentena", "1 tarea no se puede copiar a MongoDB"), timeout=PLAZO_MS
        )
        pulsar(ventana, "cuarentena", "Ver")
        assert ventana.vista_actual == "salud"
        panel = ventana.salud.cuarentena
        assert panel is not None
        fila = panel.modelo.apartada(0)
        assert fila is not None
        assert (fila.id, fila.titulo, fila.origen) == (id, "Cambiada a mano", SQL)
        QTest.keyClick(panel.tabla, Qt.Key.Key_Return)
        assert ventana.vista_actual == "tareas"
        primera = ventana.tareas.modelo.index
        qtbot.waitUntil(lambda: primera(0, Col.TITULO).data() == "Cambiada a mano", timeout=PLAZO_MS)
        # The row may be there from before: that it is the current one comes with the page that was asked for.
        qtbot.waitUntil(lambda: _es_la_actual(ventana, fila.id), timeout=PLAZO_MS)

        mano.execute("UPDATE tareas SET titulo = 'Admitida' WHERE id = %s", (id,))
        QTest.mouseClick(panel.boton_reintentar, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: dice(ventana, "cuarentena", "Ya no queda nada sin copiar"), timeout=PLAZO_MS)
        assert panel.modelo.rowCount() == 0


def _es_la_actual(ventana: Ventana, id: UUID) -> bool:
    actual = ventana.tareas.tabla.actual
    return actual is not None and actual.id == id


def crear_tabla_ajena(postgres_url: str, cuantas: int = AJENAS) -> list[UUID]:
    ids = [uuid4() for _ in range(cuantas)]
    with psycopg.connect(postgres_url) as ajena:
        ajena.execute("CREATE TABLE tareas (id uuid PRIMARY KEY, titulo text, descripcion text, estado text)")
        ajena.cursor().executemany(
            "INSERT INTO tareas VALUES (%s, %s, 'vieja', 'COMPLETADA')",
            [(id, f"Antigua {n}") for n, id in enumerate(ids)],
        )
    return ids


def test_una_tabla_de_otro_programa_se_adopta_despues_de_preguntar_y_acaba_en_ambas(
    qtbot: QtBot, tmp_path: Path, postgres_url: str, mongo_url: str
) -> None:
    ids = crear_tabla_ajena(postgres_url)
    with (
        abierto(qtbot, tmp_path, postgres_url, mongo_url) as programa,
        psycopg.connect(postgres_url) as sql,
        pymongo.MongoClient[dict[str, object]](mongo_url) as cliente,
    ):
        ventana = programa.ventana
        mongo = cliente.get_default_database()["tareas"]
        qtbot.waitUntil(
            lambda: dice(ventana, "adopcion-sql", f"Hay {AJENAS} tareas de otro programa en SQL"),
            timeout=PLAZO_MS,
        )
        pulsar(ventana, "adopcion-sql", "Adoptar las tareas que hay en SQL…")
        dialogo = ventana.montaje.adopcion._dialogos[SQL]
        columnas = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'tareas'"
        assert sql.execute(columnas).fetchone() == (4,), "se tocó la tabla antes de que nadie lo dijera"
        sql.commit()
        QTest.mouseClick(dialogo.boton_si, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: dice(ventana, "adopcion-sql", "tareas adoptadas"), timeout=PLAZO_MS)
        qtbot.waitUntil(lambda: ventana.tareas.modelo.rowCount() >= 200, timeout=PLAZO_MS)
        qtbot.waitUntil(
            lambda: mongo.count_documents({"pendiente": False, "descripcion": "vieja"}) == AJENAS,
            timeout=PLAZO_MS,
        )
        qtbot.waitUntil(
            lambda: sql.execute("SELECT count(*) FROM tareas WHERE NOT pendiente").fetchone() == (AJENAS,),
            timeout=PLAZO_MS,
        )
        assert {str(fila["_id"]) for fila in mongo.find({}, {"_id": 1})} == {str(id) for id in ids}


def test_si_no_se_adopta_se_sigue_trabajando_con_la_otra(
    qtbot: QtBot, tmp_path: Path, postgres_url: str, mongo_url: str
) -> None:
    crear_tabla_ajena(postgres_url, 1)
    with abierto(qtbot, tmp_path, postgres_url, mongo_url) as programa:
        ventana = programa.ventana
        qtbot.waitUntil(lambda: dice(ventana, "adopcion-sql", "Hay 1 tarea de otro"), timeout=PLAZO_MS)
        pulsar(ventana, "adopcion-sql", "Adoptar las tareas que hay en SQL…")
        QTest.keyClick(ventana.montaje.adopcion._dialogos[SQL], Qt.Key.Key_Escape)
        dicho = aviso(ventana, "adopcion-sql")
        assert dicho is not None
        assert dicho.detalle.startswith("SQL queda como estaba; se trabaja solo con MongoDB.")
        guardar(programa, "Solo en MongoDB", qtbot)
        guardada: list[Tarea] = list(programa._contenedor.repositorio.list())
        assert [tarea.titulo for tarea in guardada] == ["Solo en MongoDB"]
        with psycopg.connect(postgres_url) as sql:
            assert sql.execute("SELECT titulo FROM tareas").fetchall() == [("Antigua 0",)]
