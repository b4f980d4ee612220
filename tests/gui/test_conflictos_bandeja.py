"""The conflict inbox: what was lost is listed, compared and decided about; nothing goes unseen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from adapters.conflictos import ConflictosDeAlmacenes
from adapters.dual import DualTareaRepository
from adapters.health.registro import RegistroSalud
from core.application.listar_conflictos import ContarConflictosUseCase, ListarConflictosUseCase
from core.application.resolver_conflicto import ResolverConflictoUseCase
from core.conflictos import Campo
from core.domain.errors import AlmacenNoDisponible
from core.domain.events import EscrituraTerminada, ReplicacionTerminada
from core.domain.models.almacen import (
    Conflicto,
    Desenlace,
    NombreAlmacen,
    ResultadoAlmacen,
    ResultadoEscritura,
)
from core.domain.models.conflicto import Resolucion
from core.domain.models.tarea import EstadoTarea, Tarea
from gui.avisos.aviso import Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.conflictos import vigia
from gui.conflictos.casos import CasosDeConflictos
from gui.conflictos.eleccion import Lado
from gui.conflictos.modelo import ColumnaConflictos, ConflictosModel
from gui.conflictos.tabla import TablaConflictos
from gui.conflictos.vigia import VigiaConflictos
from gui.conflictos.vista import Hoja, VistaConflictos
from gui.executor import Ejecutores
from gui.tareas.preguntas import Pregunta
from tests.contract.datos import fila
from tests.fakes import AlmacenEnMemoria, reloj_de_prueba

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
PLAZO_MS = 5000


class Casos(CasosDeConflictos):
    """The use cases over two stores in memory."""

    def __init__(self, sql: AlmacenEnMemoria, mongo: AlmacenEnMemoria) -> None:
        registro = RegistroSalud()
        self.repositorio = DualTareaRepository(
            sql_repository=sql, mongo_repository=mongo, registro=registro, reloj=reloj_de_prueba()
        )
        conflictos = ConflictosDeAlmacenes({SQL: sql, MONGO: mongo}, registro, ahora_ms=lambda: 99)
        self._listar = ListarConflictosUseCase(conflictos, self.repositorio)
        self._contar = ContarConflictosUseCase(conflictos)
        self._resolver = ResolverConflictoUseCase(conflictos, self.repositorio)

    @property
    def nodo(self) -> str:
        return "00ff"

    @property
    def listar_conflictos(self) -> ListarConflictosUseCase:
        return self._listar

    @property
    def contar_conflictos(self) -> ContarConflictosUseCase:
        return self._contar

    @property
    def resolver_conflicto(self) -> ResolverConflictoUseCase:
        return self._resolver


class Bandeja:
    """The page in a window of its own."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.sql, self.mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
        self.casos = Casos(self.sql, self.mongo)
        self.ejecutores = Ejecutores.crear(casos=2, largos=1)
        self.ventana = QWidget()
        # Children of the window: the last reference to them may be a worker's, which must not destroy them.
        self.puente = Puente(self.ejecutores.lecturas, self.ventana)
        qtbot.addWidget(self.ventana)
        self.avisos = BandejaAvisos()
        self.vista = VistaConflictos(self.puente, self.ejecutores.escrituras, self.avisos)
        self.vigia = VigiaConflictos(self.puente, self.avisos, self.ventana)
        columna = QVBoxLayout(self.ventana)
        columna.addWidget(self.avisos)
        columna.addWidget(self.vista, 1)
        self.ventana.resize(900, 650)

    def perder(self, titulo: str = "perdió", *, actual: Tarea | None = None, **campos: object) -> Tarea:
        """A tarea that says «ganó» in both stores, and its loser, kept in both."""
        actual = actual or fila("ganó", descripcion="de quien ganó", version=900, comun=900)
        self.poner(actual)
        cambios = {"titulo": titulo, "version": 800, "version_comun": 0, "nodo": "00a7", **campos}
        perdedora = replace(actual, **cambios)  # type: ignore[arg-type]
        conflicto = Conflicto(
            perdedora=perdedora, version_ganadora=900, cuando_ms=1 + len(self.sql.conflictos)
        )
        for almacen in (self.sql, self.mongo):
            almacen.guardar_conflicto(conflicto)
        return perdedora

    def poner(self, tarea: Tarea) -> None:
        self.sql.filas[tarea.id] = self.mongo.filas[tarea.id] = tarea

    def mostrar(self) -> None:
        self.ventana.show()
        self.vista.conectar(self.casos)
        self.esperar_lista()

    def esperar(self, condicion: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condicion, timeout=PLAZO_MS)

    def esperar_lista(self) -> None:
        self.esperar(lambda: not self.vista.cargador.preguntando and self.vista.hoja is not Hoja.CARGANDO)

    def celdas(self, fila: int) -> list[str]:
        modelo = self.vista.modelo
        return [modelo.index(fila, columna).data() for columna in range(modelo.columnCount())]

    def dicho(self) -> str:
        return " ".join(
            etiqueta.text() for etiqueta in self.vista.findChildren(QLabel) if etiqueta.isVisible()
        )

    def avisos_dichos(self) -> list[str]:
        return [aviso.titulo for aviso in self.avisos.avisos]

    def cerrar(self) -> None:
        for almacen in (self.sql, self.mongo):
            almacen.antes = None
        self.puente.cerrar()
        self.ejecutores.close()
        self.casos.repositorio.close()


@pytest.fixture
def bandeja(qtbot: QtBot) -> Iterator[Bandeja]:
    bandeja = Bandeja(qtbot)
    yield bandeja
    bandeja.cerrar()


def test_el_modelo_cumple_lo_que_qt_espera(bandeja: Bandeja, qtmodeltester: ModelTester) -> None:
    modelo = ConflictosModel()
    qtmodeltester.check(modelo)
    for n in range(3):
        bandeja.perder(f"{n}")
    vistos = bandeja.casos.listar_conflictos.execute().conflictos
    modelo.reemplazar(vistos[:1], hay_mas=True)
    modelo.anadir(vistos, hay_mas=False)
    assert modelo.rowCount() == 3
    qtmodeltester.check(modelo)
    modelo.quitar(vistos[1].guardado.clave)
    assert modelo.rowCount() == 2


def test_sin_conflictos_dice_que_habria_aqui(bandeja: Bandeja) -> None:
    bandeja.mostrar()
    assert bandeja.vista.hoja is Hoja.NINGUNO
    assert "No hay conflictos" in bandeja.dicho()


def test_cada_conflicto_dice_que_cuando_de_quien_y_en_que_difiere(bandeja: Bandeja) -> None:
    bandeja.perder("per\ndió", descripcion="otra")
    bandeja.mostrar()
    titulo, difiere, de_quien, cuando = bandeja.celdas(0)
    assert (titulo, difiere, de_quien) == ("per⏎dió", "Título, descripción", "Puesto 00a7")
    assert "1970" in cuando


def test_el_panel_muestra_ambos_valores_como_texto_sin_formato(bandeja: Bandeja) -> None:
    bandeja.perder("<b>perdió</b>")
    bandeja.mostrar()
    dichos = {campo.toPlainText() for campo in bandeja.vista.detalle.findChildren(QPlainTextEdit)}
    assert dichos == {"<b>perdió</b>", "ganó"}
    assert "Perdió: Puesto 00a7" in bandeja.dicho()


def test_conservar_quita_el_conflicto_y_no_escribe(bandeja: Bandeja) -> None:
    perdida = bandeja.perder()
    bandeja.mostrar()
    bandeja.vista.detalle.boton_conservar.click()
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.NINGUNO)
    assert bandeja.sql.filas[perdida.id].titulo == "ganó"
    assert bandeja.avisos_dichos() == ["Conflicto resuelto: se conserva lo que hay"]


def test_conservar_se_deshace_y_no_se_anuncia_como_nuevo(bandeja: Bandeja) -> None:
    bandeja.perder()
    bandeja.mostrar()
    bandeja.vigia.conectar(bandeja.casos)
    bandeja.esperar(
        lambda: bandeja.avisos_dichos() == ["Hay un conflicto por resolver en «\u2068perdió\u2069»"]
    )
    bandeja.vista.detalle.boton_conservar.click()
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.NINGUNO)
    with bandeja.qtbot.waitSignal(bandeja.vigia.contados, timeout=PLAZO_MS):
        bandeja.vigia.preguntar()
    bandeja.esperar(lambda: len(bandeja.avisos.avisos) == 1)
    (deshacer,) = bandeja.avisos.avisos[0].acciones
    deshacer.hacer()
    bandeja.esperar(lambda: bandeja.vista.modelo.rowCount() == 1)
    assert [len(a.resueltos) for a in (bandeja.sql, bandeja.mongo)] == [0, 0]
    with bandeja.qtbot.waitSignal(bandeja.vigia.contados, timeout=PLAZO_MS):
        bandeja.vigia.preguntar()
    bandeja.perder("otra")
    bandeja.vigia.preguntar()
    bandeja.esperar(lambda: len(bandeja.avisos.avisos) == 2)
    titulos = bandeja.avisos_dichos()
    assert "El conflicto vuelve a estar abierto" in titulos
    assert "Un cambio de «\u2068otra\u2069» perdió contra otro más reciente" in titulos


def test_conservar_no_se_deshace_si_falta_una_base_y_se_dice(bandeja: Bandeja) -> None:
    bandeja.perder()
    bandeja.mostrar()
    bandeja.vista.detalle.boton_conservar.click()
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.NINGUNO)
    bandeja.mongo.fallos["reabrir_conflicto"] = AlmacenNoDisponible(MONGO, "no responde")
    bandeja.avisos.avisos[0].acciones[0].hacer()
    bandeja.esperar(lambda: bandeja.avisos_dichos() == ["No se ha podido deshacer"])
    assert "El conflicto sigue resuelto" in bandeja.avisos.avisos[0].detalle
    assert bandeja.casos.listar_conflictos.execute().conflictos == ()


def test_restaurar_escribe_en_ambos_y_se_puede_deshacer(bandeja: Bandeja) -> None:
    perdida = bandeja.perder()
    bandeja.mostrar()
    bandeja.vista.detalle.boton_restaurar.click()
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.NINGUNO)
    assert [a.filas[perdida.id].titulo for a in (bandeja.sql, bandeja.mongo)] == ["perdió"] * 2
    (deshacer,) = bandeja.avisos.avisos[0].acciones
    deshacer.hacer()
    bandeja.esperar(lambda: bandeja.avisos_dichos() == ["Vuelve a estar lo que había"])
    assert [a.filas[perdida.id].titulo for a in (bandeja.sql, bandeja.mongo)] == ["ganó"] * 2


def test_la_mezcla_pide_un_campo_de_cada_lado(bandeja: Bandeja) -> None:
    perdida = bandeja.perder(estado=EstadoTarea.COMPLETADA)
    bandeja.mostrar()
    detalle = bandeja.vista.detalle
    assert not detalle.boton_mezclar.isEnabled()
    detalle.comparacion.elegir(Campo.ESTADO, Lado.MIO)
    assert detalle.boton_mezclar.isEnabled()
    detalle.boton_mezclar.click()
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.NINGUNO)
    final = bandeja.mongo.filas[perdida.id]
    assert (final.titulo, final.estado) == ("ganó", EstadoTarea.COMPLETADA)


@pytest.mark.parametrize("sin_mezcla", ["boton_conservar", "boton_restaurar"])
def test_una_mezcla_elegida_no_se_descarta_sin_preguntar(bandeja: Bandeja, sin_mezcla: str) -> None:
    perdida = bandeja.perder(estado=EstadoTarea.COMPLETADA)
    bandeja.mostrar()
    detalle = bandeja.vista.detalle
    detalle.comparacion.elegir(Campo.ESTADO, Lado.MIO)
    boton = getattr(detalle, sin_mezcla)
    QTest.keyClick(boton, Qt.Key.Key_Space)
    (pregunta,) = detalle.findChildren(Pregunta)
    QTest.keyClick(pregunta, Qt.Key.Key_Escape)
    assert bandeja.vista.modelo.rowCount() == 1
    assert detalle.comparacion.lados[Campo.ESTADO] is Lado.MIO
    boton.click()
    pregunta = detalle.findChildren(Pregunta)[-1]
    next(uno for uno in pregunta.buttons() if uno.text() == boton.text()).click()
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.NINGUNO)
    assert bandeja.sql.filas[perdida.id].titulo == ("ganó" if sin_mezcla == "boton_conservar" else "perdió")


def test_con_un_solo_campo_distinto_no_hay_nada_que_mezclar(bandeja: Bandeja) -> None:
    bandeja.perder()
    bandeja.mostrar()
    assert not bandeja.vista.detalle.boton_mezclar.isVisible()


@pytest.mark.errores_esperados("no aplicado")
def test_un_cambio_mientras_se_decide_se_dice_y_se_compara_otra_vez(bandeja: Bandeja) -> None:
    perdida = bandeja.perder()
    bandeja.mostrar()
    bandeja.poner(replace(perdida, titulo="de un tercero", version=950, version_comun=950))
    bandeja.vista.detalle.boton_restaurar.click()
    bandeja.esperar(lambda: "La tarea cambió mientras usted decidía" in bandeja.avisos_dichos())
    bandeja.esperar(
        lambda: (
            "de un tercero"
            in {campo.toPlainText() for campo in bandeja.vista.detalle.findChildren(QPlainTextEdit)}
        )
    )
    assert bandeja.sql.filas[perdida.id].titulo == "de un tercero"
    assert bandeja.vista.modelo.rowCount() == 1


def test_un_borrado_que_perdio_se_ofrece_como_tal(bandeja: Bandeja) -> None:
    perdida = bandeja.perder(eliminada=True)
    bandeja.mostrar()
    assert bandeja.celdas(0)[1] == "Se perdió un borrado"
    boton = bandeja.vista.detalle.boton_restaurar
    assert boton.text() == "Eliminarla"
    boton.click()
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.NINGUNO)
    assert bandeja.mongo.filas[perdida.id].eliminada


def test_lo_resuelto_se_ve_y_aun_se_puede_restaurar(bandeja: Bandeja) -> None:
    perdida = bandeja.perder()
    bandeja.mostrar()
    bandeja.vista.detalle.boton_conservar.click()
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.NINGUNO)
    bandeja.vista.filtro.setCurrentIndex(1)
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.LISTA)
    assert "Se conservó lo que había" in bandeja.dicho()
    assert not bandeja.vista.detalle.boton_conservar.isVisible()
    bandeja.vista.detalle.boton_restaurar.click()
    bandeja.esperar(lambda: bandeja.sql.filas[perdida.id].titulo == "perdió")


def test_de_lo_resuelto_no_se_dice_que_se_elija(bandeja: Bandeja) -> None:
    bandeja.perder()
    bandeja.mostrar()
    assert "Elija qué queda." in bandeja.dicho()
    bandeja.vista.detalle.boton_conservar.click()
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.NINGUNO)
    bandeja.vista.filtro.setCurrentIndex(1)
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.LISTA)
    assert "Elija qué queda." not in bandeja.dicho()


def test_de_lo_que_reemplazo_una_reparacion_no_se_culpa_a_nadie(bandeja: Bandeja) -> None:
    perdida = bandeja.perder(eliminada=True)
    for almacen in (bandeja.sql, bandeja.mongo):
        almacen.resolver_conflicto(perdida.id, perdida.version, Resolucion.REPARACION, 5)
    bandeja.mostrar()
    bandeja.vista.filtro.setCurrentIndex(1)
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.LISTA)
    assert "una reparación puso el otro valor. Lo reemplazó una reparación" in bandeja.dicho()
    assert "Una persona" not in bandeja.dicho()
    assert bandeja.celdas(0)[1] == "Estaba eliminada"


def test_releer_no_pierde_lo_que_se_estaba_eligiendo(bandeja: Bandeja) -> None:
    bandeja.perder("primera")
    bandeja.perder("segunda", estado=EstadoTarea.COMPLETADA)
    bandeja.mostrar()
    detalle = bandeja.vista.detalle
    assert detalle.visto.perdedora.titulo == "segunda"
    detalle.comparacion.elegir(Campo.ESTADO, Lado.MIO)
    bandeja.perder("tercera, más nueva")
    bandeja.vista.actualizar()
    bandeja.esperar(lambda: bandeja.vista.modelo.rowCount() == 3)
    assert bandeja.vista.tabla.currentIndex().row() == 1
    assert detalle.comparacion.lados[Campo.ESTADO] is Lado.MIO


def test_el_teclado_basta(bandeja: Bandeja) -> None:
    bandeja.perder("primera")
    bandeja.perder("segunda")
    bandeja.mostrar()
    bandeja.vista.tabla.setFocus()
    QTest.keyClick(bandeja.vista.tabla, Qt.Key.Key_Down)
    assert bandeja.vista.detalle.visto.perdedora.titulo == "primera"
    QTest.keyClick(bandeja.vista.tabla, Qt.Key.Key_Return)
    assert bandeja.vista.detalle.boton_conservar.hasFocus()
    QTest.keyClick(bandeja.vista.detalle.boton_conservar, Qt.Key.Key_Space)
    bandeja.esperar(lambda: bandeja.vista.modelo.rowCount() == 1)


def test_el_tabulador_sigue_a_la_vista_y_cada_parada_se_ve(bandeja: Bandeja) -> None:
    bandeja.perder("otra")
    bandeja.perder(estado=EstadoTarea.COMPLETADA)
    bandeja.mostrar()
    bandeja.vista.tabla.selectRow(1)
    bandeja.vista.tabla.selectRow(0)
    vista, detalle = bandeja.vista, bandeja.vista.detalle
    detalle.comparacion.elegir(Campo.ESTADO, Lado.MIO)
    bandeja.esperar(detalle.comparacion.opciones[0].isVisible)
    vista.filtro.setFocus()
    paradas: list[QWidget] = []
    for _ in range(12):
        paradas.append(bandeja.ventana.focusWidget())
        QTest.keyClick(paradas[-1], Qt.Key.Key_Tab)
    botones = [detalle.boton_mezclar, detalle.boton_restaurar, detalle.boton_conservar]
    assert isinstance(paradas[1], QPushButton)
    assert paradas[1].text() == "Actualizar"
    assert [paradas[0], *paradas[2:10]] == [
        vista.filtro,
        vista.tabla,
        *detalle.comparacion.opciones,
        *botones,
    ]
    assert all(isinstance(parada, QPlainTextEdit) for parada in paradas[10:])


def test_inicio_y_fin_van_a_la_primera_y_a_la_ultima_fila(bandeja: Bandeja) -> None:
    for n in range(3):
        bandeja.perder(f"{n}")
    bandeja.mostrar()
    tabla = bandeja.vista.tabla
    QTest.keyClick(tabla, Qt.Key.Key_End)
    assert (tabla.currentIndex().row(), bandeja.vista.detalle.visto.perdedora.titulo) == (2, "0")
    QTest.keyClick(tabla, Qt.Key.Key_Home)
    assert tabla.currentIndex().row() == 0


def test_donde_no_cabe_todo_se_lee_el_titulo(qtbot: QtBot) -> None:
    tabla = TablaConflictos(ConflictosModel())
    qtbot.addWidget(tabla)
    tabla.show()
    for ancho_px, cabe in ((900, True), (400, False), (400, False), (900, True)):
        tabla.resize(ancho_px, 300)
        assert tabla.isColumnHidden(ColumnaConflictos.DE_QUIEN) is not cabe


def test_de_un_borrado_se_ve_tambien_lo_que_dice_la_tarea(bandeja: Bandeja) -> None:
    bandeja.perder("ganó", eliminada=True)
    bandeja.mostrar()
    dichos = [campo.toPlainText() for campo in bandeja.vista.detalle.findChildren(QPlainTextEdit)]
    assert dichos == ["ganó", "de quien ganó"]
    assert "· eliminada" in bandeja.dicho()


def test_lo_que_decia_un_borrado_no_pasa_por_lo_que_hay_que_elegir(bandeja: Bandeja) -> None:
    bandeja.perder("otro título", eliminada=True)
    bandeja.mostrar()
    dichos = [campo.toPlainText() for campo in bandeja.vista.detalle.findChildren(QPlainTextEdit)]
    assert dichos == ["ganó", "de quien ganó"]


def test_con_un_almacen_caido_se_dice_lo_que_puede_faltar(bandeja: Bandeja) -> None:
    bandeja.perder()
    bandeja.mongo.fallar_con = AlmacenNoDisponible(MONGO, "no responde")
    bandeja.mostrar()
    assert bandeja.vista.nota.isVisible()
    assert "MongoDB no se ha podido leer" in bandeja.vista.nota.text()
    assert bandeja.vista.modelo.rowCount() == 1


def test_sin_bases_dice_por_que_y_se_reintenta(bandeja: Bandeja) -> None:
    bandeja.perder()
    bandeja.sql.fallar_con = bandeja.mongo.fallar_con = AlmacenNoDisponible(SQL, "no responde")
    bandeja.mostrar()
    assert bandeja.vista.hoja is Hoja.ERROR
    bandeja.sql.fallar_con = bandeja.mongo.fallar_con = None
    bandeja.vista.actualizar()
    bandeja.esperar(lambda: bandeja.vista.modelo.rowCount() == 1)


def test_ninguna_base_se_toca_en_el_hilo_de_la_ventana(bandeja: Bandeja) -> None:
    hilos: set[threading.Thread] = set()
    bandeja.perder()
    for almacen in (bandeja.sql, bandeja.mongo):
        almacen.antes = lambda _metodo: hilos.add(threading.current_thread())
    bandeja.mostrar()
    bandeja.vigia.conectar(bandeja.casos)
    bandeja.vista.detalle.boton_restaurar.click()
    bandeja.esperar(lambda: bandeja.vista.hoja is Hoja.NINGUNO)
    assert hilos
    assert threading.main_thread() not in hilos


# --- the watch ---


def _perdida_al_escribir(tarea: Tarea) -> EscrituraTerminada:
    uno = {
        nombre: ResultadoAlmacen(almacen=nombre, desenlace=Desenlace.CONFLICTO) for nombre in NombreAlmacen
    }
    return EscrituraTerminada(
        ResultadoEscritura(
            operacion="save", entidad_id=str(tarea.id), sql=uno[SQL], mongo=uno[MONGO], tarea=tarea
        )
    )


def test_quien_pierde_se_entera_en_el_acto(bandeja: Bandeja) -> None:
    pedidos: list[UUID | None] = []
    bandeja.vigia.ver_pedido.connect(pedidos.append)
    with bandeja.qtbot.waitSignal(bandeja.vigia.contados, timeout=PLAZO_MS):
        bandeja.vigia.conectar(bandeja.casos)
    perdida = bandeja.perder("Mi cambio")
    bandeja.puente.evento.emit(_perdida_al_escribir(perdida))
    bandeja.esperar(lambda: bool(bandeja.avisos.avisos))
    (aviso,) = bandeja.avisos.avisos
    assert "Mi cambio" in aviso.titulo
    assert "perdió contra otro más reciente" in aviso.titulo
    aviso.acciones[0].hacer()
    assert pedidos == [perdida.id]


def test_la_replicacion_que_encuentra_un_conflicto_lo_dice(bandeja: Bandeja) -> None:
    with bandeja.qtbot.waitSignal(bandeja.vigia.contados, timeout=PLAZO_MS):
        bandeja.vigia.conectar(bandeja.casos)
    bandeja.perder()
    bandeja.perder()
    pasada = ReplicacionTerminada(origen=SQL, copiadas=2, conflictos=2, apartadas=0, duracion_s=0.1)
    bandeja.puente.evento.emit(pasada)
    bandeja.esperar(lambda: bandeja.avisos_dichos() == ["Hay 2 conflictos nuevos"])


def test_uno_nuevo_se_dice_aunque_otro_se_resuelva_a_la_vez(bandeja: Bandeja) -> None:
    vieja = bandeja.perder("vieja")
    bandeja.vigia.conectar(bandeja.casos)
    bandeja.esperar(lambda: len(bandeja.avisos.avisos) == 1)
    bandeja.casos.resolver_conflicto.anotar(vieja, Resolucion.GANADORA)  # somebody else's window
    bandeja.perder("nueva")
    bandeja.vigia.preguntar()
    bandeja.esperar(
        lambda: (
            bandeja.avisos_dichos() == ["Un cambio de «\u2068nueva\u2069» perdió contra otro más reciente"]
        )
    )


def test_los_viejos_que_entran_en_la_pagina_no_son_nuevos(
    bandeja: Bandeja, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vigia, "MIRADOS", 2)
    perdidas = [bandeja.perder(str(n)) for n in range(5)]
    bandeja.vigia.conectar(bandeja.casos)
    bandeja.esperar(lambda: bandeja.avisos_dichos() == ["Hay 5 conflictos por resolver"])
    bandeja.casos.resolver_conflicto.anotar(perdidas[-1], Resolucion.GANADORA)
    bandeja.vigia.preguntar()
    bandeja.esperar(lambda: bandeja.avisos_dichos() == [])


@pytest.mark.parametrize(("nodo", "de_quien"), [("00ff", "este puesto"), ("00a7", "puesto 00a7")])
def test_de_un_conflicto_nuevo_se_dice_de_que_tarea_y_de_quien(
    bandeja: Bandeja, nodo: str, de_quien: str
) -> None:
    with bandeja.qtbot.waitSignal(bandeja.vigia.contados, timeout=PLAZO_MS):
        bandeja.vigia.conectar(bandeja.casos)
    bandeja.perder("Mi cambio", nodo=nodo)
    pasada = ReplicacionTerminada(origen=SQL, copiadas=1, conflictos=1, apartadas=0, duracion_s=0.1)
    bandeja.puente.evento.emit(pasada)
    bandeja.esperar(lambda: bool(bandeja.avisos.avisos))
    (aviso,) = bandeja.avisos.avisos
    assert "Mi cambio" in aviso.titulo
    assert f"El cambio que perdió es de {de_quien}." in aviso.detalle


def test_lo_que_perdio_este_puesto_se_dice_en_la_lista_y_en_el_detalle(bandeja: Bandeja) -> None:
    bandeja.perder(nodo="00ff")
    bandeja.mostrar()
    assert bandeja.celdas(0)[2] == "Este puesto"
    assert "Perdió: Este puesto, " in bandeja.dicho()


def test_al_empezar_se_dice_con_calma_cuantos_hay_y_cuantos_son_de_este_puesto(bandeja: Bandeja) -> None:
    bandeja.perder(nodo="00ff")
    bandeja.perder()
    bandeja.vigia.conectar(bandeja.casos)
    bandeja.esperar(lambda: bandeja.avisos_dichos() == ["Hay 2 conflictos por resolver"])
    (aviso,) = bandeja.avisos.avisos
    assert (aviso.nivel, aviso.acciones[0].texto) == (Nivel.INFO, "Ver")
    assert "Uno de los cambios que perdieron es de este puesto." in aviso.detalle
    bandeja.mostrar()
    bandeja.vista.detalle.boton_conservar.click()
    bandeja.esperar(lambda: bandeja.vista.modelo.rowCount() == 1)
    bandeja.vigia.preguntar()
    bandeja.esperar(lambda: "Hay 2 conflictos por resolver" not in bandeja.avisos_dichos())


def test_los_que_habia_al_empezar_no_se_anuncian_como_nuevos(bandeja: Bandeja) -> None:
    bandeja.perder()
    with bandeja.qtbot.waitSignal(bandeja.vigia.contados, timeout=PLAZO_MS) as senal:
        bandeja.vigia.conectar(bandeja.casos)
    assert senal.args[0].abiertos == 1
    bandeja.esperar(lambda: bool(bandeja.avisos.avisos))
    (aviso,) = bandeja.avisos.avisos
    assert (aviso.nivel, "perdió" in aviso.titulo) == (Nivel.INFO, True)
    assert aviso.titulo.startswith("Hay un conflicto por resolver en")
