"""Where the keyboard is after each thing that an operator does, and what Enter does there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.conflictos import Campo
from core.reparacion import Gana
from gui.arranque import Programa
from gui.avisos.aviso import Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.conflictos.dialogo import DialogoConflicto
from gui.conflictos.eleccion import Lado
from gui.conflictos.vista import Hoja as HojaConflictos
from gui.salud.cuarentena_modelo import ColCuarentena
from gui.salud.panel_cuarentena import MOTIVO_CARACTERES, PanelCuarentena
from gui.tareas.borrador import Borrador
from gui.verificacion.reparacion import Ambito
from gui.verificacion.vista import Hoja
from gui.widgets.raiz import Raiz
from tests.contract.datos import fila
from tests.gui.test_conflictos_bandeja import Bandeja, bandeja
from tests.gui.test_replicacion import apartada, fuente, programa
from tests.gui.test_verificacion import PLAZO_MS, Escena, diferencias, escena

__all__ = ["bandeja", "escena", "fuente", "programa"]


def activar(qtbot: QtBot, ventana: QWidget) -> None:
    ventana.activateWindow()
    qtbot.waitUntil(ventana.isActiveWindow, timeout=PLAZO_MS)


def foco(ventana: QWidget) -> QWidget | None:
    return ventana.focusWidget()


# -- verification -----------------------------------------------------------------------------------------


@pytest.fixture
def con_lista(escena: Escena) -> Escena:
    escena.casos.halladas = diferencias(3)
    escena.mostrar()
    activar(escena.qtbot, escena.ventana)
    escena.verificar()
    escena.elegir(Ambito.TODAS, Gana.SQL)
    return escena


def test_mientras_se_verifica_esta_en_cancelar_y_despues_en_verificar(escena: Escena) -> None:
    escena.casos.seguir.clear()
    escena.mostrar()
    activar(escena.qtbot, escena.ventana)
    escena.vista.boton_verificar.setFocus()
    QTest.keyClick(escena.vista.boton_verificar, Qt.Key.Key_F5)
    assert foco(escena.ventana) is escena.vista.boton_cancelar
    escena.casos.seguir.set()
    escena.esperar(lambda: not escena.vista.control.trabajo.ocupado)
    assert foco(escena.ventana) is escena.vista.boton_verificar


def test_quien_mira_la_lista_sigue_en_ella_al_verificar_otra_vez(con_lista: Escena) -> None:
    vista = con_lista.vista
    vista.tabla.setFocus()
    QTest.keyClick(vista.tabla, Qt.Key.Key_F5)
    assert foco(con_lista.ventana) is vista.tabla
    con_lista.esperar(lambda: not vista.control.trabajo.ocupado)
    assert foco(con_lista.ventana) is vista.tabla


def test_quien_lee_un_valor_que_se_lee_de_nuevo_pasa_a_la_lista(con_lista: Escena) -> None:
    vista = con_lista.vista
    con_lista.esperar(lambda: bool(vista.detalle.muestras))
    vista.detalle.muestras[0].setFocus()
    QTest.keyClick(vista.detalle.muestras[0], Qt.Key.Key_F5)
    con_lista.esperar(lambda: not vista.control.trabajo.ocupado)
    con_lista.qtbot.waitUntil(lambda: bool(vista.detalle.muestras), timeout=PLAZO_MS)
    assert foco(con_lista.ventana) is vista.tabla


def test_si_ya_no_hay_diferencias_no_se_sale_de_la_pagina(con_lista: Escena) -> None:
    vista = con_lista.vista
    con_lista.casos.halladas = []
    vista.tabla.setFocus()
    QTest.keyClick(vista.tabla, Qt.Key.Key_F5)
    con_lista.esperar(lambda: vista.hoja is Hoja.LETRERO and not vista.control.trabajo.ocupado)
    assert foco(con_lista.ventana) is vista.boton_verificar


def test_tras_simular_en_reparar_y_tras_reparar_y_deshacer_en_la_lista(con_lista: Escena) -> None:
    vista = con_lista.vista
    con_lista.elegir(Ambito.ELEGIDAS, Gana.SQL)
    con_lista.simular()
    assert foco(con_lista.ventana) is vista.reparacion.boton_reparar
    QTest.mouseClick(vista.reparacion.boton_reparar, Qt.MouseButton.LeftButton)
    con_lista.contestar("Reparar")
    con_lista.esperar(lambda: bool(con_lista.avisos.avisos) and not vista.control.trabajo.ocupado)
    assert foco(con_lista.ventana) is vista.tabla
    deshacer = boton_de_aviso(con_lista.avisos, "Deshacer")
    deshacer.setFocus()
    QTest.mouseClick(deshacer, Qt.MouseButton.LeftButton)
    con_lista.esperar(lambda: bool(con_lista.casos.deshechas) and not vista.control.trabajo.ocupado)
    assert foco(con_lista.ventana) is vista.tabla


def boton_de_aviso(avisos: BandejaAvisos, texto: str) -> QPushButton:
    return next(uno for uno in avisos.findChildren(QPushButton) if uno.text() == texto and uno.isVisible())


def test_a_quien_se_fue_a_otra_cosa_no_se_le_quita_el_teclado(escena: Escena) -> None:
    otra = QLineEdit()
    escena.ventana.layout().addWidget(otra)
    escena.casos.seguir.clear()
    escena.mostrar()
    activar(escena.qtbot, escena.ventana)
    escena.vista.boton_verificar.setFocus()
    QTest.keyClick(escena.vista.boton_verificar, Qt.Key.Key_F5)
    otra.setFocus()
    escena.casos.seguir.set()
    escena.esperar(lambda: not escena.vista.control.trabajo.ocupado)
    assert foco(escena.ventana) is otra


def test_lo_que_acaba_con_la_pagina_oculta_no_deja_su_foco_en_cancelar(escena: Escena) -> None:
    """Who comes back would have the keyboard on a button that is not there."""
    otra = QLineEdit()
    escena.ventana.layout().addWidget(otra)
    escena.casos.seguir.clear()
    escena.mostrar()
    activar(escena.qtbot, escena.ventana)
    escena.vista.boton_verificar.setFocus()
    QTest.keyClick(escena.vista.boton_verificar, Qt.Key.Key_F5)
    otra.setFocus()
    escena.vista.hide()
    escena.casos.seguir.set()
    escena.esperar(lambda: not escena.vista.control.trabajo.ocupado)
    assert escena.vista.focusWidget() is not escena.vista.boton_cancelar
    assert foco(escena.ventana) is otra


def test_reparar_esta_a_la_vista_entero_con_dos_avisos(con_lista: Escena) -> None:
    for clave in ("uno", "dos"):
        con_lista.avisos.mostrar(Aviso(clave=clave, nivel=Nivel.AVISO, titulo="Algo pasa", detalle="Y así."))
    con_lista.ventana.resize(844, 660)  # what a window of 1024x700 leaves beside its rail
    boton = con_lista.vista.reparacion.boton_reparar
    con_lista.esperar(lambda: boton.visibleRegion().boundingRect() == boton.rect())


def test_donde_no_cabe_ni_la_lista_se_llega_a_reparar_con_el_teclado(con_lista: Escena) -> None:
    for clave in ("uno", "dos"):
        con_lista.avisos.mostrar(Aviso(clave=clave, nivel=Nivel.AVISO, titulo="Algo pasa", detalle="Y así."))
    con_lista.ventana.setMinimumSize(1, 1)  # as in the program, whose window has a least size of its own
    con_lista.ventana.resize(548, 330)
    barra = con_lista.vista.reparacion
    barra.boton_simular.setFocus()
    con_lista.esperar(
        lambda: barra.boton_simular.visibleRegion().boundingRect() == barra.boton_simular.rect()
    )
    assert barra.height() >= barra.minimumSizeHint().height(), "nada se aprieta contra lo de al lado"


# -- conflicts ----------------------------------------------------------------------------------------------


def llegar(bandeja: Bandeja) -> QWidget:
    """Come to the page from another one, as in the program; what has the focus there."""
    otra, pilas = QLineEdit(), QStackedWidget()
    pilas.addWidget(otra)
    pilas.addWidget(bandeja.vista)
    bandeja.ventana.layout().addWidget(pilas)
    bandeja.ventana.show()
    activar(bandeja.qtbot, bandeja.ventana)
    otra.setFocus()
    bandeja.vista.conectar(bandeja.casos)
    pilas.setCurrentWidget(bandeja.vista)
    bandeja.esperar_lista()
    bandeja.esperar(lambda: foco(bandeja.ventana) not in (None, otra, bandeja.vista.filtro))
    donde = foco(bandeja.ventana)
    assert donde is not None
    return donde


def test_quien_llega_a_los_conflictos_esta_en_la_lista_y_no_en_el_filtro(bandeja: Bandeja) -> None:
    for n in range(2):
        bandeja.perder(f"perdió {n}")
    donde = llegar(bandeja)
    assert donde is bandeja.vista.tabla
    QTest.keyClick(donde, Qt.Key.Key_Down)
    assert bandeja.vista.tabla.currentIndex().row() == 1


def test_sin_conflictos_una_flecha_no_cambia_el_filtro(bandeja: Bandeja) -> None:
    QTest.keyClick(llegar(bandeja), Qt.Key.Key_Down)
    assert not bandeja.vista.resueltos


def test_tras_decidir_sigue_en_la_lista_y_tras_el_ultimo_en_la_pagina(bandeja: Bandeja) -> None:
    for n in range(2):
        bandeja.perder(f"perdió {n}")
    bandeja.ventana.layout().addWidget(QPushButton("lo que sigue a la página"))
    bandeja.mostrar()
    activar(bandeja.qtbot, bandeja.ventana)
    vista = bandeja.vista
    for quedan in (1, 0):
        vista.detalle.boton_conservar.setFocus()
        QTest.keyClick(vista.detalle.boton_conservar, Qt.Key.Key_Space)
        assert foco(bandeja.ventana) is vista.tabla, "mientras se guarda, los botones no están a mano"
        bandeja.esperar(lambda quedan=quedan: vista.modelo.rowCount() == quedan)  # type: ignore[misc]
        if quedan:
            assert foco(bandeja.ventana) is vista.tabla
    assert vista.hoja is HojaConflictos.NINGUNO
    queda = foco(bandeja.ventana)
    assert isinstance(queda, QPushButton), "y donde se vea"
    assert vista.isAncestorOf(queda)


def test_a_lo_ancho_minimo_se_ven_cinco_conflictos_y_el_primer_campo_entero(bandeja: Bandeja) -> None:
    for n in range(9):
        bandeja.perder(f"perdió {n}")
    bandeja.ventana.resize(844, 660)
    bandeja.mostrar()
    tabla = bandeja.vista.tabla
    bandeja.esperar(lambda: tabla.indexAt(tabla.viewport().rect().bottomLeft()).row() >= 4)
    muestra = bandeja.vista.detalle.comparacion.muestras[0]
    bandeja.esperar(lambda: muestra.visibleRegion().boundingRect().height() == muestra.height())
    assert muestra.height() < 4 * muestra.fontMetrics().lineSpacing(), "una línea no pide sitio para más"


# -- quarantine ---------------------------------------------------------------------------------------------


def test_en_la_cuarentena_se_ve_la_fila_sobre_la_que_actua_el_teclado(qtbot: QtBot) -> None:
    panel = PanelCuarentena()
    qtbot.addWidget(panel)
    panel.poner(tuple(apartada(n) for n in range(1, 4)))
    panel.show()
    activar(qtbot, panel)
    panel.boton_copiar.setFocus()
    while panel.focusWidget() is not panel.tabla:
        QTest.keyClick(panel.focusWidget(), Qt.Key.Key_Tab)
    assert [uno.row() for uno in panel.tabla.selectionModel().selectedRows()] == [0]
    assert panel.boton_abrir.isEnabled()
    abiertas: list[object] = []
    panel.abrir_pedida.connect(abiertas.append)
    QTest.keyClick(panel.tabla, Qt.Key.Key_Return)
    assert abiertas == [panel.modelo.apartada(0)]


def test_en_la_cuarentena_lo_demas_cede_sitio_al_motivo(qtbot: QtBot) -> None:
    panel = PanelCuarentena()
    qtbot.addWidget(panel)
    panel.poner((apartada(1),))
    panel.show()
    letra = panel.fontMetrics().averageCharWidth()
    for caracteres in (110, 130, 200):
        panel.resize(caracteres * letra, 400)
        qtbot.waitUntil(
            lambda: panel.tabla.columnWidth(ColCuarentena.MOTIVO) >= (MOTIVO_CARACTERES - 2) * letra,
            timeout=PLAZO_MS,
        )
    assert not any(panel.tabla.isColumnHidden(columna) for columna in ColCuarentena)


# -- Enter --------------------------------------------------------------------------------------------------


@pytest.fixture
def raiz(qtbot: QtBot) -> Raiz:
    raiz = Raiz()
    qtbot.addWidget(raiz)
    columna = QVBoxLayout(raiz)
    for parte in (QPushButton("uno"), QToolButton(), QLineEdit(), QWidget()):
        columna.addWidget(parte)
    raiz.show()
    activar(qtbot, raiz)
    return raiz


@pytest.mark.parametrize("clase", [QPushButton, QToolButton])
@pytest.mark.parametrize("tecla", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_intro_pulsa_el_boton_que_tiene_el_foco(
    raiz: Raiz, clase: type[QPushButton | QToolButton], tecla: Qt.Key
) -> None:
    boton, campo = raiz.findChild(clase), raiz.findChild(QLineEdit)
    assert boton is not None
    assert campo is not None
    pulsados: list[bool] = []
    boton.clicked.connect(lambda: pulsados.append(True))
    boton.setFocus()
    QTest.keyClick(boton, tecla)
    assert len(pulsados) == 1
    QTest.keyClick(boton, tecla, Qt.KeyboardModifier.ControlModifier)
    campo.setFocus()
    QTest.keyClick(campo, tecla)
    assert len(pulsados) == 1


def test_la_regla_de_intro_vale_en_toda_la_ventana(programa: Programa, qtbot: QtBot) -> None:
    ventana = programa.ventana
    qtbot.waitUntil(lambda: ventana.salud.replicacion is not None, timeout=PLAZO_MS)
    botones = [*ventana.findChildren(QPushButton), *ventana.findChildren(QToolButton)]
    (raiz,) = ventana.findChildren(Raiz)
    fuera = [uno.accessibleName() or uno.text() for uno in botones if not raiz.isAncestorOf(uno)]
    assert len(botones) > 20
    assert fuera == []


def test_intro_guarda_la_mezcla_si_el_foco_esta_en_ese_boton(bandeja: Bandeja) -> None:
    """The window of these tests is as the program's: a `Raiz` around the page."""
    bandeja.perder("perdió", descripcion="de quien perdió")
    raiz = Raiz()
    columna = QVBoxLayout(raiz)
    columna.addWidget(bandeja.vista)
    bandeja.ventana.layout().addWidget(raiz)
    bandeja.mostrar()
    activar(bandeja.qtbot, bandeja.ventana)
    detalle = bandeja.vista.detalle
    detalle.comparacion.elegir(Campo.TITULO, Lado.MIO)
    detalle.boton_mezclar.setFocus()
    QTest.keyClick(detalle.boton_mezclar, Qt.Key.Key_Return)
    bandeja.esperar(lambda: bandeja.vista.modelo.rowCount() == 0)
    (tarea,) = bandeja.sql.filas.values()
    assert (tarea.titulo, tarea.descripcion) == ("perdió", "de quien ganó")


def test_en_el_dialogo_de_un_conflicto_intro_decide_solo_desde_la_decision(qtbot: QtBot) -> None:
    descartadas: list[object] = []

    def pulsar_en(parte: str) -> None:
        dialogo = DialogoConflicto(Borrador.de(fila("mía", version=800)), fila("suya", version=900))
        qtbot.addWidget(dialogo)
        dialogo.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        dialogo.descartada.connect(descartadas.append)
        dialogo.show()
        activar(qtbot, dialogo)
        donde = dialogo.boton_descartar if parte == "descartar" else dialogo.findChild(QPlainTextEdit)
        assert donde is not None
        donde.setFocus()
        QTest.keyClick(donde, Qt.Key.Key_Return)
        assert not dialogo.isVisible()

    pulsar_en("un valor")
    assert descartadas == []
    pulsar_en("descartar")
    assert len(descartadas) == 1
