"""The form: limits told while typing, nothing lost without asking, and data that survives being looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from core.domain.errors import AlmacenNoDisponible
from core.domain.events import EscriturasConfirmadas
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import DESCRIPCION_MAX, TITULO_MAX, EstadoTarea
from gui.tareas.borrador import Borrador
from gui.tareas.campos import CampoDeTexto
from gui.tareas.formulario import FormularioTarea
from tests.gui.escenario_tareas import Compuerta, Escenario, escribir, tarea_n


@pytest.fixture
def escenario(qtbot: QtBot) -> Iterator[Escenario]:
    escenario = Escenario(qtbot)
    yield escenario
    escenario.cerrar()


@pytest.fixture
def formulario(qtbot: QtBot) -> FormularioTarea:
    formulario = FormularioTarea()
    qtbot.addWidget(formulario)
    return formulario


HOSTILES = [
    "línea\nlínea",
    "línea\r\nlínea\r\n",
    "mezcla\r\nde\nfinales\r",
    "espacio\u00a0duro",
    "separador\u2028de línea\u2029y párrafo",
    "tab\ty control\x01\x1b[31m",
    "\u202eal revés\u202c",
    "😀👩‍👩‍👧 a\u0301",
    "<b>no es HTML</b> &amp;",
    "  espacios  ",
    "",
]


@pytest.mark.parametrize("texto", HOSTILES)
@pytest.mark.parametrize("clase", [QLineEdit, QPlainTextEdit])
def test_un_texto_que_solo_se_mira_no_cambia(
    qtbot: QtBot, clase: type[QLineEdit | QPlainTextEdit], texto: str
) -> None:
    campo = CampoDeTexto(clase(), "Campo", "200")
    qtbot.addWidget(campo)
    campo.poner("otro")
    campo.poner(texto)
    assert campo.texto == texto


def test_al_editar_se_conservan_los_finales_de_linea_y_los_espacios_duros(qtbot: QtBot) -> None:
    editor = QPlainTextEdit()
    campo = CampoDeTexto(editor, "Campo", "200")
    qtbot.addWidget(campo)
    campo.poner("uno\r\ndos\u00a0tres")
    editor.insertPlainText("cero\n")
    assert campo.texto == "cero\r\nuno\r\ndos\u00a0tres"


def test_abrir_una_tarea_no_la_ensucia(formulario: FormularioTarea) -> None:
    for texto in HOSTILES:
        formulario.abrir(Borrador.de(tarea_n(0, titulo=texto or "x", descripcion=texto)))
        assert not formulario.sucio, repr(texto)
        assert not formulario.boton_guardar.isEnabled()


def test_el_titulo_cuenta_puntos_de_codigo_y_rechaza_el_que_sobra(formulario: FormularioTarea) -> None:
    formulario.abrir(Borrador())
    escribir(formulario.titulo, "😀" * TITULO_MAX)
    assert formulario.titulo.pie == f"{TITULO_MAX} de {TITULO_MAX}"
    escribir(formulario.titulo, "😀" * (TITULO_MAX + 1))
    assert formulario.titulo.pie == "El título tiene 201 caracteres y el máximo es 200."


def test_la_descripcion_dice_cuanto_lleva_y_cuando_se_pasa(formulario: FormularioTarea) -> None:
    formulario.abrir(Borrador())
    escribir(formulario.descripcion, "x" * DESCRIPCION_MAX)
    assert formulario.descripcion.pie == "10.000 de 10.000"
    escribir(formulario.descripcion, "x" * (DESCRIPCION_MAX + 1))
    assert "el máximo es 10000" in formulario.descripcion.pie


def test_un_titulo_vacio_no_se_reprocha_hasta_que_se_intenta_guardar(
    formulario: FormularioTarea, qtbot: QtBot
) -> None:
    formulario.abrir(Borrador())
    escribir(formulario.descripcion, "algo")
    assert formulario.titulo.pie == "0 de 200"
    pedidos: list[Borrador] = []
    formulario.guardar_pedido.connect(pedidos.append)
    formulario.guardar()
    assert formulario.titulo.pie == "El título no puede estar vacío."
    assert pedidos == []


def test_mientras_se_guarda_no_pide_guardar_otra_vez(formulario: FormularioTarea) -> None:
    pedidos: list[Borrador] = []
    formulario.guardar_pedido.connect(pedidos.append)
    formulario.abrir(Borrador())
    escribir(formulario.titulo, "Una vez")
    formulario.guardar()
    formulario.guardando(True)
    formulario.guardar()
    assert len(pedidos) == 1


def test_un_caracter_que_sql_no_admite_se_dice_al_escribirlo(formulario: FormularioTarea) -> None:
    formulario.abrir(Borrador.de(tarea_n(0)))
    escribir(formulario.titulo, "nulo\x00")
    assert "nulo" in formulario.titulo.pie


def test_el_estado_se_elige_con_el_teclado(formulario: FormularioTarea, qtbot: QtBot) -> None:
    formulario.abrir(Borrador())
    formulario.show()
    boton = formulario.estado.boton(EstadoTarea.PENDIENTE)
    boton.setFocus()
    QTest.keyClick(boton, Qt.Key.Key_Right)
    assert formulario.estado.estado is EstadoTarea.EN_PROGRESO


def test_todo_lo_que_muestra_es_texto_plano(formulario: FormularioTarea) -> None:
    formulario.abrir(Borrador.de(tarea_n(0, titulo="<b>x</b>")))
    etiquetas = formulario.findChildren(QLabel)
    assert etiquetas
    assert all(una.textFormat() is Qt.TextFormat.PlainText for una in etiquetas)


def test_cada_campo_tiene_nombre_accesible(formulario: FormularioTarea) -> None:
    assert formulario.titulo.editor.accessibleName() == "Título"
    assert formulario.descripcion.editor.accessibleName() == "Descripción"
    assert formulario.estado.boton(EstadoTarea.COMPLETADA).accessibleName() == "Completada"


def test_elegir_otra_fila_con_cambios_pregunta_y_seguir_editando_los_conserva(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    primera = escenario.elegir(0)
    escenario.escribir_titulo("A medias")
    escenario.vista.tabla.selectRow(2)
    assert escenario.vista.tabla.actual == primera
    escenario.contestar("Seguir editando")
    assert escenario.formulario.id == primera.id
    assert escenario.formulario.titulo.texto == "A medias"


def test_elegir_otra_fila_descartando_la_abre(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.escribir_titulo("A medias")
    escenario.vista.tabla.selectRow(2)
    escenario.contestar("Descartar")
    assert escenario.formulario.titulo.texto == "Tarea 0002"
    assert escenario.vista.tabla.currentIndex().row() == 2


def test_elegir_otra_fila_guardando_guarda_y_la_abre(escenario: Escenario) -> None:
    tareas = escenario.poblar(3)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.escribir_titulo("Terminada")
    escenario.vista.tabla.selectRow(2)
    escenario.contestar("Guardar")
    escenario.esperar(lambda: escenario.formulario.id == tareas[2].id)
    assert escenario.sql.filas[tareas[0].id].titulo == "Terminada"
    assert escenario.vista.tabla.actual == tareas[2]


def test_escape_pregunta_antes_de_perder_el_texto(escenario: Escenario) -> None:
    escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.escribir_titulo("A medias")
    escenario.formulario.enfocar()
    QTest.keyClick(escenario.formulario.titulo.editor, Qt.Key.Key_Escape)
    assert "A medias" in escenario.pregunta().text()
    escenario.contestar("Descartar")
    assert escenario.formulario.titulo.texto == "Tarea 0000"


def test_cerrar_la_ventana_con_cambios_pregunta(escenario: Escenario) -> None:
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    assert escenario.vista.puede_cerrar()
    escenario.escribir_titulo("Última palabra")
    assert not escenario.vista.puede_cerrar()
    escenario.contestar("Guardar")
    escenario.esperar(lambda: not escenario.ventana.isVisible())
    assert escenario.sql.filas[tarea.id].titulo == "Última palabra"
    assert escenario.vista.puede_cerrar()


def test_cerrar_mientras_se_guarda_espera_a_lo_escrito_despues(escenario: Escenario) -> None:
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    compuerta = Compuerta(escenario.sql, "escribir")
    escenario.escribir_titulo("Uno")
    escenario.guardar()
    escenario.esperar(lambda: compuerta.llegadas == 1)
    escenario.escribir_titulo("Dos")
    assert not escenario.vista.puede_cerrar()
    escenario.contestar("Guardar")
    compuerta.abrir()
    escenario.esperar(lambda: not escenario.ventana.isVisible())
    assert escenario.sql.filas[tarea.id].titulo == "Dos"


def test_si_otro_la_cambia_y_no_hay_texto_propio_se_ve_lo_nuevo(escenario: Escenario) -> None:
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.sembrar(replace(tarea, titulo="De otra persona", version=tarea.version + 99))
    escenario.vista.actualizar()
    escenario.esperar(lambda: escenario.formulario.titulo.texto == "De otra persona")


def test_si_otro_la_cambia_el_texto_propio_queda_y_se_avisa(escenario: Escenario) -> None:
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.escribir_titulo("Lo mío")
    escenario.sembrar(replace(tarea, titulo="De otra persona", version=tarea.version + 99))
    escenario.vista.actualizar()
    escenario.esperar(lambda: "Otra persona" in escenario.formulario.dicho)
    assert escenario.formulario.titulo.texto == "Lo mío"


def test_con_poco_ancho_formulario_y_lista_se_turnan(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    escenario.ventana.resize(480, 600)
    escenario.esperar(lambda: not escenario.formulario.isVisible())
    escenario.elegir(1)
    escenario.vista.tabla.accion_editar.trigger()
    assert escenario.formulario.isVisible()
    assert not escenario.vista.tabla.isVisible()
    QTest.keyClick(escenario.formulario.titulo.editor, Qt.Key.Key_Escape)
    escenario.esperar(escenario.vista.tabla.isVisible)
    assert not escenario.formulario.isVisible()


def test_al_guardar_el_cursor_y_lo_deshecho_siguen_donde_estaban(escenario: Escenario) -> None:
    escenario.poblar(1, descripcion="")
    escenario.mostrar()
    escenario.elegir(0)
    editor = escenario.formulario.descripcion.editor
    editor.setFocus()
    QTest.keyClicks(editor, "primero")
    QTest.keyClick(escenario.vista, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    escenario.esperar_guardado()
    QTest.keyClicks(editor, " segundo")
    assert escenario.formulario.descripcion.texto == "primero segundo"
    for _ in range(2):
        editor.undo()
    assert escenario.formulario.descripcion.texto == ""


def test_cerrar_mientras_se_guarda_espera_al_resultado_y_no_pregunta(escenario: Escenario) -> None:
    escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    compuerta = Compuerta(escenario.sql, "escribir")
    escenario.escribir_titulo("Guardada al cerrar")
    escenario.guardar()
    escenario.esperar(lambda: compuerta.llegadas == 1)
    assert not escenario.vista.puede_cerrar()
    assert not escenario.vista.puede_cerrar()
    assert not escenario.ventana.findChildren(QMessageBox)
    compuerta.abrir()
    escenario.esperar(lambda: not escenario.ventana.isVisible())


def test_si_el_guardado_tarda_se_pregunta_y_su_fin_quita_la_pregunta(
    escenario: Escenario,
) -> None:
    escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    compuerta = Compuerta(escenario.sql, "escribir")
    escenario.escribir_titulo("Tarda")
    escenario.guardar()
    escenario.esperar(lambda: compuerta.llegadas == 1)
    escenario.vista.puede_cerrar()
    escenario.esperar(lambda: any(c.isVisible() for c in escenario.ventana.findChildren(QMessageBox)))
    escenario.pregunta()
    compuerta.abrir()
    escenario.esperar(lambda: not escenario.ventana.isVisible())


def test_pedir_varias_veces_que_se_cierre_pregunta_una_sola_vez(escenario: Escenario) -> None:
    escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.escribir_titulo("Sin guardar")
    for _ in range(3):
        assert not escenario.vista.puede_cerrar()
    assert "sin guardar" in escenario.pregunta().text()
    escenario.contestar("Descartar")
    escenario.esperar(lambda: not escenario.ventana.isVisible())


def test_lo_dicho_del_guardado_se_corrige_al_copiarse_y_se_quita_al_escribir(escenario: Escenario) -> None:
    escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.mongo.fallar_con = AlmacenNoDisponible(NombreAlmacen.MONGO, "MongoDB no responde.")
    escenario.escribir_titulo("Primero en SQL")
    escenario.guardar_y_esperar()
    assert escenario.formulario.dicho.endswith("Mongo … por copiar")
    guardada = escenario.modelo.tarea(0)
    assert guardada is not None
    escenario.bus.publicar(EscriturasConfirmadas(((str(guardada.id), guardada.version),)))
    escenario.esperar(lambda: escenario.formulario.dicho == "Guardada   SQL ✓   Mongo ✓")
    escenario.escribir_titulo("")
    assert escenario.formulario.dicho == ""
