"""The activity panel: bounded, filtered, without secrets, fed from any thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from gui.actividad.manejador import LINEAS_MAX, Linea, ManejadorActividad
from gui.actividad.modelo import ColumnaActividad, ModeloActividad
from gui.actividad.vista import VistaActividad

PLAZO_MS = 5000
AHORA = datetime(2026, 3, 30, 10, 42, 7, 123_000, tzinfo=UTC)


def linea(texto: str, nivel: int = logging.INFO) -> Linea:
    return Linea(AHORA, nivel, texto)


def mostradas(modelo: ModeloActividad) -> list[str]:
    return [modelo.linea(fila).texto for fila in range(modelo.rowCount())]


@pytest.fixture
def registro() -> Iterator[tuple[logging.Logger, ManejadorActividad]]:
    manejador = ManejadorActividad()
    registro = logging.getLogger("prueba-de-actividad")
    registro.setLevel(logging.DEBUG)
    registro.propagate = False
    registro.addHandler(manejador)
    yield registro, manejador
    registro.removeHandler(manejador)


def test_guarda_lo_que_dice_cualquier_hilo(registro: tuple[logging.Logger, ManejadorActividad]) -> None:
    log, manejador = registro

    def hablar(quien: int) -> None:
        for i in range(200):
            log.info("%s-%s", quien, i)

    hilos = [threading.Thread(target=hablar, args=(n,)) for n in range(4)]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join(5)
    assert len(manejador.tomar()) == 800
    assert manejador.tomar() == []


def test_oculta_las_contrasenas_tambien_en_las_trazas(
    registro: tuple[logging.Logger, ManejadorActividad],
) -> None:
    log, manejador = registro
    try:
        raise ValueError("mongodb://ana:clave@servidor/tareas")
    except ValueError:
        log.exception("Falló postgresql://ana:clave@servidor")
    (una,) = manejador.tomar()
    assert "clave" not in una.texto
    assert "ValueError" in una.texto


def test_una_avalancha_no_crece_sin_fin(registro: tuple[logging.Logger, ManejadorActividad]) -> None:
    log, manejador = registro
    for n in range(LINEAS_MAX + 50):
        log.info("%s", n)
    lineas = manejador.tomar()
    assert len(lineas) == LINEAS_MAX
    assert lineas[-1].texto == str(LINEAS_MAX + 49)


def test_el_modelo_cumple_las_reglas_de_qt(qtmodeltester: ModelTester) -> None:
    modelo = ModeloActividad(maximo=10)
    qtmodeltester.check(modelo)  # type: ignore[no-untyped-call]
    modelo.anadir([linea(f"a{n}") for n in range(8)])
    modelo.filtrar(nivel_minimo=logging.NOTSET, texto="a")
    modelo.anadir([linea(f"b{n}", logging.ERROR) for n in range(5)])
    modelo.anadir([linea(f"a{n}") for n in range(30)])
    modelo.limpiar()
    modelo.anadir([linea("último")])
    qtmodeltester.check(modelo)  # type: ignore[no-untyped-call]


def test_olvida_lo_mas_viejo_tambien_bajo_un_filtro() -> None:
    modelo = ModeloActividad(maximo=4)
    modelo.filtrar(nivel_minimo=logging.WARNING, texto="")
    modelo.anadir([linea("1", logging.ERROR), linea("2"), linea("3", logging.ERROR)])
    modelo.anadir([linea("4", logging.ERROR), linea("5")])
    assert mostradas(modelo) == ["3", "4"]
    modelo.filtrar(nivel_minimo=logging.NOTSET, texto="")
    assert mostradas(modelo) == ["2", "3", "4", "5"]


def test_una_tanda_mayor_que_el_limite_deja_solo_el_final() -> None:
    modelo = ModeloActividad(maximo=3)
    modelo.anadir([linea(str(n)) for n in range(10)])
    assert mostradas(modelo) == ["7", "8", "9"]


def test_filtra_por_nivel_y_por_texto_sin_distinguir_mayusculas() -> None:
    modelo = ModeloActividad()
    modelo.anadir([linea("save de ABC"), linea("save de abc", logging.ERROR), linea("otra", logging.ERROR)])
    modelo.filtrar(nivel_minimo=logging.ERROR, texto="Abc")
    assert mostradas(modelo) == ["save de abc"]


def test_el_nivel_se_dice_con_una_palabra() -> None:
    modelo = ModeloActividad()
    niveles = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
    modelo.anadir([linea("x", nivel) for nivel in niveles])
    palabras = [modelo.index(f, ColumnaActividad.NIVEL).data() for f in range(5)]
    assert palabras == ["DETALLE", "INFO", "AVISO", "ERROR", "ERROR"]


def test_un_texto_de_varias_lineas_ocupa_una_fila() -> None:
    modelo = ModeloActividad()
    modelo.anadir([linea("uno\ndos")])
    assert modelo.index(0, ColumnaActividad.MENSAJE).data() == "uno ⏎ dos"


@pytest.fixture
def vista(qtbot: QtBot, registro: tuple[logging.Logger, ManejadorActividad]) -> VistaActividad:
    vista = VistaActividad(registro[1])
    qtbot.addWidget(vista)
    vista.resize(900, 500)
    vista.show()
    return vista


def test_la_vista_recoge_sola_y_busca_por_id(
    vista: VistaActividad, registro: tuple[logging.Logger, ManejadorActividad], qtbot: QtBot
) -> None:
    for n in range(300):
        registro[0].info("save de id-%03d", n)
    qtbot.waitUntil(lambda: vista.modelo.rowCount() == 300, timeout=PLAZO_MS)
    vista._nivel.setCurrentIndex(3)
    assert vista.modelo.rowCount() == 0
    vista.buscar("id-042")
    assert mostradas(vista.modelo) == ["save de id-042"]
    vista.copiar()
    assert QGuiApplication.clipboard().text().endswith("INFO save de id-042")


def test_una_linea_elegida_se_lee_entera_y_como_texto(
    vista: VistaActividad, registro: tuple[logging.Logger, ManejadorActividad], qtbot: QtBot
) -> None:
    registro[0].error("<b>uno</b>\ndos")
    vista.recoger()
    tabla = vista._tabla
    QTest.mouseClick(
        tabla.viewport(),
        Qt.MouseButton.LeftButton,
        pos=tabla.visualRect(vista.modelo.index(0, ColumnaActividad.MENSAJE)).center(),
    )
    entera = vista.findChild(QPlainTextEdit)
    assert isinstance(entera, QPlainTextEdit)
    assert entera.toPlainText() == "<b>uno</b>\ndos"
