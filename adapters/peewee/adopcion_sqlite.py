"""Adopting a `tareas` that was in an SQLite file before: its columns become ours, every row stays.

Runs inside the transaction that prepares the schema: a refusal leaves the table as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import peewee

from adapters.peewee.esquema import SALIDA, no_adoptable, poner_clave
from adapters.peewee.filas import EPOCA, FormatoSqlite
from adapters.peewee.motor import Conexion


@dataclass(frozen=True, slots=True)
class ColumnaExistente:
    """A column as `PRAGMA table_info` describes it; `rellenable`: an INSERT may leave it out."""

    tipo: str
    rellenable: bool


ID_UNICO: Final = """
SELECT 1 FROM pragma_index_list('tareas') i
WHERE i."unique" AND NOT i.partial AND (SELECT group_concat(name) FROM pragma_index_info(i.name)) = 'id'"""
_NUEVAS: Final = {
    "titulo": "text NOT NULL DEFAULT ''",
    "descripcion": "text NOT NULL DEFAULT ''",
    "estado": "text NOT NULL DEFAULT 'PENDIENTE'",
    "creada_en": "text NOT NULL DEFAULT ''",
    "actualizada_en": "text NOT NULL DEFAULT ''",
    "version": "integer NOT NULL DEFAULT 1",  # 0 is the base of a new tarea, which could overwrite the row
    "version_comun": "integer NOT NULL DEFAULT 0",
    "pendiente": "integer NOT NULL DEFAULT 1",
    "nodo": "text NOT NULL DEFAULT ''",
    "eliminada": "integer NOT NULL DEFAULT 0",
}
_LLENAR: Final = """
UPDATE tareas SET
    id = dt_uuid(id),
    titulo = CAST(COALESCE(titulo, '') AS text),
    descripcion = CAST(COALESCE(descripcion, '') AS text),
    estado = CAST(COALESCE(estado, 'PENDIENTE') AS text),
    creada_en = COALESCE(dt_instante(creada_en), ?1),
    actualizada_en = COALESCE(dt_instante(actualizada_en), dt_instante(creada_en), ?1),
    version = max(COALESCE(version, 0), 1),
    version_comun = COALESCE(version_comun, 0),
    pendiente = 1,
    nodo = COALESCE(nodo, ''),
    eliminada = COALESCE(eliminada, 0)"""


_TEXTOS: Final = frozenset({"titulo", "descripcion", "estado", "nodo"})


def _guarda_textos(tipo: str) -> bool:
    """Whether a column declared so leaves texts as they are (https://sqlite.org/datatype3.html, 3.1)."""
    tipo = tipo.upper()
    if "INT" in tipo:
        return False
    return not tipo or any(parte in tipo for parte in ("CHAR", "CLOB", "TEXT", "BLOB"))


def columnas_de(conexion: Conexion) -> dict[str, ColumnaExistente]:
    """The columns of `tareas`; none when there is no such table."""
    return {
        nombre: ColumnaExistente(
            tipo=tipo,
            # An INTEGER PRIMARY KEY fills itself.
            rellenable=not obligatoria or omision is not None or (clave and tipo.upper() == "INTEGER"),
        )
        for _, nombre, tipo, obligatoria, omision, clave in conexion.filas("PRAGMA table_info(tareas)")
    }


def adoptar_tabla(conexion: Conexion, columnas: Mapping[str, ColumnaExistente]) -> None:
    """Give `tareas` our columns. Raises OperacionFallida when that cannot keep every row."""
    for nombre in _TEXTOS & columnas.keys():
        if not _guarda_textos(columnas[nombre].tipo):
            raise no_adoptable(
                f"la columna «{nombre}» es de tipo {columnas[nombre].tipo}, y en ella SQLite guardaría "
                "«00042» como el número 42; conviértala antes a TEXT"
            )
    conn = conexion.db.connection()
    conn.create_function("dt_uuid", 1, _uuid, deterministic=True)
    conn.create_function("dt_instante", 1, _instante, deterministic=True)
    malo = conexion.fila("SELECT id FROM tareas WHERE dt_uuid(id) IS NULL LIMIT 1")
    if malo is not None:
        raise no_adoptable(f"el id «{malo[0]}» no es un UUID. {SALIDA}")
    for nombre in {"creada_en", "actualizada_en"} & columnas.keys():
        malo = conexion.fila(
            f"SELECT {nombre} FROM tareas"  # noqa: S608  one of two names
            f" WHERE {nombre} IS NOT NULL AND dt_instante({nombre}) IS NULL LIMIT 1"
        )
        if malo is not None:
            raise no_adoptable(f"la fecha «{malo[0]}» no se entiende")
    for nombre, tipo in _NUEVAS.items():
        if nombre not in columnas:
            conexion.cambiar(f"ALTER TABLE tareas ADD COLUMN {nombre} {tipo}")
    try:
        # Not the current time: the same old row in the other store is to get the same value there.
        conexion.cambiar(_LLENAR, (FormatoSqlite().de_instante(EPOCA),))
    except peewee.IntegrityError as error:
        raise no_adoptable("hay ids repetidos") from error
    poner_clave(conexion, ID_UNICO)


def _uuid(valor: Any) -> str | None:
    """The id in our form: older programs kept it without hyphens, in capitals or as 16 bytes."""
    try:
        if isinstance(valor, bytes):
            return str(UUID(bytes=valor))
        return str(UUID(valor)) if isinstance(valor, str) else None
    except ValueError:
        return None


def _instante(valor: Any) -> str | None:
    """The instant in our form; without a zone it is read as UTC, and a number as seconds since the epoch."""
    try:
        if isinstance(valor, int | float):
            instante = datetime.fromtimestamp(valor, UTC)
        else:
            instante = datetime.fromisoformat(valor)
        if instante.tzinfo is None:
            instante = instante.replace(tzinfo=UTC)
        return FormatoSqlite().de_instante(instante)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
