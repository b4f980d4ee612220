"""A file to read from, opened once: what it is, how far it was read, and the fingerprint of its bytes."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import ArchivoInvalido

_FIRMAS = (
    (b"\x1f\x8b", "está comprimido con gzip: descomprímalo primero"),
    (b"PK\x03\x04", "es un ZIP o un libro de Excel: guárdelo como CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "es un libro de Excel: guárdelo como CSV UTF-8"),
    (b"%PDF", "es un PDF, no un CSV ni un JSON"),
    (b"\xff\xfe", "está en UTF-16: guárdelo como UTF-8"),
    (b"\xfe\xff", "está en UTF-16: guárdelo como UTF-8"),
)
_MUESTRA_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Fuente:
    """An open file that holds text.

    Attributes:
        ruta: its name, for messages.
        archivo: the bytes, at their beginning.
        huella: SHA-256 of all of them, in hexadecimal.
        tamano_bytes: how many there are.
        modificada_en: when the file was last written.
    """

    ruta: Path
    archivo: BinaryIO
    huella: str
    tamano_bytes: int
    modificada_en: datetime

    def leidos_bytes(self) -> int:
        """How far the file was read, in bytes."""
        return self.tamano_bytes if self.archivo.closed else self.archivo.tell()


@contextmanager
def abrir_fuente(ruta: Path) -> Iterator[Fuente]:
    """Open `ruta`, look at what it is, take its fingerprint. Raises ArchivoInvalido with one sentence."""
    try:
        archivo = open(ruta, "rb", opener=_sin_esperar)  # noqa: SIM115  Path.open has no opener
    except OSError as error:
        raise ArchivoInvalido(f"El archivo {ruta} {_motivo(error)}.") from error
    with archivo:
        datos = os.fstat(archivo.fileno())
        try:
            if not stat.S_ISREG(datos.st_mode):
                raise ArchivoInvalido(f"{ruta} no es un archivo normal: guarde su contenido en uno.")
            _comprobar_texto(ruta, archivo.read(_MUESTRA_BYTES))
            archivo.seek(0)
            huella = hashlib.file_digest(archivo, "sha256").hexdigest()
            archivo.seek(0)
        except OSError as error:
            raise ArchivoInvalido(f"El archivo {ruta} {_motivo(error)}.") from error
        yield Fuente(ruta, archivo, huella, datos.st_size, datetime.fromtimestamp(datos.st_mtime, UTC))


def _sin_esperar(ruta: str, modo: int) -> int:
    """Open without waiting for the other end of a pipe (which then is refused)."""
    return os.open(ruta, modo | getattr(os, "O_NONBLOCK", 0))


def _motivo(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no existe"
    if isinstance(error, IsADirectoryError) or Path(str(error.filename)).is_dir():
        return "es una carpeta, no un archivo"
    if isinstance(error, PermissionError):
        return "no se puede leer: falta permiso"
    return f"no se puede leer: {motivo_del_sistema(error)}"


def _comprobar_texto(ruta: Path, muestra: bytes) -> None:
    if not muestra.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ArchivoInvalido(f"El archivo {ruta} está vacío.")
    for firma, motivo in _FIRMAS:
        if muestra.startswith(firma):
            raise ArchivoInvalido(f"El archivo {ruta} {motivo}.")
    if muestra.count(0) * 3 > len(muestra):
        raise ArchivoInvalido(f"El archivo {ruta} parece estar en UTF-16: guárdelo como UTF-8.")
