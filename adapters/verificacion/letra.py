"""Instants, durations and methods as people read them on paper, wherever that paper goes."""

from __future__ import annotations

from datetime import UTC, datetime

_MESES = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio"),
    *("agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
_METODOS = {
    "resumen": "resumen: cada servidor sumó todo su contenido, y solo se leyeron las filas que no cuadraban",
    "flujo": "flujo: se leyeron todas las filas de las dos, en orden, y se compararon campo por campo",
}


def fecha_y_hora(ms: int) -> str:
    """By the clock of whoever signs, with its zone: a paper travels."""
    instante = datetime.fromtimestamp(ms / 1000, UTC).astimezone()
    minutos = round((instante.utcoffset() or instante - instante).total_seconds() / 60)
    zona = (
        f"UTC{'-' if minutos < 0 else '+'}{abs(minutos) // 60:02d}:{abs(minutos) % 60:02d}"
        if minutos
        else "UTC"
    )
    dia = f"{instante.day} de {_MESES[instante.month - 1]} de {instante.year}"
    return f"{dia}, {instante:%H:%M:%S} ({zona})"


def cuanto(s: float) -> str:
    """A duration in one unit or two: "21 ms", "2,4 s", "3 min 5 s", "4 días 2 h"."""
    if s < 1:
        return f"{round(s * 1000)} ms"
    if s < 60:
        return f"{s:.1f} s".replace(".", ",")
    total = round(s)
    if total < 3_600:
        return f"{total // 60} min {total % 60} s"
    if total < 86_400:
        return f"{total // 3_600} h {total % 3_600 // 60} min"
    dias = total // 86_400
    return f"{dias} {'día' if dias == 1 else 'días'} {total % 86_400 // 3_600} h"


def como(metodo: str) -> str:
    """The method, and half a sentence on what it did."""
    return _METODOS.get(metodo, metodo)
