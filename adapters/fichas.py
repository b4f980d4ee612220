"""The notes of a database about itself as the texts they are kept as in `dual_tareas_meta`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from uuid import UUID, uuid4

from core.domain.models.pareja import SIN_LATIDO, Ficha, Latido, PorRellenar

IDENTIDAD = "identidad"
PAREJA = "pareja"
POR_RELLENAR = "por_rellenar"
PUNTO = "relleno"
"""How far a backfill has got (see `adapters.replicacion.relleno`)."""
LATIDO = "latido"
CLAVES = (IDENTIDAD, PAREJA, POR_RELLENAR, LATIDO)


def identidad_nueva() -> str:
    """A name for a database that has none."""
    return str(uuid4())


def uuid_o_nada(id: object) -> UUID | None:
    """The id of a row; None for one that no tarea of ours can have."""
    if isinstance(id, UUID):
        return id
    try:
        return UUID(id) if isinstance(id, str) else None
    except ValueError:
        return None


def a_ficha(notas: Mapping[str, str], *, tiene_filas: bool) -> Ficha:
    """From the notes by key; what is no note of ours counts as none."""
    return Ficha(
        identidad=notas[IDENTIDAD],
        pareja=notas.get(PAREJA, ""),
        por_rellenar=_leer_por_rellenar(notas.get(POR_RELLENAR, "")),
        latido=_leer_latido(notas.get(LATIDO, "")),
        tiene_filas=tiene_filas,
    )


def a_texto(nota: PorRellenar | Latido | None) -> str:
    """As it is noted."""
    return json.dumps(asdict(nota)) if nota is not None else ""


def _leer_por_rellenar(texto: str) -> PorRellenar | None:
    valores = _leer_objeto(texto)
    origen, desde_ms = valores.get("origen"), valores.get("desde_ms")
    en_lugar_de = valores.get("en_lugar_de")
    if not isinstance(origen, str):
        return None
    return PorRellenar(
        origen=origen,
        seguir=bool(valores.get("seguir", True)),
        vaciada=bool(valores.get("vaciada", False)),
        en_lugar_de=en_lugar_de if isinstance(en_lugar_de, str) else "",
        desde_ms=desde_ms if isinstance(desde_ms, int) else 0,
    )


def _leer_latido(texto: str) -> Latido:
    valores = _leer_objeto(texto)
    ms, quien = valores.get("ms"), valores.get("quien")
    return Latido(ms, quien) if isinstance(ms, int) and isinstance(quien, str) else SIN_LATIDO


def _leer_objeto(texto: str) -> dict[str, object]:
    try:
        valores = json.loads(texto)
    except ValueError:
        return {}
    return valores if isinstance(valores, dict) else {}
