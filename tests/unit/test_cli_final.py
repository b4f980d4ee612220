"""How the command line ends when it is stopped early or cannot say what it has to say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

import adapters.cli
from adapters.cli import INTERRUMPIDO, main


class _Interruptor(MetaPathFinder):
    """Presses Ctrl+C while that module is being loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "adapters.cli.principal":
            raise KeyboardInterrupt
        return None


def test_una_interrupcion_mientras_se_carga_acaba_en_una_frase(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "adapters.cli.principal", raising=False)
    monkeypatch.delattr(adapters.cli, "principal", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Interruptor(), *sys.meta_path])
    assert main(["--version"]) == INTERRUMPIDO
    assert capsys.readouterr().err == "Interrumpido.\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_un_disco_lleno_en_la_salida_se_dice_en_una_frase(tmp_path: Path) -> None:
    entorno = {
        **os.environ,
        "PYTHONUTF8": "1",
        "ORM": "peewee",
        "DUAL_TAREAS_DATOS": str(tmp_path),
        "SQL_URL": f"sqlite:///{tmp_path / 't.sqlite3'}",
    }
    with Path("/dev/full").open("w") as lleno:
        hecho = subprocess.run(
            [sys.executable, "-m", "adapters.cli", "ping"],
            stdout=lleno,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            env=entorno,
            check=False,
        )
    assert (hecho.returncode, hecho.stderr) == (
        1,
        "No se pudo terminar: no queda espacio en el disco.\n",
    )


INTERRUMPIR_AL_FINAL = """
import os, signal, sys
from adapters.cli import main, principal
principal.cerrar_registro = lambda: os.kill(os.getpid(), signal.SIGINT)
sys.argv = ["dual-tareas", "--version"]
sys.exit(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_una_interrupcion_cuando_ya_esta_dicho_no_cambia_nada() -> None:
    hecho = _correr(INTERRUMPIR_AL_FINAL)
    assert (hecho.returncode, hecho.stderr) == (0, "")
    assert hecho.stdout.startswith("dual-tareas ")


CON_UN_HILO_QUE_NO_ACABA = """
import sys, threading
from adapters.cli import main
threading.Thread(target=threading.Event().wait).start()
sys.argv = ["dual-tareas", "--version"]
sys.exit(main())
"""


def test_al_acabar_no_se_espera_a_los_hilos_de_nadie() -> None:
    hecho = _correr(CON_UN_HILO_QUE_NO_ACABA)
    assert (hecho.returncode, hecho.stderr) == (0, "")
    assert hecho.stdout.startswith("dual-tareas ")


def _correr(codigo: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", codigo],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PYTHONUTF8": "1"},
        check=False,
    )
