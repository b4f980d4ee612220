"""What the command line refuses or asks before it touches anything, in words that an operator can act on."""

from __future__ import annotations

import io
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
