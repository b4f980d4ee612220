"""Reading files of tareas: every good row comes in as it is written, every bad one says why."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from adapters.archivos import Formato, leer_archivo, leer_tareas
from adapters.archivos.formato import CELDA_MAX, TEXTO_ORIGINAL
from core.application.importar_tareas import FilaLeida
from core.domain.errors import ArchivoInvalido
from core.domain.models.tarea import EstadoTarea

ID = "7b6f0c1e-2d3a-4b5c-8d9e-0f1a2b3c4d5e"


@pytest.fixture
def csv_(tmp_path: Path) -> Path:
    """A CSV, to be written by the test."""
    return tmp_path / "tareas.csv"


@pytest.fixture
def json_(tmp_path: Path) -> Path:
    """A JSON file, to be written by the test."""
    return tmp_path / "tareas.json"


def leer(ruta: Path, contenido: str | bytes) -> list[FilaLeida]:
    ruta.write_bytes(contenido.encode("utf-8") if isinstance(contenido, str) else contenido)
    return list(leer_archivo(ruta))


def titulos(filas: list[FilaLeida]) -> list[str]:
    return [fila.tarea.titulo for fila in filas if fila.tarea is not None]


def motivos(filas: list[FilaLeida]) -> list[tuple[int, str]]:
    return [(fila.linea, fila.motivo) for fila in filas if fila.tarea is None]


def frase(ruta: Path) -> str:
    with pytest.raises(ArchivoInvalido) as error:
        list(leer_archivo(ruta))
    return str(error.value)


def test_una_fila_completa_se_lee_entera(csv_: Path) -> None:
    (fila,) = leer(
        csv_,
        "actualizada_en,estado,id,creada_en,descripcion,titulo\n"
        f"2026-02-02T01:00:00.5+01:00,EN_PROGRESO,{ID},2026-01-01T00:00:00Z,una,dos\n",
    )
    tarea = fila.tarea
    assert tarea is not None
    assert (tarea.id, tarea.titulo, tarea.descripcion) == (UUID(ID), "dos", "una")
    assert tarea.estado is EstadoTarea.EN_PROGRESO
    assert tarea.creada_en == datetime(2026, 1, 1, tzinfo=UTC)
    assert tarea.actualizada_en == datetime(2026, 2, 2, 0, 0, 0, 500_000, tzinfo=UTC)
    assert (tarea.version, tarea.pendiente) == (0, False)


def test_basta_el_titulo_y_lo_demas_sale_del_archivo(csv_: Path) -> None:
    csv_.write_text("titulo\nuna\n", "utf-8")
    os.utime(csv_, (1_700_000_000, 1_700_000_000))
    (fila,) = leer_archivo(csv_)
    assert fila.tarea is not None
    assert (fila.tarea.descripcion, fila.tarea.estado) == ("", EstadoTarea.PENDIENTE)
    assert fila.tarea.creada_en == fila.tarea.actualizada_en == datetime.fromtimestamp(1_700_000_000, UTC)


def test_las_filas_sin_id_reciben_uno_del_contenido_y_la_linea(csv_: Path, tmp_path: Path) -> None:
    contenido = "titulo\nuna\nuna\n"
    ids = [fila.tarea.id for fila in leer(csv_, contenido) if fila.tarea]
    otra_vez = [fila.tarea.id for fila in leer(tmp_path / "otro-nombre.csv", contenido) if fila.tarea]
    otro = [fila.tarea.id for fila in leer(csv_, contenido + "dos\n") if fila.tarea]
    assert len(set(ids)) == 2
    assert ids == otra_vez
    assert not set(ids) & set(otro)


def test_las_filas_sin_id_de_un_json_en_una_linea_reciben_ids_distintos(json_: Path) -> None:
    filas = leer(json_, '[{"titulo": "a"}, {"titulo": "a"}]')
    assert len({fila.tarea.id for fila in filas if fila.tarea}) == 2


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("fin", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimitador", [",", ";", "\t"])
def test_se_aceptan_bom_fines_de_linea_y_delimitadores(
    csv_: Path, bom: str, fin: str, delimitador: str
) -> None:
    lineas = [f"Título{delimitador}DESCRIPCIÓN", f"uno{delimitador}dos", ""]
    (fila,) = leer(csv_, bom + fin.join(lineas))
    assert fila.tarea is not None
    assert (fila.linea, fila.tarea.titulo, fila.tarea.descripcion) == (2, "uno", "dos")


def test_las_celdas_con_varias_lineas_comillas_y_espacios_se_leen_tal_cual(csv_: Path) -> None:
    filas = leer(csv_, b'titulo,descripcion\n"  a, ""b"" ","uno\r\ndos\rtres\n\n"\n=1+1,\' x\n\n"z",\n')
    assert [(f.tarea.titulo, f.tarea.descripcion) for f in filas if f.tarea] == [
        ('  a, "b" ', "uno\r\ndos\rtres\n\n"),
        ("=1+1", "' x"),
        ("z", ""),
    ]
    assert [f.linea for f in filas] == [2, 7, 9]


@pytest.mark.parametrize(
    ("fila", "motivo"),
    [
        (f"{ID[:-1]},a,,,", "id: «7b6f0c1e-2d3a-4b5c-8d9e-0f1a2b3c4d5» no es un UUID"),
        (",,d,,", "Título: no puede estar vacío"),
        (",   ,d,,", "Título: no puede estar vacío"),
        (f",{'x' * 201},d,,", "Título: tiene 201 caracteres y el máximo es 200"),
        (f",a,{'x' * 10_001},,", "Descripción: tiene 10001 caracteres y el máximo es 10000"),
        (",a,,HECHA,", "Estado: «HECHA» no es uno de PENDIENTE, EN_PROGRESO, COMPLETADA"),
        (",a,,,ayer", "Fecha de creación: «ayer» no es una fecha ISO 8601"),
        (",a,,,2026-02-30T00:00:00Z", "Fecha de creación: «2026-02-30T00:00:00Z» no es una fecha ISO 8601"),
        (",a,,,2026-01-01T00:00:00", "Fecha de creación: debe llevar zona horaria"),
        (",a,,,0001-01-01T00:00:00+01:00", "Fecha de creación: debe caer entre los años 1 y 9999"),
        (",a\0b,,,", "Título: contiene un carácter nulo"),
        (",a,,,,sobra", "tiene 6 columnas y la cabecera 5"),
        (",a", "tiene 2 columnas y la cabecera 5"),
        (',"a"b,,,', "tiene unas comillas mal puestas"),
    ],
)
def test_una_fila_mala_dice_su_linea_y_su_motivo_y_las_demas_entran(
    csv_: Path, fila: str, motivo: str
) -> None:
    filas = leer(csv_, f"id,titulo,descripcion,estado,creada_en\n,antes,,,\n{fila}\n,después,,,\n")
    assert titulos(filas) == ["antes", "después"]
    ((linea, dicho),) = motivos(filas)
    assert linea == 3
    assert dicho.startswith(motivo)


def test_los_bytes_que_no_son_utf8_cuestan_su_fila(csv_: Path) -> None:
    filas = leer(csv_, b"titulo\nantes\nma\xf1ana\ndespues\n")
    assert titulos(filas) == ["antes", "despues"]
    assert motivos(filas) == [(3, "Título: contiene bytes que no son UTF-8: guarde el archivo como UTF-8")]
    assert filas[1].original == {"titulo": "ma\udcf1ana"}


def test_unas_comillas_sin_cerrar_no_se_tragan_filas_en_silencio(csv_: Path) -> None:
    filas = leer(csv_, 'titulo\nantes\n"sin cerrar\nuna\ndos\n')
    assert titulos(filas) == ["antes"]
    ((linea, dicho),) = motivos(filas)
    assert linea == 3
    assert dicho.startswith(
        "las comillas que se abren en la línea 3 no se cierran hasta el final del archivo"
    )
    assert filas[1].original == {TEXTO_ORIGINAL: '"sin cerrar\nuna\ndos'}


@pytest.mark.parametrize(
    ("fila", "linea"),
    [
        ('a,"b\n\nc","d', 5),
        ('"a ""b""\nc",x,"d\n""e"",\n', 4),
        ('a"b,"c\r\nd"\r\ne,"f,', 5),
        ('"",\n"', 4),
    ],
)
def test_de_unas_comillas_sin_cerrar_se_dice_en_que_linea_se_abren(csv_: Path, fila: str, linea: int) -> None:
    *_, ultima = leer(csv_, f"titulo,descripcion,estado\nantes,,\n{fila}")
    assert f"se abren en la línea {linea} no se cierran" in ultima.motivo


def test_de_una_fila_que_no_se_entiende_queda_su_texto(csv_: Path, json_: Path) -> None:
    malas = ["a,b,c", '"a"b,', '"x\ny"']
    filas = leer(csv_, "titulo,descripcion\nantes,\n" + "\n".join(malas) + "\ndespués,\n")
    assert [fila.original.get(TEXTO_ORIGINAL) for fila in filas] == [None, *malas, None]
    assert "tiene 1 columna y la cabecera 2" in filas[3].motivo
    filas = leer(json_, '{"titulo": "a"}\n{"titulo" "b"}\n["c"]\n')
    assert [fila.original.get(TEXTO_ORIGINAL) for fila in filas] == [None, '{"titulo" "b"}', '["c"]']


@pytest.mark.parametrize(("prefijo", "linea"), [("sep=;\n", 4), ("SEP=|\r\n", 4), ("\ufeffsep=\t\n", 4)])
def test_la_linea_de_excel_que_dice_el_separador_se_entiende(csv_: Path, prefijo: str, linea: int) -> None:
    separador = prefijo.strip("\ufeff\r\n ")[4:] or "\t"
    filas = leer(csv_, f"{prefijo}titulo{separador}descripcion\nuna{separador}dos\n{separador}\n")
    assert [fila.tarea.descripcion for fila in filas if fila.tarea] == ["dos"]
    assert [numero for numero, _motivo in motivos(filas)] == [linea]


def test_una_celda_sin_fin_detiene_la_lectura_y_nombra_su_linea(csv_: Path) -> None:
    csv_.write_text('titulo\nantes\n"sin cerrar\n' + "línea de relleno\n" * (CELDA_MAX // 10), "utf-8")
    leidas: list[FilaLeida] = []
    with pytest.raises(ArchivoInvalido, match="comillas que se abren en la línea 3 no se cierran"):
        leidas.extend(leer_archivo(csv_))
    assert titulos(leidas) == ["antes"]


def test_las_columnas_desconocidas_se_cuentan_y_se_ignoran(csv_: Path, json_: Path) -> None:
    csv_.write_text("titulo,prioridad,linea\na,1,2\n", "utf-8")
    json_.write_text('[{"titulo": "a", "prioridad": 1}, {"titulo": "b", "linea": [2]}]', "utf-8")
    for ruta in (csv_, json_):
        with leer_tareas(ruta) as lectura:
            assert all(fila.tarea for fila in lectura.filas)
            assert lectura.ignoradas == {"prioridad", "linea"}


def test_el_progreso_llega_al_tamano_del_archivo(csv_: Path) -> None:
    csv_.write_text("titulo\n" + "una\n" * 10, "utf-8")
    with leer_tareas(csv_) as lectura:
        list(lectura.filas)
        assert lectura.leidos_bytes() == lectura.tamano_bytes == csv_.stat().st_size


@pytest.mark.parametrize(
    ("contenido", "motivo"),
    [
        (b"", "está vacío"),
        (b"\xef\xbb\xbf\r\n  \n", "está vacío"),
        (b"\x1f\x8b\x08rest", "está comprimido con gzip"),
        (b"PK\x03\x04rest", "es un ZIP o un libro de Excel"),
        ("titulo\nuna\n".encode("utf-16"), "está en UTF-16"),
        ("titulo\nuna\n".encode("utf-16-le"), "parece estar en UTF-16"),
        (b"nombre,estado\na,b\n", "le falta la columna «titulo»"),
        (b"titulo,titulo\na,b\n", "repite la columna «titulo»"),
        (b"x" * (CELDA_MAX * 2 + 1), "tiene una línea demasiado larga"),
    ],
)
def test_lo_que_no_es_un_csv_de_tareas_se_dice_en_una_frase(
    csv_: Path, contenido: bytes, motivo: str
) -> None:
    csv_.write_bytes(contenido)
    dicho = frase(csv_)
    assert str(csv_) in dicho
    assert motivo in dicho


def test_lo_que_no_es_un_archivo_se_dice_en_una_frase(tmp_path: Path) -> None:
    assert "no existe" in frase(tmp_path / "nada.csv")
    assert "es una carpeta" in frase(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "tubo")
        assert "no es un archivo normal" in frase(tmp_path / "tubo")


def test_el_formato_se_reconoce_por_el_contenido_si_el_nombre_no_lo_dice(tmp_path: Path) -> None:
    for contenido, formato in (('\ufeff [{"titulo": "a"}]', Formato.JSON), ("titulo\na\n", Formato.CSV)):
        (tmp_path / "datos").write_text(contenido, "utf-8")
        with leer_tareas(tmp_path / "datos") as lectura:
            assert lectura.formato is formato
            assert len(list(lectura.filas)) == 1


@pytest.mark.parametrize(
    "contenido",
    [
        '\ufeff[\n{"titulo": "a"},\n{"titulo": "b"}\n]\n',
        '\n{"titulo": "a"}\r\n{"titulo": "b"}\r\n',
        '[{\n"titulo":"a"},{"titulo":\n"b"}]',
    ],
)
def test_un_json_puede_ser_una_lista_o_un_objeto_por_linea(json_: Path, contenido: str) -> None:
    filas = leer(json_, contenido)
    assert titulos(filas) == ["a", "b"]
    assert [fila.linea for fila in filas] == ([1, 2] if contenido.startswith("[{") else [2, 3])


def test_un_json_vacio_no_tiene_filas(json_: Path) -> None:
    assert leer(json_, " [ ] ") == []


def test_los_registros_que_caen_entre_dos_trozos_se_leen(json_: Path) -> None:
    registros = [{"titulo": f"tarea {n}", "descripcion": "ñ" * (n % 977)} for n in range(3000)]
    filas = leer(json_, json.dumps(registros, ensure_ascii=False))
    assert titulos(filas) == [str(registro["titulo"]) for registro in registros]
    filas = leer(json_, "\n".join(json.dumps(registro) for registro in registros))
    assert [fila.linea for fila in filas if fila.tarea] == list(range(1, 3001))


@pytest.mark.parametrize(
    ("linea", "motivo"),
    [
        ('{"titulo": 3}', "Título: debe ser un texto"),
        ('{"titulo": "a", "descripcion": ["b"]}', "Descripción: debe ser un texto"),
        ('{"titulo": null}', "Título: no puede estar vacío"),
        ('{"titulo": "\\ud800"}', "Título: contiene un carácter Unicode incompleto"),
        ('{"titulo": "a\\u0000"}', "Título: contiene un carácter nulo"),
        ('{"titulo": "a"', "no es JSON válido"),
        ('{"titulo": "a}', "no es JSON válido"),
        ("[" * 100_000, "no es JSON válido"),
        ("7", "debe ser un objeto con los campos de una tarea"),
    ],
)
def test_un_registro_malo_entre_lineas_cuesta_solo_el(json_: Path, linea: str, motivo: str) -> None:
    filas = leer(json_, f'{{"titulo": "antes"}}\n{linea}\n{{"titulo": "después"}}\n')
    assert titulos(filas) == ["antes", "después"]
    ((donde, dicho),) = motivos(filas)
    assert donde == 2
    assert dicho.startswith(motivo)


def test_los_bytes_que_no_son_utf8_en_un_json_cuestan_su_registro(json_: Path) -> None:
    filas = leer(json_, b'[{"titulo": "ma\xf1ana"},\n{"titulo": "despues"}]')
    assert titulos(filas) == ["despues"]


@pytest.mark.parametrize(
    ("contenido", "linea"),
    [
        ('[{"titulo": "a"},\n{"titulo" "b"}]', 2),
        ('[{"titulo": "a"}\n', 2),
        ('[{"titulo": "a"},\n]', 2),
        ('[{"titulo": "a"}]\nsobra', 2),
        ('[{"titulo": "a"}\n{"titulo": "b"}]', 2),
    ],
)
def test_una_lista_rota_detiene_la_lectura_y_nombra_la_linea(json_: Path, contenido: str, linea: int) -> None:
    json_.write_text(contenido, "utf-8")
    leidas: list[FilaLeida] = []
    with pytest.raises(ArchivoInvalido, match=f"se detuvo en la línea {linea}"):
        leidas.extend(leer_archivo(json_))
    assert titulos(leidas) in (["a"], [])


def test_un_json_que_no_lo_es_se_dice(json_: Path) -> None:
    json_.write_text("titulo\na\n", "utf-8")
    assert "no es un JSON de tareas" in frase(json_)
