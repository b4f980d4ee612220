"""Open the window, found by name so that the command line depends on no Qt."""

from __future__ import annotations

import logging
import os
import re
from importlib.metadata import entry_points
from pathlib import Path

from adapters.archivos import comprobar_destino
from adapters.cli.entorno import preparar
from adapters.cli.salida import ArgumentoInvalido, permite_reemplazar
from core.domain.errors import ConfiguracionInvalida

GRUPO = "dual_tareas.ventana"
VARIABLE_TEMA = "DUAL_TAREAS_TEMA"
TEMAS = ("claro", "oscuro", "sistema")
_log = logging.getLogger(__name__)


def abrir_ventana(captura: Path | None, *, sobrescribir: bool = False) -> int:
    """Run the window until it closes; its exit code.

    Raises ConfiguracionInvalida where there is none, or for a theme that is none; ArgumentoInvalido for what
    is no name of a picture, ArchivoInvalido where no picture may or can be saved.
    """
    _comprobar(captura, sobrescribir=sobrescribir)
    _comprobar_tema()
    ajustes = preparar()
    for punto in entry_points(group=GRUPO):
        try:
            abrir = punto.load()
        except ImportError as error:
            _log.info("No se pudo cargar la ventana", exc_info=error)
            raise ConfiguracionInvalida(
                f"La ventana no se puede abrir: falta la biblioteca «{_biblioteca(error)}». "
                "El README dice qué paquetes del sistema necesita."
            ) from error
        return int(abrir(ajustes, captura))
    raise ConfiguracionInvalida(
        "La ventana no está instalada: instale el programa con «python -m pip install .»."
    )


def _biblioteca(error: ImportError) -> str:
    """Its name, out of the English sentence that the loader makes of it ("libEGL.so.1: cannot open …")."""
    hallada = re.search(r"[\w.+-]+\.(?:so|dll|dylib)[\w.]*", str(error))
    return hallada.group() if hallada else error.name or "PySide6"


def _comprobar_tema() -> None:
    """The window itself would take anything else for no choice at all."""
    tema = os.environ.get(VARIABLE_TEMA, "")
    if tema and tema not in TEMAS:
        raise ConfiguracionInvalida(
            f"La variable de entorno {VARIABLE_TEMA} tiene el valor «{tema}» y debe ser claro, oscuro o "
            "sistema."
        )


def _comprobar(captura: Path | None, *, sobrescribir: bool) -> None:
    if captura is None:
        return
    if captura.suffix.lower() != ".png":
        raise ArgumentoInvalido(
            f"La imagen se guarda en PNG: dele a «{captura}» un nombre que acabe en .png."
        )
    comprobar_destino(captura, sobrescribir=sobrescribir or permite_reemplazar(captura))
