"""The theme: every text can be read on every ground, and the operator's choice is kept."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gui.tema import GestorTema, Modo, color, paleta_vigente
from gui.tema.gestor import hoja_de_estilo
from gui.tema.paleta import CLARA, OSCURA, Paleta, contraste, pares_de_texto
from gui.widgets.iconos import estampa

AA = 4.5
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
    assert "@" not in hoja_de_estilo(paleta).partition("*/")[2]


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
