"""Rows that no form of ours would make: adopted ones with any estado, dates at both ends of time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.domain.models.tarea import EstadoTarea
from gui.tareas.celdas import Col
from gui.tareas.confirmaciones import Confirmaciones
from gui.tareas.segmentos import SelectorEstado
from gui.tareas.textos import cuando, fecha
from gui.widgets.formato import hora
from tests.gui.escenario_tareas import Escenario, escribir, tarea_n

AJENO = cast(EstadoTarea, "archivada")
AHORA = datetime(2026, 3, 30, 10, 42, tzinfo=UTC)


@pytest.fixture
def escenario(qtbot: QtBot) -> Iterator[Escenario]:
    escenario = Escenario(qtbot)
    yield escenario
    escenario.cerrar()


@pytest.fixture(params=["Pacific/Kiritimati", "Etc/GMT+12"])
def lejos(request: pytest.FixtureRequest) -> Iterator[None]:
    """The local clock as far from UTC as there are people."""
    antes = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    fecha.cache_clear()
    yield
    if antes is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = antes
    time.tzset()
    fecha.cache_clear()


def test_un_estado_ajeno_se_ve_tal_cual_en_la_lista(escenario: Escenario) -> None:
    escenario.sembrar(tarea_n(0, estado=AJENO))
    escenario.mostrar()
    assert escenario.modelo.index(0, Col.ESTADO).data() == "◇ archivada"
    assert not escenario.vista.tabla.grab().isNull()  # what is raised while painting fails the test


def test_una_tarea_de_estado_ajeno_se_abre_y_se_arregla(escenario: Escenario) -> None:
    escenario.sembrar(tarea_n(0, estado=AJENO))
    escenario.mostrar()
    escenario.elegir(0)
    formulario = escenario.formulario
    assert formulario.estado.estado == AJENO
    assert not any(formulario.estado.boton(estado).isChecked() for estado in EstadoTarea)
    assert "archivada" in formulario.dicho
    assert not formulario.sucio
    formulario.estado.boton(EstadoTarea.COMPLETADA).click()
    assert formulario.dicho == ""
    escenario.guardar_y_esperar()
    assert escenario.modelo.tarea(0).estado is EstadoTarea.COMPLETADA


def test_con_un_estado_ajeno_no_se_guarda_y_se_dice_que_elegir(escenario: Escenario) -> None:
    escenario.sembrar(tarea_n(0, estado=AJENO))
    escenario.mostrar()
    escenario.elegir(0)
    escribir(escenario.formulario.titulo, "Otro título")
    escenario.guardar()
    assert "elija uno" in escenario.formulario.dicho
    assert escenario.sql.llamadas.count("escribir") == 0
    assert QApplication.focusWidget() is escenario.formulario.estado.boton(EstadoTarea.PENDIENTE)


@pytest.mark.parametrize(
    ("tecla", "esperado"),
    [(Qt.Key.Key_Right, EstadoTarea.PENDIENTE), (Qt.Key.Key_Left, EstadoTarea.COMPLETADA)],
)
def test_las_flechas_entran_en_los_tres_desde_un_estado_ajeno(
    qtbot: QtBot, tecla: Qt.Key, esperado: EstadoTarea
) -> None:
    selector = SelectorEstado()
    qtbot.addWidget(selector)
    selector.poner(AJENO)
    QTest.keyClick(selector.boton(EstadoTarea.EN_PROGRESO), tecla)
    assert selector.estado is esperado


@pytest.mark.usefixtures("lejos")
@pytest.mark.parametrize(
    ("instante", "ano"),
    [(datetime.min.replace(tzinfo=UTC), "0001"), (datetime.max.replace(tzinfo=UTC), "9999")],
)
def test_el_primer_y_el_ultimo_dia_se_pueden_escribir(instante: datetime, ano: str) -> None:
    assert ano in fecha(instante)
    assert ano in cuando(instante, ahora=AHORA)
    assert len(hora(instante)) == len("00:00:00")


@pytest.mark.parametrize("cuantas", [1, 3, 4, 5, 9])
def test_se_recuerdan_tantas_confirmaciones_como_caben(cuantas: int) -> None:
    recordadas = Confirmaciones(4)
    tareas = [tarea_n(n, pendiente=True, version_comun=0) for n in range(cuantas)]
    for tarea in tareas:
        recordadas.anotar([(str(tarea.id), tarea.version)])
    pendientes = [recordadas.aplicar(tarea).pendiente for tarea in tareas]
    assert pendientes == [True] * max(0, cuantas - 4) + [False] * min(cuantas, 4)


def test_una_fecha_que_no_se_pudo_leer_no_se_hace_pasar_por_1970(escenario: Escenario) -> None:
    escenario.poblar(1, actualizada_en=datetime(1970, 1, 1, tzinfo=UTC))
    escenario.mostrar()
    celda = escenario.modelo.index(0, Col.ACTUALIZADA)
    assert celda.data() == "—"
    assert "no se puede leer" in celda.data(Qt.ItemDataRole.ToolTipRole)
