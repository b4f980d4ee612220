"""A form whose tarea came from a store that is behind says so, until it is read from one that is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from core.domain.errors import AlmacenNoDisponible
from core.domain.models.almacen import NombreAlmacen
from tests.gui.escenario_tareas import Escenario

PUEDE = "Puede no ser lo último que se guardó. A SQL le pueden faltar los últimos cambios"


@pytest.fixture
def escenario(qtbot: QtBot) -> Iterator[Escenario]:
    """SQL lacks what MongoDB has, and MongoDB is away."""
    escenario = Escenario(qtbot, replicada=True)
    escenario.poblar(2)
    escenario.mongo.fallar_con = AlmacenNoDisponible(NombreAlmacen.MONGO, "no responde")
    escenario.registro.marcar_atrasada(NombreAlmacen.SQL)
    escenario.mostrar()
    yield escenario
    escenario.cerrar()


def _vuelve_mongo(escenario: Escenario) -> None:
    escenario.mongo.fallar_con = None
    registro = escenario.registro
    registro.marcar_al_dia(NombreAlmacen.SQL, registro.marca_de_atraso(NombreAlmacen.SQL))
    escenario.vista.actualizar()
    escenario.esperar_lista()


def test_lo_abierto_de_una_base_atrasada_lo_dice_hasta_que_deja_de_serlo(escenario: Escenario) -> None:
    for fila in (0, 1):
        escenario.elegir(fila)
        assert escenario.formulario.dicho.startswith(PUEDE)
    _vuelve_mongo(escenario)
    assert escenario.formulario.dicho == ""
    escenario.elegir(0)
    assert escenario.formulario.dicho == ""


def test_lo_que_resulta_ser_viejo_mientras_se_escribe_se_dice_y_nada_se_pierde(escenario: Escenario) -> None:
    tarea = escenario.elegir(0)
    escenario.escribir_titulo("A medias")
    nueva = replace(tarea, titulo="De otro", version=tarea.version + 1, version_comun=tarea.version + 1)
    escenario.sembrar(nueva)
    _vuelve_mongo(escenario)
    assert "Otra persona ha cambiado esta tarea" in escenario.formulario.dicho
    assert escenario.formulario.titulo.texto == "A medias"


def test_una_tarea_nueva_no_viene_de_ninguna_base(escenario: Escenario) -> None:
    escenario.vista.nueva()
    assert escenario.formulario.dicho == ""
