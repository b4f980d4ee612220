"""`python -m gui`, and what `dual-tareas` without a verb calls. Imports Qt only once a window can open."""

from __future__ import annotations

import sys
from pathlib import Path

from adapters.logs import configurar_registro
from adapters.nodo import preparar_carpeta
from adapters.settings import Ajustes, cargar_ajustes
from core.domain.errors import DualTareasError
from gui.arranque_plataforma import (
    PlataformaNoDisponible,
    comprobar_plataforma,
    explicar_importacion,
    preparar_captura,
)

SIN_VENTANA = 2
"""Exit code where no window can open, or the settings are wrong."""


def abrir(ajustes: Ajustes, captura: Path | None = None) -> int:
    """Open the window and stay until it closes; the exit code.

    Args:
        captura: open it, wait for rows and health, save a picture of it there, and close it.
    """
    try:
        if captura is not None:
            preparar_captura()
        comprobar_plataforma()
        return _ejecutar(ajustes, captura)
    except PlataformaNoDisponible as error:
        return _decir(error)


def _ejecutar(ajustes: Ajustes, captura: Path | None) -> int:
    try:
        # Only here: without its system libraries this import fails, and that has to become a sentence.
        from gui.arranque import ejecutar
    except ImportError as error:
        if not (error.name or "").startswith("PySide6") and ".so" not in str(error):
            raise
        raise explicar_importacion(error) from error
    return ejecutar(ajustes, captura)


def main() -> int:
    """`python -m gui`: settings, log, window."""
    try:
        ajustes = cargar_ajustes()
        preparar_carpeta(ajustes.datos)  # before the log, which would complain of the same folder first
    except DualTareasError as error:
        return _decir(error)
    configurar_registro(ajustes.datos, ajustes.log_level)
    return abrir(ajustes)


def _decir(error: DualTareasError) -> int:
    sys.stderr.write(f"{error} {error.que_hacer}".strip() + "\n")
    return SIN_VENTANA


if __name__ == "__main__":
    sys.exit(main())
