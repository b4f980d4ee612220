"""A save refused because of a clock: the form keeps what was typed, says why, and saves once it is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.escenario_tareas import Escenario


@pytest.fixture
def escenario(qtbot: QtBot) -> Iterator[Escenario]:
    escenario = Escenario(qtbot)
    yield escenario
    escenario.cerrar()


@pytest.mark.errores_esperados("no se ha enviado a ninguna base de datos")
def test_el_texto_queda_se_dice_por_que_y_con_buena_hora_se_guarda(escenario: Escenario) -> None:
    escenario.poblar(2)
    escenario.mostrar()
    escenario.elegir(0)
    bueno = escenario.mongo.pong
    escenario.mongo.pong = replace(bueno, desfase_ms=180_000.0)
    escenario.escribir_titulo("Con mala hora")
    escenario.formulario.guardar()
    escenario.esperar(lambda: bool(escenario.avisos.avisos))
    detalle = escenario.aviso("No se ha guardado").detalle
    assert "el de MongoDB va 3 min por delante" in detalle
    assert "Sincronice por NTP" in detalle
    assert escenario.formulario.sucio
    assert "Con mala hora" not in escenario.titulos()
    escenario.mongo.pong = bueno
    escenario.guardar_y_esperar()
    assert "Con mala hora" in escenario.titulos()
