"""What both databases hold, read with the bare drivers. Shares no line with the program's repositories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import pymongo
from pymongo.read_concern import ReadConcern

from tests.servidores import ServidorMongo, ServidorPostgres
from tests.torture.contenido import Contenido, en_ms

_PLAZO_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FilaCruda:
    """One row or document."""

    id: str
    version: int
    comun: int
    pendiente: bool
    contenido: Contenido


@dataclass(frozen=True, slots=True, kw_only=True)
class Volcado:
    """All of one database.

    Attributes:
        filas: rows of `tareas` by id.
        conflictos: rows of `conflictos` by (id, version).
    """

    filas: dict[str, FilaCruda]
    conflictos: dict[tuple[str, int], FilaCruda]


def difieren(sql: Volcado, mongo: Volcado) -> list[str]:
    """What is not the same in both, one sentence each; an empty list when all is."""
    males = []
    for id in sorted(sql.filas.keys() | mongo.filas.keys()):
        una, otra = sql.filas.get(id), mongo.filas.get(id)
        if una is None or otra is None:
            males.append(f"{id} está solo en {'SQL' if una else 'MongoDB'}")
        elif (una.version, una.contenido) != (otra.version, otra.contenido):
            males.append(f"{id} difiere: {una} / {otra}")
    return males


def pendientes(sql: Volcado, mongo: Volcado) -> list[str]:
    """Rows that are still marked, in either."""
    return [
        f"{nombre} {fila.id} versión {fila.version} pendiente"
        for nombre, volcado in (("SQL", sql), ("MongoDB", mongo))
        for fila in volcado.filas.values()
        if fila.pendiente or fila.version > fila.comun
    ]


class Crudo:
    """Reads both databases of a run, straight from the servers."""

    def __init__(self, postgres: ServidorPostgres, mongo: ServidorMongo, base: str) -> None:
        self._postgres, self._mongo, self._base = postgres, mongo, base

    def volcar(self) -> tuple[Volcado, Volcado]:
        """SQL, MongoDB. Raises the driver's error when one does not answer."""
        return self._volcar_sql(), self._volcar_mongo()

    def versiones_sql(self) -> dict[str, int]:
        """Version by id."""
        with self._conexion(timeout_s=1) as conexion:
            if not _hay_tabla(conexion):
                return {}
            return dict(conexion.execute("SELECT id::text, version FROM tareas").fetchall())

    def versiones_mongo(self) -> dict[str, int]:
        """Version by id, of what outlives a crash: a document can be seen before its journal is on disk."""
        with pymongo.timeout(1.0), self._mongo.cliente() as cliente:
            tareas = cliente[self._base].get_collection("tareas", read_concern=ReadConcern("majority"))
            return {uno["_id"]: int(uno["version"]) for uno in tareas.find({}, {"version": 1})}

    def _conexion(self, timeout_s: int = _PLAZO_S) -> psycopg.Connection[Any]:
        opciones = f"-c statement_timeout={timeout_s * 1000} -c TimeZone=UTC"
        return psycopg.connect(
            self._postgres.url(self._base), connect_timeout=2, options=opciones, autocommit=True
        )

    def _volcar_sql(self) -> Volcado:
        with self._conexion() as conexion:
            if not _hay_tabla(conexion):
                return Volcado(filas={}, conflictos={})
            filas = [_fila_sql(uno) for uno in conexion.execute(_SELECT + "FROM tareas")]
            conflictos = [_fila_sql(uno) for uno in conexion.execute(_SELECT + "FROM conflictos")]
        return _volcado(filas, conflictos)

    def _volcar_mongo(self) -> Volcado:
        with self._mongo.cliente() as cliente:
            base = cliente[self._base]
            filas = [_fila_mongo(uno, uno["_id"]) for uno in base["tareas"].find()]
            conflictos = [_fila_mongo(uno, str(uno["id"])) for uno in base["conflictos"].find()]
        return _volcado(filas, conflictos)


_SELECT = (
    "SELECT id::text, version, version_comun, pendiente, titulo, descripcion, estado,"
    " (extract(epoch from creada_en) * 1000)::bigint, (extract(epoch from actualizada_en) * 1000)::bigint,"
    " eliminada "
)


def _hay_tabla(conexion: psycopg.Connection[Any]) -> bool:
    fila = conexion.execute("SELECT to_regclass('tareas'), to_regclass('conflictos')").fetchone()
    return fila is not None and None not in fila


def _volcado(filas: list[FilaCruda], conflictos: list[FilaCruda]) -> Volcado:
    return Volcado(
        filas={fila.id: fila for fila in filas},
        conflictos={(fila.id, fila.version): fila for fila in conflictos},
    )


def _fila_sql(fila: tuple[Any, ...]) -> FilaCruda:
    id, version, comun, pendiente, titulo, descripcion, estado, creada_ms, actualizada_ms, eliminada = fila
    return FilaCruda(
        id=id,
        version=version,
        comun=comun,
        pendiente=pendiente,
        contenido=Contenido(
            titulo=titulo,
            descripcion=descripcion,
            estado=estado,
            creada_ms=creada_ms,
            actualizada_ms=actualizada_ms,
            eliminada=eliminada,
        ),
    )


def _ms_de_mongo(instante: datetime) -> int:
    return en_ms(instante.replace(tzinfo=UTC))  # this client gives UTC without saying so


def _fila_mongo(uno: dict[str, Any], id: str) -> FilaCruda:
    return FilaCruda(
        id=id,
        version=int(uno["version"]),
        comun=int(uno["version_comun"]),
        pendiente=uno["pendiente"],
        contenido=Contenido(
            titulo=uno["titulo"],
            descripcion=uno["descripcion"],
            estado=uno["estado"],
            creada_ms=_ms_de_mongo(uno["creada_en"]),
            actualizada_ms=_ms_de_mongo(uno["actualizada_en"]),
            eliminada=uno["eliminada"],
        ),
    )
