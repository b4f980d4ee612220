"""Logging: bounded, replaceable, and without a secret anywhere."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import logs
from adapters.logs import archivo_abierto, cerrar_registro, configurar_registro, limpiar, ocultar_secretos

CLAVE = "s3cr3ta"
_log = logging.getLogger("adapters.prueba")


@pytest.fixture(autouse=True)
def _registro_cerrado() -> Iterator[None]:
    yield
    cerrar_registro()
    for nombre in logs.PROPIOS:
        logging.getLogger(nombre).setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    "texto",
    [
        f"postgresql://ana:{CLAVE}@h:5432/t",
        f"postgresql://ana:p@{CLAVE}/x@h/t",
        f"mongodb://ana:{CLAVE}@h1:1,h2:2/t?authSource=admin",
        f"mongodb://:{CLAVE}@h",
        f"postgresql://h/t?user=ana&password={CLAVE}&sslmode=require",
        f"host=h user=ana password={CLAVE} dbname=t",
        rf"host=h password='con \' espacio {CLAVE}' dbname=t",
        f"{{'user': 'ana', 'password': '{CLAVE}'}}",
        f'{{"sslpassword": "{CLAVE}"}}',
        f"Contraseña: {CLAVE}",
        f"PGPASSWORD={CLAVE}",
        f"AWS_SESSION_TOKEN:{CLAVE}",
        *(f"password=ab{signo}{CLAVE}" for signo in ",);&}]"),
        f"postgresql://ana@empresa.es:{CLAVE}@h/t",
        f"no conecta con postgresql://ana:con espacio {CLAVE}@h/t",
    ],
)
def test_las_claves_se_ocultan(texto: str) -> None:
    assert CLAVE not in ocultar_secretos(texto)
    assert logs.OCULTO in ocultar_secretos(texto)


@pytest.mark.parametrize(
    "texto",
    [
        "sqlite:////datos/tareas.sqlite3",
        "postgresql://ana@h:5432/t",
        "mongodb://127.0.0.1:27017/tareas?replicaSet=rs",
        'password authentication failed for user "ana"',
        "save de 7b6f: la tarea «contraseña» a las 12:30",
        "ana@ejemplo.es",
        "no responde mongodb://h:27017 y se avisa a ana@ejemplo.es",
        "postgresql://h:5432/t de ana@ejemplo.es",
        "http://h: vea ana",
    ],
)
def test_lo_que_no_es_clave_se_queda(texto: str) -> None:
    assert ocultar_secretos(texto) == texto


@given(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=4).map(lambda t: "Zq9" + t))
def test_ninguna_clave_de_una_direccion_se_ve(clave: str) -> None:
    assert "Zq9" not in ocultar_secretos(f"no conecta con postgresql://ana:{clave}@h/t ahora")


def test_los_caracteres_de_control_se_ven_y_no_actuan() -> None:
    assert limpiar("a\x1b[31mb\rc\x9bd\ne\tf") == "a\\x1b[31mb\\x0dc\\x9bd\ne\tf"


@pytest.mark.errores_esperados("no conecta con")
def test_ni_el_archivo_ni_la_terminal_reciben_una_clave_tampoco_en_una_traza(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ruta = configurar_registro(tmp_path, "DEBUG")
    try:
        raise ValueError(f"postgresql://ana:{CLAVE}@h/t")
    except ValueError:
        _log.exception("no conecta con %s", f"mongodb://ana:{CLAVE}@h")
    assert ruta is not None
    escrito = ruta.read_text("utf-8")
    assert "Traceback" in escrito
    assert "no conecta con mongodb://ana:***@h" in escrito
    assert CLAVE not in escrito + capsys.readouterr().err


def test_la_terminal_recibe_avisos_y_el_archivo_todo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ruta = configurar_registro(tmp_path, "INFO")
    _log.debug("detalle")
    _log.info("informa")
    _log.warning("avisa")
    assert capsys.readouterr().err == "avisa\n"
    assert ruta is not None
    escrito = ruta.read_text("utf-8")
    assert "informa" in escrito
    assert "avisa" in escrito
    assert "detalle" not in escrito


def test_un_aviso_repetido_se_dice_una_vez_en_la_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ruta = configurar_registro(tmp_path, "INFO")
    for _ in range(3):
        _log.warning("falta MongoDB")
    assert capsys.readouterr().err == "falta MongoDB\n"
    assert ruta is not None
    assert ruta.read_text("utf-8").count("falta MongoDB") == 3


def test_lo_que_el_repositorio_dice_de_cada_escritura_va_solo_al_archivo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ruta = configurar_registro(tmp_path, "INFO")
    for nombre in logs.YA_CONTADOS:
        logging.getLogger(nombre).warning("🔴 Mongo no disponible")
    assert capsys.readouterr().err == ""
    assert ruta is not None
    assert "🔴 Mongo no disponible" in ruta.read_text("utf-8")


def test_las_bibliotecas_no_cuentan_sus_detalles(tmp_path: Path) -> None:
    ruta = configurar_registro(tmp_path, "DEBUG", terminal=False)
    assert not logging.getLogger("pymongo.command").isEnabledFor(logging.INFO)
    assert ruta == archivo_abierto()


def test_el_archivo_no_crece_sin_limite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "TAMANO_MAX_BYTES", 2000)
    configurar_registro(tmp_path, "INFO", terminal=False)
    for numero in range(500):
        _log.info("línea número %d", numero)
    archivos = list(tmp_path.iterdir())
    assert len(archivos) == logs.COPIAS + 1
    assert all(archivo.stat().st_size <= 2100 for archivo in archivos)


def test_configurar_otra_vez_reemplaza(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configurar_registro(tmp_path / "a", "INFO")
    configurar_registro(tmp_path / "b", "INFO")
    _log.warning("una vez")
    assert capsys.readouterr().err == "una vez\n"
    assert (tmp_path / "a" / logs.ARCHIVO).read_text("utf-8") == ""


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_el_registro_es_solo_de_su_dueno_aunque_carpeta_y_archivo_ya_existan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / logs.ARCHIVO).touch(0o644)
    (tmp_path / logs.ARCHIVO).chmod(0o644)
    monkeypatch.setattr(logs, "TAMANO_MAX_BYTES", 200)
    configurar_registro(tmp_path, "INFO", terminal=False)
    for numero in range(10):
        _log.info("línea número %d", numero)
    permisos = {archivo.name: archivo.stat().st_mode & 0o777 for archivo in tmp_path.iterdir()}
    assert len(permisos) > 1
    assert set(permisos.values()) == {0o600}, permisos


def test_sin_carpeta_donde_escribir_se_avisa_y_se_sigue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ocupado").write_text("")
    assert configurar_registro(tmp_path / "ocupado", "INFO") is None
    dicho = capsys.readouterr().err
    assert "No se puede escribir el registro" in dicho
    assert "ya existe un archivo con ese nombre" in dicho
    assert archivo_abierto() is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no hay /dev/full")
def test_un_disco_lleno_se_dice_una_vez_y_sin_traza(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        logs._ArchivoRotatorio,
        "_open",
        lambda _: Path("/dev/full").open("a", encoding="utf-8"),  # noqa: SIM115
    )
    logs.configurar_registro(tmp_path, "INFO", terminal=False)
    for n in range(3):
        logging.getLogger("adapters.prueba").warning("aviso %d", n)
    logs.cerrar_registro()
    dicho = capsys.readouterr().err
    assert dicho.count("⚠️") == 1
    assert "registro.log: no queda espacio" in dicho
    assert "Traceback" not in dicho
