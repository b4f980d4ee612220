"""The rows that an import refused, as a file of their own: mend them there and import that file."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from adapters.archivos.destino import abrir_destino
from adapters.archivos.formato import COLUMNAS, Formato
from core.application.importar_tareas import Incidencia

Apuntar = Callable[[Incidencia], None]


@contextmanager
def abrir_rechazadas(ruta: Path, formato: Formato, *, sobrescribir: bool = False) -> Iterator[Apuntar]:
    """A function that writes down one row; columns `linea` and `motivo` come first and are ignored on import.

    Raises ArchivoInvalido when it cannot be written.
    """
    with abrir_destino(ruta, sobrescribir=sobrescribir) as destino:
        yield _en_json(destino) if formato is Formato.JSON else _en_csv(destino)


def _en_csv(destino: TextIO) -> Apuntar:
    escritor = csv.writer(destino, lineterminator="\r\n")
    escritor.writerow(("linea", "motivo", *COLUMNAS))

    def apuntar(incidencia: Incidencia) -> None:
        celdas = (incidencia.original.get(columna, "") for columna in COLUMNAS)
        escritor.writerow((incidencia.linea, incidencia.motivo, *celdas))

    return apuntar


def _en_json(destino: TextIO) -> Apuntar:
    def apuntar(incidencia: Incidencia) -> None:
        de_ahora = {"linea": incidencia.linea, "motivo": incidencia.motivo}
        # Twice: first for their place, then over those that an earlier import wrote into the record.
        registro = {**de_ahora, **incidencia.original, **de_ahora}
        destino.write(json.dumps(registro, ensure_ascii=False) + "\n")

    return apuntar
