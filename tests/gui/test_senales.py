"""A signal ends the program like the operator would, but for the question that nobody could answer."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from adapters.settings import Ajustes
from core.health import EstadoSalud
from gui.arranque import Programa
from gui.senales import SENALES, cerrar_con_senales
from gui.ventana import Ventana
from tests.gui.escenario_tareas import escribir
from tests.gui.fuente_falsa import MONGO, SQL, FuenteFalsa

PLAZO_MS = 5000


@pytest.fixture
def ventana(qtbot: QtBot, tmp_path: Path) -> Iterator[Ventana]:
    fuente = FuenteFalsa()
    for nombre in (SQL, MONGO):
        fuente.poner(nombre, EstadoSalud.OK, desde_s=time.monotonic(), visto_s=time.monotonic())
    programa = Programa(
        Ajustes(datos=tmp_path),
        preferencias=QSettings(str(tmp_path / "ventana.ini"), QSettings.Format.IniFormat),
        fabrica=lambda *_: fuente,  # type: ignore[arg-type, return-value]
    )
    qtbot.addWidget(programa.ventana)
    programa.ventana.show()
    programa.iniciar()
    qtbot.waitUntil(lambda: bool(programa.ventana.barra.indicadores), timeout=PLAZO_MS)
    yield programa.ventana
    programa.salir()


def _escribir_sin_guardar(ventana: Ventana) -> None:
    ventana.tareas.nueva()
    escribir(ventana.tareas.formulario.titulo, "A medias")


@pytest.mark.parametrize("senal", SENALES)
def test_una_senal_cierra_en_el_siguiente_turno_y_no_a_mitad_de_nada(
    ventana: Ventana, qtbot: QtBot, senal: signal.Signals
) -> None:
    with cerrar_con_senales(ventana):
        os.kill(os.getpid(), senal)
        assert ventana.isVisible()
        qtbot.waitUntil(lambda: not ventana.isVisible(), timeout=PLAZO_MS)


def test_una_senal_no_pregunta_por_el_texto_sin_guardar(ventana: Ventana, qtbot: QtBot) -> None:
    _escribir_sin_guardar(ventana)
    with cerrar_con_senales(ventana), qtbot.waitSignal(ventana.cerrada, timeout=PLAZO_MS):
        os.kill(os.getpid(), signal.SIGTERM)
    assert not ventana.isVisible()


def test_una_senal_cierra_aunque_la_pregunta_este_en_pantalla(ventana: Ventana, qtbot: QtBot) -> None:
    _escribir_sin_guardar(ventana)
    ventana.close()
    assert [caja.isVisible() for caja in ventana.findChildren(QMessageBox)] == [True]
    with cerrar_con_senales(ventana), qtbot.waitSignal(ventana.cerrada, timeout=PLAZO_MS):
        os.kill(os.getpid(), signal.SIGTERM)
    assert not any(caja.isVisible() for caja in ventana.findChildren(QMessageBox))


def test_una_senal_que_es_de_otro_no_cierra(ventana: Ventana, qtbot: QtBot) -> None:
    recibidas: list[int] = []
    antes = signal.signal(signal.SIGUSR1, lambda numero, _marco: recibidas.append(numero))
    try:
        with cerrar_con_senales(ventana):
            os.kill(os.getpid(), signal.SIGUSR1)
            qtbot.waitUntil(lambda: recibidas == [signal.SIGUSR1], timeout=PLAZO_MS)
            os.kill(os.getpid(), signal.SIGTERM)  # the next turn of the loop has heard of both
            assert ventana.isVisible()
            qtbot.waitUntil(lambda: not ventana.isVisible(), timeout=PLAZO_MS)
    finally:
        signal.signal(signal.SIGUSR1, antes)


def test_despues_las_senales_son_las_de_antes(ventana: Ventana) -> None:
    antes = [signal.getsignal(senal) for senal in SENALES]
    with cerrar_con_senales(ventana):
        assert [signal.getsignal(senal) for senal in SENALES] != antes
    assert [signal.getsignal(senal) for senal in SENALES] == antes
