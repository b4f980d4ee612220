"""The note that the last verification left in the stores, as a value. No Qt in here."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Nota:
    """See `InformeVerificacion.nota`.

    Attributes:
        diferencias: how many it found.
    """

    empezada_ms: int
    duracion_s: float
    iguales: bool
    metodo: str
    filas_sql: int
    filas_mongo: int
    diferencias: int


def leer_nota(texto: str | None) -> Nota | None:
    """The note; None for none, and for one that is no note of ours."""
    try:
        leida = json.loads(texto or "null")
        return Nota(
            empezada_ms=int(leida["empezada_ms"]),
            duracion_s=float(leida["duracion_s"]),
            iguales=leida["iguales"] is True,
            metodo=str(leida["metodo"]),
            filas_sql=int(leida["filas_sql"]),
            filas_mongo=int(leida["filas_mongo"]),
            diferencias=int(leida["diferencias"]),
        )
    except (ValueError, TypeError, KeyError):
        return None
