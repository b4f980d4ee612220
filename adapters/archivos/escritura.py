"""Write tareas to a file. Data is never altered: a cell that begins with `=` stays as it is."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO

from adapters.archivos.destino import abrir_destino
from adapters.archivos.formato import COLUMNAS, Formato, instante_a_texto
from core.domain.models.tarea import Tarea


def escribir_tareas(
    ruta: Path,
    tareas: Iterable[Tarea],
    *,
    formato: Formato | None = None,
    sobrescribir: bool = False,
    progreso: Callable[[int], None] = lambda _escritas: None,
) -> int:
    """Write `tareas` to `ruta` (`-`: standard output); how many there were.

    Args:
        formato: by the name's ending, CSV if it tells none, when None.
        sobrescribir: may replace a file that is there.
        progreso: called after each thousand with the number so far.

    Raises ArchivoInvalido; then no file has appeared or changed.
    """
    formato = formato or Formato.de_la_ruta(ruta) or Formato.CSV
    with abrir_destino(ruta, sobrescribir=sobrescribir) as destino:
        cuenta = _Cuenta(tareas, progreso)
        if formato is Formato.CSV:
            _escribir_csv(destino, cuenta)
        elif Formato.en_lineas(ruta):
            destino.writelines(f"{_en_json(registro)}\n" for registro in cuenta)
        else:
            _escribir_json(destino, cuenta)
    return cuenta.escritas


class _Cuenta:
    """Counts what goes through."""

    def __init__(self, tareas: Iterable[Tarea], progreso: Callable[[int], None]) -> None:
        self._tareas = tareas
        self._progreso = progreso
        self.escritas = 0

    def __iter__(self) -> Iterator[dict[str, str]]:
        for tarea in self._tareas:
            yield a_registro(tarea)
            self.escritas += 1
            if self.escritas % 1000 == 0:
                self._progreso(self.escritas)
        self._progreso(self.escritas)


def a_registro(tarea: Tarea) -> dict[str, str]:
    """The columns of one tarea as texts."""
    return {
        "id": str(tarea.id),
        "titulo": tarea.titulo,
        "descripcion": tarea.descripcion,
        "estado": str(tarea.estado),
        "creada_en": instante_a_texto(tarea.creada_en),
        "actualizada_en": instante_a_texto(tarea.actualizada_en),
    }


def _escribir_csv(destino: TextIO, registros: Iterable[dict[str, str]]) -> None:
    # CRLF as in RFC 4180; with it Python quotes cells that hold either of both characters.
    escritor = csv.writer(destino, lineterminator="\r\n")
    escritor.writerow(COLUMNAS)
    escritor.writerows(registro.values() for registro in registros)


def _escribir_json(destino: TextIO, registros: Iterable[dict[str, str]]) -> None:
    """An array with one object a line: a parser takes it whole, a person and a diff line by line."""
    separador = "[\n"
    for registro in registros:
        destino.write(separador + _en_json(registro))
        separador = ",\n"
    destino.write("[]\n" if separador == "[\n" else "\n]\n")


def _en_json(registro: dict[str, str]) -> str:
    return json.dumps(registro, ensure_ascii=False)
