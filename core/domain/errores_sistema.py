"""What the operating system says of a file, in Spanish: its own words come in the language of the machine."""

from __future__ import annotations

import errno

_MOTIVOS = {
    errno.ENOENT: "no existe",
    errno.EACCES: "falta permiso",
    errno.EPERM: "falta permiso",
    errno.EROFS: "el disco es de solo lectura",
    errno.ENOSPC: "no queda espacio en el disco",
    errno.EDQUOT: "se ha agotado la cuota de disco",
    errno.EFBIG: "el archivo es demasiado grande",
    errno.EEXIST: "ya existe un archivo con ese nombre",
    errno.ENOTDIR: "una parte de la ruta no es una carpeta",
    errno.EISDIR: "es una carpeta",
    errno.ENAMETOOLONG: "el nombre es demasiado largo",
    errno.EINVAL: "el nombre no vale en este sistema",
    errno.ELOOP: "los enlaces forman un círculo",
    errno.EBUSY: "otro programa lo está usando",
    errno.EMFILE: "hay demasiados archivos abiertos",
    errno.ENFILE: "hay demasiados archivos abiertos",
    errno.EIO: "el disco dio un error de lectura o escritura",
}


def motivo_del_sistema(error: OSError) -> str:
    """Why the system refused, to be read after «no se puede …:»; its own words where they are not known."""
    return _MOTIVOS.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__
