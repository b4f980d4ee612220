"""Why there is no embedded MongoDB."""

from __future__ import annotations

import errno

from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import DualTareasError


class MongoEmbebidoNoDisponible(DualTareasError):
    """The private MongoDB cannot be started; the message says why and what to do."""


def frase_de_oserror(error: OSError, lugar: object) -> str:
    """What went wrong with a file or folder, for people."""
    if error.errno == errno.ENOSPC:
        return f"No queda espacio en el disco de {lugar}. Libere espacio y vuelva a abrir el programa."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"No se puede escribir en la carpeta {lugar}. Dé permiso de escritura o elija otra."
    return f"No se puede usar la carpeta {lugar}: {motivo_del_sistema(error)}."
