"""The rows that an import refused, as a file of their own: mend them there and import that file."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from adapters.archivos.destino import abrir_destino
from adapters.archivos.formato import COLUMNAS, TEXTO_ORIGINAL, Formato
from core.application.importar_tareas import Incidencia

Apuntar = Callable[[Incidencia], None]
_INCOMPLETO = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Halves of a character that only JSON can write down; those between stand for bytes that are no UTF-8."""


@contextmanager
def abrir_rechazadas(ruta: Path, formato: Formato, *, sobrescribir: bool = False) -> Iterator[Apuntar]:
    """A function that writes down one row; columns `linea` and `motivo` come first and are ignored on import.

    So is the last one, the text of a row that could not be taken apart. Where nothing is written down no file
    appears; one that was there is replaced all the same, for what it says holds no longer.

    Raises ArchivoInvalido when it cannot be written.
    """
    sirve = ruta.exists()
    with abrir_destino(ruta, sobrescribir=sobrescribir, quedarse=lambda: sirve) as destino:
        apuntar = _en_json(destino) if formato is Formato.JSON else _en_csv(destino)

        def apuntar_una(incidencia: Incidencia) -> None:
            nonlocal sirve
            sirve = True
            apuntar(incidencia)

        yield apuntar_una


def _en_csv(destino: TextIO) -> Apuntar:
    escritor = csv.writer(destino, lineterminator="\r\n")
    escritor.writerow(("linea", "motivo", *COLUMNAS, TEXTO_ORIGINAL))

    def apuntar(incidencia: Incidencia) -> None:
        celdas = (incidencia.original.get(columna, "") for columna in (*COLUMNAS, TEXTO_ORIGINAL))
        escritor.writerow((incidencia.linea, incidencia.motivo, *celdas))

    return apuntar


def _en_json(destino: TextIO) -> Apuntar:
    def apuntar(incidencia: Incidencia) -> None:
        de_ahora = {"linea": incidencia.linea, "motivo": incidencia.motivo}
        # Twice: first for their place, then over those that an earlier import wrote into the record.
        registro = {**de_ahora, **incidencia.original, **de_ahora}
        texto = json.dumps(registro, ensure_ascii=False)
        destino.write(_INCOMPLETO.sub(lambda hallado: f"\\u{ord(hallado[0]):04x}", texto) + "\n")

    return apuntar
