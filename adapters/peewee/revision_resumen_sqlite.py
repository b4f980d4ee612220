"""Digests of rows of an SQLite file (see `AlmacenRevisable.resumir`; `revision_resumen` says of what).

The server is this process: rows are read in short pieces, in the order in which they lie, and digested here.
One long read would keep every writer waiting where the file has no WAL. SQLite looks at each row and writes
its canonical text; of the few that do not look as our programs leave them, that is done here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.peewee.motor import Conexion
from adapters.peewee.revision_resumen import digerir
from core.diferencias import Valor, fila_vista
from core.domain.models.tarea import DESCRIPCION_MAX, TITULO_MAX, EstadoTarea

PIEZA: Final = 900
"""Rows read at a time: older builds of SQLite accept no more than 999 parameters."""
CON_ROWID: Final = "SELECT rowid FROM tareas LIMIT 1"
_NOMBRES: Final = (
    *("titulo", "descripcion", "estado", "creada_en", "actualizada_en"),
    *("version", "eliminada", "pendiente"),
)
_EPOCA: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_FIN: Final = "\U0010ffff"

Digerida = tuple[str, bytes]
"""The id of a row, and its digest; none where the row is not as it should be."""

_ESTADOS: Final = ", ".join(f"'{estado}'" for estado in EstadoTarea)
_HEX: Final = "[0-9a-f]"
_GLOB_ID: Final = "-".join(_HEX * veces for veces in (8, 4, 4, 4, 12))
_GLOB_INSTANTE: Final = "????-??-?? ??:??:??.[0-9][0-9][0-9]+00:00"


def _instante_bueno(campo: str) -> str:
    # The 31st of February is one to SQLite, until it is asked to make a date of its seconds again.
    texto = f"substr({campo}, 1, 19)"
    return f"{campo} GLOB '{_GLOB_INSTANTE}' AND datetime(strftime('%s', {texto}), 'unixepoch') = {texto}"


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
_FILAS: Final = f"SELECT rowid, id, CASE WHEN {_BIEN} THEN CAST({_CANON} AS blob) END FROM tareas"  # noqa: S608
_PIEZA: Final = f"{_FILAS} WHERE rowid > ? ORDER BY rowid LIMIT ?"
_TRAMO: Final = f"{_FILAS} WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"


def instante(valor: Any) -> Valor | None:
    """Milliseconds since the epoch; what is no whole number of them stays a text."""
    try:
        pasado = datetime.fromisoformat(valor) - _EPOCA
    except (ValueError, TypeError):
        return None if valor is None else str(valor)
    return pasado // _MS if not pasado % _MS else str(valor)


def pieza(conexion: Conexion, tras: int) -> tuple[list[Digerida], int | None]:
    """The next rows behind a rowid, and the last one's; None when there are none left.

    A row whose id is no text has no place among the others: `ilegibles` tells it.
    """
    filas = conexion.filas(_PIEZA, (tras, PIEZA))
    return list(_digeridas(conexion, filas)), filas[-1][0] if filas else None


def tramo(conexion: Conexion, prefijo: str, desde: str) -> tuple[list[Digerida], str | None]:
    """The next rows whose ids begin with `prefijo`, and where to go on; None when there are none left."""
    filas = conexion.filas(_TRAMO, (max(prefijo, desde), prefijo + _FIN, PIEZA))
    # A 0 makes the least text above that id.
    return list(_digeridas(conexion, filas)), f"{filas[-1][1]}\0" if filas else None


def _digeridas(conexion: Conexion, filas: Sequence[tuple[Any, ...]]) -> Iterator[Digerida]:
    for _, id, canonico in filas:
        if canonico is not None:
            yield id, digerir(canonico)
    yield from _digerir_raras(
        conexion, [rowid for rowid, id, canonico in filas if canonico is None and isinstance(id, str)]
    )


def _digerir_raras(conexion: Conexion, rowids: Sequence[int]) -> Iterator[Digerida]:
    if rowids:
        marcas = ", ".join("?" for _ in rowids)
        consulta = f"SELECT id, {', '.join(_NOMBRES)} FROM tareas WHERE rowid IN ({marcas})"  # noqa: S608
        for id, *valores in conexion.filas(consulta, rowids):
            yield id, _digerir_rara(id, valores)


def _digerir_rara(id: str, valores: Sequence[Any]) -> bytes:
    vistos = dict(zip(_NOMBRES, valores, strict=True))
    creada = vistos["creada_en"] = instante(vistos["creada_en"])
    actualizada = vistos["actualizada_en"] = instante(vistos["actualizada_en"])
    # An instant that stayed a text is no whole number of milliseconds, which MongoDB cannot hold.
    if fila_vista(id, vistos).defectos or isinstance(creada, str) or isinstance(actualizada, str):
        return b""
    titulo, descripcion, estado, _, _, version, eliminada, _ = valores
    try:
        largos = f"{len(titulo.encode())}\x1f{len(estado.encode())}"
        canonico = f"{id}\x1f{creada}\x1f{actualizada}\x1f{version}\x1f{int(eliminada)}\x1f{largos}"
        return digerir(f"{canonico}\x1f{titulo}{estado}{descripcion}".encode())
    except UnicodeEncodeError:  # half a character, which MongoDB cannot hold either
        return b""
