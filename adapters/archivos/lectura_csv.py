"""CSV, row by row: comma, semicolon or tab; UTF-8 with or without BOM; bad bytes cost a row, not the file."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from adapters.archivos.filas import Interprete, recortado
from adapters.archivos.formato import CELDA_MAX, COLUMNAS
from adapters.archivos.fuente import Fuente
from core.application.importar_tareas import FilaLeida
from core.domain.errors import ArchivoInvalido

_LINEA_MAX = CELDA_MAX * 2
_DELIMITADORES = ",;\t"


@dataclass(frozen=True, slots=True)
class _Cabecera:
    columnas: tuple[str, ...]
    delimitador: str


def leer_csv(fuente: Fuente, interprete: Interprete, ignoradas: set[str]) -> Generator[FilaLeida]:
    """The rows of `fuente`; columns that mean nothing are put into `ignoradas`.

    Raises ArchivoInvalido for what is no CSV of tareas at all, or no longer is from some line on.
    """
    # Bytes that are no UTF-8 become lone surrogates, which the row's own check then refuses.
    texto = io.TextIOWrapper(fuente.archivo, "utf-8-sig", errors="surrogateescape", newline="")
    try:
        csv.field_size_limit(CELDA_MAX)
        cabecera = _cabecera(fuente, texto)
        ignoradas.update(nombre for nombre in cabecera.columnas if nombre not in COLUMNAS)
        yield from _filas(fuente, texto, cabecera, interprete)
    finally:
        texto.detach()  # the file belongs to whoever opened it


def _lineas(fuente: Fuente, texto: io.TextIOWrapper) -> Iterator[str]:
    while linea := texto.readline(_LINEA_MAX):
        if len(linea) == _LINEA_MAX:
            raise ArchivoInvalido(
                f"El archivo {fuente.ruta} no parece un CSV: tiene una línea demasiado larga."
            )
        yield linea


def _cabecera(fuente: Fuente, texto: io.TextIOWrapper) -> _Cabecera:
    primera = next(_lineas(fuente, texto))
    leidas: tuple[str, ...] = ()
    for delimitador in _DELIMITADORES:
        try:
            columnas = tuple(
                _nombre(celda) for celda in next(csv.reader([primera], delimiter=delimitador), [])
            )
        except csv.Error:
            continue
        if "titulo" in columnas:
            repetidas = {nombre for nombre in columnas if columnas.count(nombre) > 1}
            if repetidas & set(COLUMNAS):
                raise ArchivoInvalido(
                    f"El archivo {fuente.ruta} repite la columna «{min(repetidas & set(COLUMNAS))}»."
                )
            return _Cabecera(columnas, delimitador)
        leidas = leidas or columnas
    raise ArchivoInvalido(
        f"El archivo {fuente.ruta} no es un CSV de tareas: a su primera línea, "
        f"«{recortado(', '.join(leidas), 80)}», le falta la columna «titulo»."
    )


def _nombre(celda: str) -> str:
    """A column's name without accents, capitals and outer space: «Título» is titulo."""
    plano = unicodedata.normalize("NFKD", celda.strip().casefold())
    return "".join(letra for letra in plano if not unicodedata.combining(letra)).replace(" ", "_")


def _filas(
    fuente: Fuente, texto: io.TextIOWrapper, cabecera: _Cabecera, interprete: Interprete
) -> Iterator[FilaLeida]:
    lector = csv.reader(_lineas(fuente, texto), delimiter=cabecera.delimitador, strict=True)
    ancho = len(cabecera.columnas)
    while True:
        linea = lector.line_num + 2  # the header is line 1 and was read before
        try:
            celdas = next(lector)
        except StopIteration:
            return
        except csv.Error as error:
            yield _mal_entrecomillada(fuente, linea, error)
            continue
        if len(celdas) == ancho:
            yield interprete.fila(linea, linea, dict(zip(cabecera.columnas, celdas, strict=True)))
        elif celdas:  # a blank line is no row
            registro = dict(zip(cabecera.columnas, celdas, strict=False))
            yield FilaLeida(linea, None, f"tiene {len(celdas)} columnas y la cabecera {ancho}", registro)


def _mal_entrecomillada(fuente: Fuente, linea: int, error: csv.Error) -> FilaLeida:
    """A row whose quotes are wrong is refused; a cell without end takes the sense from all that follows."""
    if "limit" in str(error):
        raise ArchivoInvalido(
            f"La lectura de {fuente.ruta} se detuvo: la fila de la línea {linea} tiene una celda de más de "
            f"{CELDA_MAX} caracteres, quizá porque faltan unas comillas de cierre."
        ) from error
    if "unexpected end" in str(error):
        return FilaLeida(linea, None, "abre unas comillas que no se cierran hasta el final del archivo")
    return FilaLeida(linea, None, "tiene unas comillas mal puestas")
