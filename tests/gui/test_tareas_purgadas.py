"""What is asked where the tarea in the form was purged meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from core.domain.models.tarea import Tarea
from gui.tareas.textos import citado
from tests.gui.escenario_tareas import Escenario


@pytest.fixture
def escenario(qtbot: QtBot) -> Iterator[Escenario]:
    escenario = Escenario(qtbot)
    yield escenario
    escenario.cerrar()


def _guardar_lo_purgado(escenario: Escenario) -> Tarea:
    """The tarea, of which nothing is left but what is in the form."""
    escenario.poblar(2)
    escenario.mostrar()
    tarea = escenario.elegir(0)
    for almacen in (escenario.sql, escenario.mongo):
        del almacen.filas[tarea.id]
    escenario.escribir_titulo("Lo que escribí")
    escenario.guardar_y_esperar()
    assert escenario.pregunta().text() == f"La tarea {citado(tarea.titulo)} ya no existe."
    return tarea


def test_se_guarda_como_nueva_con_un_id_propio(escenario: Escenario) -> None:
    tarea = _guardar_lo_purgado(escenario)
    escenario.contestar("Guardar como nueva")
    escenario.esperar_guardado()
    (nueva,) = (fila for fila in escenario.sql.filas.values() if fila.titulo == "Lo que escribí")
    assert (nueva.id != tarea.id, nueva.descripcion) == (True, tarea.descripcion)
    assert escenario.mongo.filas[nueva.id].titulo == "Lo que escribí"
    assert tarea.id not in escenario.sql.filas
    assert escenario.formulario.id == nueva.id
    assert not escenario.formulario.sucio


def test_se_descarta_y_la_fila_se_va(escenario: Escenario) -> None:
    tarea = _guardar_lo_purgado(escenario)
    escenario.contestar("Descartar")
    assert escenario.modelo.con_id(tarea.id) is None
    assert escenario.formulario.id != tarea.id
    assert len(escenario.sql.filas) == len(escenario.mongo.filas) == 1


def test_nada_se_pierde_mientras_no_se_decide(escenario: Escenario) -> None:
    _guardar_lo_purgado(escenario)
    escenario.contestar("Seguir editando")
    assert escenario.formulario.titulo.texto == "Lo que escribí"
    assert escenario.formulario.sucio
    escenario.guardar_y_esperar()
    escenario.contestar("Descartar")
    assert not escenario.formulario.sucio
