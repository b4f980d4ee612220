"""Open a file of tareas, whichever format it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.archivos.filas import Interprete
from adapters.archivos.formato import Formato
from adapters.archivos.fuente import Fuente, abrir_fuente
from adapters.archivos.lectura_csv import leer_csv
from adapters.archivos.lectura_json import leer_json
from core.application.importar_tareas import FilaLeida
from core.domain.models.tarea import cortar_a_ms


@dataclass(frozen=True, slots=True)
class Lectura:
    """A file being read.

    Attributes:
        formato: the one it has.
        filas: its rows, to be taken one after the other; raises ArchivoInvalido where the file breaks off.
        ignoradas: columns that mean nothing here, as met so far.
        tamano_bytes: the file's size.
        leidos_bytes: how far it was read, for a progress bar.
    """

    formato: Formato
    filas: Iterator[FilaLeida]
    ignoradas: set[str]
    tamano_bytes: int
    leidos_bytes: Callable[[], int]


@contextmanager
def leer_tareas(ruta: Path, formato: Formato | None = None) -> Iterator[Lectura]:
    """Open `ruta` for reading; its format by the name's ending, or by the first character, unless given.

    Raises ArchivoInvalido with one sentence.
    """
    with abrir_fuente(ruta) as fuente:
        formato = formato or Formato.de_la_ruta(ruta) or _por_contenido(fuente)
        interprete = Interprete(fuente.huella, cortar_a_ms(fuente.modificada_en))
        ignoradas: set[str] = set()
        leer = leer_csv if formato is Formato.CSV else leer_json
        filas = leer(fuente, interprete, ignoradas)
        try:
            yield Lectura(formato, filas, ignoradas, fuente.tamano_bytes, fuente.leidos_bytes)
        finally:
            filas.close()


def leer_archivo(ruta: Path, formato: Formato | None = None) -> Iterator[FilaLeida]:
    """The rows of `ruta`, for who needs no more; opens it at the first row. Raises ArchivoInvalido."""
    with leer_tareas(ruta, formato) as lectura:
        yield from lectura.filas


def _por_contenido(fuente: Fuente) -> Formato:
    comienzo = fuente.archivo.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    fuente.archivo.seek(0)
    return Formato.JSON if comienzo[:1] in (b"[", b"{") else Formato.CSV
