"""Why there is no embedded MongoDB."""

from __future__ import annotations

import errno
import re

from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import DualTareasError


class MongoEmbebidoNoDisponible(DualTareasError):
    """The private MongoDB cannot be started; the message says why and what to do."""


_BIBLIOTECA = re.compile(r"[\w.+-]+\.(?:so|dll|dylib)(?:\.\d+)*")
_MOTIVOS = (
    ("Address already in use", "otro programa ocupa su puerto"),
    ("Permission denied", "no tiene permiso para usar sus archivos"),
    ("DBPathInUse", "otro mongod usa la misma carpeta"),
    ("featureCompatibilityVersion", "sus datos son de otra versión de MongoDB"),
    ("newer version of MongoDB", "sus datos son de otra versión de MongoDB"),
    ("InvalidBSON", "sus datos están dañados"),
    ("WT_", "sus datos están dañados o son de otra versión de MongoDB"),
    ("WiredTiger", "sus datos están dañados o son de otra versión de MongoDB"),
)


def motivo_de_mongod(texto: str) -> str:
    """Why a mongod ended, from the last it said in English, to be read after «no arranca:»."""
    if "shared librar" in texto or "shared object" in texto or "Library not loaded" in texto:
        biblioteca = _BIBLIOTECA.search(texto)
        return f"le falta la biblioteca «{biblioteca.group()}»" if biblioteca else "le falta una biblioteca"
    conocido = next((motivo for trozo, motivo in _MOTIVOS if trozo in texto), "")
    return conocido or ("terminó con un error" if texto else "terminó sin decir por qué")


def frase_de_oserror(error: OSError, lugar: object) -> str:
    """What went wrong with a file or folder, for people."""
    if error.errno == errno.ENOSPC:
        return f"No queda espacio en el disco de {lugar}. Libere espacio y vuelva a abrir el programa."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"No se puede escribir en la carpeta {lugar}. Dé permiso de escritura o elija otra."
    return f"No se puede usar la carpeta {lugar}: {motivo_del_sistema(error)}."
