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
from collections.abc import Iterable, Sequence
from typing import Any, Final

from adapters.peewee.motor import Conexion
from core.diferencias import ANO_1_MS, ANO_9999_MS, Cubo
from core.domain.models.tarea import DESCRIPCION_MAX, TITULO_MAX, EstadoTarea

MODULO: Final = 2**32
# Of characters that every database can hold, and so many that their number takes two bytes.
_MUESTRA: Final = "muestra \x1f" * 40
_CEROS: Final = "00000000-0000-0000-0000-000000000000"
_EFES: Final = _CEROS.replace("0", "f")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_ESTADOS: Final = ", ".join(f"'{estado}'" for estado in EstadoTarea)
_MS: Final = "(date_part('epoch', {}) * 1000)::bigint"
# textsend gives the bytes that the client would get: UTF-8 on every connection of ours, whatever the
# database's encoding. Where that is the same, there is no need of it to know how many they are.
_TEXTO: Final = (
    f"concat_ws(E'\\x1f', id, {_MS.format('creada_en')}, {_MS.format('actualizada_en')}, version,"
    " CASE WHEN eliminada THEN '1' ELSE '0' END, {largo_titulo}, {largo_estado},"
    " concat(titulo, estado, descripcion))"
)
_SIN_CODIFICAR: Final = ("convert_to(", ", 'SQL_ASCII')")
_FORMAS: Final = {
    codificacion: {
        **{f"largo_{campo}": f"octet_length({bytes_.format(campo)})" for campo in ("titulo", "estado")},
        "abre": abre,
        "cierra": cierra,
    }
    for codificacion, bytes_, (abre, cierra) in (
        ("UTF8", "{}", ("textsend(", ")")),
        # It takes any bytes, and would not send those that are no UTF-8: they are digested as they are.
        ("SQL_ASCII", "{}", _SIN_CODIFICAR),
        ("", "textsend({})", ("textsend(", ")")),
    )
}


def _instante_bueno(campo: str) -> str:
    # Compared as instants: the number of one that is infinite cannot be asked for.
    desde, hasta = (f"to_timestamp({ms / 1000})" for ms in (ANO_1_MS, ANO_9999_MS))
    return f"{campo} BETWEEN {desde} AND {hasta} AND {campo}::timestamptz(3) = {campo}"


def _hasta(campo: str, maximo: int) -> str:
    # No more bytes than the limit are no more characters, and need no counting.
    return f"(octet_length({campo}) <= {maximo} OR char_length({campo}) <= {maximo})"


_BIEN: Final = (
    f"coalesce(titulo <> '' AND {_hasta('titulo', TITULO_MAX)} AND {_hasta('descripcion', DESCRIPCION_MAX)}"
    f" AND estado IN ({_ESTADOS}) AND version >= 0"
    f" AND {_instante_bueno('creada_en')} AND {_instante_bueno('actualizada_en')}"
    " AND eliminada IS NOT NULL AND pendiente IS NOT NULL, false)"
)
_CANON: Final = f"CASE WHEN {_BIEN} THEN {{abre}}{_TEXTO}{{cierra}} END"
# A canonical text has fewer than 65,535 bytes: of its length the two low ones are set, the others are 0.
_LARGO: Final = "(octet_length(canon) + 1)"
_CABEZA: Final = (
    f"set_byte(set_byte('\\x000000000f00000000000000'::bytea, 8, {_LARGO} & 255), 9, {_LARGO} >> 8)"
)
_MD5: Final = f"md5({_CABEZA} || canon || '\\x00'::bytea)"
_RANGO: Final = "WHERE id BETWEEN %s::uuid AND %s::uuid"
# The sum of the low half, whose first byte is the lowest one: a row that differs is missed once in four
# thousand million times. OFFSET 0 keeps what stands at several places from being made anew at each. It keeps
# the server to one process, too: the other store works at the same time.
_RESUMIR: Final = (
    "SELECT left(clave::text, %s), count(*),"  # noqa: S608  constants
    " sum((n >> 24) | ((n >> 8) & 65280) | ((n << 8) & 16711680) | ((n & 255) << 24)), count(*) - count(n)"
    f" FROM (SELECT clave, ('x' || left({_MD5}, 8))::bit(32)::bigint AS n"
    f" FROM (SELECT id AS clave, {_CANON} AS canon FROM tareas {{rango}} OFFSET 0) AS fila"
    " OFFSET 0) AS digerida GROUP BY 1"
)
_HUELLAS: Final = (
    f"SELECT clave::text, coalesce(left({_MD5}, 16), '')"  # noqa: S608  constants
    f" FROM (SELECT id AS clave, {_CANON} AS canon"
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
        f"SELECT left({_MD5}, 16), current_setting('client_encoding')"  # noqa: S608  constants
        " FROM (SELECT textsend(%s::text) AS canon) AS uno",
        [_MUESTRA],
    )
    igual = fila == (digerir(_MUESTRA.encode()).hex(), "UTF8")
    return "" if igual else "PostgreSQL no calcula los resúmenes como MongoDB"


def resumir(conexion: Conexion, prefijo: str, largo: int) -> dict[str, Cubo]:
    """See `AlmacenRevisable.resumir`: one pass."""
    limites = _limites(prefijo)
    if limites is None:
        return {}
    consulta = _RESUMIR.format(rango=_RANGO if prefijo else "", **_formas(conexion))
    with conexion.db.atomic():
        conexion.cambiar("SET LOCAL statement_timeout = 0")
        filas = conexion.filas(consulta, [largo, *(limites if prefijo else ())])
    return {clave: Cubo(n, int(suma or 0) % MODULO, dudosas) for clave, n, suma, dudosas in filas}


def huellas(conexion: Conexion, prefijos: Sequence[str]) -> dict[str, str]:
    """See `AlmacenRevisable.huellas`."""
    tramos = [limites for prefijo in prefijos if (limites := _limites(prefijo)) is not None]
    if not tramos:
        return {}
    parametros: list[Any] = [[desde for desde, _ in tramos], [hasta for _, hasta in tramos]]
    consulta = _HUELLAS.format(**_formas(conexion))
    with conexion.db.atomic():
        conexion.cambiar("SET LOCAL statement_timeout = 0")
        # It cannot know how short these ranges are, and would rather read the whole table for each.
        conexion.cambiar("SET LOCAL enable_seqscan = off")
        conexion.cambiar("SET LOCAL jit = off")
        return sin_dobles(conexion.filas(consulta, parametros))


def sin_dobles(huellas: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By their ids. Of one that several rows have, none: it has to be looked at."""
    por_id: dict[str, str] = {}
    for id, huella in huellas:
        por_id[id] = "" if id in por_id else huella
    return por_id


def _formas(conexion: Conexion) -> dict[str, str]:
    """The bytes of UTF-8 of a text, and how many they are, said in this database's words."""
    fila = conexion.fila("SELECT current_setting('server_encoding')") or ("",)
    return _FORMAS.get(fila[0], _FORMAS[""])


def _limites(prefijo: str) -> tuple[str, str] | None:
    """The first and the last id that begin so; None where no UUID does."""
    desde, hasta = prefijo + _CEROS[len(prefijo) :], prefijo + _EFES[len(prefijo) :]
    return (desde, hasta) if _UUID.fullmatch(desde) else None
