"""A version conflict: both values told, each field chosen, nothing overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.domain.errors import AlmacenNoDisponible
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.conflicto import Resolucion
from core.domain.models.tarea import EstadoTarea, Tarea
from core.domain.models.version import componer
from gui.conflictos.dialogo import DialogoConflicto
from gui.conflictos.eleccion import Campo, Eleccion, Lado
from gui.tareas.borrador import Borrador
from gui.tareas.textos import cuando
from tests.gui.escenario_tareas import Escenario, tarea_n


@pytest.fixture
def escenario(qtbot: QtBot) -> Iterator[Escenario]:
    escenario = Escenario(qtbot)
    yield escenario
    escenario.cerrar()


def _en_conflicto(escenario: Escenario, **suyo: object) -> tuple[Tarea, DialogoConflicto]:
    """Mine changes the titulo; theirs, unseen, what `suyo` says."""
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.sembrar(replace(tarea, version=tarea.version + 99, version_comun=tarea.version + 99, **suyo))  # type: ignore[arg-type]
    escenario.escribir_titulo("Lo mío")
    escenario.guardar()
    escenario.esperar(lambda: bool(_dialogos(escenario)))
    return tarea, _dialogos(escenario)[0]


def _dialogos(escenario: Escenario) -> list[DialogoConflicto]:
    return [d for d in escenario.ventana.findChildren(DialogoConflicto) if d.isVisible()]


def test_se_propone_lo_que_cada_uno_cambio(escenario: Escenario) -> None:
    tarea, dialogo = _en_conflicto(escenario, descripcion="Lo suyo")
    assert dialogo.lados == {Campo.TITULO: Lado.MIO, Campo.DESCRIPCION: Lado.SUYO}
    dialogo.boton_guardar.click()
    escenario.esperar_guardado()
    for almacen in (escenario.sql, escenario.mongo):
        final = almacen.filas[tarea.id]
        assert (final.titulo, final.descripcion) == ("Lo mío", "Lo suyo")
    assert not escenario.formulario.sucio
    assert escenario.titulos() == ["Lo mío"]


def test_elegir_todo_lo_mio_escribe_sobre_lo_suyo(escenario: Escenario) -> None:
    tarea, dialogo = _en_conflicto(escenario, descripcion="Lo suyo", estado=EstadoTarea.COMPLETADA)
    dialogo.elegir_todo(Lado.MIO)
    dialogo.boton_guardar.click()
    escenario.esperar_guardado()
    final = escenario.sql.filas[tarea.id]
    assert (final.titulo, final.descripcion, final.estado) == ("Lo mío", tarea.descripcion, tarea.estado)


def test_elegir_todo_lo_suyo_no_escribe_nada(escenario: Escenario) -> None:
    _, dialogo = _en_conflicto(escenario, titulo="Lo suyo")
    escrituras = escenario.sql.llamadas.count("escribir")
    dialogo.elegir_todo(Lado.SUYO)
    dialogo.boton_guardar.click()
    assert escenario.formulario.titulo.texto == "Lo suyo"
    assert not escenario.formulario.sucio
    assert escenario.sql.llamadas.count("escribir") == escrituras


def test_seguir_editando_conserva_el_texto_y_vuelve_a_preguntar_al_guardar(escenario: Escenario) -> None:
    tarea, dialogo = _en_conflicto(escenario, titulo="Lo suyo")
    dialogo.reject()
    assert escenario.formulario.titulo.texto == "Lo mío"
    assert escenario.formulario.sucio
    assert escenario.sql.filas[tarea.id].titulo == "Lo suyo"
    escenario.esperar(lambda: not _dialogos(escenario))
    escenario.guardar()
    escenario.esperar(lambda: bool(_dialogos(escenario)))


def test_lo_eliminado_por_otro_se_puede_restaurar_con_mis_cambios(escenario: Escenario) -> None:
    tarea, dialogo = _en_conflicto(escenario, eliminada=True)
    assert "eliminada" in " ".join(etiqueta.text() for etiqueta in dialogo.findChildren(QLabel))
    dialogo.boton_guardar.click()
    escenario.esperar_guardado()
    final = escenario.sql.filas[tarea.id]
    assert (final.titulo, final.eliminada) == ("Lo mío", False)
    assert escenario.titulos() == ["Lo mío"]


def test_lo_eliminado_por_otro_se_puede_dar_por_perdido(escenario: Escenario) -> None:
    tarea, dialogo = _en_conflicto(escenario, eliminada=True)
    dialogo.boton_descartar.click()
    assert escenario.formulario.borrador is None
    assert escenario.modelo.rowCount() == 0
    assert escenario.sql.filas[tarea.id].eliminada


def test_un_segundo_conflicto_mientras_se_elige_vuelve_a_preguntar(escenario: Escenario) -> None:
    tarea, dialogo = _en_conflicto(escenario, titulo="Lo suyo")
    tercera = escenario.sql.filas[tarea.id]
    tercera = replace(
        tercera, titulo="De un tercero", version=tercera.version + 9, version_comun=tercera.version + 9
    )
    escenario.sembrar(tercera)
    dialogo.boton_guardar.click()
    escenario.esperar(lambda: any(d is not dialogo for d in _dialogos(escenario)))
    assert escenario.sql.filas[tarea.id].titulo == "De un tercero"


def test_los_campos_iguales_no_se_preguntan() -> None:
    base = tarea_n(0)
    eleccion = Eleccion(
        replace(Borrador.de(base), titulo="mío"), replace(base, titulo="suyo", version=base.version + 1)
    )
    assert eleccion.distintos == (Campo.TITULO,)
    final = eleccion.resuelta({Campo.TITULO: Lado.MIO})
    assert (final.titulo, final.descripcion, final.base) == ("mío", base.descripcion, eleccion.suyo)


def test_dice_quien_y_cuando_con_palabras(escenario: Escenario) -> None:
    _, dialogo = _en_conflicto(escenario, nodo="3f2a", actualizada_en=datetime.now(UTC))
    dicho = " ".join(letrero.text() for letrero in dialogo.findChildren(QLabel))
    assert "se guardó en otro puesto (3f2a) hoy a las " in dicho


def test_los_dias_cercanos_se_dicen_por_su_nombre() -> None:
    ahora = datetime(2025, 3, 30, 12, 0).astimezone()
    assert cuando(ahora - timedelta(minutes=78), ahora=ahora) == "hoy a las 10:42"
    assert cuando(ahora - timedelta(days=1), ahora=ahora) == "ayer a las 12:00"
    assert cuando(ahora - timedelta(days=9), ahora=ahora).startswith("el 21/03/")


@pytest.mark.errores_esperados("no aplicado")
def test_la_fila_dice_en_que_almacen_esta_lo_de_otro(escenario: Escenario) -> None:
    """The list was read from SQL; what is there now, only MongoDB has."""
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.mongo.filas[tarea.id] = replace(
        tarea, titulo="Lo suyo", version=tarea.version + 99, pendiente=True
    )
    escenario.sql.fallar_con = AlmacenNoDisponible(NombreAlmacen.SQL, "no responde")
    escenario.escribir_titulo("Lo mío")
    escenario.guardar()
    escenario.esperar(lambda: bool(_dialogos(escenario)))
    assert escenario.titulos() == ["Lo suyo"]
    assert escenario.almacenes_de(0) == "SQL … por copiar   Mongo ✓"


Decidida = tuple[Tarea, Resolucion]


def _perdido(escenario: Escenario) -> tuple[Tarea, DialogoConflicto, list[Decidida]]:
    """Mine is taken by SQL and loses: MongoDB holds a later value of somebody who saw only that one."""
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    decididas: list[Decidida] = []
    escenario.vista.conflicto_decidido.connect(lambda *una: decididas.append(una))  # type: ignore[arg-type]
    escenario.elegir(0)
    escenario.mongo.filas[tarea.id] = replace(
        tarea, titulo="Lo suyo", version=componer(1_750_000_100_000, 0, 9), pendiente=True
    )
    escenario.escribir_titulo("Lo mío")
    escenario.guardar()
    escenario.esperar(lambda: bool(_dialogos(escenario)))
    ((clave, _conflicto),) = escenario.mongo.conflictos.items()
    assert clave[0] == tarea.id
    return tarea, _dialogos(escenario)[0], decididas


def _dicho(escenario: Escenario, decididas: list[Decidida]) -> list[tuple[str, Resolucion]]:
    claves = {(perdida.id, perdida.version) for perdida, _ in decididas}
    assert claves <= escenario.mongo.conflictos.keys(), "se habla de otra cosa que lo que se conserva"
    return [(perdida.titulo, resolucion) for perdida, resolucion in decididas]


def test_lo_decidido_en_el_formulario_se_dice_de_lo_que_perdio(escenario: Escenario) -> None:
    _, dialogo, decididas = _perdido(escenario)
    dialogo.boton_guardar.click()
    assert not decididas, "aún no se ha guardado"
    escenario.esperar(lambda: bool(decididas))
    assert _dicho(escenario, decididas) == [("Lo mío", Resolucion.PERDEDORA)]


def test_ceder_ante_lo_suyo_tambien_es_decidir(escenario: Escenario) -> None:
    _, dialogo, decididas = _perdido(escenario)
    dialogo.boton_descartar.click()
    assert _dicho(escenario, decididas) == [("Lo mío", Resolucion.GANADORA)]


def test_dejar_el_texto_sin_decidir_deja_el_conflicto_por_resolver(escenario: Escenario) -> None:
    tarea, dialogo, decididas = _perdido(escenario)
    dialogo.reject()
    escenario.vista.edicion.descartar()
    escenario.contestar("Descartar")
    escenario.esperar(lambda: not escenario.formulario.sucio)
    escenario.vista.actualizar()
    escenario.esperar_lista()
    escenario.esperar(lambda: escenario.formulario.titulo.texto == "Lo suyo")
    escenario.escribir_titulo("Otra cosa, después")
    escenario.guardar_y_esperar()
    assert escenario.sql.filas[tarea.id].titulo == "Otra cosa, después"
    assert not decididas
