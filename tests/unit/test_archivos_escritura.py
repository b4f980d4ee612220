"""Writing files of tareas: what goes out comes back equal, and no half file is ever seen."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.archivos import SALIDA, Formato, abrir_rechazadas, escribir_tareas, leer_archivo
from adapters.archivos.formato import COLUMNAS, TEXTO_MAX
from core.application.importar_tareas import Incidencia
from core.domain.errors import ArchivoInvalido
from core.domain.models.importacion import SuerteFila
from core.domain.models.tarea import EstadoTarea, Tarea

DIFICILES = [
    "=1+1",
    "+34 600",
    "-x",
    "@SUM(A1)",
    "\tcon tabulador",
    ' con espacio y "comillas" ',
    "a\rb",
    "a\r\nb\n",
    "'",
    '"',
    ",;",
    "\u202eatrás\u202c 👩\u200d👧 ñ é",
    "\x1f\x07\x85\u2028fin",
    "\ufeffbom",
    "null",
    "\\n",
]
textos = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
tareas = st.builds(
    Tarea,
    id=st.uuids(),
    titulo=textos.filter(lambda t: t.strip()).map(lambda t: t[:100]).filter(lambda t: t.strip()),
    descripcion=textos.map(lambda t: t[:500]),
    estado=st.sampled_from(EstadoTarea),
    creada_en=st.datetimes(timezones=st.just(UTC)),
    actualizada_en=st.datetimes(timezones=st.just(UTC)),
).map(Tarea.validada)


def ida_y_vuelta(ruta: Path, originales: list[Tarea]) -> list[Tarea | None]:
    escribir_tareas(ruta, originales, sobrescribir=True)
    return [fila.tarea for fila in leer_archivo(ruta)]


@pytest.mark.parametrize("nombre", ["t.csv", "t.json", "t.jsonl"])
@pytest.mark.parametrize("texto", DIFICILES)
def test_lo_que_sale_vuelve_igual(tmp_path: Path, nombre: str, texto: str) -> None:
    tarea = Tarea(titulo="x" + texto, descripcion=texto).validada()
    otra = Tarea(titulo=f"{texto}x", descripcion=texto + texto).validada()
    assert ida_y_vuelta(tmp_path / nombre, [tarea, otra]) == [tarea, otra]


@pytest.mark.parametrize("nombre", ["t.csv", "t.json"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(originales=st.lists(tareas, max_size=4))
def test_cualquier_tarea_sale_y_vuelve_igual(tmp_path: Path, nombre: str, originales: list[Tarea]) -> None:
    assert ida_y_vuelta(tmp_path / nombre, originales) == originales


def test_las_fechas_llevan_milisegundos_solo_si_los_tienen(tmp_path: Path) -> None:
    creada = datetime(2026, 8, 6, 12, 49, 9, tzinfo=UTC)
    tarea = Tarea(titulo="a", creada_en=creada, actualizada_en=creada + timedelta(milliseconds=7))
    escribir_tareas(tmp_path / "t.csv", [tarea])
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as archivo:
        (fila,) = csv.DictReader(archivo)
    assert tuple(fila) == COLUMNAS
    assert fila["creada_en"] == "2026-08-06T12:49:09+00:00"
    assert fila["actualizada_en"] == "2026-08-06T12:49:09.007+00:00"


def test_el_json_es_una_lista_con_un_objeto_por_linea(tmp_path: Path) -> None:
    ruta = tmp_path / "t.json"
    assert escribir_tareas(ruta, [Tarea(titulo="á"), Tarea(titulo="b")]) == 2
    assert [uno["titulo"] for uno in json.loads(ruta.read_text("utf-8"))] == ["á", "b"]
    assert len(ruta.read_text("utf-8").splitlines()) == 4
    escribir_tareas(ruta, [], sobrescribir=True)
    assert json.loads(ruta.read_text("utf-8")) == []


@pytest.mark.parametrize("nombre", ["t.jsonl", "t.NDJSON"])
def test_las_lineas_de_json_son_un_objeto_cada_una(tmp_path: Path, nombre: str) -> None:
    ruta = tmp_path / nombre
    originales = [Tarea(titulo="salto\u2028de línea"), Tarea(titulo="otra", descripcion="a\nb")]
    assert escribir_tareas(ruta, originales) == 2
    lineas = ruta.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    assert [json.loads(linea)["titulo"] for linea in lineas] == ["salto\u2028de línea", "otra"]
    assert escribir_tareas(ruta, [], sobrescribir=True) == 0
    assert ruta.read_bytes() == b""


def interrumpida(error: BaseException) -> Iterator[Tarea]:
    yield Tarea(titulo="a")
    raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("x"), OSError(28, "No space left")])
def test_una_exportacion_interrumpida_no_deja_nada(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises((type(error), ArchivoInvalido)):
        escribir_tareas(tmp_path / "t.csv", interrumpida(error))
    assert list(tmp_path.iterdir()) == []


def test_una_exportacion_interrumpida_deja_el_archivo_que_habia(tmp_path: Path) -> None:
    ruta = tmp_path / "t.csv"
    ruta.write_text("lo de antes")
    with pytest.raises(KeyboardInterrupt):
        escribir_tareas(ruta, interrumpida(KeyboardInterrupt()), sobrescribir=True)
    assert [(archivo, archivo.read_text()) for archivo in tmp_path.iterdir()] == [(ruta, "lo de antes")]


def test_un_archivo_que_existe_no_se_reemplaza_sin_permiso(tmp_path: Path) -> None:
    ruta = tmp_path / "t.csv"
    ruta.write_text("lo de antes")
    with pytest.raises(ArchivoInvalido, match="ya existe"):
        escribir_tareas(ruta, [])
    assert ruta.read_text() == "lo de antes"


def test_donde_no_se_puede_escribir_se_dice_en_una_frase(tmp_path: Path) -> None:
    with pytest.raises(ArchivoInvalido, match="es una carpeta"):
        escribir_tareas(tmp_path, [])
    with pytest.raises(ArchivoInvalido, match=r"La carpeta .* no existe"):
        escribir_tareas(tmp_path / "no" / "t.csv", [])


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege on Windows")
def test_un_enlace_sigue_siendo_un_enlace(tmp_path: Path) -> None:
    (tmp_path / "de-verdad.csv").write_text("")
    (tmp_path / "t.csv").symlink_to("de-verdad.csv")
    escribir_tareas(tmp_path / "t.csv", [Tarea(titulo="a")], sobrescribir=True)
    assert (tmp_path / "t.csv").is_symlink()
    assert "a" in (tmp_path / "de-verdad.csv").read_text("utf-8")


def test_un_guion_es_la_salida_estandar(capfd: pytest.CaptureFixture[str]) -> None:
    escribir_tareas(SALIDA, [Tarea(titulo="eñe")])
    assert "eñe" in capfd.readouterr().out


@pytest.mark.parametrize(("formato", "nombre"), [(Formato.CSV, "r.csv"), (Formato.JSON, "r.json")])
def test_las_rechazadas_se_corrigen_y_se_importan(tmp_path: Path, formato: Formato, nombre: str) -> None:
    ruta = tmp_path / nombre
    with abrir_rechazadas(ruta, formato) as apuntar:
        apuntar(Incidencia(7, SuerteFila.RECHAZADA, "estado: …", {"titulo": "a", "estado": "MAL", "x": "1"}))
        apuntar(Incidencia(9, SuerteFila.RECHAZADA, "tiene unas comillas mal puestas"))
    malas = list(leer_archivo(ruta))
    assert [fila.tarea for fila in malas] == [None, None]
    ruta.write_text(ruta.read_text("utf-8").replace("MAL", "COMPLETADA"), "utf-8")
    corregida = next(leer_archivo(ruta)).tarea
    assert corregida is not None
    assert replace(corregida, titulo="").estado is EstadoTarea.COMPLETADA


def test_una_fila_rechazada_otra_vez_lleva_la_linea_y_el_motivo_de_ahora(tmp_path: Path) -> None:
    de_antes = {"linea": 7, "motivo": "el de antes", "titulo": "a", "estado": "PEOR"}
    with abrir_rechazadas(tmp_path / "r.json", Formato.JSON) as apuntar:
        apuntar(Incidencia(1, SuerteFila.RECHAZADA, "el de ahora", de_antes))
    escrita = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert list(escrita.items())[:2] == [("linea", 1), ("motivo", "el de ahora")]


def test_los_bytes_que_no_eran_utf8_vuelven_a_las_rechazadas_tal_cual(tmp_path: Path) -> None:
    with abrir_rechazadas(tmp_path / "r.csv", Formato.CSV) as apuntar:
        apuntar(Incidencia(2, SuerteFila.RECHAZADA, "…", {"titulo": "ma\udcf1ana"}))
    assert b"ma\xf1ana" in (tmp_path / "r.csv").read_bytes()


def test_el_texto_de_una_fila_que_no_se_entiende_va_a_las_rechazadas(
    tmp_path: Path,
) -> None:
    origen, malas = tmp_path / "t.csv", tmp_path / "malas.csv"
    texto = 'a,"b\n' + "línea de relleno\n" * 40_000
    origen.write_text(f"titulo,descripcion\n{texto}", "utf-8")
    with abrir_rechazadas(malas, Formato.CSV) as apuntar:
        for fila in leer_archivo(origen):
            apuntar(Incidencia(fila.linea, SuerteFila.RECHAZADA, fila.motivo, fila.original))
    with malas.open(encoding="utf-8", newline="") as abierto:
        (fila_mala,) = csv.DictReader(abierto)
    assert fila_mala["texto_original"] == texto[:TEXTO_MAX]
    assert [fila.motivo for fila in leer_archivo(malas)] == ["Título: no puede estar vacío"]


@pytest.mark.parametrize(("formato", "nombre"), [(Formato.CSV, "r.csv"), (Formato.JSON, "r.json")])
def test_sin_rechazadas_no_queda_archivo(tmp_path: Path, formato: Formato, nombre: str) -> None:
    with abrir_rechazadas(tmp_path / nombre, formato):
        pass
    assert list(tmp_path.iterdir()) == []
    (tmp_path / nombre).write_text("las de la vez anterior")
    with abrir_rechazadas(tmp_path / nombre, formato, sobrescribir=True):
        pass
    assert "anterior" not in (tmp_path / nombre).read_text("utf-8")


def test_una_fila_con_unicode_incompleto_se_aparta_tal_cual(tmp_path: Path) -> None:
    with abrir_rechazadas(tmp_path / "r.json", Formato.JSON) as apuntar:
        apuntar(Incidencia(2, SuerteFila.RECHAZADA, "…", {"titulo": "a\ud800b"}))
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["titulo"] == "a\ud800b"
