"""The tables in PostgreSQL: made once, by whoever comes first, in one transaction."""

from __future__ import annotations

from typing import Final

from adapters.peewee.adopcion_postgres import ID_UNICO, adoptar_tabla, columnas_de
from adapters.peewee.consultas import LenguajePostgres
from adapters.peewee.esquema import (
    INDICES_CONFLICTOS,
    VERSION_ESQUEMA,
    poner_clave,
    poner_tablas,
    version_guardada,
)
from adapters.peewee.motor import Conexion

_CANDADO: Final = 0x6475616C74617265  # any number that nobody else would take: "dualtare"
# Reading pg_class makes the session notice what others committed: to_regclass() alone may answer from a cache
# that says "no such table" even after the wait for the lock.
_HAY_VERSION: Final = "SELECT 1 FROM pg_class WHERE oid = to_regclass('dual_tareas_meta')"
_HAY_TABLAS: Final = """
SELECT 1 FROM pg_class WHERE oid IN (to_regclass('tareas'), to_regclass('conflictos'), to_regclass('nodos'))
HAVING count(*) = 3"""
_CREAR_TAREAS: Final = """
CREATE TABLE tareas (
    id uuid PRIMARY KEY,
    titulo text NOT NULL,
    descripcion text NOT NULL DEFAULT '',
    estado text NOT NULL DEFAULT 'PENDIENTE',
    creada_en timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
    actualizada_en timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
    version bigint NOT NULL DEFAULT 1,
    version_comun bigint NOT NULL DEFAULT 0,
    pendiente boolean NOT NULL DEFAULT true,
    nodo text NOT NULL DEFAULT '',
    eliminada boolean NOT NULL DEFAULT false
)"""
_CREAR_CONFLICTOS: Final = """
CREATE TABLE IF NOT EXISTS conflictos (
    id uuid NOT NULL,
    titulo text NOT NULL,
    descripcion text NOT NULL,
    estado text NOT NULL,
    creada_en timestamptz NOT NULL,
    actualizada_en timestamptz NOT NULL,
    version bigint NOT NULL,
    version_comun bigint NOT NULL,
    pendiente boolean NOT NULL,
    nodo text NOT NULL,
    eliminada boolean NOT NULL,
    version_ganadora bigint NOT NULL,
    cuando_ms bigint NOT NULL,
    resuelta_en_ms bigint,
    resolucion text NOT NULL DEFAULT '',
    PRIMARY KEY (id, version)
)"""
_AMPLIAR_CONFLICTOS: Final = """
ALTER TABLE conflictos
    ADD COLUMN IF NOT EXISTS resuelta_en_ms bigint,
    ADD COLUMN IF NOT EXISTS resolucion text NOT NULL DEFAULT ''"""
_CREAR_NODOS: Final = """
CREATE TABLE IF NOT EXISTS nodos (
    nodo integer PRIMARY KEY,
    instalacion text NOT NULL,
    visto_en_ms bigint NOT NULL
)"""
_LEER_COLACIONES: Final = """
SELECT collname FROM pg_collation
WHERE collname IN ('es-x-icu', 'und-x-icu', 'pg_c_utf8') AND pg_collation_is_visible(oid)
  AND collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))"""


def leer_lenguaje(conexion: Conexion) -> LenguajePostgres:
    """The collations that this server and this encoding have."""
    hay = {nombre for (nombre,) in conexion.filas(_LEER_COLACIONES)}
    busqueda = next((nombre for nombre in ("pg_c_utf8", "und-x-icu") if nombre in hay), "")
    return LenguajePostgres(
        orden='"es-x-icu"' if "es-x-icu" in hay else "", busqueda=f'"{busqueda}"' if busqueda else ""
    )


def _indices(orden: str) -> tuple[str, ...]:
    titulo = f"titulo COLLATE {orden}" if orden else "titulo"
    return (
        "CREATE INDEX IF NOT EXISTS tareas_actualizada ON tareas (actualizada_en, id)",
        "CREATE INDEX IF NOT EXISTS tareas_creada ON tareas (creada_en, id)",
        f"CREATE INDEX IF NOT EXISTS tareas_titulo ON tareas ({titulo}, id)",
        "CREATE INDEX IF NOT EXISTS tareas_estado ON tareas (estado, id)",
        "CREATE INDEX IF NOT EXISTS tareas_version ON tareas (version)",
        "CREATE INDEX IF NOT EXISTS tareas_pendientes ON tareas (version, id) WHERE pendiente",
        *INDICES_CONFLICTOS,
    )


def esta_preparado(conexion: Conexion) -> bool:
    """See `Motor.esta_preparado`."""
    return version_guardada(conexion, _HAY_VERSION) == VERSION_ESQUEMA


def con_clave(conexion: Conexion) -> bool:
    """See `Motor.con_clave`."""
    return conexion.fila(ID_UNICO) is not None or not columnas_de(conexion)


def crear(conexion: Conexion, *, adoptar: bool) -> None:
    """See `Motor.crear_esquema`."""
    with conexion.db.atomic():
        if adoptar:  # rewriting a large table takes its time; the caller's deadline still holds
            conexion.cambiar("SET LOCAL statement_timeout = 0")
        conexion.filas("SELECT pg_advisory_xact_lock(%s)", (_CANDADO,))
        anterior = version_guardada(conexion, _HAY_VERSION)
        completa = conexion.fila(_HAY_TABLAS) is not None and con_clave(conexion)
        if anterior == VERSION_ESQUEMA and not (adoptar and not completa):
            return  # somebody else was first; what somebody dropped is made anew for whoever asks for that
        if anterior and not con_clave(conexion):
            # A table that somebody made anew: it has none of our indexes either.
            poner_clave(conexion, ID_UNICO)
        poner_tablas(
            conexion,
            columnas_de(conexion),
            anterior=anterior,
            crear=_CREAR_TAREAS,
            adoptar=adoptar_tabla if adoptar else None,
            # In one request: over a slow network it is the number of them that takes the time.
            demas=(
                ";\n".join(
                    (
                        _CREAR_CONFLICTOS,
                        _AMPLIAR_CONFLICTOS,
                        _CREAR_NODOS,
                        *_indices(leer_lenguaje(conexion).orden),
                    )
                ),
            ),
        )
