"""The house rules, as tests: style, types, who may import whom, sizes, a README that is true."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

RAIZ = Path(__file__).parents[2]
PAQUETES = ("core", "adapters", "gui", "resources", "tests")
LINEAS_MODULO = 320
LINEAS_FUNCION = 40
LINEAS_CLASE = 250


def correr(*orden: str, codigo_ok: int = 0) -> str:
    """The output of a command that runs in the project's folder; fails with it if the command does."""
    hecho = subprocess.run(
        orden, cwd=RAIZ, capture_output=True, text=True, encoding="utf-8", timeout=280, check=False
    )
    assert hecho.returncode == codigo_ok, f"{' '.join(orden)}\n{hecho.stdout}{hecho.stderr}"
    return hecho.stdout


def archivos() -> list[str]:
    """The project's files: those that git keeps."""
    return correr("git", "-c", "safe.directory=*", "ls-files").splitlines()


def fuentes(*paquetes: str) -> list[Path]:
    """Python files of these packages."""
    return [RAIZ / nombre for nombre in archivos() if nombre.endswith(".py") and nombre.startswith(paquetes)]


def test_ruff_no_encuentra_nada() -> None:
    correr(sys.executable, "-m", "ruff", "check", "--no-cache", ".")


def test_el_formato_es_el_de_ruff() -> None:
    correr(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")


@pytest.mark.timeout(300)
def test_los_tipos_son_estrictos_tambien_en_las_pruebas() -> None:
    paquetes = [parte for nombre in PAQUETES for parte in ("-p", nombre)]
    correr(sys.executable, "-m", "mypy", *paquetes)


def test_cada_capa_importa_solo_lo_que_puede() -> None:
    orden = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    correr(sys.executable, "-c", orden)


# A folder of somebody's machine, as a path that ends up in a file by accident.
_CARPETA_AJENA = re.compile(r"(?<![\w.<>}])/(?:home|root|work|Users)/\w")
_INDICE_DE_PAQUETES = re.compile(r"pypi[.]org|pythonhosted[.]|index[-]url|https?://\S+/simple\b")


@pytest.mark.parametrize("patron", [_CARPETA_AJENA, _INDICE_DE_PAQUETES], ids=["carpetas", "índices"])
def test_ningun_archivo_nombra_la_maquina_en_que_se_hizo(patron: re.Pattern[str]) -> None:
    malos = []
    for nombre in archivos():
        try:
            texto = (RAIZ / nombre).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):  # an image; a file being renamed
            continue
        malos += [f"{nombre}: {hallado[0]}" for hallado in patron.finditer(texto)]
    assert malos == []


def test_ningun_modulo_clase_ni_funcion_crece_demasiado() -> None:
    largos = []
    for ruta in fuentes("core/", "adapters/", "gui/"):
        texto = ruta.read_text(encoding="utf-8")
        nombre = ruta.relative_to(RAIZ).as_posix()
        if (lineas := texto.count("\n")) > LINEAS_MODULO:
            largos.append(f"{nombre}: {lineas} líneas")
        for nodo in ast.walk(ast.parse(texto)):
            if (lineas := _cuerpo(nodo)) > _tope(nodo):
                largos.append(f"{nombre}: {nodo.name}: {lineas} líneas")  # type: ignore[attr-defined]
    assert largos == []


def _tope(nodo: ast.AST) -> int:
    return LINEAS_CLASE if isinstance(nodo, ast.ClassDef) else LINEAS_FUNCION


def _cuerpo(nodo: ast.AST) -> int:
    """Lines of a class, or of a function without its signature and docstring; 0 for anything else."""
    if isinstance(nodo, ast.ClassDef):
        return (nodo.end_lineno or 0) - nodo.lineno + 1
    if not isinstance(nodo, ast.FunctionDef | ast.AsyncFunctionDef):
        return 0
    cuerpo = nodo.body[1:] if ast.get_docstring(nodo) is not None else nodo.body
    return (nodo.end_lineno or 0) - cuerpo[0].lineno + 1 if cuerpo else 0


def ordenes_del_readme() -> list[str]:
    """The commands in the README's shell blocks, in order."""
    readme = (RAIZ / "README.md").read_text(encoding="utf-8")
    bloques = re.findall(r"^```(?:sh|bash|shell|console)\n(.*?)^```", readme, re.M | re.S)
    return [linea.removeprefix("$ ").strip() for bloque in bloques for linea in bloque.splitlines() if linea]


def test_el_readme_empieza_por_sus_dos_ordenes() -> None:
    ventana, pruebas = ordenes_del_readme()[:2]
    assert re.fullmatch(r'python -m pip install (-e )?"\.\[embedded\]" && dual-tareas', ventana)
    assert re.fullmatch(r'python -m pip install -e "\.\[embedded,test\]" && pytest', pruebas)


@pytest.mark.skipif(os.name != "posix", reason="the CI script is for a POSIX shell")
def test_la_ci_corre_la_orden_de_pruebas_del_readme() -> None:
    assert correr(str(RAIZ / ".ci" / "run"), "--orden").strip() == ordenes_del_readme()[1]
