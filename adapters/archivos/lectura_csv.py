"""CSV, row by row: comma, semicolon or tab; UTF-8 with or without BOM; bad bytes cost a row, not the file."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from adapters.archivos.filas import Interprete, recortado
from adapters.archivos.formato import CELDA_MAX, COLUMNAS, TEXTO_ORIGINAL
from adapters.archivos.fuente import Fuente
from adapters.archivos.lineas_csv import LineasCsv, linea_de_comillas_abiertas
from core.application.importar_tareas import FilaLeida
from core.domain.errors import ArchivoInvalido

_DELIMITADORES = ",;\t"
_SEP = re.compile(r"sep=(.)[\r\n]*", re.IGNORECASE)
"""First line by which a spreadsheet says what stands between two cells."""


@dataclass(frozen=True, slots=True)
class _Cabecera:
    """The columns' names, what stands between two cells, and the number of the line that follows."""

    columnas: tuple[str, ...]
    delimitador: str
    siguiente: int


def leer_csv(fuente: Fuente, interprete: Interprete, ignoradas: set[str]) -> Generator[FilaLeida]:
    """The rows of `fuente`; columns that mean nothing are put into `ignoradas`.

    Raises ArchivoInvalido for what is no CSV of tareas at all, or no longer is from some line on.
    """
    # Bytes that are no UTF-8 become lone surrogates, which the row's own check then refuses.
    texto = io.TextIOWrapper(fuente.archivo, "utf-8-sig", errors="surrogateescape", newline="")
    try:
        csv.field_size_limit(CELDA_MAX)
        lineas = LineasCsv(fuente, texto)
        cabecera = _cabecera(fuente, lineas)
        ignoradas.update(nombre for nombre in cabecera.columnas if nombre not in COLUMNAS)
        yield from _filas(fuente, lineas, cabecera, interprete)
    finally:
        texto.detach()  # the file belongs to whoever opened it


def _cabecera(fuente: Fuente, lineas: LineasCsv) -> _Cabecera:
    primera, delimitadores, siguiente = next(lineas), _DELIMITADORES, 2
    if declarado := _SEP.fullmatch(primera):  # a spreadsheet's own line, of no interest to anybody else
        primera, delimitadores, siguiente = next(lineas, ""), declarado[1], 3
    leidas: tuple[str, ...] = ()
    for delimitador in delimitadores:
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
            return _Cabecera(columnas, delimitador, siguiente)
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
    fuente: Fuente, lineas: LineasCsv, cabecera: _Cabecera, interprete: Interprete
) -> Iterator[FilaLeida]:
    lector = csv.reader(lineas, delimiter=cabecera.delimitador, strict=True)
    ancho = len(cabecera.columnas)
    while True:
        linea = lector.line_num + cabecera.siguiente
        lineas.olvidar()
        try:
            celdas = next(lector)
        except StopIteration:
            return
        except csv.Error as error:
            yield _mal_entrecomillada(fuente, linea, error, lineas.texto(), cabecera.delimitador)
            continue
        if len(celdas) == ancho:
            yield interprete.fila(linea, linea, dict(zip(cabecera.columnas, celdas, strict=True)))
        elif celdas:  # a blank line is no row
            registro: dict[str, object] = dict(zip(cabecera.columnas, celdas, strict=False))
            registro[TEXTO_ORIGINAL] = lineas.texto()
            tiene = "1 columna" if len(celdas) == 1 else f"{len(celdas)} columnas"
            yield FilaLeida(linea, None, f"tiene {tiene} y la cabecera {ancho}", registro)


def _mal_entrecomillada(
    fuente: Fuente, linea: int, error: csv.Error, texto: str, delimitador: str
) -> FilaLeida:
    """A row whose quotes are wrong is refused; a cell without end takes the sense from all that follows."""
    if "limit" in str(error):
        raise ArchivoInvalido(
            f"La lectura de {fuente.ruta} se detuvo: la fila de la línea {linea} tiene una celda de más de "
            f"{CELDA_MAX} caracteres: quizá {_donde_se_abren(texto, delimitador, linea)} no se cierran."
        ) from error
    motivo = "tiene unas comillas mal puestas"
    if "unexpected end" in str(error):
        abiertas = _donde_se_abren(texto, delimitador, linea)
        motivo = f"{abiertas} no se cierran hasta el final del archivo: se rechaza todo lo que sigue"
    return FilaLeida(linea, None, motivo, {TEXTO_ORIGINAL: texto})


def _donde_se_abren(texto: str, delimitador: str, linea: int) -> str:
    """The quotes that never close, named by the line they stand in; `texto` begins at `linea`."""
    abiertas = linea_de_comillas_abiertas(texto, delimitador)
    return "sus comillas" if abiertas is None else f"las comillas que se abren en la línea {linea + abiertas}"
