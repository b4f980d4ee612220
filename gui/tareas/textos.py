"""How the data of a tarea is written for an operator: one line, plain, whatever it holds."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Protocol
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from core.domain.errors import DualTareasError
from core.domain.models.tarea import EstadoTarea
from gui.widgets.formato import SIN_DATO, a_local, localidad

RESUMEN_MAX = 80
"""Most characters of a titulo that are quoted inside a sentence."""

FORMAS = {EstadoTarea.PENDIENTE: "○", EstadoTarea.EN_PROGRESO: "◐", EstadoTarea.COMPLETADA: "●"}
"""The shape that tells an estado apart without its colour."""
FORMA_AJENA = "◇"
"""Of an estado that is none of ours: an adopted table may hold any."""

TONOS = {EstadoTarea.PENDIENTE: "warn", EstadoTarea.EN_PROGRESO: "info", EstadoTarea.COMPLETADA: "ok"}
"""The role of the palette for each estado."""

SIN_FECHA = datetime(1970, 1, 1, tzinfo=UTC)
"""What a store answers for a date that it lacks, or cannot read: nobody's tarea is of that moment."""

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SALTOS = {"\n": "⏎", "\u2028": "⏎", "\u2029": "⏎", "\x85": "⏎", "\t": " "}
_FSI, _PDI = "\u2068", "\u2069"


class _ConId(Protocol):
    @property
    def id(self) -> UUID: ...


def palabra(estado: EstadoTarea) -> str:
    """The estado as a word; one that is none of ours as it is."""
    propia = {
        EstadoTarea.PENDIENTE: _tr("Pendiente"),
        EstadoTarea.EN_PROGRESO: _tr("En progreso"),
        EstadoTarea.COMPLETADA: _tr("Completada"),
    }.get(estado)
    return propia or una_linea(estado) or _tr("(vacío)")


def forma_y_palabra(estado: EstadoTarea) -> str:
    """The estado as a label: "◐ En progreso"."""
    return f"{FORMAS.get(estado, FORMA_AJENA)} {palabra(estado)}"


def tonos(estado: EstadoTarea) -> tuple[str, str]:
    """The roles of the palette for the letters and the ground of that label."""
    tono = TONOS.get(estado)
    return (tono, f"{tono}_fondo") if tono is not None else ("muted", "line")


def una_linea(texto: str) -> str:
    """`texto` on one line: breaks as ⏎, control characters as �, no reordering marks."""
    if texto.isascii() and texto.isprintable():
        return texto
    return "".join(_visible(caracter) for caracter in texto.replace("\r\n", "\n"))


def _visible(caracter: str) -> str:
    if caracter in _SALTOS:
        return _SALTOS[caracter]
    if caracter in _BIDI:
        return ""
    return "\ufffd" if unicodedata.category(caracter) in ("Cc", "Cs") else caracter


def citado(titulo: str) -> str:
    """The titulo inside a sentence: short, quoted, and unable to turn the sentence around."""
    linea = una_linea(titulo)
    corto = linea if len(linea) <= RESUMEN_MAX else f"{linea[: RESUMEN_MAX - 1]}…"
    return f"«{_FSI}{corto}{_PDI}»"


@lru_cache(maxsize=4096)
def fecha(instante: datetime) -> str:
    """The local date and minute in the locale's order, of one width; a dash where there is none."""
    if instante == SIN_FECHA:
        return SIN_DATO
    local = a_local(instante)
    momento = QDateTime(local.year, local.month, local.day, local.hour, local.minute, local.second)
    return localidad().toString(momento, f"{_patron_de_dia()} HH:mm")


def cuando(instante: datetime, *, ahora: datetime) -> str:
    """As said in a sentence: "hoy a las 10:42", "ayer a las 10:42", "el 30/03/2025 a las 10:42"."""
    if instante == SIN_FECHA:
        return _tr("no se sabe cuándo")
    local, hoy = a_local(instante), a_local(ahora).date()
    dia, hora = local.date(), local.strftime("%H:%M")
    if dia == hoy:
        return _tr("hoy a las {hora}").format(hora=hora)
    if dia == hoy - timedelta(days=1):
        return _tr("ayer a las {hora}").format(hora=hora)
    fecha_ = localidad().toString(QDate(dia.year, dia.month, dia.day), _patron_de_dia())
    return _tr("el {dia} a las {hora}").format(dia=fecha_, hora=hora)


@cache
def _patron_de_dia() -> str:
    patron = localidad().dateFormat(QLocale.FormatType.ShortFormat)
    for letras, fijo in ((r"d+", "dd"), (r"M+", "MM"), (r"y+", "yyyy")):
        patron = re.sub(letras, fijo, patron)
    return patron


def clave(asunto: str, de: _ConId) -> str:
    """The key of a banner about one tarea."""
    return f"{asunto}-{de.id}"


def explicar(error: BaseException) -> str:
    """What happened and what to do, for any failure."""
    if isinstance(error, DualTareasError):
        return " ".join(parte for parte in (str(error), error.que_hacer) if parte)
    return _tr("Error inesperado del programa. Los detalles están en el registro de actividad.")


def _tr(texto: str) -> str:
    return QCoreApplication.translate("Tareas", texto)
