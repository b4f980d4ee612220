"""A tarea as a document and back: strict when writing, lenient when reading.

A collection may hold documents of other programs. Whatever can be shown is shown, with fall-backs that
are the same at every reading; what is wrong with a document is for verification to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bson.int64 import Int64

from core.domain.models.almacen import Conflicto
from core.domain.models.tarea import EstadoTarea, Tarea, cortar_a_ms

Documento = dict[str, Any]

EPOCA = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a date that is missing or unreadable; the current time would be another at each read."""


def a_campos(tarea: Tarea) -> Documento:
    """All stored fields but `_id`: what `$set` gets, so that fields of other programs survive."""
    return {
        "titulo": tarea.titulo,
        "descripcion": tarea.descripcion,
        "estado": str(tarea.estado),
        "creada_en": tarea.creada_en,
        "actualizada_en": tarea.actualizada_en,
        "version": Int64(tarea.version),
        "version_comun": Int64(tarea.version_comun),
        "pendiente": tarea.pendiente,
        "nodo": tarea.nodo,
        "eliminada": tarea.eliminada,
    }


def de_conflicto(conflicto: Conflicto) -> Documento:
    """The document kept in `conflictos`, without its key (id, version)."""
    campos = a_campos(conflicto.perdedora)
    del campos["version"]
    return {
        **campos,
        "version_ganadora": Int64(conflicto.version_ganadora),
        "cuando_ms": Int64(conflicto.cuando_ms),
        "resuelta_en_ms": None,
        "resolucion": "",
    }


def a_tarea(documento: Mapping[str, Any]) -> Tarea | None:
    """The tarea that can be shown of a document; None when its `_id` is not the text of a UUID."""
    id = id_de(documento.get("_id"))
    if id is None:
        return None
    creada_en = _instante(documento.get("creada_en"))
    return Tarea(
        id=id,
        titulo=_texto(documento.get("titulo")),
        descripcion=_texto(documento.get("descripcion")),
        estado=_estado(documento.get("estado")),
        creada_en=creada_en or EPOCA,
        actualizada_en=_instante(documento.get("actualizada_en")) or creada_en or EPOCA,
        version=_entero(documento.get("version")),
        version_comun=_entero(documento.get("version_comun")),
        pendiente=documento.get("pendiente", True) is True,
        nodo=_texto(documento.get("nodo")),
        eliminada=documento.get("eliminada") is True,
    )


def id_de(valor: object) -> UUID | None:
    """The id, if `valor` is its stored form: a write under any other form would make a second document."""
    if not isinstance(valor, str):
        return None
    try:
        id = UUID(valor)
    except ValueError:
        return None
    return id if str(id) == valor else None


def _texto(valor: object) -> str:
    return valor if isinstance(valor, str) else "" if valor is None else str(valor)


def _entero(valor: object) -> int:
    # int() also takes the driver's Int64 off, whose arithmetic and repr differ.
    return int(valor) if isinstance(valor, int) and not isinstance(valor, bool) else 0


def _estado(valor: object) -> EstadoTarea:
    texto = _texto(valor)
    try:
        return EstadoTarea(texto)
    except ValueError:
        return texto  # type: ignore[return-value]  # shown as it is; Tarea.validada() refuses to write it


def _instante(valor: object) -> datetime | None:
    """The instant of a date or of an ISO text (UTC where it does not say); None of anything else."""
    if isinstance(valor, str):
        try:
            valor = datetime.fromisoformat(valor)
        except ValueError:
            return None
    if not isinstance(valor, datetime):  # a date outside of the years 1..9999 comes as something else
        return None
    try:
        return cortar_a_ms(valor if valor.tzinfo else valor.replace(tzinfo=UTC))
    except ValueError:
        return None
