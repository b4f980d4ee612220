"""Statements for SQLite: a batch is many statements in the one transaction that the motor opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from adapters.peewee.filas import LISTA, FormatoSqlite
from adapters.peewee.motor import Conexion
from adapters.peewee.sentencias import Sentencias
from core.domain.models.almacen import Escritura
from core.domain.models.tarea import Tarea

IDS_MAX: Final = 900
"""Older builds of SQLite accept no more than 999 parameters."""
_CONFIRMAR: Final = """
UPDATE tareas SET version_comun = max(version_comun, ?1), pendiente = version > max(version_comun, ?1)
WHERE id = ?2 AND (version_comun < ?1 OR pendiente)"""


class SentenciasSqlite(Sentencias):
    """SQLite's half."""

    def leer_lote(self, conexion: Conexion, ids: Sequence[UUID]) -> list[Tarea]:
        """See `Sentencias.leer_lote`."""
        tareas: list[Tarea] = []
        for desde in range(0, len(ids), IDS_MAX):
            parte = [self.formato.de_id(id) for id in ids[desde : desde + IDS_MAX]]
            marcas = ", ".join("?" * len(parte))
            filas = conexion.tareas(f"SELECT {LISTA} FROM tareas WHERE id IN ({marcas})", parte)  # noqa: S608
            tareas.extend(map(self.formato.a_tarea, filas))
        return tareas

    def escribir_varias(self, conexion: Conexion, escrituras: Sequence[Escritura]) -> set[UUID]:
        """See `Sentencias.escribir_varias`."""
        return {escritura.fila.id for escritura in escrituras if self.escribir(conexion, escritura)}

    def confirmar(self, conexion: Conexion, pares: Sequence[tuple[UUID, int]]) -> None:
        """See `Sentencias.confirmar`."""
        for id, version in pares:
            conexion.cambiar(_CONFIRMAR, (version, self.formato.de_id(id)))


SENTENCIAS: Final = SentenciasSqlite("?", FormatoSqlite())
