"""Contents that have broken stores before, and short names for the rows that tests write."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from core.domain.models.almacen import Escritura
from core.domain.models.tarea import DESCRIPCION_MAX, EstadoTarea, Tarea

INICIO = datetime(2024, 2, 29, 12, 0, 0, 123_000, tzinfo=UTC)

TEXTOS_HOSTILES = {
    "emoji": "👩‍👩‍👧‍👦 familia 🇪🇸 y 𝕌𝕟𝕚𝕔𝕠𝕕𝕖",
    "derecha_a_izquierda": "مرحبا \u202eabc\u202c שלום",
    "control": "a\x01b\x07c\x1bd\x7fe\tf\ng\rh\x0bi",
    "separador": "antes\x1fdespués",
    "comillas": 'O\'Brien "dijo" `esto`; DROP TABLE tareas; --',
    "comodines": "100% _de_ [a-z] \\ \\% \\_ * ?",
    "expresion": "^(a+)+$ .* [^x] {2,} | \\d \\Q \\E",
    "porcentajes": "%s %d %(x)s {0} {x} $1 :x ?1",
    "dolar": "$where $set a.b.c $$ROOT",
    "solo_espacios_dentro": "a   b\u00a0c\u3000d\u200be",
    "fin_de_linea": "\r\n\r\n",
    "parece_nulo": "NULL",
    "parece_numero": "0123",
    "parece_json": '{"$ne": null}',
    "maxima": "ñ" * DESCRIPCION_MAX,
    "maxima_astral": "🎉" * DESCRIPCION_MAX,
}


def fila(titulo: str = "tarea", *, version: int = 100, comun: int = 0, **campos: Any) -> Tarea:
    """A row as a store holds it."""
    campos = {"creada_en": INICIO, "actualizada_en": INICIO, "nodo": "0007", **campos}
    return Tarea(titulo=titulo, version=version, version_comun=comun, pendiente=version > comun, **campos)


def sobre(anterior: Tarea, *, version: int, base: int | None = None, **campos: Any) -> Escritura:
    """A write made from `anterior`, by its version unless `base` says another."""
    nueva = replace(
        anterior, version=version, version_comun=anterior.comun_conocida, pendiente=True, **campos
    )
    return Escritura(nueva, anterior.version if base is None else base)


def filas_variadas(cantidad: int = 60) -> list[Tarea]:
    """Rows with many equal values in every column that lists are ordered by."""
    estados = list(EstadoTarea)
    return [
        fila(
            ("alfa", "beta", "Beta", "ñandú", "árbol", "zeta", "100%")[n % 7],
            descripcion=("", "igual", "Ámbito", "x" * 3000)[n % 4],
            estado=estados[n % 3],
            version=100 + n,
            comun=100 + n if n % 5 else 0,
            creada_en=INICIO + timedelta(days=n % 4),
            actualizada_en=INICIO + timedelta(milliseconds=n % 11),
            id=UUID(int=(n * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128),
        )
        for n in range(cantidad)
    ]
