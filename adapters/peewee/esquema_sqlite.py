"""The tables in SQLite. Runs inside the transaction that the motor opened, which holds the write lock."""

from __future__ import annotations

from typing import Final

from adapters.peewee.adopcion_sqlite import ID_UNICO, adoptar_tabla, columnas_de
from adapters.peewee.consultas import ANTES_DE_ORDENAR, ILEGIBLE, TRAS_ORDENAR
from adapters.peewee.esquema import (
    INDICES_CONFLICTOS,
    VERSION_ESQUEMA,
    poner_clave,
    poner_tablas,
    version_guardada,
)
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
    resuelta_en_ms integer,
    resolucion text NOT NULL DEFAULT '',
    PRIMARY KEY (id, version)
)"""
_NUEVAS_EN_CONFLICTOS: Final = {"resuelta_en_ms": "integer", "resolucion": "text NOT NULL DEFAULT ''"}
_CREAR_NODOS: Final = """
CREATE TABLE IF NOT EXISTS nodos (
    nodo integer PRIMARY KEY NOT NULL,
    instalacion text NOT NULL,
    visto_en_ms integer NOT NULL
)"""
_INDICES: Final = (
    "CREATE INDEX IF NOT EXISTS tareas_actualizada ON tareas (actualizada_en, id)",
    "CREATE INDEX IF NOT EXISTS tareas_creada ON tareas (creada_en, id)",
    "DROP INDEX IF EXISTS tareas_titulo",  # ours, of version 1: it sorted accents after z
    f"CREATE INDEX IF NOT EXISTS tareas_titulo_es ON tareas ({ANTES_DE_ORDENAR}titulo{TRAS_ORDENAR}, id)",
    "CREATE INDEX IF NOT EXISTS tareas_estado ON tareas (estado, id)",
    "CREATE INDEX IF NOT EXISTS tareas_version ON tareas (version)",
    "CREATE INDEX IF NOT EXISTS tareas_pendientes ON tareas (version, id) WHERE pendiente",
    # Empty, but for rows that somebody puts there by hand: counts subtract them.
    f"CREATE INDEX IF NOT EXISTS tareas_ilegibles ON tareas (id) WHERE {ILEGIBLE}",
    *INDICES_CONFLICTOS,
)


_HAY_TABLAS = (
    "SELECT 1 WHERE 3 = (SELECT count(*) FROM sqlite_master WHERE name IN ('tareas', 'conflictos', 'nodos'))"
)


def esta_preparado(conexion: Conexion) -> bool:
    """See `Motor.esta_preparado`."""
    return version_guardada(conexion, _HAY_VERSION) == VERSION_ESQUEMA


def con_clave(conexion: Conexion) -> bool:
    """See `Motor.con_clave`."""
    return conexion.fila(ID_UNICO) is not None or not columnas_de(conexion)


def crear(conexion: Conexion, *, adoptar: bool) -> None:
    """See `Motor.crear_esquema`."""
    anterior = version_guardada(conexion, _HAY_VERSION)
    completa = conexion.fila(_HAY_TABLAS) is not None and con_clave(conexion)
    if anterior == VERSION_ESQUEMA and not (adoptar and not completa):
        return  # somebody else was first; what somebody dropped is made anew for whoever asks for that
    if anterior and not con_clave(conexion):
        poner_clave(conexion, ID_UNICO)  # a table that somebody made anew: it has none of our indexes either
    poner_tablas(
        conexion,
        columnas_de(conexion),
        anterior=anterior,
        crear=_CREAR_TAREAS,
        adoptar=adoptar_tabla if adoptar else None,
        demas=(_CREAR_CONFLICTOS, *_ampliar_conflictos(conexion), _CREAR_NODOS, *_INDICES),
    )


def _ampliar_conflictos(conexion: Conexion) -> list[str]:
    """What a `conflictos` of version 1 lacks; nothing where there is none yet."""
    hay = {nombre for _, nombre, *_ in conexion.filas("PRAGMA table_info(conflictos)")}
    return [
        f"ALTER TABLE conflictos ADD COLUMN {nombre} {tipo}"
        for nombre, tipo in _NUEVAS_EN_CONFLICTOS.items()
        if hay and nombre not in hay
    ]
