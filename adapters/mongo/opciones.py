"""The options of a MongoDB URL, looked at before the driver does.

The driver warns in English of an option that it does not know, and goes on without it. A slip in `tls` or
`replicaSet` must not be a setting that silently is not there.
"""

from __future__ import annotations

import re

from pymongo.errors import PyMongoError
from pymongo.uri_parser import split_options

from core.domain.errors import ConfiguracionInvalida

_VARIAS_VECES = "readpreferencetags"


def comprobar_opciones(url: str) -> None:
    """Raise ConfiguracionInvalida for an option that is unknown, twice there, or has an impossible value.

    Nothing is looked up in the network. Values are never repeated, and a name only where it cannot be a part
    of a password with a "?" in it.
    """
    opciones = url.partition("?")[2]
    vistas: set[str] = set()
    for opcion in re.split("[&;]", opciones) if opciones else ():
        nombre = opcion.partition("=")[0]
        repetida = nombre.lower() in vistas and nombre.lower() != _VARIAS_VECES
        vistas.add(nombre.lower())
        if repetida or not _sirven(opcion):
            raise _opcion_invalida(nombre if "@" not in opciones else "")
    if opciones and not _sirven(opciones):  # each by itself will do, but not all together
        raise _opcion_invalida("")


def _sirven(opciones: str) -> bool:
    try:
        split_options(opciones, validate=True, warn=False)
    except (PyMongoError, ValueError, TypeError, OSError):  # OSError: a certificate that cannot be read
        return False
    return True


def _opcion_invalida(nombre: str) -> ConfiguracionInvalida:
    if not re.fullmatch(r"[A-Za-z]{1,40}", nombre):
        return ConfiguracionInvalida(
            "Las opciones de MONGO_URL, detrás de «?», no se entienden o no casan entre sí; corríjalas. "
            "Si el «?» es de la contraseña, se escribe %3F."
        )
    return ConfiguracionInvalida(
        f"La opción «{nombre}» de MONGO_URL no existe, está repetida o tiene un valor que no sirve; "
        "corríjala o quítela."
    )
