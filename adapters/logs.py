"""Logging: where records go, and that no password goes with them.

Verbs tell the terminal of warnings, everything goes to a bounded file in the data folder. Every handler
made here, and whoever else shows records, formats them with `FormatoSinSecretos`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from core.domain.errores_sistema import motivo_del_sistema

ARCHIVO = "registro.log"
TAMANO_MAX_BYTES = 2_000_000
COPIAS = 3
PROPIOS = ("core", "adapters", "gui")
"""Loggers that follow the setting; libraries only tell warnings, for their details hold data."""
DE_CADA_ESCRITURA = "adapters.dual"
DEL_CONTENEDOR = "adapters.container"
YA_CONTADOS = (DE_CADA_ESCRITURA, DEL_CONTENEDOR)
"""Loggers whose warnings every verb tells in its own words: the terminal would hear them twice."""
_callados: set[str] = set()
"""Loggers of whose warnings the terminal hears nothing for now (see `sin_repetir`)."""
OCULTO = "***"

# Greedy up to the last @ of the word: a user or a password may itself hold / or @, and hiding too much is
# harmless. With none in the word there may be a space in the password, if what follows is no port.
_EN_URL = re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/?#]*:)(?:\S*@|(?!\d{1,5}(?:[/,?\s]|$))[^\n@]*@)")
_EN_PARAMETRO = re.compile(
    r"((?:password|passwd|passphrase|passfile|pwd|contraseña|secret|token)[\"']?\s*[=:]\s*)"
    r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\S+)",
    re.IGNORECASE,
)
# Data in a message must not steer the terminal or fake another colour; line ends and tabs may stay.
_DE_CONTROL = {
    codigo: f"\\x{codigo:02x}" for codigo in (*range(32), *range(127, 160)) if codigo not in (9, 10)
}
_registro: list[logging.Handler] = []


def ocultar_secretos(texto: str) -> str:
    """`texto` with the passwords of addresses and of `password=…` replaced by `***`."""
    return _EN_PARAMETRO.sub(rf"\g<1>{OCULTO}", _EN_URL.sub(rf"\g<1>{OCULTO}@", texto))


def limpiar(texto: str) -> str:
    """`texto` fit for a terminal or a log: without passwords, control characters made visible."""
    return ocultar_secretos(texto).translate(_DE_CONTROL)


class _SoloMensaje(logging.Formatter):
    """The message without traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        return limpiar(record.getMessage())


class FormatoSinSecretos(logging.Formatter):
    """Formats a record, traceback included, without passwords and without control characters."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        return limpiar(super().format(record))


class _ArchivoRotatorio(RotatingFileHandler):
    """A rotating file that several programs of one user may share, and nobody else can read.

    That it cannot be written, for want of room mostly, is said once, in a sentence: it ends nothing.
    """

    _avisado = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name is the base class's
        """Say once that records are lost."""
        error = sys.exception()
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._avisado:
            self._avisado = True
            with contextlib.suppress(OSError):
                sys.stderr.write(
                    f"⚠️ No se puede escribir en {self.baseFilename}: {motivo_del_sistema(error)}. "
                    "El programa sigue sin ese registro.\n"
                )

    def _open(self) -> TextIOWrapper:
        """Open the file for this user alone, also one that is there already."""
        return open(self.baseFilename, "a", encoding="utf-8", opener=_solo_mio)

    def doRollover(self) -> None:  # noqa: N802  the name is the base class's
        """Turn the file over; where another program holds it open, go on with it for now."""
        try:
            super().doRollover()
        except PermissionError:
            # Windows refuses to rename an open file. The next record tries again.
            if self.stream is None:
                self.stream = self._open()


class _Terminal(logging.Handler):
    """Writes to whatever stderr is at that moment: a progress bar puts its own in place.

    Tracebacks are for the file. So is what `YA_CONTADOS` say: whoever runs a write tells its outcome. A
    message that was just told is not told again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._contados: deque[str] = deque(maxlen=20)

    def filter(self, record: logging.LogRecord) -> bool:
        """See `logging.Handler.filter`."""
        mensaje = record.getMessage()
        ya_contado = record.name in YA_CONTADOS or record.name in _callados or mensaje in self._contados
        if self.level > logging.DEBUG and ya_contado:
            return False
        self._contados.append(mensaje)
        return bool(super().filter(record))

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler.emit`."""
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001  the logging package's own way: a record must not end the program
            self.handleError(record)


@contextmanager
def sin_repetir(nombre: str) -> Iterator[None]:
    """Meanwhile the terminal hears no warnings of that logger: whoever runs this tells all at its end."""
    _callados.add(nombre)
    try:
        yield
    finally:
        _callados.discard(nombre)


def configurar_registro(carpeta: Path, nivel: str, *, terminal: bool = True) -> Path | None:
    """Send records to `carpeta/registro.log`, and warnings to stderr where `terminal`.

    Called again, it replaces what it set up before. With level DEBUG the terminal tells all.

    Returns: the file; None when it cannot be written, which is told on stderr.
    """
    cerrar_registro()
    if terminal:
        consola = _Terminal()
        consola.setLevel(
            nivel if nivel == "DEBUG" else max(logging.WARNING, logging.getLevelNamesMapping()[nivel])
        )
        consola.setFormatter(_SoloMensaje())
        _anadir(consola)
    for nombre in PROPIOS:
        logging.getLogger(nombre).setLevel(nivel)
    return _abrir_archivo(carpeta)


def _solo_mio(ruta: str, modo: int) -> int:
    descriptor = os.open(ruta, modo, 0o600)
    if sys.platform != "win32" and os.fstat(descriptor).st_uid == os.geteuid():
        os.fchmod(descriptor, 0o600)
    return descriptor


def _abrir_archivo(carpeta: Path) -> Path | None:
    ruta = carpeta / ARCHIVO
    try:
        carpeta.mkdir(mode=0o700, parents=True, exist_ok=True)
        archivo = _ArchivoRotatorio(ruta, maxBytes=TAMANO_MAX_BYTES, backupCount=COPIAS, encoding="utf-8")
    except OSError as error:
        logging.getLogger(__name__).warning(
            "No se puede escribir el registro en %s: %s.", ruta, motivo_del_sistema(error)
        )
        return None
    archivo.setFormatter(
        FormatoSinSecretos("%(asctime)s %(levelname)-7s [%(process)d %(threadName)s] %(name)s: %(message)s")
    )
    _anadir(archivo)
    return ruta


def _anadir(manejador: logging.Handler) -> None:
    _registro.append(manejador)
    logging.getLogger().addHandler(manejador)


def cerrar_registro() -> None:
    """Take away and close what `configurar_registro` set up; idempotent."""
    while _registro:
        manejador = _registro.pop()
        logging.getLogger().removeHandler(manejador)
        # A full disk: what it could not keep is lost, and there is no place to tell it.
        with contextlib.suppress(OSError):
            manejador.close()


def archivo_abierto() -> Path | None:
    """The file that records go to; None when there is none."""
    rutas = (Path(uno.baseFilename) for uno in _registro if isinstance(uno, logging.FileHandler))
    return next(rutas, None)
