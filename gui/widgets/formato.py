"""Figures as an operator reads them: durations, latencies, counts, times of day."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from PySide6.QtCore import QCoreApplication, QLocale

SIN_DATO = "—"


@cache
def localidad() -> QLocale:
    """The system's locale if it is Spanish, else that of Spain: figures follow the language of the text."""
    sistema = QLocale.system()
    if sistema.language() is QLocale.Language.Spanish:
        return sistema
    return QLocale(QLocale.Language.Spanish, QLocale.Country.Spain)


def cuenta(numero: int) -> str:
    """12000 as 12.000 (or as the locale separates)."""
    return localidad().toString(numero)


def latencia(ms: float | None) -> str:
    """0.31 as 0,3 ms; whole milliseconds from 100."""
    if ms is None:
        return SIN_DATO
    return f"{localidad().toString(ms, 'f', 1 if ms < 100 else 0)} ms"


def segundos(s: float) -> str:
    """1.234 as 1,2 s; never 0,0 s for what took some time."""
    if 0 < s < 0.05:
        return QCoreApplication.translate("Formato", "menos de {s} s").format(
            s=localidad().toString(0.1, "f", 1)
        )
    return f"{localidad().toString(s, 'f', 1)} s"


def duracion(s: float) -> str:
    """72.4 as 1 min 12 s; two units at most."""
    total = max(0, int(s))
    dias, resto = divmod(total, 86_400)
    horas, resto = divmod(resto, 3_600)
    minutos, segs = divmod(resto, 60)
    if dias:
        return f"{dias} d {horas} h"
    if horas:
        return f"{horas} h {minutos} min"
    return f"{minutos} min {segs} s" if minutos else f"{segs} s"


def a_local(instante: datetime) -> datetime:
    """The same instant by the local clock; by UTC where that has no such hour.

    The first and the last day that a datetime knows can lie outside of it in the local zone, and not every
    system converts years before 1970.
    """
    try:
        return instante.astimezone()
    except (OverflowError, OSError, ValueError):
        return instante.astimezone(UTC)


def hora(instante: datetime) -> str:
    """The local time of day, with seconds."""
    return a_local(instante).strftime("%H:%M:%S")
