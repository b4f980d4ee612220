"""Digests of rows of an SQLite file (see `AlmacenRevisable.resumir`; `revision_resumen` says of what).

The server is this process: rows are read in short pieces, in the order in which they lie, and digested here.
One long read would keep every writer waiting where the file has no WAL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.peewee.motor import Conexion
from adapters.peewee.revision_resumen import digerir
from core.diferencias import Valor, fila_vista

PIEZA: Final = 1_000
"""Rows read at a time."""
COLUMNAS: Final = "id, titulo, descripcion, estado, creada_en, actualizada_en, version, eliminada, pendiente"
_NOMBRES: Final = tuple(COLUMNAS.split(", "))[1:]
_EPOCA: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_FIN: Final = "\U0010ffff"
_CON_ROWID: Final = "SELECT rowid FROM tareas LIMIT 1"
_PIEZA: Final = f"SELECT rowid, {COLUMNAS} FROM tareas WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
_TRAMO: Final = f"SELECT rowid, {COLUMNAS} FROM tareas WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"  # noqa: S608


def instante(valor: Any) -> Valor | None:
    """Milliseconds since the epoch; what is no whole number of them stays a text."""
    try:
        pasado = datetime.fromisoformat(valor) - _EPOCA
    except (ValueError, TypeError):
        return None if valor is None else str(valor)
    return pasado // _MS if not pasado % _MS else str(valor)


def pieza(conexion: Conexion, tras: int) -> list[tuple[Any, ...]]:
    """The next rows, each behind its rowid."""
    return conexion.filas(_PIEZA, (tras, PIEZA))


def tramo(conexion: Conexion, prefijo: str, tras: str) -> list[tuple[Any, ...]]:
    """The next rows whose ids begin with `prefijo`, from the id `tras` on."""
    return conexion.filas(_TRAMO, (max(prefijo, tras), prefijo + _FIN, PIEZA))


def digeridas(filas: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, bytes]]:
    """The id and the digest of each row; no digest for one that is not as it should be.

    A row whose id is no text has no place among the others: `ilegibles` tells it.
    """
    for fila in filas:
        if isinstance(fila[1], str):
            yield fila[1], _digerida(fila[1], fila[2:])


def _digerida(id: str, valores: Sequence[Any]) -> bytes:
    titulo, descripcion, estado, creada, actualizada, version, eliminada, pendiente = valores
    creada, actualizada = instante(creada), instante(actualizada)
    vista = fila_vista(
        id,
        dict(
            zip(
                _NOMBRES,
                (titulo, descripcion, estado, creada, actualizada, version, eliminada, pendiente),
                strict=True,
            )
        ),
    )
    if vista.defectos or not (isinstance(creada, int) and isinstance(actualizada, int)):
        return b""
    try:
        largos = len(titulo.encode()), len(estado.encode())
        numeros = (creada, actualizada, version, int(eliminada), *largos)
        return digerir("\x1f".join((id, *map(str, numeros), titulo + estado + descripcion)).encode())
    except UnicodeEncodeError:
        return b""
