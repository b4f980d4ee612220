"""Banners: keyed, counted, ordered, folded, plain text; good news goes by itself, a warning stays."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import VISIBLES, BandejaAvisos
from gui.avisos.banner import Banner
from gui.avisos.errores import RedDeErrores, mensaje_de_qt
from tests.gui.fuente_falsa import RelojFalso

PLAZO_MS = 5000


@pytest.fixture
def reloj() -> RelojFalso:
    return RelojFalso()


@pytest.fixture
def bandeja(qtbot: QtBot, reloj: RelojFalso) -> Iterator[BandejaAvisos]:
    ventana = QWidget()
    bandeja = BandejaAvisos(ahora_s=reloj.ahora_s)
    columna = QVBoxLayout(ventana)
    columna.addWidget(bandeja)
    columna.addStretch(1)
    ventana.resize(800, 500)
    qtbot.addWidget(ventana)
    ventana.show()
    yield bandeja  # noqa: PT022  a return would let the window around it be collected


def aviso(clave: str = "a", nivel: Nivel = Nivel.AVISO, titulo: str = "Algo pasa", **campos: object) -> Aviso:
    return Aviso(clave=clave, nivel=nivel, titulo=titulo, **campos)  # type: ignore[arg-type]


def visibles(bandeja: BandejaAvisos) -> list[Banner]:
    return [b for b in bandeja.findChildren(Banner) if not b.isHidden()]


def texto(banner: Banner, nombre: str) -> str:
    etiqueta = banner.findChild(QLabel, nombre)
    assert isinstance(etiqueta, QLabel)
    return etiqueta.text()


def cerrar(banner: Banner) -> None:
    boton = banner.findChild(QToolButton)
    assert isinstance(boton, QToolButton)
    QTest.mouseClick(boton, Qt.MouseButton.LeftButton)


def test_vacia_no_ocupa_sitio(bandeja: BandejaAvisos) -> None:
    assert bandeja.isHidden()
    bandeja.mostrar(aviso())
    assert not bandeja.isHidden()
    bandeja.retirar("a")
    assert bandeja.isHidden()


def test_la_misma_clave_se_cuenta_en_su_sitio(bandeja: BandejaAvisos, reloj: RelojFalso) -> None:
    bandeja.mostrar(aviso())
    reloj.s += 72
    bandeja.mostrar(aviso(detalle="otra vez"))
    bandeja.mostrar(aviso(detalle="y otra"))
    (banner,) = visibles(bandeja)
    assert bandeja.veces("a") == 3
    assert texto(banner, "veces") == "×3 · 1 min 12 s"
    assert texto(banner, "detalle") == "y otra"


def test_actualizar_no_cuenta(bandeja: BandejaAvisos) -> None:
    for segundos in range(5):
        bandeja.actualizar(aviso(titulo=f"No responde ({segundos} s)"))
    assert bandeja.veces("a") == 1
    assert [a.titulo for a in bandeja.avisos] == ["No responde (4 s)"]


def test_un_aviso_se_convierte_en_buena_noticia_y_la_cuenta_empieza_de_nuevo(bandeja: BandejaAvisos) -> None:
    bandeja.mostrar(aviso())
    bandeja.mostrar(aviso())
    bandeja.mostrar(aviso(nivel=Nivel.EXITO, titulo="Ya está"))
    (banner,) = visibles(bandeja)
    assert banner.property("nivel") == "exito"
    assert texto(banner, "veces") == ""


def test_la_buena_noticia_caduca_y_el_aviso_no(bandeja: BandejaAvisos, qtbot: QtBot) -> None:
    bandeja.mostrar(aviso("a"))
    bandeja.mostrar(aviso("b", Nivel.EXITO, caduca_s=0.05))
    qtbot.waitUntil(lambda: [a.clave for a in bandeja.avisos] == ["a"], timeout=PLAZO_MS)


def test_lo_mas_grave_va_primero_y_lo_demas_se_pliega(bandeja: BandejaAvisos, qtbot: QtBot) -> None:
    for clave, nivel in (("i", Nivel.INFO), ("e", Nivel.ERROR), ("x", Nivel.EXITO), ("a", Nivel.AVISO)):
        bandeja.mostrar(aviso(clave, nivel))
    assert [a.clave for a in bandeja.avisos] == ["e", "a", "x", "i"]
    assert {b.aviso.clave for b in visibles(bandeja)} == {"e", "a"}
    mas = next(b for b in bandeja.findChildren(QPushButton) if "avisos más" in b.text())
    assert mas.text() == f"y {4 - VISIBLES} avisos más"
    QTest.mouseClick(mas, Qt.MouseButton.LeftButton)
    assert len(visibles(bandeja)) == 4
    assert mas.text() == "Mostrar menos avisos"


def test_el_operador_lo_cierra_y_una_puesta_al_dia_no_lo_reabre(bandeja: BandejaAvisos, qtbot: QtBot) -> None:
    bandeja.actualizar(aviso())
    cerrar(visibles(bandeja)[0])
    bandeja.actualizar(aviso(titulo="Sigue igual"))
    assert bandeja.avisos == ()
    bandeja.actualizar(aviso(nivel=Nivel.ERROR, titulo="Ha empeorado"))
    assert [a.titulo for a in bandeja.avisos] == ["Ha empeorado"]


def test_un_suceso_nuevo_reabre_lo_cerrado(bandeja: BandejaAvisos, qtbot: QtBot) -> None:
    bandeja.mostrar(aviso())
    cerrar(visibles(bandeja)[0])
    bandeja.mostrar(aviso())
    assert len(bandeja.avisos) == 1


def test_el_boton_hace_lo_ultimo_que_se_le_dijo(bandeja: BandejaAvisos, qtbot: QtBot) -> None:
    hechos: list[str] = []
    for nombre in ("viejo", "nuevo"):
        bandeja.actualizar(aviso(acciones=(Accion("Hacer", partial(hechos.append, nombre)),)))
    boton = visibles(bandeja)[0].findChild(QPushButton)
    assert isinstance(boton, QPushButton)
    QTest.mouseClick(boton, Qt.MouseButton.LeftButton)
    assert hechos == ["nuevo"]


def test_una_puesta_al_dia_no_quita_el_foco_del_boton(bandeja: BandejaAvisos) -> None:
    accion = Accion("Reintentar ahora", lambda: None)
    bandeja.actualizar(aviso(acciones=(accion,)))
    antes = visibles(bandeja)[0].findChild(QPushButton)
    bandeja.actualizar(aviso(titulo="2 s", acciones=(accion,)))
    assert visibles(bandeja)[0].findChild(QPushButton) is antes


def test_tres_acciones_son_demasiadas() -> None:
    with pytest.raises(ValueError, match="at most 2"):
        aviso(acciones=tuple(Accion(str(n), lambda: None) for n in range(3)))


def test_los_datos_se_muestran_como_texto(bandeja: BandejaAvisos) -> None:
    bandeja.mostrar(aviso(titulo="<b>hola</b>", detalle="<img src=x>"))
    (banner,) = visibles(bandeja)
    formatos = {etiqueta.textFormat() for etiqueta in banner.findChildren(QLabel) if etiqueta.text()}
    assert formatos == {Qt.TextFormat.PlainText}


def test_un_texto_largo_se_lee_entero(bandeja: BandejaAvisos, qtbot: QtBot) -> None:
    bandeja.mostrar(aviso(detalle="palabra " * 60))
    (banner,) = visibles(bandeja)
    detalle = banner.findChild(QLabel, "detalle")
    assert isinstance(detalle, QLabel)
    qtbot.waitUntil(
        lambda: detalle.height() >= detalle.heightForWidth(detalle.width()) > 40, timeout=PLAZO_MS
    )


@pytest.mark.parametrize("ancho", [420, 800])
def test_texto_y_botones_caben_a_cualquier_ancho(bandeja: BandejaAvisos, qtbot: QtBot, ancho: int) -> None:
    acciones = tuple(Accion(texto, lambda: None) for texto in ("Reintentar ahora", "Ver lo que falta"))
    bandeja.mostrar(aviso(titulo="MongoDB no responde " * 3, detalle="palabra " * 20, acciones=acciones))
    bandeja.window().resize(ancho, 500)
    (banner,) = visibles(bandeja)
    detalle = banner.findChild(QLabel, "detalle")
    assert isinstance(detalle, QLabel)
    botones = banner.findChildren(QPushButton)
    qtbot.waitUntil(
        lambda: (
            banner.width() <= ancho
            and all(banner.rect().contains(boton.geometry()) for boton in botones)
            and detalle.height() >= detalle.heightForWidth(detalle.width())
            and bandeja.rect().contains(banner.mapTo(bandeja, banner.rect().bottomRight()))
        ),
        timeout=PLAZO_MS,
    )


def test_se_anuncia_con_su_texto(bandeja: BandejaAvisos) -> None:
    bandeja.mostrar(aviso(titulo="MongoDB no responde", detalle="Se guarda en SQL."))
    assert visibles(bandeja)[0].accessibleName() == "MongoDB no responde. Se guarda en SQL."


@pytest.fixture
def red(bandeja: BandejaAvisos) -> Iterator[RedDeErrores]:
    red = RedDeErrores(bandeja)
    red.tender()
    yield red
    red.soltar()


@pytest.mark.errores_esperados("Error interno")
def test_una_excepcion_suelta_se_registra_y_se_avisa(
    red: RedDeErrores, bandeja: BandejaAvisos, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise RuntimeError("postgresql://ana:clave@servidor/tareas")
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: len(bandeja.avisos) == 1, timeout=PLAZO_MS)
    (mostrado,) = bandeja.avisos
    assert (mostrado.nivel, mostrado.titulo) == (Nivel.ERROR, "Error interno")
    assert any(registro.exc_info for registro in caplog.records)
    mostrado.acciones[0].hacer()
    copiado = QGuiApplication.clipboard().text()
    assert "RuntimeError" in copiado
    assert "clave" not in copiado


def test_al_soltar_queda_todo_como_estaba(bandeja: BandejaAvisos) -> None:
    antes = sys.excepthook
    red = RedDeErrores(bandeja)
    red.tender()
    assert sys.excepthook != antes
    red.soltar()
    assert sys.excepthook == antes


def test_lo_que_dice_qt_va_al_registro(caplog: pytest.LogCaptureFixture) -> None:
    from PySide6.QtCore import QMessageLogContext, QtMsgType

    mensaje_de_qt(QtMsgType.QtWarningMsg, QMessageLogContext(), "algo raro")
    assert [(r.name, r.levelno) for r in caplog.records] == [("gui.qt", logging.WARNING)]
