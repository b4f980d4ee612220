"""The whole window on a real PostgreSQL and a real MongoDB that fall and return while it is open."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from adapters.settings import Ajustes
from core.application.crear_tarea import CrearTareaCommand
from core.domain.models.tarea import Tarea
from gui.arranque import Programa
from gui.avisos.aviso import Nivel
from gui.tareas.celdas import Col
from gui.ventana import Ventana
from tests.gui.escenario_tareas import escribir
from tests.gui.fuente_falsa import MONGO, SQL
from tests.servidores import ServidorMongo, ServidorPostgres

PLAZO_MS = 15_000


@pytest.fixture
def programa(
    qtbot: QtBot, tmp_path: Path, postgres_propio: ServidorPostgres, mongo_propio: ServidorMongo
) -> Iterator[Programa]:
    ajustes = Ajustes.model_validate(
        {
            "datos": tmp_path,
            "sql_url": postgres_propio.crear_base("ventana"),
            "mongo_url": mongo_propio.url("ventana"),
        }
    )
    preferencias = QSettings(str(tmp_path / "ventana.ini"), QSettings.Format.IniFormat)
    programa = Programa(ajustes, preferencias=preferencias)
    qtbot.addWidget(programa.ventana)
    programa.ventana.show()
    programa.iniciar()
    qtbot.waitUntil(lambda: dicen(programa.ventana, "OK", "OK"), timeout=PLAZO_MS)
    yield programa
    programa.salir()


def dicen(ventana: Ventana, sql: str, mongo: str) -> bool:
    """Whether the indicators show these words."""
    indicadores = ventana.barra.indicadores
    if not indicadores:
        return False
    return f"SQL: {sql}," in indicadores[SQL].texto and f"MongoDB: {mongo}," in indicadores[MONGO].texto


def titulos(ventana: Ventana) -> list[str]:
    return [aviso.titulo for aviso in ventana.avisos.avisos]


def crear(programa: Programa, titulo: str, qtbot: QtBot) -> None:
    """Save a tarea as the form does, on a worker."""
    creadas: list[Tarea] = []
    errores: list[BaseException] = []
    crear_tarea = programa._contenedor.crear_tarea
    programa.puente.lanzar(
        lambda: crear_tarea.execute(CrearTareaCommand(titulo=titulo)),
        exito=creadas.append,
        error=errores.append,
    )
    qtbot.waitUntil(lambda: bool(creadas or errores), timeout=PLAZO_MS)
    assert not errores


@pytest.mark.errores_esperados("no disponible")
def test_la_ventana_cuenta_una_caida_las_dos_y_la_vuelta(
    programa: Programa, postgres_propio: ServidorPostgres, mongo_propio: ServidorMongo, qtbot: QtBot
) -> None:
    ventana = programa.ventana
    mongo_propio.matar()
    qtbot.waitUntil(lambda: dicen(ventana, "OK", "CAÍDA"), timeout=PLAZO_MS)
    assert any(titulo.startswith("MongoDB no responde desde las") for titulo in titulos(ventana))

    crear(programa, "Mientras tanto", qtbot)
    qtbot.waitUntil(
        lambda: any("1 tarea guardada SOLO en SQL" in aviso.detalle for aviso in ventana.avisos.avisos),
        timeout=PLAZO_MS,
    )

    postgres_propio.matar()
    qtbot.waitUntil(lambda: "Ninguna base de datos responde" in titulos(ventana), timeout=PLAZO_MS)
    assert ventana.avisos.avisos[0].nivel is Nivel.ERROR

    postgres_propio.revivir()
    mongo_propio.revivir()
    qtbot.waitUntil(lambda: dicen(ventana, "OK", "OK"), timeout=PLAZO_MS)
    qtbot.waitUntil(
        lambda: all(aviso.nivel is Nivel.EXITO for aviso in ventana.avisos.avisos), timeout=PLAZO_MS
    )


def test_una_fila_guardada_en_uno_dice_ambos_cuando_se_copia(
    programa: Programa, mongo_propio: ServidorMongo, qtbot: QtBot
) -> None:
    tareas = programa.ventana.tareas
    mongo_propio.matar()
    qtbot.waitUntil(lambda: dicen(programa.ventana, "OK", "CAÍDA"), timeout=PLAZO_MS)
    tareas.nueva()
    escribir(tareas.formulario.titulo, "Solo en SQL")
    tareas.formulario.guardar()
    qtbot.waitUntil(lambda: almacenes(programa) == ["SQL ✓   Mongo … por copiar"], timeout=PLAZO_MS)
    mongo_propio.revivir()
    qtbot.waitUntil(lambda: almacenes(programa) == ["SQL ✓   Mongo ✓"], timeout=PLAZO_MS)


def almacenes(programa: Programa) -> list[str]:
    """What each row says of where it is."""
    modelo = programa.ventana.tareas.modelo
    return [str(modelo.index(fila, Col.ALMACENES).data()) for fila in range(modelo.rowCount())]


def test_el_menu_de_una_fila_lleva_a_su_historial(
    programa: Programa, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "adapters.dual")
    crear(programa, "Con historia", qtbot)
    crear(programa, "Otra", qtbot)
    ventana = programa.ventana
    tareas = ventana.tareas
    tareas.actualizar()
    qtbot.waitUntil(lambda: tareas.modelo.rowCount() == 2, timeout=PLAZO_MS)
    tareas.tabla.selectRow(1)
    actual = tareas.tabla.actual
    assert actual is not None
    tareas.tabla.accion_historial.trigger()
    assert ventana.vista_actual == "actividad"
    modelo = ventana.actividad.modelo
    lineas = [modelo.linea(fila).texto for fila in range(modelo.rowCount())]
    assert any("save dual exitoso" in linea for linea in lineas)
    assert all(str(actual.id) in linea for linea in lineas)


def test_se_cierra_a_tiempo_con_una_base_de_datos_congelada(
    programa: Programa, mongo_propio: ServidorMongo
) -> None:
    mongo_propio.congelar()
    inicio_s = time.monotonic()
    programa.salir()
    duracion_s = time.monotonic() - inicio_s
    mongo_propio.descongelar()
    assert duracion_s < 1.0
