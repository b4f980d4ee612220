"""The report of a verification: what it says in one word, and that data in it stays data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.verificacion.informe import Firma, guardar_informe, resultado
from core.diferencias import Diferencia, TipoDiferencia
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import InformeVerificacion

HOSTIL = "<script>alert('x')</script>&amp;\"'"


def informe(**campos: Any) -> InformeVerificacion:
    return InformeVerificacion(metodo="resumen", empezada_ms=0, filas_sql=3, filas_mongo=3, **campos)


@pytest.mark.parametrize(
    ("campos", "palabra"),
    [
        ({}, "iguales"),
        ({"sin_revisar": 1}, "diferentes"),  # they do differ: only not yet in what
        ({"en_vuelo": 1}, "desconocido"),
        ({"cancelada": True}, "desconocido"),
        ({"ausentes": (NombreAlmacen.SQL,)}, "diferentes"),
        ({"sin_anotar": "El resultado no se pudo anotar en SQL: lleno."}, "iguales"),
    ],
)
def test_el_resultado_en_una_palabra(campos: dict[str, Any], palabra: str) -> None:
    assert resultado(informe(**campos)) == palabra


def test_en_la_hoja_nada_gira_ni_oculta_lo_que_se_firma(tmp_path: Path) -> None:
    oculto = "a\x1b[31m\x1fb\u202ec"
    visto = informe(diferencias=[Diferencia(oculto, TipoDiferencia.MALFORMADA, (oculto,))])
    firma = Firma(almacenes={}, nombre="Ana", nodo="0001", firmado_ms=0, programa="dual-tareas")
    en_json, en_html = guardar_informe(visto, firma, tmp_path / "informe")
    texto = en_html.read_text()
    assert not {"\x1b", "\x1f", "\u202e"} & set(texto)
    assert texto.count("a⟨U+001B⟩[31m⟨U+001F⟩b⟨U+202E⟩c") == 2
    assert json.loads(en_json.read_text())["diferencias"][0]["id"] == oculto


def test_lo_que_viene_de_los_datos_se_muestra_en_el_informe_como_texto(tmp_path: Path) -> None:
    diferencia = Diferencia(HOSTIL, TipoDiferencia.MALFORMADA, (HOSTIL,))
    visto = informe(
        diferencias=[diferencia], columnas_ajenas=(HOSTIL,), motivo_metodo=HOSTIL, sin_anotar=HOSTIL
    )
    firma = Firma(
        almacenes={NombreAlmacen.SQL: HOSTIL}, nombre=HOSTIL, nodo=HOSTIL, firmado_ms=0, programa=HOSTIL
    )
    en_json, en_html = guardar_informe(visto, firma, tmp_path / "informe <b>")
    texto = en_html.read_text()
    assert ("<script" in texto, "<b>" in texto) == (False, False)
    assert texto.count("&lt;script&gt;") == 9
    leido = json.loads(en_json.read_text())
    assert (leido["diferencias"][0]["campos"], leido["sin_anotar"]) == ([HOSTIL], HOSTIL)
