"""Deleted tareas are looked at, and brought back, in the list: nobody needs to be quick about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from core.domain.errors import AlmacenNoDisponible
from core.domain.models.tarea import Tarea
from tests.gui.escenario_tareas import Escenario


@pytest.fixture
def escenario(qtbot: QtBot) -> Iterator[Escenario]:
    escenario = Escenario(qtbot)
    yield escenario
    escenario.cerrar()


def _ver_eliminadas(escenario: Escenario) -> Tarea:
    """Of three one is deleted, and the list shows that one."""
    tarea = escenario.poblar(3)[1]
    escenario.sembrar(replace(tarea, eliminada=True))
    escenario.mostrar()
    assert len(escenario.titulos()) == 2
    filtro = escenario.vista.herramientas.estados
    filtro.setCurrentIndex(filtro.findText("Eliminadas", Qt.MatchFlag.MatchContains))
    escenario.esperar(lambda: escenario.titulos() == [tarea.titulo])
    return escenario.elegir(0)


def test_una_eliminada_se_lee_y_no_se_toca(escenario: Escenario) -> None:
    tarea = _ver_eliminadas(escenario)
    formulario = escenario.formulario
    assert formulario.titulo.texto == tarea.titulo
    assert not any(
        campo.isEnabled() for campo in (formulario.titulo, formulario.descripcion, formulario.estado)
    )
    assert not escenario.vista.herramientas.boton_eliminar.isEnabled()
    QTest.keyClick(escenario.vista.tabla, Qt.Key.Key_Delete)
    assert not escenario.ventana.findChildren(QMessageBox)
    assert not formulario.sucio


def test_una_eliminada_se_restaura_desde_la_lista_en_ambas(escenario: Escenario) -> None:
    tarea = _ver_eliminadas(escenario)
    assert escenario.formulario.boton_guardar.text() == "Restaurar"
    escenario.guardar()
    escenario.esperar(lambda: escenario.titulos() == [])
    for almacen in (escenario.sql, escenario.mongo):
        assert not almacen.filas[tarea.id].eliminada
    assert escenario.formulario.dicho == "Tarea restaurada"
    assert escenario.formulario.titulo.isEnabled()
    escenario.vista.herramientas.quitar_filtros()
    escenario.esperar(lambda: len(escenario.titulos()) == 3)


@pytest.mark.errores_esperados("no confirmado")
def test_si_no_se_puede_restaurar_se_dice_y_se_puede_repetir(escenario: Escenario) -> None:
    _ver_eliminadas(escenario)
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallos["escribir"] = AlmacenNoDisponible(almacen.nombre, "no responde")
    escenario.guardar()
    escenario.esperar(lambda: bool(escenario.avisos.avisos))
    assert escenario.aviso("No se ha restaurado")
    assert escenario.formulario.boton_guardar.isEnabled()
