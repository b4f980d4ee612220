"""Garbage of the window: collected, on the GUI thread, and by nobody else."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui import recolector
from gui.recolector import Recolector


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
