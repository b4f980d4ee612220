"""Garbage of the window: collected, on the GUI thread, and by nobody else."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui import recolector
from gui.recolector import Recolector
from gui.widgets.desplazable import Desplazable


@pytest.fixture
def uno(qtbot: QtBot) -> Iterator[Recolector]:
    gc.enable()  # as in the program; tests of the window run without
    uno = Recolector()
    uno.iniciar()
    yield uno
    uno.detener()
    gc.disable()


def _ciclo() -> tuple[weakref.ref[QWidget], list[int]]:
    """A widget that only a cycle keeps alive, and the threads in which it was destroyed."""
    widget, hilos = QWidget(), list[int]()
    widget.yo = widget  # type: ignore[attr-defined]
    weakref.finalize(widget, lambda: hilos.append(threading.get_ident()))
    return weakref.ref(widget), hilos


def test_un_ciclo_con_un_widget_muere_en_el_hilo_de_la_ventana(
    uno: Recolector, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    referencia, hilos = _ciclo()
    hilo = threading.Thread(target=lambda: [[] for _ in range(50_000)])
    hilo.start()
    hilo.join(5)
    assert referencia() is not None, "un hilo de trabajo no debe recoger"
    monkeypatch.setattr(recolector, "UMBRALES", (-1, 10**6, 10**6))
    qtbot.waitUntil(lambda: referencia() is None, timeout=5_000)
    assert hilos == [threading.get_ident()]


def _apartado(uno: Recolector, monkeypatch: pytest.MonkeyPatch) -> weakref.ref[QWidget]:
    """A cycle that was left out by a slow collection while it lived, and is garbage now."""
    monkeypatch.setattr(recolector, "LARGA_S", 0.0)
    monkeypatch.setattr(recolector, "UMBRALES", (-1, -1, -1))
    referencia, _ = _ciclo()
    vivo = referencia()
    uno.pasar()
    del vivo
    monkeypatch.setattr(recolector, "LARGA_S", 60.0)
    uno.pasar()
    assert referencia() is not None, "una pasada corriente no mira lo apartado"
    return referencia


def test_lo_que_se_aparto_se_repasa_cuando_nadie_trabaja_en_la_ventana(
    uno: Recolector, monkeypatch: pytest.MonkeyPatch
) -> None:
    referencia = _apartado(uno, monkeypatch)
    monkeypatch.setattr(recolector, "REPASO_S", 0.0)
    estado = Qt.ApplicationState.ApplicationActive
    monkeypatch.setattr(QGuiApplication, "applicationState", lambda: estado)
    uno.pasar()
    assert referencia() is not None, "con alguien delante se espera"
    estado = Qt.ApplicationState.ApplicationInactive
    uno.pasar()
    assert referencia() is None


def test_si_lo_apartado_es_mucho_no_se_espera(uno: Recolector, monkeypatch: pytest.MonkeyPatch) -> None:
    referencia = _apartado(uno, monkeypatch)
    monkeypatch.setattr(recolector, "APARTADOS_MAX", 0)
    uno.pasar()
    assert referencia() is None


def test_lo_que_el_recolector_ya_ha_vaciado_aun_le_contesta_a_qt(qtbot: QtBot) -> None:
    """Of a cycle it takes the attributes first, and the widgets go one by one after."""
    area = Desplazable(QLabel("contenido"))
    qtbot.addWidget(area)
    antes = area.minimumSizeHint()
    vars(area).clear()
    assert area.minimumSizeHint() == antes
    area.takeWidget()
    assert area.minimumSizeHint().isValid()


def test_sin_nada_nuevo_no_hace_nada(uno: Recolector) -> None:
    antes = [estado["collections"] for estado in gc.get_stats()]
    uno.pasar()
    assert [estado["collections"] for estado in gc.get_stats()] == antes


def test_al_detenerlo_python_vuelve_a_recoger_solo(qtbot: QtBot) -> None:
    uno = Recolector()
    uno.iniciar()
    assert not gc.isenabled()
    uno.detener()
    assert gc.isenabled()
    gc.disable()  # as tests of the window run
