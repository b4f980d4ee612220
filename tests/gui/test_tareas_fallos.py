"""Writes that fail or come too early: told once, kept true, and nothing left behind in the form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from core.domain.errors import AlmacenNoDisponible, OperacionFallida
from core.domain.events import SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.health import EstadoSalud, SaludAlmacen
from gui.tareas.borrador import Borrador
from tests.gui.escenario_tareas import Compuerta, Escenario, tarea_n

NADIE_ESCRIBE = ("no confirmado en ninguna", "Ninguna base de datos")


@pytest.fixture
def escenario(qtbot: QtBot) -> Iterator[Escenario]:
    escenario = Escenario(qtbot)
    yield escenario
    escenario.cerrar()


def _fallan(escenario: Escenario, error: type[AlmacenNoDisponible | OperacionFallida]) -> None:
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallos["escribir"] = error(almacen.nombre, f"{almacen.nombre.etiqueta} no puede.")


def _vuelve(escenario: Escenario, nombre: NombreAlmacen) -> None:
    caida = SaludAlmacen(almacen=nombre, estado=EstadoSalud.CAIDA)
    escenario.puente.evento.emit(SaludObservada(caida, replace(caida, estado=EstadoSalud.OK)))


def _guardar_en_vano(escenario: Escenario) -> None:
    escenario.poblar(2)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.escribir_titulo("En vano")
    escenario.guardar_y_esperar()


@pytest.mark.errores_esperados(*NADIE_ESCRIBE)
def test_el_motivo_se_dice_en_el_aviso_y_no_dos_veces(escenario: Escenario) -> None:
    _fallan(escenario, AlmacenNoDisponible)
    _guardar_en_vano(escenario)
    aviso = escenario.aviso("No se ha guardado")
    assert "SQL no puede" in aviso.detalle
    assert escenario.formulario.dicho == "Sin guardar: lo que ha escrito sigue aquí."


@pytest.mark.errores_esperados(*NADIE_ESCRIBE)
def test_cuando_una_base_vuelve_el_aviso_dice_que_ya_se_puede(escenario: Escenario) -> None:
    _fallan(escenario, AlmacenNoDisponible)
    _guardar_en_vano(escenario)
    _vuelve(escenario, NombreAlmacen.MONGO)
    aviso = escenario.aviso("No se ha guardado")
    assert aviso.detalle == "MongoDB ya responde: puede reintentarlo."
    assert escenario.avisos.veces(aviso.clave) == 1
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallos.clear()
    aviso.acciones[0].hacer()
    escenario.esperar_guardado()
    assert escenario.avisos.avisos == ()
    _vuelve(escenario, NombreAlmacen.SQL)
    assert escenario.avisos.avisos == ()


@pytest.mark.errores_esperados(*NADIE_ESCRIBE)
def test_un_rechazo_no_se_cura_porque_vuelva_una_base(escenario: Escenario) -> None:
    _fallan(escenario, OperacionFallida)
    _guardar_en_vano(escenario)
    _vuelve(escenario, NombreAlmacen.SQL)
    assert "SQL no puede" in escenario.aviso("No se ha guardado").detalle


@pytest.mark.errores_esperados(*NADIE_ESCRIBE)
def test_un_aviso_cerrado_no_vuelve_con_la_base(escenario: Escenario) -> None:
    _fallan(escenario, AlmacenNoDisponible)
    _guardar_en_vano(escenario)
    escenario.avisos.retirar(escenario.aviso("No se ha guardado").clave)
    _vuelve(escenario, NombreAlmacen.SQL)
    assert escenario.avisos.avisos == ()


@pytest.mark.errores_esperados(*NADIE_ESCRIBE)
def test_reintentar_mientras_la_tarea_se_escribe_dice_que_espere(escenario: Escenario) -> None:
    _fallan(escenario, AlmacenNoDisponible)
    _guardar_en_vano(escenario)
    reintentar = escenario.aviso("No se ha guardado").acciones[0]
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallos.clear()
    enviado = escenario.formulario.borrador
    assert enviado is not None
    escenario.formulario.abrir(Borrador.de(tarea_n(1)))  # the operator went on to another one
    compuerta = Compuerta(escenario.sql, "escribir")
    reintentar.hacer()
    escenario.esperar(lambda: compuerta.llegadas == 1)
    reintentar.hacer()
    assert "aún se está escribiendo «\u2068En vano" in escenario.aviso("No se ha hecho nada").titulo
    compuerta.abrir()
    escenario.esperar(lambda: not escenario.vista.operaciones.ocupada(enviado.id))


def test_deshacer_dos_veces_seguidas_dice_que_espere(escenario: Escenario) -> None:
    escenario.poblar(2)
    escenario.mostrar()
    tarea = escenario.elegir(0)
    escenario.vista.tabla.accion_eliminar.trigger()
    escenario.contestar("Eliminar")
    escenario.esperar(lambda: escenario.modelo.rowCount() == 1)
    deshacer = escenario.aviso("Tarea eliminada").acciones[0]
    compuerta = Compuerta(escenario.sql, "escribir")
    deshacer.hacer()
    deshacer.hacer()
    assert escenario.aviso("No se ha hecho nada")
    compuerta.abrir()
    escenario.esperar(lambda: escenario.modelo.con_id(tarea.id) is not None)


def test_eliminar_la_unica_fila_deja_el_boton_de_guardar_como_estaba(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    escenario.vista.herramientas.busqueda.setText("Tarea 0001")
    escenario.esperar(lambda: escenario.modelo.rowCount() == 1)
    escenario.elegir(0)
    escenario.vista.tabla.accion_eliminar.trigger()
    escenario.contestar("Eliminar")
    escenario.esperar(lambda: escenario.modelo.rowCount() == 0)
    assert escenario.formulario.id is None
    assert escenario.formulario.boton_guardar.text() == "Guardar   Ctrl+S"
