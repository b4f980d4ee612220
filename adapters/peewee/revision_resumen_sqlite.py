"""Digests of rows of an SQLite file (see `AlmacenRevisable.resumir`; `revision_resumen` says of what).

The server is this process: rows are read in short pieces, in the order in which they lie, and digested here.
One long read would keep every writer waiting where the file has no WAL. SQLite looks at each row and writes
its canonical text; of the few that do not look as our programs leave them, that is done here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from adapters.peewee.motor import Conexion
from adapters.peewee.revision_fila_sqlite import LISTA, a_bytes, es_utf8, filas_tal_cual, vista
from adapters.peewee.revision_resumen import digerir
from core.diferencias import FilaVista
from core.domain.models.tarea import DESCRIPCION_MAX, TITULO_MAX, EstadoTarea
from core.textos import es_texto

PIEZA: Final = 900
"""Rows read at a time: older builds of SQLite accept no more than 999 parameters."""
CON_ROWID: Final = "SELECT rowid FROM tareas LIMIT 1"

Digerida = tuple[str, bytes]
"""The id of a row, and its digest; none where the row is not as it should be. One whose id is no text has no
place among the others: `ilegibles` tells it."""

_ESTADOS: Final = ", ".join(f"'{estado}'" for estado in EstadoTarea)
_HEX: Final = "[0-9a-f]"
_GLOB_ID: Final = "-".join(_HEX * veces for veces in (8, 4, 4, 4, 12))
_GLOB_INSTANTE: Final = "????-??-?? ??:??:??.[0-9][0-9][0-9]+00:00"


def _instante_bueno(campo: str) -> str:
    # The 31st of February is one to SQLite, until it is asked to make a date of its seconds again.
    texto = f"substr({campo}, 1, 19)"
    # To GLOB, as to `length`, a text ends at its first NUL.
    return (
        f"{campo} GLOB '{_GLOB_INSTANTE}' AND instr({campo}, char(0)) = 0"
        f" AND datetime(strftime('%s', {texto}), 'unixepoch') = {texto}"
    )


def _milisegundos(campo: str) -> str:
    return f"(strftime('%s', substr({campo}, 1, 19)) * 1000 + substr({campo}, 21, 3))"


def _bytes(campo: str) -> str:
    return f"length(CAST({campo} AS blob))"


_BIEN: Final = (
    f"typeof(id) = 'text' AND id GLOB '{_GLOB_ID}'"
    f" AND typeof(titulo) = 'text' AND length(titulo) BETWEEN 1 AND {TITULO_MAX}"
    f" AND typeof(descripcion) = 'text' AND length(descripcion) <= {DESCRIPCION_MAX}"
    f" AND typeof(estado) = 'text' AND estado IN ({_ESTADOS})"
    " AND typeof(version) = 'integer' AND version >= 0 AND eliminada IN (0, 1) AND pendiente IN (0, 1)"
    f" AND {_instante_bueno('creada_en')} AND {_instante_bueno('actualizada_en')}"
    " AND typeof(nodo) = 'text' AND typeof(version_comun) = 'integer'"
)
_CANON: Final = " || char(31) || ".join(
    (
        "id",
        _milisegundos("creada_en"),
        _milisegundos("actualizada_en"),
        "version",
        "eliminada",
        _bytes("titulo"),
        _bytes("estado"),
        "titulo || estado || descripcion",
    )
)
_FILAS: Final = f"SELECT rowid, id, nodo, CASE WHEN {_BIEN} THEN CAST({_CANON} AS blob) END FROM tareas"  # noqa: S608
_PIEZA: Final = f"{_FILAS} WHERE rowid > ? ORDER BY rowid LIMIT ?"
# Bounds by bytes, for a text of no UTF-8 has its place, too; behind all texts come the blobs.
_TRAMO: Final = (
    f"{_FILAS} WHERE id >= CAST(?1 AS TEXT) AND id < coalesce(CAST(?2 AS TEXT), x'') ORDER BY id LIMIT ?3"
)


def pieza(conexion: Conexion, tras: int) -> tuple[list[Digerida], int | None]:
    """The next rows behind a rowid, and the last one's; None when there are none left."""
    filas = filas_tal_cual(conexion, _PIEZA, (tras, PIEZA))
    return list(_digeridas(conexion, filas)), filas[-1][0] if filas else None


def tramo(conexion: Conexion, prefijo: str, desde: bytes) -> tuple[list[Digerida], bytes | None]:
    """The next rows whose ids begin with `prefijo`, and where to go on; None when there are none left."""
    filas = filas_tal_cual(conexion, _TRAMO, (desde, siguiente_prefijo(prefijo.encode()), PIEZA))
    # A 0 makes the least text above that id.
    return list(_digeridas(conexion, filas)), a_bytes(filas[-1][1]) + b"\0" if filas else None


def siguiente_prefijo(prefijo: bytes) -> bytes | None:
    """The least text above all that begin so; None where there is none."""
    sin_tope = prefijo.rstrip(b"\xff")
    return sin_tope[:-1] + bytes([sin_tope[-1] + 1]) if sin_tope else None


def _digeridas(conexion: Conexion, filas: Sequence[tuple[Any, ...]]) -> Iterator[Digerida]:
    raras = []
    for rowid, id, nodo, canonico in filas:
        # What SQLite counted of a text with a NUL in it was what stands before.
        if canonico is None or b"\0" in canonico or not es_utf8(canonico) or not es_texto(nodo):
            raras += [rowid] * isinstance(id, str)
        else:
            yield id, digerir(canonico)
    yield from _digerir_raras(conexion, raras)


def _digerir_raras(conexion: Conexion, rowids: Sequence[int]) -> Iterator[Digerida]:
    if rowids:
        marcas = ", ".join("?" for _ in rowids)
        consulta = f"SELECT id, {LISTA} FROM tareas WHERE rowid IN ({marcas})"  # noqa: S608
        for fila in filas_tal_cual(conexion, consulta, rowids):
            yield fila[0], _digerir_rara(vista(fila))


def _digerir_rara(fila: FilaVista) -> bytes:
    titulo, descripcion, estado, creada, actualizada = fila.contenido
    # An instant that stayed a text is no whole number of milliseconds, which MongoDB cannot hold.
    if fila.defectos or isinstance(creada, str) or isinstance(actualizada, str):
        return b""
    largos = f"{len(str(titulo).encode())}\x1f{len(str(estado).encode())}"
    canonico = (
        f"{fila.id}\x1f{creada}\x1f{actualizada}\x1f{fila.version}\x1f{int(fila.eliminada)}\x1f{largos}"
    )
    return digerir(f"{canonico}\x1f{titulo}{estado}{descripcion}".encode())
