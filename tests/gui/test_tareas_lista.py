"""The list: pages, search, filter, order, refresh, and what it says when it has nothing to show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyleOptionHeader
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core.domain.errors import AlmacenNoDisponible, CursorCaducado, OperacionFallida
from core.domain.events import SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Columna, Consulta, Cursor, Filtro, Pagina
from core.domain.models.tarea import EstadoTarea, Tarea
from core.health import EstadoSalud, SaludAlmacen
from gui.tareas.cabecera import Cabecera
from gui.tareas.carga import PAGINA
from gui.tareas.casos import CasosDeTareas
from gui.tareas.celdas import Col
from gui.tareas.delegados import MARGEN_PX
from gui.tareas.estado_lista import RELECTURA_S
from gui.tareas.modelo import TareasModel
from gui.tareas.paneles import Panel
from gui.tareas.tabla import TablaTareas
from tests.gui.escenario_tareas import Compuerta, Escenario, tarea_n


@pytest.fixture
def escenario(qtbot: QtBot) -> Iterator[Escenario]:
    escenario = Escenario(qtbot)
    yield escenario
    escenario.cerrar()


def _pagina(tareas: list[Tarea], *, hay_mas: bool = False) -> Pagina:
    siguiente = Cursor(tareas[-1].actualizada_en, tareas[-1].id, NombreAlmacen.SQL) if hay_mas else None
    return Pagina(tareas=tuple(tareas), siguiente=siguiente, almacen=NombreAlmacen.SQL)


def test_el_modelo_cumple_las_reglas_de_qt(qtmodeltester: ModelTester) -> None:
    modelo = TareasModel()
    modelo.reemplazar(Consulta(), _pagina([tarea_n(n) for n in range(20)], hay_mas=True))
    qtmodeltester.check(modelo)  # type: ignore[no-untyped-call]
    modelo.anadir(_pagina([tarea_n(n) for n in range(20, 30)]))
    modelo.poner(tarea_n(-1))
    modelo.quitar(modelo.tarea(5).id)  # type: ignore[union-attr]
    qtmodeltester.check(modelo)  # type: ignore[no-untyped-call]


def test_una_fila_quitada_no_vuelve_con_la_pagina_que_estaba_en_camino() -> None:
    modelo, tareas = TareasModel(), [tarea_n(n) for n in range(6)]
    modelo.reemplazar(Consulta(), _pagina(tareas[:3], hay_mas=True))
    modelo.quitar(tareas[4].id)
    modelo.anadir(_pagina(tareas[3:]))
    assert modelo.fila_de(tareas[4].id) is None
    modelo.poner(tareas[4])  # restored
    assert modelo.fila_de(tareas[4].id) == 4


def test_mover_una_fila_cumple_las_reglas_de_qt(qtmodeltester: ModelTester) -> None:
    modelo = TareasModel()
    tareas = [tarea_n(n) for n in range(10)]
    modelo.reemplazar(Consulta(), _pagina(tareas))
    qtmodeltester.check(modelo)  # type: ignore[no-untyped-call]
    modelo.poner(replace(tareas[7], actualizada_en=tarea_n(-5).actualizada_en))
    assert modelo.fila_de(tareas[7].id) == 0
    modelo.poner(replace(tareas[0], actualizada_en=tarea_n(50).actualizada_en))
    assert modelo.fila_de(tareas[0].id) == 9
    assert [modelo.tarea(fila).titulo for fila in range(1, 9)] == [  # type: ignore[union-attr]
        tareas[n].titulo for n in (1, 2, 3, 4, 5, 6, 8, 9)
    ]


def test_la_primera_pagina_llega_sola_y_las_demas_al_desplazarse(escenario: Escenario) -> None:
    escenario.poblar(PAGINA * 2 + 10)
    escenario.mostrar()
    assert escenario.modelo.rowCount() == PAGINA
    barra = escenario.vista.tabla.verticalScrollBar()
    barra.setValue(barra.maximum())
    final = barra.maximum()
    escenario.esperar(lambda: escenario.modelo.rowCount() == PAGINA * 2)
    escenario.esperar(lambda: barra.maximum() > final)  # the bar learns of them at the next layout
    barra.setValue(barra.maximum())
    escenario.esperar(lambda: escenario.modelo.rowCount() == PAGINA * 2 + 10)
    assert escenario.titulos() == [f"Tarea {n:04}" for n in range(PAGINA * 2 + 10)]


def test_al_final_una_pagina_que_no_trae_nada_nuevo_pide_la_siguiente(escenario: Escenario) -> None:
    """Its rows are here already, for they moved down; at the end of the list nobody can scroll on."""
    tareas = escenario.poblar(PAGINA * 2 + 10)
    escenario.mostrar()
    for n, tarea in enumerate(tareas[:PAGINA], 1):  # between the last row shown and the next one
        tras_la_ultima = tareas[PAGINA - 1].actualizada_en - n * timedelta(milliseconds=100)
        escenario.sembrar(replace(tarea, actualizada_en=tras_la_ultima))
    barra = escenario.vista.tabla.verticalScrollBar()
    barra.setValue(barra.maximum())
    escenario.esperar(lambda: escenario.modelo.rowCount() == PAGINA * 2)


def test_una_fila_que_vuelve_en_otra_pagina_no_se_repite(escenario: Escenario) -> None:
    tareas = escenario.poblar(PAGINA + 50)
    escenario.mostrar()
    escenario.sembrar(replace(tareas[0], actualizada_en=tarea_n(100_000).actualizada_en))
    barra = escenario.vista.tabla.verticalScrollBar()
    barra.setValue(barra.maximum())
    escenario.esperar(lambda: escenario.modelo.rowCount() >= PAGINA + 50)
    assert sorted(escenario.titulos()) == sorted({*escenario.titulos()})


def test_buscar_espera_a_que_se_deje_de_escribir_y_pregunta_una_vez(escenario: Escenario) -> None:
    escenario.poblar(40)
    escenario.mostrar()
    antes = escenario.sql.llamadas.count("listar")
    QTest.keyClicks(escenario.vista.herramientas.busqueda, "tarea 003")
    escenario.esperar(lambda: escenario.modelo.rowCount() == 10)
    assert escenario.sql.llamadas.count("listar") == antes + 1
    assert escenario.titulos()[0] == "Tarea 0030"


def test_filtrar_por_estado_pregunta_al_almacen(escenario: Escenario) -> None:
    escenario.poblar(30)
    escenario.mostrar()
    escenario.vista.herramientas.estados.setCurrentIndex(3)
    escenario.esperar(lambda: escenario.modelo.rowCount() == 10)
    estados = {escenario.modelo.tarea(fila).estado for fila in range(10)}  # type: ignore[union-attr]
    assert estados == {EstadoTarea.COMPLETADA}


def test_la_cabecera_ordena_en_el_almacen(escenario: Escenario) -> None:
    escenario.poblar(PAGINA + 5)
    escenario.mostrar()
    escenario.vista.tabla.sortByColumn(Col.TITULO, Qt.SortOrder.DescendingOrder)
    escenario.esperar(lambda: escenario.titulos()[0] == f"Tarea {PAGINA + 4:04}")
    assert escenario.vista.cargador.consulta.columna is Columna.TITULO


def test_los_pendientes_se_pueden_ver_solos(escenario: Escenario) -> None:
    escenario.poblar(5)
    escenario.sembrar(tarea_n(9, titulo="Le falta a uno", pendiente=True, version_comun=0))
    escenario.mostrar()
    escenario.vista.mostrar_pendientes()
    escenario.esperar(lambda: escenario.titulos() == ["Le falta a uno"])
    assert escenario.almacenes_de(0) == "SQL ✓   Mongo … por copiar"


def test_la_respuesta_a_una_pregunta_vieja_no_se_muestra(escenario: Escenario) -> None:
    escenario.poblar(30)
    escenario.mostrar()
    compuerta = Compuerta(escenario.sql, "listar")
    escenario.vista.cargador.filtrar(Filtro(estado=EstadoTarea.PENDIENTE))
    escenario.esperar(lambda: compuerta.llegadas == 1)
    escenario.vista.cargador.filtrar(Filtro(estado=EstadoTarea.COMPLETADA))
    escenario.esperar(lambda: compuerta.llegadas == 2)
    vistos: list[set[EstadoTarea]] = []
    escenario.modelo.modelReset.connect(
        lambda: vistos.append(
            {escenario.modelo.tarea(f).estado for f in range(escenario.modelo.rowCount())}  # type: ignore[union-attr]
        )
    )
    compuerta.abrir()
    escenario.esperar_lista()
    assert vistos == [{EstadoTarea.COMPLETADA}]


def test_actualizar_conserva_filas_seleccion_y_sitio(escenario: Escenario) -> None:
    escenario.poblar(PAGINA)
    escenario.mostrar()
    elegida = escenario.elegir(150)
    barra = escenario.vista.tabla.verticalScrollBar()
    escenario.sembrar(tarea_n(-1, titulo="Recién llegada"))
    arriba = escenario.modelo.tarea(escenario.vista.tabla.rowAt(0))
    compuerta = Compuerta(escenario.sql, "listar")
    QTest.keyClick(escenario.vista, Qt.Key.Key_F5)
    escenario.esperar(lambda: compuerta.llegadas == 1)
    assert escenario.modelo.rowCount() == PAGINA
    assert escenario.vista.tabla.actual == elegida
    compuerta.abrir()
    escenario.esperar_lista()
    assert escenario.titulos()[0] == "Recién llegada"
    assert escenario.vista.tabla.actual == elegida
    assert escenario.modelo.tarea(escenario.vista.tabla.rowAt(0)) == arriba
    assert barra.value() > 0


def test_la_tabla_conserva_la_fila_actual_al_cambiarse_todas(qtbot: QtBot) -> None:
    modelo = TareasModel()
    tabla = TablaTareas(modelo)
    qtbot.addWidget(tabla)
    tareas = [tarea_n(n) for n in range(20)]
    modelo.reemplazar(Consulta(), _pagina(tareas))
    tabla.selectRow(7)
    avisadas: list[Tarea | None] = []
    tabla.elegida.connect(avisadas.append)
    tabla.recordar_lugar()
    modelo.reemplazar(Consulta(), _pagina([tarea_n(-1), *tareas]))
    tabla.volver_al_lugar()
    assert tabla.actual == tareas[7]
    assert tabla.currentIndex().row() == 8
    assert avisadas == []


class _ListarQueFalla:
    """Refuses pages after the first with these errors, in turn; the first one for ever if asked."""

    def __init__(self, casos: CasosDeTareas, *errores: Exception, siempre: bool = False) -> None:
        self._ejecutar = casos.listar.execute
        self._errores = [*errores]
        self._siempre = siempre
        self.veces = 0

    def execute(self, consulta: Consulta) -> Pagina:
        if consulta.tras is None or not self._errores:
            return self._ejecutar(consulta)
        self.veces += 1
        raise self._errores[0] if self._siempre else self._errores.pop(0)


def _al_fallar(escenario: Escenario, *errores: Exception, siempre: bool = False) -> _ListarQueFalla:
    """Let the pages after the first fail from now on, and ask for one."""
    cargador = escenario.vista.cargador
    assert cargador._casos is not None
    listar = _ListarQueFalla(cargador._casos, *errores, siempre=siempre)
    cargador._casos = replace(cargador._casos, listar=listar)  # type: ignore[arg-type]
    barra = escenario.vista.tabla.verticalScrollBar()
    barra.setValue(barra.maximum())
    escenario.esperar(lambda: listar.veces > 0)
    return listar


def test_un_cursor_caducado_vuelve_a_cargar_sin_error(escenario: Escenario) -> None:
    escenario.poblar(PAGINA + 20)
    escenario.mostrar()
    _al_fallar(escenario, CursorCaducado("La página era de MongoDB, que ya no responde."))
    escenario.esperar(lambda: escenario.modelo.rowCount() >= PAGINA + 20)
    assert escenario.avisos.avisos == ()


def test_una_pagina_que_caduca_siempre_se_recarga_una_vez_y_luego_se_dice(escenario: Escenario) -> None:
    escenario.poblar(PAGINA + 20)
    escenario.mostrar()
    lecturas = escenario.sql.llamadas.count("listar")
    listar = _al_fallar(escenario, CursorCaducado("La lista cambió mientras se cargaba."), siempre=True)
    escenario.esperar(lambda: bool(escenario.avisos.avisos))
    escenario.esperar_lista()
    assert "La lista cambió" in escenario.aviso("No se pueden leer las tareas").detalle
    assert escenario.modelo.rowCount() == PAGINA
    assert (listar.veces, escenario.sql.llamadas.count("listar") - lecturas) == (2, 1)


def test_una_pagina_rechazada_se_dice_y_las_senales_de_vida_no_la_repiten(escenario: Escenario) -> None:
    escenario.vista.estado._ahora_s = lambda: 1e9  # any wait is over
    escenario.poblar(PAGINA + 20)
    escenario.mostrar()
    rechazo = OperacionFallida(NombreAlmacen.SQL, "SQL canceló la consulta.")
    listar = _al_fallar(escenario, rechazo, siempre=True)
    escenario.esperar(lambda: bool(escenario.avisos.avisos))
    assert "SQL canceló la consulta" in escenario.aviso("No se pueden leer las tareas").detalle
    _da_senal(escenario, EstadoSalud.OK, EstadoSalud.OK)
    assert not escenario.vista.cargador.preguntando
    assert listar.veces == 1


def test_sin_tareas_ofrece_importar_y_crear_la_primera(escenario: Escenario) -> None:
    escenario.mostrar()
    escenario.esperar(lambda: escenario.vista.paneles.visible is Panel.VACIA)
    letrero = escenario.vista.paneles.letreros[Panel.VACIA]
    with escenario.qtbot.waitSignal(escenario.vista.importar_pedido):
        letrero.botones[0].click()
    letrero.botones[1].click()
    escenario.escribir_titulo("La primera")
    escenario.guardar_y_esperar()
    assert escenario.vista.paneles.visible is Panel.TABLA
    assert escenario.titulos() == ["La primera"]


def test_nada_encontrado_ofrece_quitar_filtros(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    escenario.vista.herramientas.busqueda.setText("no existe")
    escenario.esperar(lambda: escenario.vista.paneles.visible is Panel.NADA)
    escenario.vista.paneles.letreros[Panel.NADA].botones[0].click()
    escenario.esperar(lambda: escenario.modelo.rowCount() == 3)
    assert escenario.vista.paneles.visible is Panel.TABLA


def test_si_no_se_puede_leer_lo_dice_y_reintenta(escenario: Escenario) -> None:
    escenario.poblar(3)
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallar_con = AlmacenNoDisponible(almacen.nombre, f"{almacen.nombre.etiqueta} no responde.")
    escenario.mostrar()
    escenario.esperar(lambda: escenario.vista.paneles.visible is Panel.ERROR)
    letrero = escenario.vista.paneles.letreros[Panel.ERROR]
    assert "Compruebe que las bases de datos están en marcha" in letrero.texto
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallar_con = None
    letrero.botones[0].click()
    escenario.esperar(lambda: escenario.modelo.rowCount() == 3)


def test_si_falla_al_actualizar_las_filas_viejas_quedan_con_su_edad(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallar_con = AlmacenNoDisponible(almacen.nombre, "no responde")
    escenario.vista.actualizar()
    escenario.esperar(lambda: bool(escenario.avisos.avisos))
    aviso = escenario.aviso("No se pueden leer")
    assert escenario.modelo.rowCount() == 3
    assert "La lista es de las" in aviso.detalle
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallar_con = None
    aviso.acciones[0].hacer()
    escenario.esperar(lambda: escenario.avisos.avisos == ())


def test_cuando_un_almacen_vuelve_se_lee_solo(escenario: Escenario) -> None:
    escenario.poblar(3)
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallar_con = AlmacenNoDisponible(almacen.nombre, "no responde")
    escenario.mostrar()
    escenario.esperar(lambda: escenario.vista.paneles.visible is Panel.ERROR)
    for almacen in (escenario.sql, escenario.mongo):
        almacen.fallar_con = None
    caida = SaludAlmacen(almacen=NombreAlmacen.SQL, estado=EstadoSalud.CAIDA)
    escenario.bus.publicar(SaludObservada(caida, replace(caida, estado=EstadoSalud.OK)))
    escenario.esperar(lambda: escenario.modelo.rowCount() == 3)
    assert escenario.vista.paneles.visible is Panel.TABLA


def test_si_contesta_el_otro_almacen_lo_dice(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.sql.fallos["listar"] = AlmacenNoDisponible(NombreAlmacen.SQL, "SQL no responde.")
    respuestas: list[NombreAlmacen] = []
    escenario.vista.pagina_cargada.connect(lambda almacen, _cuando: respuestas.append(almacen))
    escenario.mostrar()
    assert respuestas == [NombreAlmacen.MONGO]
    assert "SQL" in escenario.vista.estado.nota.text()
    assert escenario.vista.estado.nota.isVisible()


def _solo_contesta_mongo(escenario: Escenario) -> None:
    # Not an outage: those are remembered, and SQL would not be asked again before it has answered a ping.
    escenario.sql.fallos["listar"] = OperacionFallida(NombreAlmacen.SQL, "SQL no puede leer.")


def _da_senal(escenario: Escenario, antes: EstadoSalud, ahora: EstadoSalud) -> None:
    salud = SaludAlmacen(almacen=NombreAlmacen.SQL, estado=antes)
    escenario.puente.evento.emit(SaludObservada(salud, replace(salud, estado=ahora)))


def test_la_nota_de_que_contesta_el_otro_sigue_al_desplazarse(escenario: Escenario) -> None:
    escenario.poblar(PAGINA + 10)
    _solo_contesta_mongo(escenario)
    escenario.mostrar()
    barra = escenario.vista.tabla.verticalScrollBar()
    barra.setValue(barra.maximum())
    escenario.esperar(lambda: escenario.modelo.rowCount() == PAGINA + 10)
    assert "SQL" in escenario.vista.estado.nota.text()
    assert escenario.vista.estado.nota.isVisible()


def test_la_nota_sigue_al_actualizar_varias_paginas(escenario: Escenario) -> None:
    escenario.poblar(PAGINA * 2)
    _solo_contesta_mongo(escenario)
    escenario.mostrar()
    escenario.vista.cargador.refrescar(filas=PAGINA + 1)
    escenario.esperar(lambda: escenario.modelo.rowCount() == PAGINA * 2)
    assert "SQL" in escenario.vista.estado.nota.text()


def test_cuando_vuelve_el_que_faltaba_se_lee_de_el_aunque_se_haya_desplazado(escenario: Escenario) -> None:
    escenario.poblar(PAGINA + 10)
    _solo_contesta_mongo(escenario)
    escenario.mostrar()
    barra = escenario.vista.tabla.verticalScrollBar()
    barra.setValue(barra.maximum())
    escenario.esperar(lambda: escenario.modelo.rowCount() == PAGINA + 10)
    escenario.sql.fallos.clear()
    _da_senal(escenario, EstadoSalud.CAIDA, EstadoSalud.OK)
    escenario.esperar(lambda: not escenario.vista.estado.nota.isVisible())


def test_si_al_volver_aun_contesta_el_otro_se_prueba_otra_vez_mas_tarde(escenario: Escenario) -> None:
    """A store that returns is behind for a while, and no event says when it no longer is."""
    reloj = [100.0]
    escenario.vista.estado._ahora_s = lambda: reloj[0]
    escenario.poblar(3)
    _solo_contesta_mongo(escenario)
    escenario.mostrar()
    _da_senal(escenario, EstadoSalud.CAIDA, EstadoSalud.OK)
    escenario.esperar(lambda: escenario.sql.llamadas.count("listar") == 2)
    escenario.esperar_lista()
    _da_senal(escenario, EstadoSalud.OK, EstadoSalud.OK)  # too soon
    escenario.sql.fallos.clear()
    reloj[0] += RELECTURA_S
    _da_senal(escenario, EstadoSalud.OK, EstadoSalud.OK)
    escenario.esperar(lambda: not escenario.vista.estado.nota.isVisible())
    assert escenario.sql.llamadas.count("listar") == 3


def test_las_senales_del_que_contesta_no_hacen_leer_otra_vez(escenario: Escenario) -> None:
    escenario.poblar(3)
    _solo_contesta_mongo(escenario)
    escenario.mostrar()
    viva = SaludAlmacen(almacen=NombreAlmacen.MONGO, estado=EstadoSalud.OK)
    escenario.vista.estado.al_evento(SaludObservada(replace(viva, estado=EstadoSalud.CAIDA), viva))
    assert not escenario.vista.cargador.preguntando


def test_el_total_cuenta_lo_que_pasa_el_filtro(escenario: Escenario) -> None:
    totales: list[int | None] = []
    escenario.vista.total_cambiado.connect(totales.append)
    escenario.poblar(30)
    escenario.mostrar()
    escenario.esperar(lambda: totales == [30])
    escenario.vista.herramientas.estados.setCurrentIndex(1)
    escenario.esperar(lambda: totales == [30, 10])


def test_el_texto_hostil_se_ve_en_una_linea_y_sin_formato(escenario: Escenario) -> None:
    escenario.sembrar(tarea_n(0, titulo="<b>uno</b>\ndos\r\ntres\x07\u202eatras"))
    escenario.mostrar()
    assert escenario.titulos() == ["<b>uno</b>⏎dos⏎tres�atras"]
    consejo = str(escenario.modelo.index(0, 0).data(Qt.ItemDataRole.ToolTipRole))
    assert "&lt;b&gt;uno" in consejo
    assert "<b>" not in consejo


def test_la_columna_de_almacenes_solo_es_ancha_mientras_falta_algo(escenario: Escenario) -> None:
    escenario.poblar(3)
    escenario.mostrar()
    tabla, modelo = escenario.vista.tabla, escenario.modelo
    estrecha = tabla.columnWidth(Col.ALMACENES)
    pendiente = tarea_n(9, pendiente=True, version_comun=0)
    modelo.poner(pendiente)
    assert tabla.columnWidth(Col.ALMACENES) > estrecha
    modelo.confirmar([(str(pendiente.id), pendiente.version)])
    assert tabla.columnWidth(Col.ALMACENES) == estrecha
    for texto in ("Guardando…", "Restaurando…", "Eliminando…"):
        assert tabla.fontMetrics().horizontalAdvance(texto) + 2 * MARGEN_PX <= estrecha


def test_que_no_falte_nada_es_una_buena_noticia(escenario: Escenario) -> None:
    escenario.poblar(2)
    escenario.mostrar()
    escenario.vista.mostrar_pendientes()
    escenario.esperar(lambda: escenario.vista.paneles.visible is Panel.AL_DIA)
    assert "Ambas bases de datos tienen todo" in escenario.vista.paneles.letreros[Panel.AL_DIA].texto
    escenario.vista.paneles.letreros[Panel.AL_DIA].botones[0].click()
    escenario.esperar(lambda: escenario.vista.paneles.visible is Panel.TABLA)


def test_la_flecha_sube_de_la_a_a_la_z_y_baja_de_lo_mas_nuevo(escenario: Escenario) -> None:
    escenario.mostrar()
    cabecera = escenario.vista.tabla.horizontalHeader()
    assert isinstance(cabecera, Cabecera)
    flecha = QStyleOptionHeader.SortIndicator
    for columna, orden, esperada in (
        (Col.TITULO, Qt.SortOrder.AscendingOrder, flecha.SortUp),
        (Col.ACTUALIZADA, Qt.SortOrder.DescendingOrder, flecha.SortDown),
    ):
        cabecera.setSortIndicator(columna, orden)
        opcion = QStyleOptionHeader()
        cabecera.initStyleOptionForIndex(opcion, columna)
        assert opcion.sortIndicator is esperada


def _por_titulo(titulos: str, *, hay_mas: bool) -> Pagina:
    """A page of tareas with these letters as titulos."""
    filas = [tarea_n(n, titulo=letra) for n, letra in enumerate(titulos)]
    siguiente = Cursor(filas[-1].titulo, filas[-1].id, NombreAlmacen.SQL) if hay_mas else None
    return Pagina(tareas=tuple(filas), siguiente=siguiente, almacen=NombreAlmacen.SQL)


def _titulos(modelo: TareasModel) -> str:
    return "".join(str(modelo.index(fila, 0).data()) for fila in range(modelo.rowCount()))


@pytest.fixture
def alfabeto() -> TareasModel:
    """A to E, without C, of a longer list in the order of its titulos."""
    modelo = TareasModel()
    consulta = Consulta(columna=Columna.TITULO, descendente=False)
    modelo.reemplazar(consulta, _por_titulo("abde", hay_mas=True))
    return modelo


def test_una_fila_que_va_mas_abajo_de_lo_leido_no_se_queda_al_final(alfabeto: TareasModel) -> None:
    antes = alfabeto.tarea(1)
    assert antes is not None
    cambiada = replace(antes, titulo="m", version=antes.version + 1)
    alfabeto.poner(cambiada)
    assert _titulos(alfabeto) == "ade"
    assert alfabeto.mas_abajo(cambiada.id)
    alfabeto.anadir(_por_titulo("fgh", hay_mas=True))
    assert _titulos(alfabeto) == "adefgh"
    alfabeto.anadir(_por_titulo("kn", hay_mas=True))  # read before the change
    assert _titulos(alfabeto) == "adefghkmn"
    assert not alfabeto.mas_abajo(cambiada.id)


def test_una_fila_que_espera_mas_abajo_llega_una_vez_y_como_es_ahora(alfabeto: TareasModel) -> None:
    nueva = tarea_n(7, titulo="g")
    alfabeto.poner(nueva)
    vieja = replace(nueva, titulo="f", version=nueva.version - 1)
    pagina = _por_titulo("fh", hay_mas=True)
    alfabeto.anadir(replace(pagina, tareas=(vieja, pagina.tareas[1])))
    assert _titulos(alfabeto) == "abdegh"
    alfabeto.poner(replace(nueva, titulo="z"))
    alfabeto.anadir(replace(pagina, tareas=(replace(nueva, titulo="z"),), siguiente=None))
    assert _titulos(alfabeto) == "abdehz"


def test_si_la_ultima_fila_se_quita_las_que_iban_delante_de_ella_se_quedan(alfabeto: TareasModel) -> None:
    """The next page begins after the row that was the last one when it was read."""
    alfabeto.quitar(alfabeto.tarea(3).id)
    alfabeto.poner(tarea_n(7, titulo="dd"))
    assert _titulos(alfabeto) == "abddd"
    alfabeto.anadir(_por_titulo("f", hay_mas=False))
    alfabeto.poner(tarea_n(8, titulo="z"))
    assert _titulos(alfabeto) == "abdddfz"


def test_una_fila_borrada_mas_abajo_no_vuelve(alfabeto: TareasModel) -> None:
    nueva = tarea_n(7, titulo="m")
    alfabeto.poner(nueva)
    alfabeto.quitar(nueva.id)
    alfabeto.anadir(_por_titulo("z", hay_mas=False))
    assert _titulos(alfabeto) == "abdez"


def test_una_tarea_guardada_mas_abajo_de_lo_leido_se_dice(escenario: Escenario) -> None:
    totales: list[int | None] = []
    escenario.vista.total_cambiado.connect(totales.append)
    escenario.poblar(PAGINA + 20)
    escenario.mostrar()
    escenario.esperar(lambda: totales == [PAGINA + 20])
    escenario.vista.tabla.sortByColumn(Col.TITULO, Qt.SortOrder.AscendingOrder)
    escenario.esperar_lista()
    escenario.esperar(lambda: len(totales) == 2)
    escenario.vista.nueva()
    escenario.escribir_titulo("Zeta")
    escenario.guardar_y_esperar()
    assert escenario.aviso("por el orden de la lista está más abajo").acciones == ()
    assert "Zeta" not in escenario.titulos()
    assert totales[-1] == PAGINA + 21
    barra = escenario.vista.tabla.verticalScrollBar()
    barra.setValue(barra.maximum())
    escenario.esperar(lambda: escenario.titulos()[-1] == "Zeta")
