"""Whole pages of rows in and out of SQL, for the backfill (see `AlmacenRellenable`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from adapters.peewee.consultas import ILEGIBLE
from adapters.peewee.errores import Fase
from adapters.peewee.filas import COLUMNAS, LISTA
from adapters.peewee.motor import Conexion
from adapters.peewee.postgres import MotorPostgres
from adapters.peewee.repositorio import PeeweeTareaRepository
from core.domain.models.tarea import Tarea
from core.domain.ports.relleno import PaginaRelleno

_TIPOS: Final = (
    *("uuid", "text", "text", "text", "timestamptz", "timestamptz"),
    *("bigint", "bigint", "boolean", "text", "boolean"),
)
# One statement and so one change: a server that dies in it has put all of the page or none.
_INSERTAR_PG: Final = f"""
INSERT INTO tareas ({LISTA})
SELECT * FROM unnest({", ".join(f"%b::{tipo}[]" for tipo in _TIPOS)})
ON CONFLICT (id) DO NOTHING RETURNING id"""  # noqa: S608  constants
_INSERTAR_SQLITE: Final = (
    f"INSERT INTO tareas ({LISTA}) VALUES ({', '.join('?' * len(COLUMNAS))}) ON CONFLICT (id) DO NOTHING"  # noqa: S608
)
_PAGINA_PG: Final = f"SELECT {LISTA} FROM tareas{{}} ORDER BY id LIMIT %s"  # noqa: S608
_PAGINA_SQLITE: Final = f"SELECT {LISTA} FROM tareas WHERE id > ? AND NOT ({ILEGIBLE}) ORDER BY id LIMIT ?"  # noqa: S608


class LotesSql:
    """Bulk access to a PeeweeTareaRepository's database."""

    def __init__(self, repositorio: PeeweeTareaRepository) -> None:
        self._repositorio = repositorio
        self._motor = repositorio._motor
        self._es_postgres = isinstance(self._motor, MotorPostgres)

    def pagina(self, *, tras: str, limite: int) -> PaginaRelleno:
        """See `AlmacenRellenable.pagina`."""
        if self._es_postgres:
            sql = _PAGINA_PG.format(" WHERE id > %s::uuid" if tras else "")
            parametros = (tras, limite) if tras else (limite,)
        else:
            sql, parametros = _PAGINA_SQLITE, (tras, limite)
        leidas = self._motor.ejecutar(lambda conexion: conexion.filas(sql, parametros))
        filas = [self._motor.formato.a_tarea(fila) for fila in leidas]
        return PaginaRelleno(filas, str(filas[-1].id) if len(filas) == limite else "")

    def insertar(self, filas: Sequence[Tarea]) -> set[UUID]:
        """See `AlmacenRellenable.insertar`."""
        valores = [self._motor.formato.a_parametros(fila) for fila in filas]

        def en_postgres(conexion: Conexion) -> set[UUID]:
            columnas = [list(columna) for columna in zip(*valores, strict=True)]
            return {id for (id,) in conexion.filas(_INSERTAR_PG, columnas)}

        def en_sqlite(conexion: Conexion) -> set[UUID]:
            puestas = (conexion.cambiar(_INSERTAR_SQLITE, fila) > 0 for fila in valores)
            return {fila.id for fila, puesta in zip(filas, puestas, strict=True) if puesta}

        poner = en_postgres if self._es_postgres else en_sqlite
        return self._motor.ejecutar(poner, fase=Fase.ESCRIBIR) if filas else set()

    def confirmar_vistas(self, filas: Sequence[Tarea]) -> bool:
        """See `AlmacenRellenable.confirmar_vistas`: here the ordinary confirmation is one request already."""
        self._repositorio.confirmar([(fila.id, fila.version) for fila in filas])
        return True
