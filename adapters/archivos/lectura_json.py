"""JSON, record by record: an array of objects, or one object after another (JSON Lines).

The standard decoder runs over a sliding buffer, so that memory is bounded, every record knows its line,
and a bad one between others costs itself only.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from adapters.archivos.filas import Interprete, recortado
from adapters.archivos.formato import CELDA_MAX, COLUMNAS, TEXTO_MAX, TEXTO_ORIGINAL
from adapters.archivos.fuente import Fuente
from core.application.importar_tareas import FilaLeida
from core.domain.errors import ArchivoInvalido

_TROZO = 1 << 18
_BLANCO = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class _Ilegible:
    """A line that is no JSON, as it stands."""

    texto: str


class _Ventana:
    """A sliding view on a text: the part not yet consumed, and the line at which it begins."""

    def __init__(self, texto: io.TextIOWrapper) -> None:
        self._texto = texto
        self._buffer = ""
        self._inicio = 0
        self._fin = False
        self.linea = 1
        self._decodificador = json.JSONDecoder()

    def mirar(self) -> str:
        """The next character that is no white space, not consumed; empty at the end."""
        while True:
            blanco = _BLANCO.match(self._buffer, self._inicio)
            self._consumir(blanco.end() if blanco else self._inicio)
            if self._inicio < len(self._buffer) or not self._leer_mas():
                return self._buffer[self._inicio : self._inicio + 1]

    def saltar(self) -> None:
        """Consume one character."""
        self._consumir(self._inicio + 1)

    def saltar_linea(self) -> str:
        """Consume up to the next line end, or to the end; the first `TEXTO_MAX` characters of it."""
        saltado = ""
        while (fin := self._buffer.find("\n", self._inicio)) < 0:
            saltado = (saltado + self._buffer[self._inicio :])[:TEXTO_MAX]
            self._consumir(len(self._buffer))
            if not self._leer_mas():
                return saltado
        saltado = (saltado + self._buffer[self._inicio : fin])[:TEXTO_MAX]
        self._consumir(fin)
        return saltado

    def valor(self) -> object:
        """Consume and return the JSON value here. Raises ValueError, consuming nothing."""
        while True:
            try:
                valor, fin = self._decodificador.raw_decode(self._buffer, self._inicio)
            except (ValueError, RecursionError) as error:
                # Cut off by the buffer's end, or wrong: only more text can tell, and not without bound.
                if len(self._buffer) - self._inicio < CELDA_MAX and self._leer_mas():
                    continue
                raise ValueError(str(error)) from error
            self._consumir(fin)
            return valor

    def _consumir(self, hasta: int) -> None:
        self.linea += self._buffer.count("\n", self._inicio, hasta)
        self._inicio = hasta

    def _leer_mas(self) -> bool:
        trozo = "" if self._fin else self._texto.read(_TROZO)
        self._fin = not trozo
        self._buffer = self._buffer[self._inicio :] + trozo
        self._inicio = 0
        return bool(trozo)


def leer_json(fuente: Fuente, interprete: Interprete, ignoradas: set[str]) -> Generator[FilaLeida]:
    """The rows of `fuente`; names that mean nothing are put into `ignoradas`.

    Raises ArchivoInvalido for what is no JSON of tareas at all, or no longer is from some line on.
    """
    # As in CSV: bad bytes become lone surrogates, which the row's own check refuses.
    texto = io.TextIOWrapper(fuente.archivo, "utf-8-sig", errors="surrogateescape")
    try:
        ventana = _Ventana(texto)
        primero = ventana.mirar()
        if primero not in ("[", "{"):
            raise ArchivoInvalido(
                f"El archivo {fuente.ruta} no es un JSON de tareas: debe ser una lista de objetos, "
                "o un objeto por línea."
            )
        registros = _de_la_lista(fuente, ventana) if primero == "[" else _uno_tras_otro(ventana)
        for orden, (linea, registro) in enumerate(registros, start=1):
            yield _fila(interprete, linea, orden, registro, ignoradas)
    finally:
        texto.detach()  # the file belongs to whoever opened it


def _fila(interprete: Interprete, linea: int, orden: int, registro: object, ignoradas: set[str]) -> FilaLeida:
    if isinstance(registro, _Ilegible):
        return FilaLeida(linea, None, "no es JSON válido", {TEXTO_ORIGINAL: registro.texto})
    if not isinstance(registro, dict):
        texto = json.dumps(registro, ensure_ascii=False)[:TEXTO_MAX]
        return FilaLeida(
            linea, None, "debe ser un objeto con los campos de una tarea", {TEXTO_ORIGINAL: texto}
        )
    if len(ignoradas) < len(COLUMNAS):  # enough to name; a file may have a new one in each record
        ignoradas.update(recortado(nombre) for nombre in registro if nombre not in COLUMNAS)
    return interprete.fila(linea, orden, registro)


def _uno_tras_otro(ventana: _Ventana) -> Iterator[tuple[int, object]]:
    while ventana.mirar():
        linea = ventana.linea
        try:
            valor = ventana.valor()
        except ValueError:
            valor = _Ilegible(ventana.saltar_linea())
        yield linea, valor


def _de_la_lista(fuente: Fuente, ventana: _Ventana) -> Iterator[tuple[int, object]]:
    ventana.saltar()
    separador = ventana.mirar()
    if separador == "]":
        ventana.saltar()
    while separador != "]":
        ventana.mirar()
        linea = ventana.linea
        try:
            valor = ventana.valor()
        except ValueError as error:
            raise _roto(fuente, linea) from error
        separador = ventana.mirar()
        if separador not in (",", "]"):
            raise _roto(fuente, ventana.linea)
        yield linea, valor
        ventana.saltar()
    if ventana.mirar():
        raise _roto(fuente, ventana.linea)


def _roto(fuente: Fuente, linea: int) -> ArchivoInvalido:
    return ArchivoInvalido(
        f"La lectura de {fuente.ruta} se detuvo en la línea {linea}: desde ahí no es JSON válido."
    )
