"""Digests of rows, made by PostgreSQL itself (see `AlmacenRevisable.resumir`).

A row's canonical text is id, both instants in milliseconds, version, tombstone, the lengths of titulo and
estado in bytes, and titulo, estado, descripcion one after the other, joined by U+001F: the lengths keep texts
that hold that character themselves from passing for others. Its digest is what `$toHashedIndexKey` of MongoDB
makes of that text: the first 8 bytes of md5(int32 0, int32 15, int32 bytes+1, the text as UTF-8, 00), with
the low byte of each integer first.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Sequence
from typing import Any, Final

from adapters.peewee.motor import Conexion
from core.diferencias import ANO_1_MS, ANO_9999_MS, Cubo
from core.domain.models.tarea import DESCRIPCION_MAX, TITULO_MAX, EstadoTarea

MODULO: Final = 2**32
_MUESTRA: Final = "ñandú \x1f \U0001f389"
_CEROS: Final = "00000000-0000-0000-0000-000000000000"
_EFES: Final = _CEROS.replace("0", "f")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_ESTADOS: Final = ", ".join(f"'{estado}'" for estado in EstadoTarea)
_TEXTO: Final = (
    "concat_ws(E'\\x1f', id::text, (date_part('epoch', creada_en) * 1000)::bigint,"
    " (date_part('epoch', actualizada_en) * 1000)::bigint, version, eliminada::int,"
    " octet_length(convert_to(titulo, 'UTF8')), octet_length(convert_to(estado, 'UTF8')),"
    " titulo || estado || descripcion)"
)


def _instante_bueno(campo: str) -> str:
    # Compared as instants: the number of one that is infinite cannot be asked for.
    desde, hasta = (f"to_timestamp({ms / 1000})" for ms in (ANO_1_MS, ANO_9999_MS))
    return f"{campo} BETWEEN {desde} AND {hasta} AND date_trunc('milliseconds', {campo}) = {campo}"


# Fewer bytes than the limit are fewer characters, too, and need no counting.
_BIEN: Final = (
    f"coalesce(char_length(titulo) BETWEEN 1 AND {TITULO_MAX}"
    f" AND (octet_length(descripcion) <= {DESCRIPCION_MAX} OR char_length(descripcion) <= {DESCRIPCION_MAX})"
    f" AND estado IN ({_ESTADOS}) AND version >= 0"
    f" AND {_instante_bueno('creada_en')} AND {_instante_bueno('actualizada_en')}"
    " AND eliminada IS NOT NULL AND pendiente IS NOT NULL, false)"
)


def _con_bytes_al_reves(hexadecimal: str) -> str:
    """Eight digits with their last byte first: the sixteen-fold use of `translate` evaluates them once."""
    return f"translate('78563412', '12345678', {hexadecimal})"


def _md5_de(bytes_: str) -> str:
    largo = _con_bytes_al_reves(f"lpad(to_hex(length({bytes_}) + 1), 8, '0')")
    return f"md5('\\x000000000f000000'::bytea || decode({largo}, 'hex') || {bytes_} || '\\x00'::bytea)"


_RANGO: Final = "WHERE id BETWEEN %s::uuid AND %s::uuid"
_CANON: Final = f"CASE WHEN {_BIEN} THEN convert_to({_TEXTO}, 'UTF8') END"
_MITAD: Final = _con_bytes_al_reves(f"left({_md5_de('canon')}, 8)")
# The sum of the low half: a row that differs is missed once in four thousand million times.
# OFFSET 0 keeps the canonical text from being made anew at each place where it stands. It keeps the server to
# one process, too: three are no quicker, and MongoDB, which takes longer, works at the same time.
_RESUMIR: Final = (
    f"SELECT left(clave, %s), count(*), sum(('x' || {_MITAD})::bit(32)::bigint), count(*) - count(canon)"  # noqa: S608  constants
    f" FROM (SELECT id::text AS clave, {_CANON} AS canon FROM tareas {{rango}} OFFSET 0) AS fila GROUP BY 1"
)
_HUELLAS: Final = (
    f"SELECT clave, coalesce(left({_md5_de('canon')}, 16), '')"  # noqa: S608  constants
    f" FROM (SELECT id::text AS clave, {_CANON} AS canon"
    " FROM unnest(%s::uuid[], %s::uuid[]) AS tramo(desde, hasta)"
    " JOIN tareas ON tareas.id BETWEEN tramo.desde AND tramo.hasta OFFSET 0) AS fila"
)


def digerir(canonico: bytes) -> bytes:
    """The digest of a canonical text, 8 bytes."""
    cabeza = struct.pack("<iii", 0, 15, len(canonico) + 1)
    return hashlib.md5(cabeza + canonico + b"\0", usedforsecurity=False).digest()[:8]


def motivo_sin_resumen(conexion: Conexion) -> str:
    """Whether this server digests a text as it should (a hardened one has no md5)."""
    fila = conexion.fila(
        f"SELECT left({_md5_de('canon')}, 16) FROM (SELECT convert_to(%s, 'UTF8') AS canon) AS uno",  # noqa: S608
        [_MUESTRA],
    )
    igual = fila is not None and fila[0] == digerir(_MUESTRA.encode()).hex()
    return "" if igual else "PostgreSQL no calcula los resúmenes como MongoDB"


def resumir(conexion: Conexion, prefijo: str, largo: int) -> dict[str, Cubo]:
    """See `AlmacenRevisable.resumir`: one pass."""
    limites = _limites(prefijo)
    if limites is None:
        return {}
    consulta = _RESUMIR.format(rango=_RANGO if prefijo else "")
    with conexion.db.atomic():
        conexion.cambiar("SET LOCAL statement_timeout = 0")
        filas = conexion.filas(consulta, [largo, *(limites if prefijo else ())])
    return {clave: Cubo(n, int(suma or 0) % MODULO, dudosas) for clave, n, suma, dudosas in filas}


def huellas(conexion: Conexion, prefijos: Sequence[str]) -> dict[str, str]:
    """See `AlmacenRevisable.huellas`."""
    tramos = [limites for prefijo in prefijos if (limites := _limites(prefijo)) is not None]
    parametros: list[Any] = [[desde for desde, _ in tramos], [hasta for _, hasta in tramos]]
    return dict(conexion.filas(_HUELLAS, parametros)) if tramos else {}


def _limites(prefijo: str) -> tuple[str, str] | None:
    """The first and the last id that begin so; None where no UUID does."""
    desde, hasta = prefijo + _CEROS[len(prefijo) :], prefijo + _EFES[len(prefijo) :]
    return (desde, hasta) if _UUID.fullmatch(desde) else None
