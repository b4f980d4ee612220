"""Repair of the SQL store (see `AlmacenReparable`): looks and writes in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from adapters.peewee.errores import Fase
from adapters.peewee.filas import COLUMNAS, LISTA
from adapters.peewee.motor import Conexion
from adapters.peewee.postgres import MotorPostgres
from adapters.peewee.repositorio import PeeweeTareaRepository
from adapters.peewee.revision import RevisionSql
from core.diferencias import FilaVista
from core.domain.ports.reparacion import Cambio
from core.reparacion import huella

IDS_MAX: Final = 900
"""Older builds of SQLite accept no more than 999 parameters."""


class ReparacionSql(RevisionSql):
    """Raw access, for reading and for repair, to a PeeweeTareaRepository's database."""

    def __init__(self, repositorio: PeeweeTareaRepository) -> None:
        super().__init__(repositorio)
        self._es_postgres = isinstance(self._motor, MotorPostgres)
        self._sentencias = repositorio._sentencias
        self._marca = "%s" if self._es_postgres else "?"
        asignar = ", ".join(f"{columna} = {self._marca}" for columna in COLUMNAS[1:])
        self._poner = f"UPDATE tareas SET {asignar} WHERE id = {self._marca}"  # noqa: S608  constants

    def crudos(self, ids: Sequence[str]) -> Mapping[str, str]:
        """See `AlmacenReparable.crudos`."""
        crudos: dict[str, str] = {}
        for desde in range(0, len(ids), IDS_MAX):
            parte = ids[desde : desde + IDS_MAX]
            marcas = ", ".join([self._marca] * len(parte))
            columna = "id::text" if self._es_postgres else "id"
            leer = f"SELECT {LISTA} FROM tareas WHERE {columna} IN ({marcas})"  # noqa: S608  constants
            for fila in self._motor.ejecutar(lambda c, s=leer, p=parte: c.filas(s, p), preparar=False):  # type: ignore[misc]
                valores = dict(zip(COLUMNAS, fila, strict=True))
                crudos[str(fila[0])] = json.dumps(valores, ensure_ascii=False, default=str)
        return crudos

    def sustituir(self, cambios: Sequence[Cambio]) -> set[str]:
        """See `AlmacenReparable.sustituir`."""
        if not cambios:
            return set()
        ordenados = sorted(cambios, key=lambda cambio: cambio.id)  # one order of locking for all
        return self._motor.ejecutar(partial(self._sustituir, cambios=ordenados), fase=Fase.ESCRIBIR)

    def _sustituir(self, conexion: Conexion, cambios: Sequence[Cambio]) -> set[str]:
        if not self._es_postgres:  # its transaction is open, and alone
            return self._mirar_y_poner(conexion, cambios)
        with conexion.db.atomic():
            # What is locked stays as the next statement reads it until the transaction ends.
            ids = [cambio.fila.id for cambio in cambios]
            conexion.filas("SELECT 1 FROM tareas WHERE id = ANY(%b) ORDER BY id FOR UPDATE", [ids])
            return self._mirar_y_poner(conexion, cambios)

    def _mirar_y_poner(self, conexion: Conexion, cambios: Sequence[Cambio]) -> set[str]:
        filas = self._producto.leer(conexion, [cambio.id for cambio in cambios])
        actuales: dict[str, FilaVista] = {fila[0]: self._vista(fila) for fila in filas}
        return {uno.id for uno in cambios if self._puesto(conexion, uno, actuales.get(uno.id))}

    def _puesto(self, conexion: Conexion, cambio: Cambio, actual: FilaVista | None) -> bool:
        if actual is not None and actual.version == cambio.fila.version and actual != cambio.vista:
            return True  # this very write: no other one has its version
        if huella(actual) != huella(cambio.vista):
            return False
        if actual is None:
            return self._sentencias.reemplazar(conexion, cambio.fila, None)
        id, *valores = self._sentencias.formato.a_parametros(cambio.fila)
        return conexion.cambiar(self._poner, (*valores, id)) > 0
