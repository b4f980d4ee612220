"""The command line on real databases: what it does, what it says, how it ends."""

from __future__ import annotations

import contextlib
import csv
import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from pymongo import MongoClient

from adapters.cli import main
from adapters.logs import ARCHIVO
from tests.servidores.espera import esperar

CERRADO = "127.0.0.1:1"
CLAVE = "s3cr3ta"


@dataclass
class Salida:
    """What a run of the program left behind."""

    codigo: int
    out: str
    err: str


Correr = Callable[..., Salida]


@pytest.fixture
def datos(tmp_path: Path) -> Path:
    """The data folder of this test alone."""
    return tmp_path / "datos"


@pytest.fixture
def sqlite(datos: Path, mongo_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings on SQLite and a real MongoDB; the SQLite file."""
    _ajustar(monkeypatch, datos, MONGO_URL=mongo_url)
    return datos / "tareas.sqlite3"


@pytest.fixture
def correr(capfd: pytest.CaptureFixture[str]) -> Iterator[Correr]:
    """Run the program in this process."""
    niveles = {nombre: logging.getLogger(nombre).level for nombre in ("core", "adapters", "gui")}

    def correr(*argumentos: object) -> Salida:
        codigo = main([str(argumento) for argumento in argumentos])
        return Salida(codigo, *capfd.readouterr())

    yield correr
    for nombre, nivel in niveles.items():
        logging.getLogger(nombre).setLevel(nivel)


def _ajustar(monkeypatch: pytest.MonkeyPatch, datos: Path, **variables: str) -> None:
    monkeypatch.setenv("DUAL_TAREAS_DATOS", str(datos))
    for nombre in ("ORM", "SQL_URL", "MONGO_URL"):
        monkeypatch.delenv(nombre, raising=False)
    for nombre, valor in variables.items():
        monkeypatch.setenv(nombre, valor)


def escribir_csv(ruta: Path, filas: list[dict[str, str]]) -> Path:
    with ruta.open("w", encoding="utf-8", newline="") as archivo:
        escritor = csv.DictWriter(archivo, list(filas[0]))
        escritor.writeheader()
        escritor.writerows(filas)
    return ruta


def leer_csv(ruta: Path) -> list[dict[str, str]]:
    with ruta.open(encoding="utf-8", newline="") as archivo:
        return list(csv.DictReader(archivo))


DIFICILES = [
    "=1+1",
    "dos\nlíneas\r\ny \rmás",
    ' "comillas", ; y espacios ',
    "\u202eatrás 👩\u200d👧",
    "\x1f\x07",
    "-",
]
FILAS = [
    {
        "titulo": f"x{texto}{numero}",
        "descripcion": texto if numero % 3 else "",
        "estado": ("PENDIENTE", "EN_PROGRESO", "COMPLETADA")[numero % 3],
        "creada_en": f"20{numero % 90 + 10}-02-03T04:05:06{'.007' if numero % 2 else ''}+00:00",
    }
    for numero, texto in enumerate(DIFICILES * 400)
]


def colecciones(mongo_url: str) -> list[dict[str, object]]:
    cliente: MongoClient[dict[str, object]]
    with MongoClient(mongo_url, tz_aware=True) as cliente:
        return list(cliente.get_default_database("tareas")["tareas"].find())


def orden(fila: dict[str, str]) -> tuple[str, str, str, str]:
    return fila["titulo"], fila["descripcion"], fila["estado"], fila["creada_en"]


# -- ping -------------------------------------------------------------------------------------------


def test_ping_dice_de_cada_base_su_version_su_rol_y_su_latencia(
    correr: Correr, datos: Path, mongo_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ajustar(monkeypatch, datos, MONGO_URL=mongo_url, SQL_URL=postgres_url)
    salida = correr("ping")
    assert salida.codigo == 0
    sql, mongo = salida.out.splitlines()
    assert sql.startswith("✓ SQL")
    assert "PostgreSQL" in sql
    assert mongo.startswith("✓ MongoDB")
    assert " ms" in sql + mongo
    informe = json.loads(correr("ping", "--json").out)
    assert list(informe) == ["sql", "mongo"]
    assert all(uno["estado"] in ("OK", "LENTA") and uno["latencia_ms"] > 0 for uno in informe.values())
    assert all(uno["version_servidor"] and uno["rol"] and uno["direccion"] for uno in informe.values())


@pytest.mark.parametrize(
    ("variables", "codigo"),
    [
        ({"MONGO_URL": f"mongodb://ana:{CLAVE}@{CERRADO}/t"}, 1),
        ({"MONGO_URL": f"mongodb://{CERRADO}/t", "SQL_URL": f"postgresql://ana:{CLAVE}@{CERRADO}/t"}, 2),
        ({"ORM": "peewee"}, 0),
        ({"ORM": "mongo", "MONGO_URL": f"mongodb://{CERRADO}/t"}, 2),
    ],
)
def test_ping_termina_segun_cuantas_responden(
    correr: Correr, datos: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], codigo: int
) -> None:
    _ajustar(monkeypatch, datos, **variables)
    salida = correr("ping", "--json")
    assert salida.codigo == codigo
    informe = json.loads(salida.out)
    assert len(informe) == (1 if "ORM" in variables else 2)
    for uno in informe.values():
        assert uno["responde"] == (uno["estado"] == "OK")
        assert uno["responde"] or uno["error"]
    assert CLAVE not in salida.out + salida.err + (datos / ARCHIVO).read_text("utf-8")


# -- importar y exportar ----------------------------------------------------------------------------


def test_lo_importado_esta_en_ambas_y_sale_igual(
    correr: Correr, sqlite: Path, mongo_url: str, tmp_path: Path
) -> None:
    archivo = escribir_csv(tmp_path / "tareas.csv", FILAS)
    salida = correr("importar", archivo)
    assert salida.codigo == 0, salida.err
    assert "2.400 nuevas" in salida.out
    assert "Las nuevas están en SQL y en MongoDB." in salida.out
    assert correr("exportar", tmp_path / "vuelta.csv").codigo == 0
    assert sorted(map(orden, leer_csv(tmp_path / "vuelta.csv"))) == sorted(map(orden, FILAS))
    with sqlite3.connect(sqlite) as conexion:
        en_sql = conexion.execute("select titulo, descripcion, estado from tareas").fetchall()
    conexion.close()
    en_mongo = [(uno["titulo"], uno["descripcion"], uno["estado"]) for uno in colecciones(mongo_url)]
    esperadas = sorted((fila["titulo"], fila["descripcion"], fila["estado"]) for fila in FILAS)
    assert sorted(en_sql) == sorted(en_mongo) == esperadas


def test_importar_otra_vez_no_duplica_ni_cambia_nada(
    correr: Correr, sqlite: Path, mongo_url: str, tmp_path: Path
) -> None:
    archivo = escribir_csv(tmp_path / "tareas.csv", FILAS[:50])
    correr("importar", archivo)
    antes = colecciones(mongo_url)
    informe = json.loads(correr("importar", archivo, "--json").out)
    assert (informe["nuevas"], informe["iguales"], informe["leidas"]) == (0, 50, 50)
    assert colecciones(mongo_url) == antes


def test_lo_exportado_se_puede_volver_a_importar(correr: Correr, sqlite: Path, tmp_path: Path) -> None:
    correr("importar", escribir_csv(tmp_path / "tareas.csv", FILAS[:50]))
    for nombre in ("vuelta.csv", "vuelta.json"):
        assert correr("exportar", tmp_path / nombre).codigo == 0
        assert json.loads(correr("importar", tmp_path / nombre, "--json").out)["iguales"] == 50


def test_una_simulacion_no_escribe_nada(correr: Correr, sqlite: Path, mongo_url: str, tmp_path: Path) -> None:
    salida = correr("importar", escribir_csv(tmp_path / "tareas.csv", FILAS[:5]), "--simular")
    assert salida.codigo == 0
    assert "5 nuevas" in salida.out
    assert "no se ha escrito nada" in salida.out
    assert colecciones(mongo_url) == []


def test_las_filas_malas_se_cuentan_con_su_linea_y_las_buenas_entran(
    correr: Correr, sqlite: Path, mongo_url: str, tmp_path: Path
) -> None:
    archivo = tmp_path / "tareas.csv"
    archivo.write_text("titulo,estado,color\nuna,PENDIENTE,\nmala,HECHA,\n,PENDIENTE,\notra,,\n", "utf-8")
    salida = correr("importar", archivo, "--rechazadas", tmp_path / "malas.csv")
    assert salida.codigo == 1
    assert "línea 3: rechazada: Estado: «HECHA»" in salida.err
    assert "línea 4: rechazada: Título: no puede estar vacío" in salida.err
    assert "Columnas que no se importan: color." in salida.err
    assert {d["titulo"] for d in colecciones(mongo_url)} == {"una", "otra"}
    (tmp_path / "malas.csv").write_text(
        (tmp_path / "malas.csv").read_text("utf-8").replace("HECHA", "COMPLETADA"), "utf-8"
    )
    correr("importar", tmp_path / "malas.csv")
    assert {d["titulo"] for d in colecciones(mongo_url)} == {"una", "otra", "mala"}


def test_el_mismo_id_dos_veces_entra_una(
    correr: Correr, sqlite: Path, mongo_url: str, tmp_path: Path
) -> None:
    id_ = "7b6f0c1e-2d3a-4b5c-8d9e-0f1a2b3c4d5e"
    archivo = escribir_csv(tmp_path / "t.csv", [{"id": id_, "titulo": t} for t in ("una", "una", "otra")])
    informe = json.loads(correr("importar", archivo, "--json").out)
    assert (informe["nuevas"], informe["iguales"], informe["distintas"]) == (1, 1, 1)
    assert informe["incidencias"][0]["linea"] == 4
    assert [d["titulo"] for d in colecciones(mongo_url)] == ["una"]


def test_con_una_base_caida_se_importa_en_la_otra_y_se_dice(
    correr: Correr, datos: Path, tmp_path: Path, mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ajustar(monkeypatch, datos, MONGO_URL=f"mongodb://{CERRADO}/t")
    archivo = escribir_csv(tmp_path / "tareas.csv", FILAS[:10])
    salida = correr("importar", archivo)
    assert salida.codigo == 0
    assert "10 nuevas" in salida.out
    assert salida.err.count("MongoDB no está disponible: ") == 1
    assert "se copiará cuando vuelva" in salida.err
    monkeypatch.setenv("MONGO_URL", mongo_url)
    assert json.loads(correr("importar", archivo, "--json").out)["iguales"] == 10
    assert len(colecciones(mongo_url)) == 10


def test_lo_que_una_sola_base_rechaza_se_dice_y_no_que_esta_en_las_dos(
    correr: Correr, sqlite: Path, mongo_url: str, tmp_path: Path
) -> None:
    correr("importar", escribir_csv(tmp_path / "antes.csv", [{"titulo": "repetida"}]))
    with contextlib.closing(sqlite3.connect(sqlite)) as conexion:
        conexion.execute("CREATE UNIQUE INDEX titulos ON tareas (titulo)")
    archivo = escribir_csv(
        tmp_path / "t.csv", [{"titulo": "repetida", "estado": "COMPLETADA"}, {"titulo": "b"}]
    )
    salida = correr("importar", archivo)
    assert "2 nuevas" in salida.out
    assert "en SQL y en MongoDB" not in salida.out
    assert "SQL no admite 1 de 2 filas" in salida.err
    assert "Lo que le falta está en MongoDB" in salida.err
    assert len(colecciones(mongo_url)) == 3


def test_con_una_tabla_por_adoptar_se_importa_en_la_otra_y_se_dice(
    correr: Correr, sqlite: Path, mongo_url: str, tmp_path: Path
) -> None:
    _sin_adoptar(sqlite)
    salida = correr("importar", escribir_csv(tmp_path / "tareas.csv", FILAS[:10]))
    assert salida.codigo == 0, salida.err
    assert "10 nuevas" in salida.out
    assert "SQL no guardó nada. Ya existe una tabla «tareas»" in salida.err
    assert "está en MongoDB y se copiará cuando se resuelva" in salida.err
    assert len(colecciones(mongo_url)) == 10


def test_exportar_sin_lo_que_esta_por_adoptar_lo_dice_y_acaba_con_1(
    correr: Correr, sqlite: Path, tmp_path: Path
) -> None:
    _sin_adoptar(sqlite)
    salida = correr("exportar", tmp_path / "s.csv")
    assert "0 tareas exportadas de MongoDB" in salida.out
    assert "no lleva lo que solo esté en SQL" in salida.err
    assert salida.codigo == 1


@pytest.mark.errores_esperados("Ninguna base de datos disponible", "no confirmado en ninguna")
def test_sin_ninguna_base_se_dice_cuanto_entro_y_que_se_puede_repetir(
    correr: Correr, datos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ajustar(
        monkeypatch, datos, MONGO_URL=f"mongodb://{CERRADO}/t", SQL_URL=f"postgresql://a:{CLAVE}@{CERRADO}/t"
    )
    salida = correr("importar", escribir_csv(tmp_path / "tareas.csv", FILAS[:10]))
    assert salida.codigo == 1
    assert "0 tareas están dentro" in salida.err
    assert "Cuando esté resuelto, repita la misma orden: no se duplicará nada." in salida.err
    assert "Traceback" not in salida.err
    assert CLAVE not in salida.err
    assert correr("exportar", tmp_path / "vuelta.csv").codigo == 1
    assert not (tmp_path / "vuelta.csv").exists()


def test_exportar_no_reemplaza_un_archivo_sin_permiso(correr: Correr, sqlite: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("lo de antes")
    salida = correr("exportar", tmp_path / "t.csv")
    assert salida.codigo == 1
    assert "--sobrescribir" in salida.err
    assert (tmp_path / "t.csv").read_text() == "lo de antes"
    assert correr("exportar", tmp_path / "t.csv", "--sobrescribir").codigo == 0
    assert (tmp_path / "t.csv").read_text().startswith("id,titulo")


def test_exportar_a_un_guion_escribe_solo_datos_en_la_salida(
    correr: Correr, sqlite: Path, tmp_path: Path
) -> None:
    correr("importar", escribir_csv(tmp_path / "tareas.csv", FILAS[:3]))
    salida = correr("exportar", "-", "--formato", "json")
    assert len(json.loads(salida.out)) == 3
    assert "3 tareas exportadas" in salida.err


def test_exportar_dice_lo_que_el_archivo_puede_no_llevar(
    correr: Correr, datos: Path, mongo_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archivo = escribir_csv(tmp_path / "tareas.csv", FILAS[:4])
    _ajustar(monkeypatch, datos, MONGO_URL=mongo_url, ORM="mongo")
    assert "Las nuevas están en MongoDB." in correr("importar", archivo).out
    _ajustar(monkeypatch, datos, MONGO_URL=f"mongodb://{CERRADO}/t", DUAL_TAREAS_PRINCIPAL="mongo")
    salida = correr("exportar", tmp_path / "vuelta.csv")
    assert salida.codigo == 1
    assert "0 tareas exportadas de SQL" in salida.out
    assert "A SQL le pueden faltar los últimos cambios: MongoDB no responde" in salida.err


@pytest.mark.parametrize(("nombre", "motivo"), [("nada.csv", "no existe"), (".", "es una carpeta")])
def test_un_archivo_que_no_se_puede_leer_se_dice(
    correr: Correr, sqlite: Path, tmp_path: Path, nombre: str, motivo: str
) -> None:
    salida = correr("importar", tmp_path / nombre)
    assert salida.codigo == 1
    assert motivo in salida.err
    assert len(salida.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("nombre", "contenido", "motivo"),
    [
        ("t.csv", "nombre\nx\n", "le falta la columna «titulo»"),
        ("t.json", '[\n{"titulo', "se detuvo en la línea 2"),
    ],
)
def test_de_un_archivo_ilegible_no_se_dice_que_se_repita(
    correr: Correr, sqlite: Path, tmp_path: Path, nombre: str, contenido: str, motivo: str
) -> None:
    (tmp_path / nombre).write_text(contenido, "utf-8")
    salida = correr("importar", tmp_path / nombre)
    assert salida.codigo == 1
    assert motivo in salida.err
    assert len(salida.err.splitlines()) == 1


def test_de_un_archivo_que_se_rompe_a_medias_se_dice_que_hacer_con_el_resto(
    correr: Correr, sqlite: Path, mongo_url: str, tmp_path: Path
) -> None:
    filas = ",\n".join(json.dumps({"titulo": f"tarea {n}"}) for n in range(1_500))
    (tmp_path / "t.json").write_text(f"[{filas},\n{{x", "utf-8")
    salida = correr("importar", tmp_path / "t.json")
    assert salida.codigo == 1
    assert "se detuvo en la línea 1501" in salida.err
    assert "Repita" not in salida.err
    dentro = f"{len(colecciones(mongo_url)):,}".replace(",", ".")
    assert (
        f"{dentro} tareas están dentro. Copie a otro archivo las filas que siguen a las {dentro}"
        in salida.err
    )


ROTO = '[{"titulo":"v1"},\n{"titulo":""},\n{"titulo":"v2","estado":"completada"},\n{"titulo":"v3",'


def test_las_rechazadas_de_antes_de_donde_un_archivo_se_rompe_no_se_pierden(
    correr: Correr, sqlite: Path, mongo_url: str, tmp_path: Path
) -> None:
    roto, malas = tmp_path / "roto.json", tmp_path / "malas.json"
    roto.write_text(ROTO, "utf-8")
    salida = correr("importar", roto, "--rechazadas", malas)
    assert salida.codigo == 1
    assert "2 rechazadas" in salida.out
    assert "línea 2: rechazada: Título" in salida.err
    assert "línea 3: rechazada: Estado" in salida.err
    assert f"Las rechazadas están en {malas}" in salida.err
    assert salida.err.splitlines()[-2].endswith("se detuvo en la línea 4: desde ahí no es JSON válido.")
    assert "1 tarea está dentro" in salida.err.splitlines()[-1]
    assert [json.loads(linea)["linea"] for linea in malas.read_text("utf-8").splitlines()] == [2, 3]
    informe = json.loads(correr("importar", roto, "--json").out)
    assert (informe["iguales"], informe["rechazadas"]) == (1, 2)
    assert "se detuvo en la línea 4" in informe["error"]
    assert len(colecciones(mongo_url)) == 1


def test_una_simulacion_cuenta_lo_que_hay_antes_de_donde_el_archivo_se_rompe(
    correr: Correr, sqlite: Path, mongo_url: str, tmp_path: Path
) -> None:
    (tmp_path / "roto.json").write_text(ROTO, "utf-8")
    salida = correr("importar", tmp_path / "roto.json", "--simular")
    assert salida.codigo == 1
    assert "1 nueva\n" in salida.out
    assert "2 rechazadas" in salida.out
    assert salida.err.splitlines()[-1].endswith("corríjalo y repita la misma orden.")
    assert colecciones(mongo_url) == []


def test_una_fila_se_cuenta_en_singular(correr: Correr, sqlite: Path, tmp_path: Path) -> None:
    archivo = escribir_csv(tmp_path / "t.csv", [{"titulo": "una"}])
    salida = correr("importar", archivo)
    assert "1 nueva\n" in salida.out
    assert "La nueva está en SQL y en MongoDB." in salida.out
    assert "1 igual: ya estaba" in correr("importar", archivo).out
    mala = escribir_csv(tmp_path / "m.csv", [{"titulo": ""}, {"titulo": "otra"}])
    assert "1 rechazada: no se puede guardar" in correr("importar", mala).out


def test_sin_mongod_la_explicacion_se_da_una_vez(
    correr: Correr, datos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ajustar(monkeypatch, datos, DUAL_TAREAS_MONGOD=str(tmp_path / "no-esta"))
    archivo = escribir_csv(tmp_path / "t.csv", [{"titulo": "una"}])
    for argumentos in (["ping"], ["importar", archivo], ["importar", archivo, "--json"], ["exportar", "-"]):
        salida = correr(*argumentos)
        assert (salida.out + salida.err).count("no-esta") == 1, argumentos


@pytest.mark.parametrize(
    "argumentos",
    [
        ["exportar", "t.xlsx"],
        ["--captura", "t.jpg"],
        ["importar", "buena.csv", "--rechazadas", "t.xlsx"],
        ["importar", "buena.csv", "--rechazadas", "t.json"],
    ],
)
def test_un_nombre_que_promete_otro_formato_se_rechaza(
    correr: Correr, sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argumentos: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    escribir_csv(tmp_path / "buena.csv", [{"titulo": "una"}])
    salida = correr(*argumentos)
    assert (salida.codigo, salida.out) == (2, "")
    assert "un nombre que acabe en ." in salida.err
    assert not (tmp_path / argumentos[-1]).exists()


def test_con_formato_se_exporta_con_cualquier_nombre(correr: Correr, sqlite: Path, tmp_path: Path) -> None:
    assert correr("exportar", tmp_path / "t.datos", "--formato", "json").codigo == 0
    assert json.loads((tmp_path / "t.datos").read_text("utf-8")) == []
    assert correr("exportar", tmp_path / "sin_extension").codigo == 0


# -- uso y errores ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argumentos", "dicho"),
    [
        (["importar"], "Falta ARCHIVO."),
        (["ping", "--jsn"], "No existe la opción --jsn."),
        (["importar", "a.csv", "--formato", "xml"], "El valor de --formato no sirve: debe ser csv o json."),
        (["bailar"], "Esa orden o ese argumento no existe."),
    ],
)
def test_un_uso_malo_es_una_frase_y_un_2(correr: Correr, argumentos: list[str], dicho: str) -> None:
    salida = correr(*argumentos)
    assert (salida.codigo, salida.out) == (2, "")
    assert salida.err.startswith(dicho)
    assert "--help" in salida.err


@pytest.mark.parametrize("verbo", [[], ["ping"], ["importar"], ["exportar"]])
def test_la_ayuda_esta_en_espanol(correr: Correr, verbo: list[str]) -> None:
    salida = correr(*verbo, "--help")
    assert salida.codigo == 0
    assert salida.out.startswith("Uso: dual-tareas")
    assert not {"Usage", "Options", "Show", "Commands", "Arguments"} & set(
        salida.out.replace(":", " ").split()
    )


def test_la_version_se_muestra(correr: Correr) -> None:
    assert correr("--version").out.startswith("dual-tareas ")


def test_un_ajuste_malo_es_una_frase_y_un_2(
    correr: Correr, datos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ajustar(monkeypatch, datos, SQL_URL=f"mysql://ana:{CLAVE}@h/t")
    for argumentos in ([], ["ping"], ["importar", "x.csv"], ["exportar", "x.csv"]):
        salida = correr(*argumentos)
        assert salida.codigo == 2
        assert "SQL_URL" in salida.err
        assert CLAVE not in salida.err
        assert len(salida.err.splitlines()) == 1


def test_una_carpeta_de_datos_que_no_sirve_se_dice_una_vez_y_en_espanol(
    correr: Correr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ocupado").write_text("")
    _ajustar(monkeypatch, tmp_path / "ocupado" / "datos")
    salida = correr("ping")
    assert salida.codigo == 2
    assert len(salida.err.splitlines()) == 1
    assert "no se puede usar (una parte de la ruta no es una carpeta)" in salida.err


@pytest.mark.errores_esperados("Error interno")
def test_un_error_del_programa_deja_la_traza_en_el_registro(
    correr: Correr, datos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ajustar(monkeypatch, datos, ORM="peewee")

    def fallar(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError(f"postgresql://ana:{CLAVE}@h/t")

    monkeypatch.setattr("adapters.cli.ping._codigo", fallar)
    salida = correr("ping")
    assert salida.codigo == 70
    assert str(datos / ARCHIVO) in salida.err
    assert "Traceback" not in salida.err
    registro = (datos / ARCHIVO).read_text("utf-8")
    assert "Traceback" in registro
    assert CLAVE not in registro + salida.err


# -- como proceso -----------------------------------------------------------------------------------


def proceso(*argumentos: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "adapters.cli", *map(str, argumentos)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )


def test_de_una_variable_desconocida_se_avisa_en_la_terminal_una_vez(
    datos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ajustar(monkeypatch, datos, ORM="peewee", DUAL_TAREAS_TYPO=CLAVE)
    pedido = proceso("ping", "--json")
    out, err = pedido.communicate(timeout=30)
    assert (pedido.returncode, list(json.loads(out))) == (0, ["sql"])
    assert err == "No se conoce la variable de entorno DUAL_TAREAS_TYPO; se ignora.\n"


def test_los_verbos_no_importan_qt(sqlite: Path, tmp_path: Path) -> None:
    archivo = escribir_csv(tmp_path / "t.csv", FILAS[:2])
    codigo = (
        "import sys; from adapters.cli import main\n"
        f"for a in (['ping'], ['importar', {str(archivo)!r}], ['exportar', '-'], ['--help']): main(a)\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('PySide6', 'gui')], file=sys.stderr)"
    )
    hecho = subprocess.run(
        [sys.executable, "-c", codigo], capture_output=True, text=True, timeout=60, check=True
    )
    assert hecho.stderr.splitlines()[-1] == "[]"


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(("senal", "codigo"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_una_importacion_interrumpida_se_completa_repitiendola(
    sqlite: Path, datos: Path, mongo_url: str, tmp_path: Path, senal: signal.Signals, codigo: int
) -> None:
    archivo = escribir_csv(tmp_path / "t.csv", [{"titulo": f"tarea {n}"} for n in range(8_000)])
    registro = datos / ARCHIVO
    en_marcha = proceso("importar", archivo)
    esperar(
        lambda: registro.exists() and "importar dual exitoso" in registro.read_text("utf-8"),
        plazo_s=30,
        que="primer lote importado",
    )
    en_marcha.send_signal(senal)
    _out, err = en_marcha.communicate(timeout=30)
    assert en_marcha.returncode == codigo, err
    assert "Traceback" not in err
    if senal is signal.SIGINT:
        assert "Repita la misma orden para continuar: no se duplicará nada." in err
    dentro = len(colecciones(mongo_url))
    assert 0 < dentro < 8_000
    repetida = proceso("importar", archivo, "--json")
    informe = json.loads(repetida.communicate(timeout=60)[0])
    assert (informe["nuevas"], informe["iguales"]) == (8_000 - dentro, dentro)
    assert len(colecciones(mongo_url)) == 8_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
def test_la_ventana_sin_pantalla_es_una_frase_y_un_2(datos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ajustar(monkeypatch, datos)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    abriendo = proceso()
    out, err = abriendo.communicate(timeout=30)
    assert (abriendo.returncode, out) == (2, "")
    assert "No hay pantalla" in err
    assert len(err.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_una_salida_que_se_cierra_no_es_un_error(sqlite: Path, correr: Correr, tmp_path: Path) -> None:
    correr("importar", escribir_csv(tmp_path / "t.csv", FILAS))
    exportando = proceso("exportar", "-")
    assert exportando.stdout is not None
    exportando.stdout.readline()
    exportando.stdout.close()
    assert exportando.stderr is not None
    assert "Traceback" not in exportando.stderr.read()
    exportando.stderr.close()
    assert exportando.wait(30) == 1


def test_preparar_adopta_lo_que_habia_solo_si_se_quiere(
    correr: Correr, sqlite: Path, mongo_url: str, tmp_path: Path
) -> None:
    vieja = "CREATE TABLE tareas (id text PRIMARY KEY, titulo text, descripcion text, estado text)"
    sqlite.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(sqlite)) as conexion, conexion:
        conexion.execute(vieja)
        conexion.execute("INSERT INTO tareas VALUES (?, 'de antes', '', 'hecho')", (str(uuid4()),))
    salida = correr("preparar")
    assert salida.codigo == 1
    assert "Ya existe una tabla «tareas» en SQL" in salida.err
    assert "«dual-tareas preparar»" not in salida.err  # it is what is being run
    assert "--adoptar" in salida.err
    assert "MongoDB está preparada" in salida.out
    salida = correr("preparar", "--adoptar")
    assert salida.codigo == 0
    assert "SQL: tareas adoptadas. Se copiarán a MongoDB con la ventana abierta o con" in salida.out
    assert "1 de enero de 1970: quiere decir que no se sabe" in salida.out
    assert "1 tiene un estado que no es PENDIENTE ni EN_PROGRESO ni COMPLETADA" in salida.out
    assert correr("preparar").out.count("está preparada") == 2
    with contextlib.closing(sqlite3.connect(sqlite)) as conexion:
        assert conexion.execute("SELECT titulo, version, pendiente FROM tareas").fetchall() == [
            ("de antes", 1, 1)
        ]


def _sin_adoptar(archivo: Path) -> None:
    """A table of another program."""
    archivo.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(archivo)) as conexion, conexion:
        conexion.execute("CREATE TABLE tareas (id text PRIMARY KEY, titulo text, estado text)")
        conexion.execute("INSERT INTO tareas VALUES (?, 'de antes', 'hecho')", (str(uuid4()),))


def test_con_una_sola_base_no_se_promete_copiar_a_la_otra(
    correr: Correr, datos: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _ajustar(monkeypatch, datos, ORM="peewee")
    _sin_adoptar(datos / "tareas.sqlite3")
    salida = correr("preparar", "--adoptar")
    assert salida.codigo == 0
    assert "copiar" not in salida.out
    salida = correr("exportar", tmp_path / "s.csv")
    assert "1 tarea tiene un estado que no es" in salida.err
    assert salida.codigo == 0
    assert leer_csv(tmp_path / "s.csv")[0]["estado"] == "hecho"


@pytest.mark.parametrize("verbo", [["exportar", "-"], ["conflictos"]])
def test_a_quien_le_falta_preparar_no_se_le_dice_que_arranque_las_bases(
    correr: Correr, datos: Path, monkeypatch: pytest.MonkeyPatch, verbo: list[str]
) -> None:
    _ajustar(monkeypatch, datos, ORM="peewee")
    _sin_adoptar(datos / "tareas.sqlite3")
    salida = correr(*verbo)
    assert salida.codigo in (1, 2)
    assert salida.err.count("«dual-tareas preparar»") == 1
    assert "están en marcha" not in salida.err


@pytest.mark.parametrize("orm", ["peewee", "dual"])
def test_exportar_de_un_archivo_sqlite_que_no_existe_lo_dice_y_no_lo_crea(
    orm: str, correr: Correr, sqlite: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ruta = tmp_path / "no" / "existe.db"
    monkeypatch.setenv("ORM", orm)
    monkeypatch.setenv("SQL_URL", f"sqlite:///{ruta}")
    salida = correr("exportar", tmp_path / "t.csv")
    assert salida.codigo == 2
    assert f"no existe la base de datos SQLite «{ruta}»" in salida.err.replace("\n", " ")
    assert not ruta.parent.exists()
    assert not (tmp_path / "t.csv").exists()
