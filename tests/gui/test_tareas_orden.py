"""Tools for the keyboard and for little room: the order of the list, buttons, the form in a low window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from core.domain.models.consulta import Columna
from core.domain.models.tarea import EstadoTarea
from gui.tareas.borrador import Borrador
from gui.tareas.celdas import Col
from gui.tareas.eliminacion import DESHACER_S
from gui.tareas.formulario import FormularioTarea
from gui.tareas.segmentos import MARGEN_PX, SelectorEstado
from tests.gui.escenario_tareas import Escenario, tarea_n


@pytest.fixture
def escenario(qtbot: QtBot) -> Iterator[Escenario]:
    escenario = Escenario(qtbot)
    yield escenario
    escenario.cerrar()


SIN_PANTALLA = "This plugin does not support (raise|grabbing)"
"""The offscreen platform says that of every menu."""


def _activa(escenario: Escenario) -> None:
    escenario.ventana.activateWindow()
    escenario.esperar(escenario.ventana.isActiveWindow)


@pytest.mark.qt_log_ignore(SIN_PANTALLA)
def test_el_orden_se_elige_con_el_teclado(escenario: Escenario) -> None:
    escenario.poblar(5)
    escenario.mostrar()
    _activa(escenario)
    ctrl_mayus = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(escenario.vista.tabla, Qt.Key.Key_O, ctrl_mayus)
    menu = escenario.vista.herramientas.orden
    escenario.esperar(menu.isVisible)
    assert menu.activeAction() is menu.accion(Col.ACTUALIZADA)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    escenario.esperar(lambda: escenario.vista.cargador.consulta.columna is Columna.TITULO)
    assert not escenario.vista.cargador.consulta.descendente
    assert escenario.vista.tabla.horizontalHeader().sortIndicatorSection() == Col.TITULO


def test_elegir_otra_vez_el_mismo_orden_le_da_la_vuelta(escenario: Escenario) -> None:
    escenario.poblar(5)
    escenario.mostrar()
    menu, consulta = escenario.vista.herramientas.orden, lambda: escenario.vista.cargador.consulta
    assert menu.accion(Col.ACTUALIZADA).text() == "Actualizada, la más reciente primero"
    menu.accion(Col.ACTUALIZADA).trigger()
    escenario.esperar(lambda: not consulta().descendente)
    assert consulta().columna is Columna.ACTUALIZADA_EN
    assert menu.accion(Col.ACTUALIZADA).text() == "Actualizada, la más antigua primero"


def test_se_vuelve_al_orden_de_una_columna_que_no_cabe(escenario: Escenario) -> None:
    escenario.poblar(5)
    escenario.mostrar()
    escenario.ventana.resize(900, 600)
    escenario.esperar(lambda: escenario.vista.tabla.isColumnHidden(Col.ACTUALIZADA))
    menu = escenario.vista.herramientas.orden
    escenario.vista.tabla.sortByColumn(Col.TITULO, Qt.SortOrder.AscendingOrder)
    assert [menu.accion(col).isChecked() for col in Col] == [True, False, False, False]
    menu.accion(Col.ACTUALIZADA).trigger()
    escenario.esperar(lambda: escenario.vista.cargador.consulta.columna is Columna.ACTUALIZADA_EN)
    assert escenario.vista.cargador.consulta.descendente


@pytest.mark.qt_log_ignore(SIN_PANTALLA)
def test_intro_pulsa_los_botones_y_abre_el_menu(escenario: Escenario) -> None:
    escenario.mostrar()
    _activa(escenario)
    herramientas = escenario.vista.herramientas
    herramientas.boton_nueva.setFocus()
    QTest.keyClick(herramientas.boton_nueva, Qt.Key.Key_Return)
    assert escenario.formulario.id is not None
    herramientas.boton_mas.setFocus()
    # The menu has a loop of its own while a key has opened it.
    menu = herramientas.boton_mas.menu()
    menu.aboutToShow.connect(menu.close, Qt.ConnectionType.QueuedConnection)
    with escenario.qtbot.waitSignal(menu.aboutToShow):
        QTest.keyClick(herramientas.boton_mas, Qt.Key.Key_Return)


@pytest.mark.parametrize("ancho", [620, 1200])
def test_la_pista_de_la_busqueda_cabe(escenario: Escenario, ancho: int) -> None:
    escenario.mostrar()
    escenario.ventana.resize(ancho, 600)
    busqueda = escenario.vista.herramientas.busqueda
    letra = busqueda.fontMetrics()
    assert "Ctrl+F" in busqueda.placeholderText()
    ocupa = letra.horizontalAdvance(busqueda.placeholderText()) + 4 * MARGEN_PX
    escenario.esperar(lambda: ocupa < busqueda.width())


def test_los_botones_de_estado_no_tocan_sus_letras(qtbot: QtBot) -> None:
    selector = SelectorEstado()
    qtbot.addWidget(selector)
    for boton in (selector.boton(estado) for estado in EstadoTarea):
        ancho = boton.fontMetrics().horizontalAdvance(boton.text())
        assert boton.minimumSizeHint().width() >= ancho + 2 * MARGEN_PX


def _caja(parte: QWidget, en: QWidget) -> QRect:
    return QRect(parte.mapTo(en, QPoint()), parte.size())


def test_en_una_ventana_baja_el_formulario_se_desplaza_y_nada_se_pisa(qtbot: QtBot) -> None:
    formulario = FormularioTarea()
    qtbot.addWidget(formulario)
    formulario.abrir(Borrador.de(tarea_n(0)))
    formulario.resize(360, 260)
    formulario.show()
    qtbot.waitExposed(formulario)
    editor = formulario.descripcion.editor
    pies = [parte for parte in formulario.descripcion.findChildren(QLabel) if " de " in parte.text()]
    assert len(pies) == 1
    assert _caja(pies[0], formulario).top() >= _caja(editor, formulario).bottom()
    assert all(
        parte.height() >= parte.minimumSizeHint().height() for parte in formulario.findChildren(QLabel)
    )
    for boton in (formulario.boton_guardar, formulario.boton_descartar):
        assert formulario.rect().contains(_caja(boton, formulario))
    formulario.estado.enfocar()
    qtbot.waitUntil(lambda: not formulario.estado.visibleRegion().isEmpty(), timeout=5000)


def test_lo_dicho_no_separa_un_almacen_de_su_hora(qtbot: QtBot) -> None:
    formulario = FormularioTarea()
    qtbot.addWidget(formulario)
    texto = "Guardada   SQL ✓ 10:43:02   Mongo … por copiar"
    formulario.decir(texto, "warn")
    assert formulario.dicho == texto
    mostrado = next(parte.text() for parte in formulario.findChildren(QLabel) if "SQL" in parte.text())
    assert mostrado.split(" ") == [
        "Guardada",
        "",
        "",
        "SQL\u00a0✓\u00a010:43:02",
        "",
        "",
        "Mongo\u00a0…\u00a0por\u00a0copiar",
    ]


def test_la_pregunta_dice_cuanto_tiempo_se_puede_deshacer(escenario: Escenario) -> None:
    escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.vista.tabla.accion_eliminar.trigger()
    pregunta = escenario.pregunta()
    assert isinstance(pregunta, QMessageBox)
    assert f"Durante {DESHACER_S:.0f} segundos" in pregunta.informativeText()
    escenario.contestar("Cancelar")
