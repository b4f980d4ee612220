"""The lines of a CSV as its parser takes them, remembered for the sake of rows that make no sense."""

from __future__ import annotations

import io
import re

from adapters.archivos.formato import CELDA_MAX, TEXTO_MAX
from adapters.archivos.fuente import Fuente
from core.domain.errors import ArchivoInvalido

_LINEA_MAX = CELDA_MAX * 2
_FIN_DE_LINEA = re.compile(r"\r\n|\r|\n")


class LineasCsv:
    """An iterator of lines that can tell those since the last row."""

    def __init__(self, fuente: Fuente, texto: io.TextIOWrapper) -> None:
        self._fuente = fuente
        self._texto = texto
        self._vistas: list[str] = []
        self._caben = TEXTO_MAX

    def __iter__(self) -> LineasCsv:
        return self

    def __next__(self) -> str:
        linea = self._texto.readline(_LINEA_MAX)
        if not linea:
            raise StopIteration
        if len(linea) == _LINEA_MAX:
            raise ArchivoInvalido(
                f"El archivo {self._fuente.ruta} no parece un CSV: tiene una línea demasiado larga."
            )
        if self._caben > 0:
            self._vistas.append(linea)
            self._caben -= len(linea)
        return linea

    def olvidar(self) -> None:
        """A row begins here."""
        self._vistas.clear()
        self._caben = TEXTO_MAX

    def texto(self) -> str:
        """What was read since the row began, without its last line end; its beginning, if it is very long."""
        return "".join(self._vistas)[:TEXTO_MAX].rstrip("\r\n")


def linea_de_comillas_abiertas(texto: str, delimitador: str) -> int | None:
    """How many lines down the quotes stand that `texto` opens and never closes; None if there are none."""
    # Possessive: quotes doubled inside of a cell are never tried again as its end.
    celda = re.compile(rf'"(?:[^"]|"")*+"|"|[^{re.escape(delimitador)}\r\n]+|.', re.DOTALL)
    empieza = True  # quotes open a cell only at its beginning
    for parte in celda.finditer(texto):
        if empieza and parte[0] == '"':
            return len(_FIN_DE_LINEA.findall(texto, 0, parte.start()))
        empieza = parte[0] in (delimitador, "\r", "\n")
    return None
