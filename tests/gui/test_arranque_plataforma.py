"""Whether a window can open is known, and said in a sentence, before Qt is asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gui.arranque_plataforma import (
    PlataformaNoDisponible,
    comprobar_plataforma,
    explicar_importacion,
    preparar_captura,
)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux needs asking")
PLAZO_S = 60


def test_sin_pantalla_se_dice_que_hacer() -> None:
    with pytest.raises(PlataformaNoDisponible, match="No hay pantalla") as caso:
        comprobar_plataforma({})
    assert "--help" in caso.value.que_hacer


def test_offscreen_no_necesita_pantalla() -> None:
    comprobar_plataforma({"QT_QPA_PLATFORM": "offscreen"})


def test_una_plataforma_que_no_existe_se_nombra() -> None:
    with pytest.raises(PlataformaNoDisponible, match="«inventada»"):
        comprobar_plataforma({"QT_QPA_PLATFORM": "inventada"})


def test_vale_con_que_una_de_las_plataformas_pedidas_sirva() -> None:
    comprobar_plataforma({"QT_QPA_PLATFORM": "inventada;offscreen:argumento"})


def test_una_biblioteca_que_falta_se_nombra_con_los_paquetes() -> None:
    error = explicar_importacion(
        ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    )
    assert "libEGL.so.1" in str(error)
    assert "libegl1" in error.que_hacer


def test_de_un_complemento_que_no_se_puede_cargar_se_habla_en_espanol(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    carpeta = tmp_path / "PySide6" / "Qt" / "plugins" / "platforms"
    carpeta.mkdir(parents=True)
    (tmp_path / "PySide6" / "__init__.py").touch()
    (carpeta / "libqxcb.so").write_bytes(b"no es una biblioteca")
    monkeypatch.setattr("gui.arranque_plataforma._carpeta_de_plataformas", lambda: carpeta)
    with (
        caplog.at_level("INFO", "gui.arranque_plataforma"),
        pytest.raises(PlataformaNoDisponible, match="No se puede abrir la ventana") as caso,
    ):
        comprobar_plataforma({"DISPLAY": ":0"})
    assert "file too short" in caplog.text or "invalid ELF" in caplog.text
    assert not {"file", "invalid"} & set(str(caso.value).split())


def test_la_captura_se_basta_sin_pantalla_y_respeta_lo_elegido() -> None:
    for entorno, plataforma in (
        ({}, "offscreen"),
        ({"DISPLAY": ":0"}, None),
        ({"QT_QPA_PLATFORM": "minimal"}, "minimal"),
    ):
        preparar_captura(entorno)
        assert entorno.get("QT_QPA_PLATFORM") == plataforma


@pytest.mark.parametrize(
    ("pantalla", "frase"), [({}, "No hay pantalla"), ({"DISPLAY": ":4242"}, "no responde")]
)
def test_el_programa_sale_con_2_y_una_frase(pantalla: dict[str, str], frase: str, tmp_path: Path) -> None:
    entorno = {
        clave: valor
        for clave, valor in os.environ.items()
        if clave not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }
    salida = subprocess.run(
        [sys.executable, "-m", "gui"],
        env=entorno | pantalla | {"DUAL_TAREAS_DATOS": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=PLAZO_S,
        check=False,
    )
    assert salida.returncode == 2
    assert frase in salida.stderr
    assert "Traceback" not in salida.stderr
    assert len(salida.stderr.strip().splitlines()) == 1
