"""Can a window open here at all? Asked before Qt is: it would end the process, not raise an error.

Knows no Qt. Only Linux needs asking; elsewhere the wheels bring all that they need.
"""

from __future__ import annotations

import ctypes
import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from importlib.util import find_spec
from pathlib import Path

from core.domain.errors import DualTareasError

PAQUETES_DEBIAN = (
    "libgl1 libegl1 libopengl0 libfontconfig1 libdbus-1-3 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 "
    "libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 "
    "libxcb-sync1 libxcb-xfixes0 libxcb-xinerama0 libxcb-xkb1"
)
_log = logging.getLogger(__name__)
_BIBLIOTECA = re.compile(r"(\S+\.so[.\d]*): cannot open shared object file")


class PlataformaNoDisponible(DualTareasError):
    """No window can open here; the message says why, `que_hacer` what would change that."""


def preparar_captura(entorno: MutableMapping[str, str] = os.environ) -> None:
    """A picture needs no screen: without one, and unless told otherwise, Qt draws in memory."""
    if _es_linux() and not _pantallas(entorno):
        entorno.setdefault("QT_QPA_PLATFORM", "offscreen")


def comprobar_plataforma(entorno: Mapping[str, str] = os.environ) -> None:
    """Raises PlataformaNoDisponible where Qt could not open a window."""
    if not _es_linux():
        return
    elegida = entorno.get("QT_QPA_PLATFORM", "")
    candidatas = [parte.partition(":")[0] for parte in elegida.split(";") if parte] or _pantallas(entorno)
    if not candidatas:
        raise _con_remedio(
            "No hay pantalla donde abrir la ventana (ni DISPLAY ni WAYLAND_DISPLAY están definidas).",
            "Ábrala desde un escritorio, o con «ssh -X», o use las órdenes sin ventana: dual-tareas --help.",
        )
    problemas = [problema for uno in candidatas if (problema := _problema_de(uno))]
    if len(problemas) == len(candidatas):
        raise problemas[0]


def explicar_importacion(error: ImportError) -> PlataformaNoDisponible:
    """PySide6 could not be imported: which library is missing, in words."""
    return _por_biblioteca(str(error))


def _es_linux() -> bool:
    return sys.platform.startswith("linux")


def _pantallas(entorno: Mapping[str, str]) -> list[str]:
    """The platform plugins that this session calls for."""
    variables = (("WAYLAND_DISPLAY", "wayland"), ("DISPLAY", "xcb"))
    return [plataforma for variable, plataforma in variables if entorno.get(variable)]


def _problema_de(plataforma: str) -> PlataformaNoDisponible | None:
    archivo = _carpeta_de_plataformas() / f"libq{plataforma}.so"
    if not archivo.is_file():
        return _con_remedio(
            f"Qt no tiene la plataforma «{plataforma}» que pide QT_QPA_PLATFORM.",
            "Quite esa variable o use xcb, wayland u offscreen.",
        )
    try:
        ctypes.CDLL(str(archivo))
    except OSError as error:
        return _por_biblioteca(str(error))
    return _sin_servidor_x() if plataforma == "xcb" else None


def _carpeta_de_plataformas() -> Path:
    # The package's place without importing it: the import itself may be what fails.
    especificacion = find_spec("PySide6")
    lugares = especificacion.submodule_search_locations if especificacion else None
    if not lugares:
        raise _con_remedio("Falta PySide6.", "Instale el programa de nuevo: python -m pip install .")
    return Path(lugares[0], "Qt", "plugins", "platforms")


def _sin_servidor_x() -> PlataformaNoDisponible | None:
    """DISPLAY may name a screen that is not there."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    conexion = ctypes.c_void_p(xcb.xcb_connect(None, None))
    fallo = xcb.xcb_connection_has_error(conexion)
    xcb.xcb_disconnect(conexion)
    if not fallo:
        return None
    return _con_remedio(
        f"La pantalla que indica DISPLAY ({os.environ.get('DISPLAY', '')}) no responde.",
        "Compruebe esa variable, o use las órdenes sin ventana: dual-tareas --help.",
    )


def _por_biblioteca(mensaje: str) -> PlataformaNoDisponible:
    hallada = _BIBLIOTECA.search(mensaje)
    if hallada is None:  # the loader speaks English: its words go into the log
        _log.info("Qt no se puede cargar: %s", mensaje)
    cual = f"la biblioteca del sistema {hallada[1]}" if hallada else "algo que Qt necesita, o no sirve"
    return _con_remedio(
        f"No se puede abrir la ventana: falta {cual}.",
        f"En Debian o Ubuntu: apt-get install {PAQUETES_DEBIAN}",
    )


def _con_remedio(mensaje: str, que_hacer: str) -> PlataformaNoDisponible:
    error = PlataformaNoDisponible(mensaje)
    error.que_hacer = que_hacer
    return error
