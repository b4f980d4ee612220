"""A file to write to: it appears whole under its name, or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import ArchivoInvalido

SALIDA = Path("-")
"""Stands for standard output."""


def comprobar_destino(ruta: Path, *, sobrescribir: bool) -> None:
    """Raise ArchivoInvalido, before any work is done, where nothing may or can be written."""
    if ruta == SALIDA:
        return
    if ruta.is_dir():
        raise ArchivoInvalido(f"{ruta} es una carpeta: indique el nombre de un archivo.")
    if not ruta.parent.is_dir():
        raise ArchivoInvalido(f"La carpeta {ruta.parent} no existe: créela o elija otra.")
    if ruta.is_file() and not sobrescribir:
        raise ArchivoInvalido(f"El archivo {ruta} ya existe: use --sobrescribir para reemplazarlo.")


@contextmanager
def abrir_destino(
    ruta: Path, *, sobrescribir: bool = False, quedarse: Callable[[], bool] = lambda: True
) -> Iterator[TextIO]:
    """A text stream (UTF-8, line ends as written) whose content gets the name `ruta` when all went well.

    Args:
        sobrescribir: may replace a file that is there.
        quedarse: asked at the end: no means that nothing is to appear.
    """
    comprobar_destino(ruta, sobrescribir=sobrescribir)
    try:
        if ruta == SALIDA:
            yield from _salida_estandar()
        elif ruta.exists() and not ruta.is_file():
            with _abrir(ruta) as destino:  # a pipe or a device: there is nothing to replace
                yield destino
        else:
            yield from _atomico(Path(os.path.realpath(ruta)), quedarse)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ArchivoInvalido(f"No se puede escribir {ruta}: {motivo_del_sistema(error)}.") from error


def _abrir(ruta: Path, modo: str = "w") -> TextIO:
    # surrogateescape: a rejected row may hold bytes that were no UTF-8; they go back as they came.
    return ruta.open(modo, encoding="utf-8", errors="surrogateescape", newline="")  # type: ignore[return-value]


def _salida_estandar() -> Iterator[TextIO]:
    sys.stdout.flush()
    with open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False) as destino:
        yield destino


def _atomico(ruta: Path, quedarse: Callable[[], bool]) -> Iterator[TextIO]:
    parcial = ruta.with_name(f".{ruta.name}.{uuid4().hex[:8]}.parcial")
    try:
        with _abrir(parcial, "x") as destino:
            yield destino
            destino.flush()
            os.fsync(destino.fileno())
        if not quedarse():
            parcial.unlink()
            return
        parcial.replace(ruta)
    except BaseException:
        with suppress(OSError):
            parcial.unlink(missing_ok=True)
        raise
    _asegurar_carpeta(ruta.parent)


def _asegurar_carpeta(carpeta: Path) -> None:
    """Make the new name last through a power cut, where the system can say so."""
    if sys.platform != "win32":
        descriptor = os.open(carpeta, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
