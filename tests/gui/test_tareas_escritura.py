"""Create, edit, delete, undo: what the row says meanwhile, what each store said, what stays on failure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from core.domain.errors import AlmacenNoDisponible, ResultadoDesconocido
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Columna
from core.domain.models.tarea import EstadoTarea
from gui.tareas.borrador import Borrador
from gui.tareas.preguntas import Pregunta, Respuesta
from tests.gui.escenario_tareas import Compuerta, Escenario, tarea_n


@pytest.fixture
def escenario(qtbot: QtBot) -> Iterator[Escenario]:
    escenario = Escenario(qtbot)
    yield escenario
    escenario.cerrar()


def test_crear_deja_la_tarea_en_ambos_almacenes_y_la_elige(escenario: Escenario) -> None:
    escenario.poblar(5)
    escenario.mostrar()
    totales: list[int] = []
    escenario.vista.total_cambiado.connect(totales.append)
    QTest.keyClick(escenario.vista, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    escenario.escribir_titulo("Nueva de verdad")
    escenario.escribir_descripcion("uno\ndos")
    escenario.formulario.estado.boton(EstadoTarea.EN_PROGRESO).click()
    QTest.keyClick(escenario.vista, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    escenario.esperar_guardado()
    guardada = escenario.vista.tabla.actual
    assert guardada is not None
    for almacen in (escenario.sql, escenario.mongo):
        fila = almacen.filas[guardada.id]
        assert (fila.titulo, fila.descripcion, fila.estado) == (
            "Nueva de verdad",
            "uno\ndos",
            EstadoTarea.EN_PROGRESO,
        )
    assert escenario.titulos()[0] == "Nueva de verdad"
    assert totales[-1] == 6
    assert not escenario.formulario.sucio


def test_al_guardar_se_cuenta_lo_que_dijo_cada_almacen(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    escenario.elegir(2)
    escenario.escribir_titulo("Cambiada")
    escenario.guardar_y_esperar()
    dicho = escenario.formulario.dicho
    assert dicho.startswith("Guardada   SQL ✓ ")
    assert "Mongo ✓ " in dicho
    assert escenario.almacenes_de(0) == "SQL ✓   Mongo ✓"
    assert escenario.titulos() == ["Cambiada", "Tarea 0000", "Tarea 0001"]


def test_con_un_almacen_caido_se_guarda_en_el_otro_y_se_dice(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    escenario.mongo.fallar_con = AlmacenNoDisponible(NombreAlmacen.MONGO, "MongoDB no responde.")
    escenario.elegir(0)
    escenario.escribir_titulo("Solo en SQL")
    escenario.guardar_y_esperar()
    assert escenario.formulario.dicho.endswith("Mongo … por copiar")
    assert escenario.almacenes_de(0) == "SQL ✓   Mongo … por copiar"
    assert not escenario.formulario.sucio


def test_una_respuesta_perdida_se_cuenta_como_desconocida(escenario: Escenario) -> None:
    escenario.poblar(1)
    escenario.mostrar()
    escenario.mongo.respuestas_perdidas["escribir"] = ResultadoDesconocido(
        NombreAlmacen.MONGO, "MongoDB no contestó a tiempo."
    )
    escenario.elegir(0)
    escenario.escribir_titulo("Quién sabe")
    escenario.guardar_y_esperar()
    assert "Mongo ? sin respuesta" in escenario.formulario.dicho


def test_mientras_se_guarda_la_fila_lo_dice_y_se_puede_seguir_escribiendo(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    tarea = escenario.elegir(1)
    compuerta = Compuerta(escenario.sql, "escribir")
    escenario.escribir_titulo("Primera versión")
    escenario.guardar()
    escenario.esperar(lambda: compuerta.llegadas == 1)
    assert escenario.almacenes_de(1) == "Guardando…"
    assert not escenario.formulario.boton_guardar.isEnabled()
    escenario.escribir_titulo("Segunda versión")
    compuerta.abrir()
    escenario.esperar_guardado()
    assert escenario.sql.filas[tarea.id].titulo == "Primera versión"
    assert escenario.formulario.titulo.texto == "Segunda versión"
    assert escenario.formulario.sucio
    escenario.guardar_y_esperar()
    assert escenario.sql.filas[tarea.id].titulo == "Segunda versión"


def test_guardar_dos_veces_seguidas_escribe_una(escenario: Escenario) -> None:
    escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.escribir_titulo("Una vez")
    compuerta = Compuerta(escenario.sql, "escribir")
    escenario.guardar()
    escenario.guardar()
    escenario.formulario.guardar()
    compuerta.abrir()
    escenario.esperar_guardado()
    assert compuerta.llegadas == 1


def test_una_segunda_escritura_de_la_misma_tarea_se_rechaza_mientras_corre_la_primera(
    escenario: Escenario,
) -> None:
    escenario.poblar(1)
    escenario.mostrar()
    tarea = escenario.elegir(0)
    compuerta = Compuerta(escenario.sql, "escribir")
    operaciones = escenario.vista.operaciones
    assert operaciones.guardar(replace(Borrador.de(tarea), titulo="Una"))
    assert not operaciones.guardar(replace(Borrador.de(tarea), titulo="Otra"))
    assert not operaciones.eliminar(tarea)
    compuerta.abrir()
    escenario.esperar_guardado()
    assert escenario.sql.filas[tarea.id].titulo == "Una"


@pytest.mark.errores_esperados("no confirmado en ninguna", "Ninguna base de datos")
def test_si_ninguno_responde_el_texto_queda_y_reintentar_lo_guarda(escenario: Escenario) -> None:
    escenario.mostrar()
    escenario.vista.nueva()
    escenario.escribir_titulo("No se pierde")
    id = escenario.formulario.id
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallar_con = AlmacenNoDisponible(almacen.nombre, f"{almacen.nombre.etiqueta} no responde.")
    escenario.guardar_y_esperar()
    assert escenario.formulario.titulo.texto == "No se pierde"
    assert escenario.formulario.dicho == "Sin guardar: lo que ha escrito sigue aquí."
    aviso = escenario.aviso("No se ha guardado")
    assert "vuelva a intentarlo" in aviso.detalle
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallar_con = None
    aviso.acciones[0].hacer()
    escenario.esperar_guardado()
    assert [*escenario.sql.filas] == [id]
    assert escenario.avisos.avisos == ()


def _pierden_las_respuestas(escenario: Escenario) -> None:
    """Both take the write, and nobody can say so, nor read it back."""
    for almacen in (escenario.sql, escenario.mongo):
        almacen.respuestas_perdidas["escribir"] = ResultadoDesconocido(almacen.nombre, "sin respuesta")
        almacen.fallos["leer"] = ResultadoDesconocido(almacen.nombre, "sin respuesta")


def _responden(escenario: Escenario) -> None:
    for almacen in (escenario.sql, escenario.mongo):
        almacen.respuestas_perdidas.clear()
        almacen.fallos.clear()


@pytest.mark.errores_esperados("no confirmado en ninguna", "Ninguna base de datos")
def test_reintentar_una_escritura_incierta_repite_la_misma(escenario: Escenario) -> None:
    """Same id, same version, same instant: whichever store had it already sees nothing new."""
    escenario.mostrar()
    escenario.vista.nueva()
    escenario.escribir_titulo("Incierta")
    _pierden_las_respuestas(escenario)
    escenario.guardar_y_esperar()
    assert "No se sabe" in escenario.aviso("Incierta").titulo
    (primera,) = escenario.sql.filas.values()
    _responden(escenario)
    del escenario.mongo.filas[primera.id]  # it had only landed in one
    escenario.guardar_y_esperar()
    assert [*escenario.sql.filas.values()] == [primera]
    segunda = escenario.mongo.filas[primera.id]
    assert (segunda.version, segunda.actualizada_en) == (primera.version, primera.actualizada_en)
    assert not escenario.formulario.sucio


@pytest.mark.errores_esperados("no confirmado en ninguna", "Ninguna base de datos")
def test_tras_una_incierta_el_texto_nuevo_se_escribe_encima(escenario: Escenario) -> None:
    """One version must not stand for two contents."""
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.escribir_titulo("Primer intento")
    _pierden_las_respuestas(escenario)
    escenario.guardar_y_esperar()
    incierta = escenario.sql.filas[tarea.id]
    _responden(escenario)
    escenario.escribir_titulo("Segundo intento")
    escenario.guardar_y_esperar()
    final = escenario.sql.filas[tarea.id]
    assert final.titulo == "Segundo intento"
    assert final.version > incierta.version
    assert escenario.mongo.filas[tarea.id] == final


def test_una_tarea_editada_sube_a_su_sitio_sin_recargar(escenario: Escenario) -> None:
    escenario.poblar(50)
    escenario.mostrar()
    lecturas = escenario.sql.llamadas.count("listar")
    escenario.elegir(30)
    escenario.escribir_descripcion("otra")
    escenario.guardar_y_esperar()
    assert escenario.titulos()[:2] == ["Tarea 0030", "Tarea 0000"]
    assert escenario.vista.tabla.currentIndex().row() == 0
    assert escenario.sql.llamadas.count("listar") == lecturas


def test_con_otro_orden_la_tarea_cambia_de_sitio(escenario: Escenario) -> None:
    escenario.poblar(20)
    escenario.mostrar()
    escenario.vista.tabla.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    escenario.esperar(lambda: escenario.vista.cargador.consulta.columna is Columna.TITULO)
    escenario.esperar_lista()
    escenario.elegir(0)
    escenario.escribir_titulo("Tarea 0009 y medio")
    escenario.guardar_y_esperar()
    assert escenario.titulos()[8:10] == ["Tarea 0009", "Tarea 0009 y medio"]


def test_lo_que_el_filtro_ya_no_deja_pasar_sale_de_la_lista(escenario: Escenario) -> None:
    escenario.poblar(9)
    escenario.mostrar()
    escenario.vista.herramientas.estados.setCurrentIndex(1)
    escenario.esperar(lambda: escenario.modelo.rowCount() == 3)
    tarea = escenario.elegir(1)
    escenario.formulario.estado.boton(EstadoTarea.COMPLETADA).click()
    escenario.guardar_y_esperar()
    assert escenario.modelo.fila_de(tarea.id) is None
    assert escenario.formulario.id == tarea.id
    assert escenario.formulario.dicho.startswith("Guardada")


def test_eliminar_pregunta_por_el_titulo_en_texto_plano(escenario: Escenario) -> None:
    escenario.sembrar(tarea_n(0, titulo="<b>Importante</b>"))
    escenario.mostrar()
    escenario.elegir(0)
    escenario.vista.tabla.setFocus()
    QTest.keyClick(escenario.vista.tabla, Qt.Key.Key_Delete)
    pregunta = escenario.pregunta()
    assert pregunta.textFormat() is Qt.TextFormat.PlainText
    assert "<b>Importante</b>" in pregunta.text()
    assert pregunta.defaultButton().text() == "Cancelar"
    escenario.contestar("Cancelar")
    assert escenario.modelo.rowCount() == 1


def test_eliminar_se_puede_deshacer_desde_el_aviso(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    tarea = escenario.elegir(1)
    escenario.vista.tabla.accion_eliminar.trigger()
    escenario.contestar("Eliminar")
    escenario.esperar(lambda: escenario.modelo.rowCount() == 2)
    assert escenario.sql.filas[tarea.id].eliminada
    assert escenario.mongo.filas[tarea.id].eliminada
    escenario.aviso("Tarea eliminada").acciones[0].hacer()
    escenario.esperar(lambda: escenario.modelo.rowCount() == 3)
    assert not escenario.sql.filas[tarea.id].eliminada
    assert escenario.vista.tabla.actual == escenario.modelo.con_id(tarea.id)
    assert escenario.avisos.avisos == ()


def test_eliminar_lo_que_otro_cambio_no_lo_elimina(escenario: Escenario) -> None:
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.sembrar(replace(tarea, titulo="De otra persona", version=tarea.version + 99))
    escenario.vista.tabla.accion_eliminar.trigger()
    escenario.contestar("Eliminar")
    escenario.esperar(lambda: bool(escenario.avisos.avisos))
    aviso = escenario.aviso("De otra persona")
    assert not escenario.sql.filas[tarea.id].eliminada
    assert escenario.titulos() == ["De otra persona"]
    aviso.acciones[0].hacer()
    escenario.contestar("Eliminar")
    escenario.esperar(lambda: escenario.sql.filas[tarea.id].eliminada)


def test_eliminar_lo_ya_eliminado_no_es_un_error(escenario: Escenario) -> None:
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.sembrar(replace(tarea, eliminada=True, version=tarea.version + 99))
    escenario.vista.tabla.accion_eliminar.trigger()
    escenario.contestar("Eliminar")
    escenario.esperar(lambda: escenario.modelo.rowCount() == 0)
    assert escenario.aviso("Tarea eliminada")


@pytest.mark.errores_esperados("no confirmado en ninguna", "Ninguna base de datos")
def test_un_fallo_al_eliminar_deja_la_fila_y_ofrece_reintentar(escenario: Escenario) -> None:
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallar_con = AlmacenNoDisponible(almacen.nombre, "no responde")
    escenario.vista.tabla.accion_eliminar.trigger()
    escenario.contestar("Eliminar")
    escenario.esperar(lambda: bool(escenario.avisos.avisos))
    assert escenario.modelo.rowCount() == 1
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallar_con = None
    escenario.aviso("No se ha eliminado").acciones[0].hacer()
    escenario.esperar(lambda: escenario.sql.filas[tarea.id].eliminada)


@pytest.mark.errores_esperados("no confirmado en ninguna", "Ninguna base de datos")
def test_reintentar_un_borrado_incierto_repite_el_mismo(escenario: Escenario) -> None:
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    _pierden_las_respuestas(escenario)
    escenario.vista.tabla.accion_eliminar.trigger()
    escenario.contestar("Eliminar")
    escenario.esperar(lambda: bool(escenario.avisos.avisos))
    primera = escenario.sql.filas[tarea.id]
    _responden(escenario)
    escenario.mongo.filas[tarea.id] = tarea  # it had only landed in one
    escenario.aviso("No se sabe si se ha eliminado").acciones[0].hacer()
    escenario.esperar(lambda: escenario.modelo.rowCount() == 0)
    assert escenario.mongo.filas[tarea.id].version == primera.version
    assert escenario.sql.filas[tarea.id].version == primera.version


@pytest.mark.errores_esperados("no confirmado en ninguna", "Ninguna base de datos")
def test_reintentar_una_restauracion_incierta_repite_la_misma(escenario: Escenario) -> None:
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    escenario.vista.tabla.accion_eliminar.trigger()
    escenario.contestar("Eliminar")
    escenario.esperar(lambda: escenario.modelo.rowCount() == 0)
    lapida = escenario.sql.filas[tarea.id]
    _pierden_las_respuestas(escenario)
    escenario.aviso("Tarea eliminada").acciones[0].hacer()
    escenario.esperar(lambda: "No se sabe si se ha restaurado" in escenario.avisos.avisos[0].titulo)
    primera = escenario.sql.filas[tarea.id]
    assert not primera.eliminada
    _responden(escenario)
    escenario.mongo.filas[tarea.id] = lapida
    escenario.aviso("No se sabe si se ha restaurado").acciones[0].hacer()
    escenario.esperar(lambda: escenario.modelo.rowCount() == 1)
    assert escenario.mongo.filas[tarea.id].version == primera.version
    assert escenario.sql.filas[tarea.id].version == primera.version


def test_el_menu_copia_id_y_titulo(escenario: Escenario) -> None:
    escenario.poblar(2)
    escenario.mostrar()
    tarea = escenario.elegir(1)
    escenario.vista.tabla.accion_copiar_id.trigger()
    assert QGuiApplication.clipboard().text() == str(tarea.id)
    escenario.vista.tabla.accion_copiar_titulo.trigger()
    assert QGuiApplication.clipboard().text() == tarea.titulo


def test_la_confirmacion_de_ambos_quita_la_marca_de_pendiente(escenario: Escenario) -> None:
    escenario.poblar(1)
    escenario.mostrar()
    tarea = escenario.elegir(0)
    escenario.escribir_titulo("Se confirmará")
    escenario.guardar_y_esperar()

    def confirmada() -> bool:
        fila = escenario.modelo.con_id(tarea.id)
        return fila is not None and not fila.pendiente

    escenario.esperar(confirmada)


def test_guardar_no_espera_a_las_lecturas_de_un_almacen_que_cuelga(escenario: Escenario) -> None:
    (tarea,) = escenario.poblar(1)
    escenario.mostrar()
    escenario.elegir(0)
    compuerta = Compuerta(escenario.sql, "listar", "contar")
    for llegadas in (2, 4):
        escenario.vista.actualizar()
        escenario.esperar(lambda llegadas=llegadas: compuerta.llegadas == llegadas)
    escenario.escribir_titulo("Guardada mientras tanto")
    escenario.guardar_y_esperar()
    assert escenario.sql.filas[tarea.id].titulo == "Guardada mientras tanto"
    compuerta.abrir()


def test_las_preguntas_muestran_todo_su_texto_sin_formato(qtbot: QtBot) -> None:
    ventana = QWidget()
    qtbot.addWidget(ventana)
    pregunta = Pregunta(ventana, "¿<b>Seguro</b>?", "<i>Detalle</i>", (Respuesta("No", lambda: None),))
    letreros = [letrero for letrero in pregunta.findChildren(QLabel) if letrero.text()]
    assert len(letreros) == 2
    assert {letrero.textFormat() for letrero in letreros} == {Qt.TextFormat.PlainText}
    pregunta.close()


def test_si_el_filtro_no_muestra_lo_guardado_se_dice_y_se_puede_quitar(escenario: Escenario) -> None:
    escenario.poblar(9)
    escenario.mostrar()
    hallazgos: list[int | None] = []
    escenario.vista.hallazgos.connect(hallazgos.append)
    escenario.vista.herramientas.estados.setCurrentIndex(3)
    escenario.esperar(lambda: escenario.modelo.rowCount() == 3 and hallazgos[-1:] == [3])
    escenario.vista.nueva()
    escenario.escribir_titulo("Escondida")
    escenario.guardar_y_esperar()
    aviso = escenario.aviso("el filtro actual no la muestra")
    assert hallazgos[-1] == 3
    aviso.acciones[0].hacer()
    escenario.esperar(lambda: "Escondida" in escenario.titulos())
    assert escenario.avisos.avisos == ()


def test_ctrl_z_deshace_el_ultimo_borrado_y_vuelve_a_la_tabla(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    tarea = escenario.elegir(1)
    escenario.vista.tabla.accion_eliminar.trigger()
    escenario.contestar("Eliminar")
    escenario.esperar(lambda: escenario.modelo.rowCount() == 2)
    assert "SQL ✓" in escenario.aviso("Tarea eliminada").detalle
    escenario.ventana.activateWindow()
    escenario.esperar(escenario.ventana.isActiveWindow)
    escenario.vista.tabla.setFocus()
    QTest.keyClick(escenario.vista.tabla, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    escenario.esperar(lambda: escenario.modelo.con_id(tarea.id) is not None)
    escenario.esperar(lambda: escenario.avisos.avisos == ())
    assert escenario.ventana.focusWidget() is escenario.vista.tabla


def test_el_orden_por_titulo_es_el_del_diccionario_y_la_lista_no_se_mueve(escenario: Escenario) -> None:
    for n, titulo in enumerate(["abeto", "nube", "zorro", *(f"relleno {i:02}" for i in range(60))]):
        escenario.sembrar(tarea_n(n, titulo=titulo))
    escenario.mostrar()
    escenario.vista.cargador.ordenar(Columna.TITULO, descendente=False)
    escenario.esperar_lista()
    fila = next(f for f, titulo in enumerate(escenario.titulos()) if titulo == "abeto")
    escenario.elegir(fila)
    barra = escenario.vista.tabla.verticalScrollBar()
    barra.setValue(0)
    escenario.escribir_titulo("Árbol")
    escenario.guardar_y_esperar()
    assert escenario.titulos()[0] == "Árbol"
    escenario.escribir_titulo("Zorra")
    escenario.guardar_y_esperar()
    assert escenario.titulos()[-2:] == ["Zorra", "zorro"]
    assert barra.value() == 0
