"""The values that lost, in SQL: kept, listed, read by key, resolved."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from adapters.peewee.errores import Fase
from adapters.peewee.esquema import COLUMNAS_CONFLICTO, LISTA_CONFLICTO
from adapters.peewee.filas import COLUMNAS, Formato
from adapters.peewee.motor import Conexion, Fila, Motor
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import Conflicto
from core.domain.models.conflicto import ClaveConflicto, ConflictoGuardado, LugarConflicto

LOTE: Final = 400
"""Keys asked for in one statement: older builds of SQLite accept no more than 999 parameters."""
_LEER: Final = f"SELECT {LISTA_CONFLICTO}, resuelta_en_ms, resolucion FROM conflictos"  # noqa: S608
_ABIERTOS: Final = "resuelta_en_ms IS NULL"


class SentenciasConflictos:
    """The statements, with the placeholder and the values of one product."""

    def __init__(self, marca: str, formato: Formato) -> None:
        self._marca = marca
        self._formato = formato
        marcas = ", ".join([marca] * len(COLUMNAS_CONFLICTO))
        self._guardar = (
            f"INSERT INTO conflictos ({LISTA_CONFLICTO}) VALUES ({marcas})"  # noqa: S608
            " ON CONFLICT (id, version) DO NOTHING"
        )
        self._resolver = (
            f"UPDATE conflictos SET resuelta_en_ms = COALESCE(resuelta_en_ms, {marca}),"  # noqa: S608
            f" resolucion = CASE WHEN {_ABIERTOS} THEN {marca} ELSE resolucion END"
            f" WHERE id = {marca} AND version = {marca}"
        )

        self._reabrir = (
            f"UPDATE conflictos SET resuelta_en_ms = NULL, resolucion = ''"  # noqa: S608
            f" WHERE id = {marca} AND version = {marca}"
        )

    def guardar(self, conexion: Conexion, conflicto: Conflicto) -> None:
        """See `Almacen.guardar_conflicto`."""
        valores = self._formato.a_parametros(conflicto.perdedora)
        conexion.cambiar(self._guardar, (*valores, conflicto.version_ganadora, conflicto.cuando_ms))

    def contar(self, conexion: Conexion) -> int:
        """See `Almacen.contar_conflictos`."""
        return int(
            conexion.filas(f"SELECT count(*) FROM conflictos WHERE {_ABIERTOS}")[0][0]  # noqa: S608
        )

    def listar(
        self, conexion: Conexion, *, tras: LugarConflicto | None, limite: int, resueltos: bool
    ) -> list[ConflictoGuardado]:
        """See `Almacen.listar_conflictos`."""
        condicion = f"NOT {_ABIERTOS}" if resueltos else _ABIERTOS
        parametros: list[Any] = []
        if tras is not None:
            cuando_ms, id, version = tras
            condicion += f" AND (cuando_ms, id, version) < ({', '.join([self._marca] * 3)})"
            parametros = [cuando_ms, self._formato.de_id(id), version]
        sql = f"{_LEER} WHERE {condicion} ORDER BY cuando_ms DESC, id DESC, version DESC LIMIT {self._marca}"
        return [self._a_guardado(fila) for fila in conexion.tareas(sql, [*parametros, limite])]

    def leer(self, conexion: Conexion, claves: Sequence[ClaveConflicto]) -> list[ConflictoGuardado]:
        """See `Almacen.leer_conflictos`; no more than LOTE of them, and at least one."""
        par = f"({self._marca}, {self._marca})"
        sql = f"{_LEER} WHERE (id, version) IN (VALUES {', '.join([par] * len(claves))})"
        parametros = [valor for id, version in claves for valor in (self._formato.de_id(id), version)]
        return [self._a_guardado(fila) for fila in conexion.tareas(sql, parametros)]

    def resolver(self, conexion: Conexion, clave: ClaveConflicto, resolucion: str, cuando_ms: int) -> bool:
        """See `Almacen.resolver_conflicto`."""
        id, version = clave
        parametros = (cuando_ms, resolucion, self._formato.de_id(id), version)
        return conexion.cambiar(self._resolver, parametros) > 0

    def reabrir(self, conexion: Conexion, clave: ClaveConflicto) -> bool:
        """See `Almacen.reabrir_conflicto`."""
        id, version = clave
        return conexion.cambiar(self._reabrir, (self._formato.de_id(id), version)) > 0

    def _a_guardado(self, fila: Fila) -> ConflictoGuardado:
        perdedora = self._formato.a_tarea(fila[: len(COLUMNAS)])
        version_ganadora, cuando_ms, resuelta_en_ms, resolucion = fila[len(COLUMNAS) :]
        return ConflictoGuardado(
            conflicto=Conflicto(perdedora=perdedora, version_ganadora=version_ganadora, cuando_ms=cuando_ms),
            resuelta_en_ms=resuelta_en_ms,
            resolucion=resolucion,
        )


class RepositorioConConflictos(RepositorioDeUnAlmacen, ABC):
    """The half of the port that is about conflicts, on a `Motor`."""

    _motor: Motor
    _conflictos: SentenciasConflictos

    def guardar_conflicto(self, conflicto: Conflicto) -> None:
        """See `Almacen.guardar_conflicto`."""
        self._motor.ejecutar(partial(self._conflictos.guardar, conflicto=conflicto), fase=Fase.ESCRIBIR)

    def contar_conflictos(self) -> int:
        """See `Almacen.contar_conflictos`."""
        return self._motor.ejecutar(self._conflictos.contar)

    def listar_conflictos(
        self, *, tras: LugarConflicto | None, limite: int, resueltos: bool = False
    ) -> Sequence[ConflictoGuardado]:
        """See `Almacen.listar_conflictos`."""
        return self._motor.ejecutar(
            partial(self._conflictos.listar, tras=tras, limite=limite, resueltos=resueltos)
        )

    def leer_conflictos(self, claves: Sequence[ClaveConflicto]) -> Sequence[ConflictoGuardado]:
        """See `Almacen.leer_conflictos`."""
        hallados: list[ConflictoGuardado] = []
        for desde in range(0, len(claves), LOTE):
            parte = claves[desde : desde + LOTE]
            hallados += self._motor.ejecutar(partial(self._conflictos.leer, claves=parte))
        return hallados

    def resolver_conflicto(self, id: UUID, version: int, resolucion: str, cuando_ms: int) -> bool:
        """See `Almacen.resolver_conflicto`."""
        return self._motor.ejecutar(
            partial(
                self._conflictos.resolver, clave=(id, version), resolucion=resolucion, cuando_ms=cuando_ms
            ),
            fase=Fase.ESCRIBIR,
        )

    def reabrir_conflicto(self, id: UUID, version: int) -> bool:
        """See `Almacen.reabrir_conflicto`."""
        return self._motor.ejecutar(
            partial(self._conflictos.reabrir, clave=(id, version)), fase=Fase.ESCRIBIR
        )
