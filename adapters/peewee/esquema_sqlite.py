"""The tables in SQLite. Runs inside the transaction that the motor opened, which holds the write lock."""

from __future__ import annotations

from typing import Final

from adapters.peewee.adopcion_sqlite import adoptar_tabla, columnas_de
from adapters.peewee.esquema import esta_al_dia, poner_tablas
from adapters.peewee.motor import Conexion

_HAY_VERSION: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'dual_tareas_meta'"
_AHORA: Final = "(strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))"
_CREAR_TAREAS: Final = f"""
CREATE TABLE tareas (
    id text PRIMARY KEY NOT NULL,
    titulo text NOT NULL,
    descripcion text NOT NULL DEFAULT '',
    estado text NOT NULL DEFAULT 'PENDIENTE',
    creada_en text NOT NULL DEFAULT {_AHORA},
    actualizada_en text NOT NULL DEFAULT {_AHORA},
    version integer NOT NULL DEFAULT 1,
    version_comun integer NOT NULL DEFAULT 0,
    pendiente integer NOT NULL DEFAULT 1,
    nodo text NOT NULL DEFAULT '',
    eliminada integer NOT NULL DEFAULT 0
)"""
_CREAR_CONFLICTOS: Final = """
CREATE TABLE IF NOT EXISTS conflictos (
    id text NOT NULL,
    titulo text NOT NULL,
    descripcion text NOT NULL,
    estado text NOT NULL,
    creada_en text NOT NULL,
    actualizada_en text NOT NULL,
    version integer NOT NULL,
    version_comun integer NOT NULL,
    pendiente integer NOT NULL,
    nodo text NOT NULL,
    eliminada integer NOT NULL,
    version_ganadora integer NOT NULL,
    cuando_ms integer NOT NULL,
    PRIMARY KEY (id, version)
)"""
_INDICES: Final = (
    "CREATE INDEX IF NOT EXISTS tareas_actualizada ON tareas (actualizada_en, id)",
    "CREATE INDEX IF NOT EXISTS tareas_creada ON tareas (creada_en, id)",
    "CREATE INDEX IF NOT EXISTS tareas_titulo ON tareas (titulo COLLATE NOCASE, id)",
    "CREATE INDEX IF NOT EXISTS tareas_estado ON tareas (estado, id)",
    "CREATE INDEX IF NOT EXISTS tareas_version ON tareas (version)",
    "CREATE INDEX IF NOT EXISTS tareas_pendientes ON tareas (version, id) WHERE pendiente",
)


def esta_preparado(conexion: Conexion) -> bool:
    """See `Motor.esta_preparado`."""
    return esta_al_dia(conexion, _HAY_VERSION)


def crear(conexion: Conexion, *, adoptar: bool) -> None:
    """See `Motor.crear_esquema`."""
    if esta_preparado(conexion):  # somebody else was first
        return
    poner_tablas(
        conexion,
        columnas_de(conexion),
        crear=_CREAR_TAREAS,
        adoptar=adoptar_tabla if adoptar else None,
        demas=(_CREAR_CONFLICTOS, *_INDICES),
    )
