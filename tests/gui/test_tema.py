"""The theme: every text can be read on every ground, and the operator's choice is kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QTranslator
from PySide6.QtGui import QFont, QFontInfo, QKeySequence, QRawFont
from PySide6.QtWidgets import QApplication, QRadioButton
from pytestqt.qtbot import QtBot

from gui.arranque import traducir_qt
from gui.tema import GestorTema, Modo, color, fuentes, paleta_vigente
from gui.tema.gestor import hoja_de_estilo
from gui.tema.paleta import CLARA, OSCURA, Paleta, contraste, pares_de_texto
from gui.widgets.desplegable import Desplegable
from gui.widgets.etiquetas import etiqueta
from gui.widgets.iconos import estampa

AA = 4.5
NO_TEXTO = 3.0
"""Least contrast of what is no text (WCAG 2.2, 1.4.11)."""
RAIZ = Path(__file__).parents[2]


@pytest.fixture
def preferencias(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "ventana.ini"), QSettings.Format.IniFormat)


def test_el_contraste_es_el_de_la_norma() -> None:
    assert contraste("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contraste("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("paleta", [CLARA, OSCURA], ids=lambda p: p.nombre)
@pytest.mark.parametrize("par", pares_de_texto(), ids=lambda p: "/".join(p))
def test_todo_texto_se_lee_sobre_todo_fondo(paleta: Paleta, par: tuple[str, str]) -> None:
    texto, fondo = (paleta.colores[rol] for rol in par)
    assert contraste(texto, fondo) >= AA


def test_ambas_paletas_tienen_los_mismos_roles() -> None:
    assert CLARA.colores.keys() == OSCURA.colores.keys()


@pytest.mark.parametrize("paleta", [CLARA, OSCURA], ids=lambda p: p.nombre)
def test_la_hoja_de_estilo_no_deja_ningun_rol_sin_color(paleta: Paleta) -> None:
    assert "@" not in hoja_de_estilo(paleta, QFont("", 9)).partition("*/")[2]


def test_la_hoja_de_estilo_no_fija_el_tamano_de_ninguna_letra() -> None:
    texto = files("resources").joinpath("estilo.qss").read_text(encoding="utf-8")
    tamanos = re.findall(r"font-size:\s*([^;]+);", texto)
    assert tamanos
    assert all(tamano.startswith("@em(") for tamano in tamanos)


@pytest.fixture
def letra_doble(qapp: QApplication) -> Iterator[QFont]:
    antes = qapp.font()
    doble = QFont(antes)
    doble.setPointSizeF(antes.pointSizeF() * 2)
    qapp.setFont(doble)
    yield doble
    qapp.setFont(antes)


def test_los_titulos_crecen_con_la_letra(
    qapp: QApplication, preferencias: QSettings, letra_doble: QFont, qtbot: QtBot
) -> None:
    GestorTema(qapp, preferencias)
    titulo = etiqueta("Título", papel="titulo")
    qtbot.addWidget(titulo)
    titulo.ensurePolished()
    assert titulo.fontInfo().pixelSize() == pytest.approx(QFontInfo(letra_doble).pixelSize() * 1.3, abs=1)


@pytest.mark.parametrize("modo", [Modo.CLARO, Modo.OSCURO])
def test_las_opciones_y_las_listas_se_distinguen_del_fondo(
    qapp: QApplication, preferencias: QSettings, qtbot: QtBot, modo: Modo
) -> None:
    gestor = GestorTema(qapp, preferencias)
    gestor.elegir(modo)
    opcion, lista = QRadioButton(), Desplegable()
    for widget in (opcion, lista):
        qtbot.addWidget(widget)
        widget.resize(widget.sizeHint())
        imagen = widget.grab().toImage()
        derecha = range(imagen.width() - 24, imagen.width() - 4) if widget is lista else range(imagen.width())
        centro = imagen.height() // 2
        tintas = {imagen.pixelColor(x, y).name() for x in derecha for y in range(centro - 4, centro + 4)}
        assert max(contraste(tinta, color("surface").name()) for tinta in tintas) >= NO_TEXTO
    gestor.elegir(Modo.CLARO)


def test_qt_nombra_las_teclas_en_espanol(qapp: QApplication) -> None:
    traducir_qt(qapp)
    try:
        assert QKeySequence("Del").toString(QKeySequence.SequenceFormat.NativeText).startswith("Supr")
    finally:
        for traductor in qapp.findChildren(QTranslator):
            qapp.removeTranslator(traductor)


def test_solo_la_paleta_nombra_colores() -> None:
    culpables = [
        archivo.relative_to(RAIZ)
        for archivo in (RAIZ / "gui").rglob("*.py")
        if archivo.name != "paleta.py" and "#" in archivo.read_text(encoding="utf-8")
        for linea in archivo.read_text(encoding="utf-8").splitlines()
        if '"#' in linea or "QColor(" in linea.replace("QColor(paleta", "").replace("QColor(hexa", "")
    ]
    assert not culpables


def test_la_eleccion_del_operador_se_aplica_y_se_recuerda(
    qapp: QApplication, preferencias: QSettings
) -> None:
    gestor = GestorTema(qapp, preferencias)
    assert gestor.modo is Modo.SISTEMA
    gestor.elegir(Modo.OSCURO)
    assert paleta_vigente() is OSCURA
    assert color("bg").name().upper() == OSCURA.colores["bg"]
    assert GestorTema(qapp, preferencias).modo is Modo.OSCURO
    gestor.elegir(Modo.CLARO)
    assert color("bg").name().upper() == CLARA.colores["bg"]


def test_una_preferencia_estropeada_vale_como_ninguna(qapp: QApplication, preferencias: QSettings) -> None:
    preferencias.setValue("ventana/tema", "morado")
    assert GestorTema(qapp, preferencias).modo is Modo.SISTEMA


def test_un_rol_que_no_existe_es_un_error(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        color("morado")


@pytest.mark.parametrize("archivo", sorted(p.name for p in files("resources").joinpath("iconos").iterdir()))
def test_cada_icono_pinta_algo(qapp: QApplication, archivo: str) -> None:
    imagen = estampa(archivo.removesuffix(".svg"), "text").toImage()
    assert any(
        imagen.pixelColor(x, y).alpha() > 0 for x in range(imagen.width()) for y in range(imagen.height())
    )


def test_cada_signo_del_registro_se_lee_con_una_letra_sin_pictogramas(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuentes, "_hay_pictogramas", lambda: False)
    letra = QRawFont(str(RAIZ / "resources" / "fuentes" / fuentes.ARCHIVOS[0]), 12)
    fuente = "".join(ruta.read_text(encoding="utf-8") for ruta in (RAIZ / "adapters").rglob("*.py"))
    signos = {signo for signo in fuente if unicodedata.category(signo) == "So"}
    assert "❌" in signos
    ilegibles = {s for s in signos if not all(letra.supportsCharacter(ord(c)) for c in fuentes.legible(s))}
    assert ilegibles == set()
