"""The indicators, the status bar, the details and the Salud page over a source that the test moves."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from core.domain.events import SaludObservada
from core.domain.models.consulta import Resumen
from core.health import EstadoSalud
from gui.salud.barra import VIEJA_S, BarraEstado
from gui.salud.detalle import DetalleAlmacen, VentanaDetalle
from gui.salud.diagnostico import filas_de_detalle
from gui.salud.indicador import Indicador
from gui.salud.palabras import fallos_en_palabras
from gui.salud.vista import VistaSalud
from gui.widgets.chispa import Chispa
from gui.widgets.formato import cuenta, duracion, hora, latencia, segundos
from tests.gui.fuente_falsa import INICIO, MONGO, SQL, FuenteFalsa, RelojFalso

E = EstadoSalud
PLAZO_MS = 5000


@pytest.fixture
def reloj() -> RelojFalso:
    return RelojFalso()


@pytest.fixture
def fuente() -> FuenteFalsa:
    fuente = FuenteFalsa()
    fuente.poner(SQL, E.OK, historial=(0.2, 0.3))
    fuente.poner(MONGO, E.CAIDA, fallos_seguidos=24, proximo_s=1003.0, ultimo_error="password=clave")
    return fuente


@pytest.fixture
def barra(qtbot: QtBot, fuente: FuenteFalsa, reloj: RelojFalso) -> BarraEstado:
    barra = BarraEstado(ahora_s=reloj.ahora_s, ahora=reloj.ahora)
    qtbot.addWidget(barra)
    barra.resize(1400, 40)
    barra.conectar(fuente)
    barra.show()
    return barra


def textos(widget: BarraEstado | Indicador | DetalleAlmacen) -> list[str]:
    return [e.text() for e in widget.findChildren(QLabel) if e.text() and not e.isHidden()]


def test_un_almacen_sano_dice_su_latencia_y_desde_cuando(barra: BarraEstado) -> None:
    assert barra.indicadores[SQL].texto.startswith("SQL: OK, 0,3 ms · p95 0,3 ms · desde ")


def test_uno_caido_dice_cuanto_lleva_sus_fallos_y_el_proximo_intento(
    barra: BarraEstado, reloj: RelojFalso, fuente: FuenteFalsa
) -> None:
    reloj.s += 72
    fuente.poner(MONGO, E.CAIDA, fallos_seguidos=24, proximo_s=reloj.s + 3)
    barra.refrescar()
    assert barra.indicadores[MONGO].texto == ("MongoDB: CAÍDA, hace 1 min 12 s · 24 fallos · intento en 3 s")


def test_uno_nunca_visto_no_parece_sano(barra: BarraEstado, fuente: FuenteFalsa) -> None:
    fuente.poner(SQL, E.DESCONOCIDA, visto_s=-math.inf)
    barra.refrescar()
    assert barra.indicadores[SQL].texto == "SQL: DESCONOCIDA, aún sin respuesta"


def test_un_estado_caducado_dice_desde_cuando_no_hay_noticias(
    barra: BarraEstado, fuente: FuenteFalsa, reloj: RelojFalso
) -> None:
    fuente.poner(SQL, E.DESCONOCIDA)
    reloj.s += 15
    barra.refrescar()
    assert barra.indicadores[SQL].texto == "SQL: DESCONOCIDA, sin noticias desde hace 15 s"


def test_en_estrecho_ceden_la_linea_y_las_palabras_pero_no_el_estado(
    barra: BarraEstado, qtbot: QtBot
) -> None:
    indicador = barra.indicadores[MONGO]
    qtbot.waitUntil(lambda: "intento en 3 s" in textos(indicador)[-1], timeout=PLAZO_MS)
    chispa = indicador.findChild(Chispa)
    assert isinstance(chispa, Chispa)
    assert chispa.isVisible()
    indicador.setFixedWidth(indicador.minimumSizeHint().width() + 120)
    qtbot.waitUntil(lambda: not chispa.isVisible(), timeout=PLAZO_MS)
    assert textos(indicador)[:2] == ["MongoDB", "CAÍDA"]
    assert "24 fallos · en 3 s" in textos(indicador)[-1]


@pytest.mark.parametrize("tecla", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_el_indicador_se_abre_con_el_teclado(barra: BarraEstado, qtbot: QtBot, tecla: Qt.Key) -> None:
    with qtbot.waitSignal(barra.detalle_pedido, timeout=PLAZO_MS) as pedido:
        QTest.keyClick(barra.indicadores[MONGO], tecla)
    assert pedido.args == [barra.indicadores[MONGO]]


def test_el_indicador_se_abre_con_el_raton(barra: BarraEstado, qtbot: QtBot) -> None:
    with qtbot.waitSignal(barra.detalle_pedido, timeout=PLAZO_MS):
        QTest.mouseClick(barra.indicadores[SQL], Qt.MouseButton.LeftButton)


def test_la_barra_cuenta_con_separadores_y_en_singular(barra: BarraEstado) -> None:
    barra.resumir(Resumen(total=12_000, pendientes={SQL: 3, MONGO: None}))
    barra.poner_pendientes(3)
    assert {"3 por copiar", "12.000 tareas"} <= set(textos(barra))
    barra.resumir(Resumen(total=1, pendientes={SQL: 1, MONGO: 1}))
    barra.poner_pendientes(1)
    assert {"1 por copiar", "1 tarea"} <= set(textos(barra))


def test_de_una_cuenta_que_puede_ser_vieja_se_dice_por_que(barra: BarraEstado) -> None:
    barra.resumir(Resumen(total=7, pendientes={SQL: 0, MONGO: None}, aviso="A SQL le pueden faltar cambios."))
    (total,) = (e for e in barra.findChildren(QLabel) if e.text() == "7 tareas")
    assert "A SQL le pueden faltar cambios." in total.toolTip()
    assert (total.property("tono"), total.accessibleDescription()) == (
        "warn",
        "A SQL le pueden faltar cambios.",
    )
    barra.resumir(Resumen(total=7, pendientes={SQL: 0, MONGO: 0}))
    assert (total.property("tono"), total.toolTip()) == ("muted", "")


def test_los_datos_viejos_dicen_su_edad(barra: BarraEstado, reloj: RelojFalso) -> None:
    barra.datos_leidos()
    (edad,) = (e for e in barra.findChildren(QLabel) if e.accessibleName().startswith("Datos leídos a las"))
    assert edad.text().startswith("datos de ")
    assert "hace" not in edad.text()
    reloj.s += VIEJA_S + 12
    barra.refrescar()
    assert edad.text().endswith("(hace 1 min 12 s)")


@pytest.fixture
def detalle(qtbot: QtBot, fuente: FuenteFalsa, reloj: RelojFalso) -> DetalleAlmacen:
    detalle = DetalleAlmacen(fuente, MONGO, ahora_s=reloj.ahora_s, ahora=reloj.ahora)
    qtbot.addWidget(detalle)
    return detalle


def boton(detalle: DetalleAlmacen, texto: str) -> QPushButton:
    return next(b for b in detalle.findChildren(QPushButton) if b.text() == texto)


def test_el_detalle_dice_todo_y_oculta_las_contrasenas(detalle: DetalleAlmacen) -> None:
    dicho = textos(detalle)
    assert {"servidor-mongo:1234/tareas", "Servidor 1.0", "primario", "24", "en 3 s"} <= set(dicho)
    assert "password=***" in dicho
    assert not any("clave" in texto for texto in dicho)


def test_de_la_que_no_responde_se_dice_de_cuando_son_su_papel_y_su_reloj(fuente: FuenteFalsa) -> None:
    def papel_y_reloj() -> list[str]:
        filas = dict(filas_de_detalle(fuente, MONGO, ahora_s=1000.0, ahora=INICIO))
        return [filas["Papel"], filas["Reloj del servidor"]]

    fuente.poner(MONGO, E.OK, respondio_s=940.0)
    assert papel_y_reloj()[0] == "primario"
    fuente.poner(MONGO, E.CAIDA, respondio_s=940.0)
    dicho = hora(INICIO - timedelta(seconds=60))
    assert all(valor.endswith(f" (a las {dicho})") for valor in papel_y_reloj())


def test_un_error_de_antes_dice_su_hora(fuente: FuenteFalsa) -> None:
    fuente.poner(MONGO, E.OK, ultimo_error="se cortó", error_s=940.0)
    filas = dict(filas_de_detalle(fuente, MONGO, ahora_s=1000.0, ahora=INICIO))
    assert filas["Último error"] == f"se cortó (a las {hora(INICIO - timedelta(seconds=60))})"


def test_el_diagnostico_se_copia_como_texto_sin_secretos(detalle: DetalleAlmacen, qtbot: QtBot) -> None:
    QTest.mouseClick(boton(detalle, "Copiar diagnóstico"), Qt.MouseButton.LeftButton)
    copiado = QGuiApplication.clipboard().text()
    assert "Estado: CAÍDA" in copiado
    assert "Últimos 2 pings (ms): 0.20, 0.30" in copiado
    assert "clave" not in copiado


def test_ping_ahora_se_pide_una_vez_hasta_que_llega_la_respuesta(
    detalle: DetalleAlmacen, fuente: FuenteFalsa, qtbot: QtBot
) -> None:
    ping = boton(detalle, "Ping ahora")
    with qtbot.waitSignal(detalle.ping_pedido, timeout=PLAZO_MS) as pedido:
        ping.click()
    assert pedido.args == [MONGO]
    assert (ping.text(), ping.isEnabled()) == ("Preguntando…", False)
    de_otro = SaludObservada(fuente.salud(SQL), fuente.salud(SQL))
    detalle.recibir(de_otro)
    assert not ping.isEnabled()
    antes = fuente.salud(MONGO)
    detalle.recibir(SaludObservada(antes, fuente.poner(MONGO, E.OK)))
    assert (ping.text(), ping.isEnabled()) == ("Ping ahora", True)
    assert "OK" in textos(detalle)


def test_el_detalle_se_muestra_como_texto(detalle: DetalleAlmacen, fuente: FuenteFalsa) -> None:
    fuente.poner(MONGO, E.CAIDA, ultimo_error="<b>fallo</b>")
    detalle.refrescar()
    etiqueta = next(e for e in detalle.findChildren(QLabel) if e.text() == "<b>fallo</b>")
    assert etiqueta.textFormat() is Qt.TextFormat.PlainText


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_la_ventana_del_detalle_cabe_en_la_pantalla(
    fuente: FuenteFalsa, barra: BarraEstado, qtbot: QtBot
) -> None:
    ventana = VentanaDetalle(DetalleAlmacen(fuente, MONGO))
    ventana.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(ventana)
    ventana.abrir_sobre(barra.indicadores[MONGO])
    assert barra.screen().availableGeometry().contains(ventana.geometry().topLeft())
    QTest.keyClick(ventana, Qt.Key.Key_Escape)
    assert not ventana.isVisible()


def test_la_pagina_pone_los_paneles_en_columna_si_es_estrecha(fuente: FuenteFalsa, qtbot: QtBot) -> None:
    vista = VistaSalud()
    qtbot.addWidget(vista)
    vista.conectar(fuente)
    vista.resize(1400, 600)
    vista.show()
    sql, mongo = vista.findChildren(DetalleAlmacen)
    qtbot.waitUntil(lambda: mongo.x() > sql.x() and mongo.y() == sql.y(), timeout=PLAZO_MS)
    vista.resize(420, 600)
    qtbot.waitUntil(lambda: mongo.y() > sql.y(), timeout=PLAZO_MS)


@pytest.mark.parametrize("valores", [(), (1.0,), (None,), (None, 2.0, None), tuple(range(200))])
def test_la_grafica_pinta_cualquier_historial(qtbot: QtBot, valores: tuple[float | None, ...]) -> None:
    for grande in (False, True):
        chispa = Chispa(con_escala=grande)
        qtbot.addWidget(chispa)
        chispa.resize(chispa.sizeHint())
        chispa.poner(valores, "ok")
        assert not chispa.grab().isNull()


@pytest.mark.parametrize(
    ("s", "texto"),
    [(-1, "0 s"), (0.9, "0 s"), (59.9, "59 s"), (72, "1 min 12 s"), (3600, "1 h 0 min"), (90_061, "1 d 1 h")],
)
def test_las_duraciones_se_leen(s: float, texto: str) -> None:
    assert duracion(s) == texto


def test_las_cifras_siguen_al_idioma_del_texto() -> None:
    assert (latencia(0.31), latencia(12_345.6), latencia(None)) == ("0,3 ms", "12.346 ms", "—")
    assert cuenta(12_000) == "12.000"


def test_una_base_caida_ha_fallado_al_menos_una_vez() -> None:
    assert fallos_en_palabras(0) == "1 fallo"


@pytest.mark.parametrize(("s", "texto"), [(0.0, "0,0 s"), (0.004, "menos de 0,1 s"), (1.234, "1,2 s")])
def test_lo_que_tardo_algo_no_tardo_cero(s: float, texto: str) -> None:
    assert segundos(s) == texto
