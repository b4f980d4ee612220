"""What the operator sees: results on stdout, everything else on stderr, data as plain text."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from adapters.invisibles import Escritos, con_su_codigo
from adapters.logs import limpiar
from core.domain.errors import AlmacenError, DualTareasError
from core.domain.models.tarea import EstadoTarea

ESTADOS = " ni ".join(EstadoTarea)
"""Those that a tarea of ours can have, to be read after «no es»."""
_SI = frozenset({"s", "si", "sí"})


def _de_json(codigo: int) -> str:
    """As JSON writes it: whoever reads the JSON finds the character itself."""
    return json.dumps(chr(codigo))[1:-1]


_A_LA_VISTA = Escritos(con_su_codigo)
_EN_JSON = Escritos(_de_json)


class Codigo(IntEnum):
    """Exit codes. `ping` has its own reading of the first three: both, one, none."""

    HECHO = 0
    EN_PARTE = 1
    MAL_PEDIDO = 2
    ERROR_INTERNO = 70
    INTERRUMPIDO = 130
    TERMINADO = 143


class Interrumpido(DualTareasError):
    """Stopped by the operator; the message says what is done and what is not."""


class ArgumentoInvalido(DualTareasError):
    """An argument that cannot be meant; the message says what to write instead."""


def visible(texto: str) -> str:
    """`texto` fit for a terminal: no password, and nothing in it that turns, hides or steers."""
    return limpiar(texto).translate(_A_LA_VISTA)


def dato(texto: str) -> str:
    """Data within a line: it also begins no line of its own."""
    return " ".join(visible(texto).split())


def texto_json(valor: Any, *, indent: int | None = None) -> str:
    """For programs, and for whoever looks at it in a terminal: what nobody would see is written `\\uXXXX`."""
    return json.dumps(valor, ensure_ascii=False, indent=indent).translate(_EN_JSON)


def frase_de(error: AlmacenError) -> str:
    """What happened, in which store, and what to do."""
    dicho, etiqueta = str(error), error.almacen.etiqueta
    donde = "" if etiqueta in dicho.split(".")[0] else f"{etiqueta}: "  # PostgreSQL is SQL, too
    return f"{donde}{dicho} {error.que_hacer}".rstrip()


def decir(texto: str) -> None:
    """One line of a result."""
    sys.stdout.write(visible(texto) + "\n")


def decir_json(valor: Any) -> None:
    """A result for programs."""
    sys.stdout.write(texto_json(valor, indent=2) + "\n")


def avisar(texto: str) -> None:
    """One line beside the result: progress, warnings, errors. Passwords are taken out."""
    sys.stderr.write(visible(texto) + "\n")


def preguntar_si_hay_quien(texto: str) -> bool:
    """Whether the operator says yes; nobody there to answer, or to read the question, is a no."""
    return sys.stdin.isatty() and sys.stderr.isatty() and preguntar(texto)


def preguntar(texto: str) -> bool:
    """Whether the answer, the next line of standard input, is yes."""
    sys.stderr.write(f"{visible(texto)} [s/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in _SI


def permite_reemplazar(archivo: Path) -> bool:
    """Ask before a file is replaced, where there is somebody to ask."""
    return archivo.is_file() and preguntar_si_hay_quien(f"El archivo {archivo} ya existe. ¿Reemplazarlo?")


def numero(n: int) -> str:
    """A count as Spanish writes it."""
    return f"{n:,}".replace(",", ".")


def contar(n: int, singular: str, plural: str) -> str:
    """A count with its noun."""
    return f"{numero(n)} {singular if n == 1 else plural}"


@contextmanager
def barra(descripcion: str, total: int | None) -> Iterator[Progress]:
    """A progress bar on stderr with one task, number 0; none where stderr is no terminal."""
    consola = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detalle]}", markup=False),
        console=consola,
        transient=True,
        disable=not consola.is_terminal,
    ) as progreso:
        progreso.add_task(descripcion, total=total, detalle="")
        yield progreso
