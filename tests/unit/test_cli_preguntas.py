"""What the command line refuses or asks before it touches anything, in words that an operator can act on."""

from __future__ import annotations

import io
import json
import os
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from adapters.cli import main, ventana
from adapters.cli.salida import preguntar_si_hay_quien

BUENA = "titulo\nuna\n"


class Terminal(io.StringIO):
    """A stream that says it is a terminal, or that it is none."""

    def __init__(self, texto: str = "", *, es_terminal: bool = True) -> None:
        super().__init__(texto)
        self._es_terminal = es_terminal

    def isatty(self) -> bool:
        return self._es_terminal


def _enlazar(carpeta: Path) -> Path:
    enlace = carpeta / "enlace.csv"
    enlace.symlink_to(carpeta / "t.csv")
    return enlace


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege on Windows")
@pytest.mark.parametrize(
    "otro_nombre", [lambda carpeta: carpeta / "a" / ".." / "t.csv", _enlazar], ids=["puntos", "enlace"]
)
def test_las_rechazadas_no_reemplazan_al_archivo_que_se_importa(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    otro_nombre: object,
) -> None:
    monkeypatch.setenv("DUAL_TAREAS_DATOS", str(tmp_path / "datos"))
    monkeypatch.setenv("ORM", "peewee")
    (tmp_path / "a").mkdir()
    archivo = tmp_path / "t.csv"
    archivo.write_text(BUENA, "utf-8")
    assert callable(otro_nombre)
    rechazadas = otro_nombre(tmp_path)
    main(["importar", str(archivo), "--rechazadas", str(rechazadas), "--sobrescribir"])
    assert "al mismo archivo" in capsys.readouterr().err
    assert archivo.read_text("utf-8") == BUENA


@pytest.mark.parametrize(
    ("entrada", "errores", "si"),
    [
        (Terminal("sí\n"), Terminal(), True),
        (Terminal("S\n"), Terminal(), True),
        (Terminal("\n"), Terminal(), False),
        (Terminal("n\n"), Terminal(), False),
        (Terminal("s\n", es_terminal=False), Terminal(), False),
        (Terminal("s\n"), Terminal(es_terminal=False), False),
    ],
)
def test_solo_se_pregunta_a_quien_puede_leer_y_contestar(
    monkeypatch: pytest.MonkeyPatch, entrada: Terminal, errores: Terminal, si: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", entrada)
    monkeypatch.setattr(sys, "stderr", errores)
    assert preguntar_si_hay_quien("¿Seguir?") is si
    assert errores.getvalue() == ("¿Seguir? [s/N] " if entrada.isatty() and errores.isatty() else "")


class _SinBiblioteca(EntryPoint):
    """A window whose library is not there."""

    def load(self) -> object:
        raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")


def test_la_biblioteca_que_le_falta_a_la_ventana_se_nombra_sin_ingles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUAL_TAREAS_DATOS", str(tmp_path))
    monkeypatch.setattr(ventana, "entry_points", lambda group: [_SinBiblioteca("qt", "gui:abrir", group)])
    assert main([]) == 2
    dicho = capsys.readouterr().err
    assert "falta la biblioteca «libEGL.so.1»" in dicho
    assert "cannot open" not in dicho


@pytest.fixture
def solo_sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings on SQL alone, with a data folder of this test's own."""
    monkeypatch.setenv("DUAL_TAREAS_DATOS", str(tmp_path / "datos"))
    monkeypatch.setenv("ORM", "peewee")


@pytest.mark.usefixtures("solo_sql")
def test_ping_no_crea_el_archivo_que_se_le_nombra(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    archivo = tmp_path / "noexiste" / "x.db"
    monkeypatch.setenv("SQL_URL", f"sqlite:///{archivo}")
    assert main(["ping"]) == 2
    dicho = capsys.readouterr().out
    assert str(archivo) in dicho
    assert "no existe todavía" in dicho
    assert not archivo.parent.exists()
    assert main(["preparar"]) == 0
    assert main(["ping"]) == 0


@pytest.mark.usefixtures("solo_sql")
def test_ping_sin_el_archivo_pregunta_a_mongo_igual(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORM", "dual")
    monkeypatch.setenv("SQL_URL", f"sqlite:///{tmp_path / 'x.db'}")
    monkeypatch.setenv("MONGO_URL", "mongodb://127.0.0.1:1/t")
    assert main(["ping", "--json"]) == 2
    informe = json.loads(capsys.readouterr().out)
    assert "no existe todavía" in informe["sql"]["error"]
    assert "conexión rechazada" in informe["mongo"]["error"]
    assert not (tmp_path / "x.db").exists()


@pytest.mark.usefixtures("solo_sql")
def test_ping_en_una_instalacion_nueva_responde(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ping"]) == 0
    assert "✓ SQL" in capsys.readouterr().out


@pytest.mark.usefixtures("solo_sql")
def test_un_tema_que_no_existe_se_nombra(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ventana.VARIABLE_TEMA, "rojo")
    assert main([]) == 2
    assert "«rojo» y debe ser claro, oscuro o sistema" in capsys.readouterr().err


@pytest.mark.usefixtures("solo_sql")
@pytest.mark.parametrize(("opciones", "codigo"), [([], 1), (["--sobrescribir"], 0)])
def test_la_captura_no_reemplaza_una_imagen_sin_permiso(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    opciones: list[str],
    codigo: int,
) -> None:
    imagen = tmp_path / "v.png"
    imagen.write_bytes(b"la de antes")
    monkeypatch.setattr(ventana, "entry_points", lambda group: [_Abierta("qt", "gui:abrir", group)])
    assert main(["--captura", str(imagen), *opciones]) == codigo
    assert ("--sobrescribir" in capsys.readouterr().err) is (codigo == 1)


class _Abierta(EntryPoint):
    """A window that opens and closes again."""

    def load(self) -> object:
        return lambda _ajustes, _captura: 0
