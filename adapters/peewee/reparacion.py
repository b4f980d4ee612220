"""Repair of the SQL store (see `AlmacenReparable`): looks and writes in one transaction."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from adapters.peewee.errores import SQL, Fase
from adapters.peewee.esquema import COLUMNAS_CONFLICTO, LISTA_CONFLICTO
from adapters.peewee.filas import COLUMNAS, LISTA
from adapters.peewee.motor import Conexion
from adapters.peewee.postgres import MotorPostgres
from adapters.peewee.repositorio import PeeweeTareaRepository
from adapters.peewee.revision import RevisionSql
from adapters.peewee.sentencias_postgres import TIPOS, sin_cambios
from core.diferencias import FilaVista
from core.domain.errors import OperacionFallida
from core.domain.models.almacen import Conflicto
from core.domain.models.conflicto import ClaveConflicto
from core.domain.models.tarea import Tarea
from core.domain.ports.reparacion import Cambio
from core.reparacion import huella

T = TypeVar("T")

IDS_MAX: Final = 900
"""Older builds of SQLite accept no more than 999 parameters."""
ESPERA_MS: Final = 500
"""How long to wait for a row that another session has locked, milliseconds."""
_UUID: Final = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# The server writes it: there are dates that Python does not have.
_CRUDOS_POSTGRES: Final = (
    f"SELECT id::text, row_to_json(fila)::text FROM (SELECT {LISTA} FROM tareas WHERE id = ANY(%b::uuid[]))"  # noqa: S608  constants
    " AS fila"
)
_CRUDAS_SQLITE: Final = ", ".join(
    f"typeof({columna}), CASE typeof({columna}) WHEN 'text' THEN CAST({columna} AS blob) ELSE {columna} END"
    for columna in COLUMNAS
)


class _Sentencias(NamedTuple):
    """One statement: for many rows, column by column, and for one row. Both take the values of COLUMNAS."""

    de_postgres: str
    de_sqlite: str


_DADAS: Final = f"unnest({', '.join(f'%b::{tipo}[]' for tipo in TIPOS[: len(COLUMNAS)])}) AS d({LISTA})"
_INSERTAR: Final = _Sentencias(
    f"WITH d AS MATERIALIZED (SELECT * FROM {_DADAS}), nuevas AS ("  # noqa: S608  constants
    f"INSERT INTO tareas ({LISTA}) SELECT {LISTA} FROM d ON CONFLICT (id) DO NOTHING RETURNING *)"
    f" SELECT nuevas.id, {sin_cambios('nuevas', 'd')} FROM nuevas JOIN d USING (id)",
    f"INSERT INTO tareas ({LISTA}) VALUES ({', '.join('?' * len(COLUMNAS))})"  # noqa: S608  constants
    " ON CONFLICT (id) DO NOTHING",
)
_PONER: Final = _Sentencias(
    f"UPDATE tareas t SET {', '.join(f'{columna} = d.{columna}' for columna in COLUMNAS[1:])}"  # noqa: S608  constants
    f" FROM {_DADAS} WHERE t.id = d.id RETURNING t.id, {sin_cambios('t', 'd')}",
    f"UPDATE tareas SET {', '.join(f'{columna} = ?{n}' for n, columna in enumerate(COLUMNAS[1:], 2))}"  # noqa: S608  constants
    " WHERE id = ?1",
)


class ReparacionSql(RevisionSql):
    """Raw access, for reading and for repair, to a PeeweeTareaRepository's database."""

    def __init__(self, repositorio: PeeweeTareaRepository) -> None:
        super().__init__(repositorio)
        self._es_postgres = isinstance(self._motor, MotorPostgres)
        self._sentencias = repositorio._sentencias
        self._marca = "%s" if self._es_postgres else "?"

    def crudos(self, ids: Sequence[str]) -> Mapping[str, str]:
        """See `AlmacenReparable.crudos`."""
        if self._es_postgres:
            uuids = [id for id in ids if _UUID.fullmatch(id)]
            return dict(self._motor.ejecutar(lambda c: c.filas(_CRUDOS_POSTGRES, [uuids]), preparar=False))
        crudos: dict[str, str] = {}
        for parte in _partes(ids, IDS_MAX):
            leer = f"SELECT {_CRUDAS_SQLITE} FROM tareas WHERE id IN ({', '.join('?' * len(parte))})"  # noqa: S608  constants
            for fila in self._motor.ejecutar(lambda c, s=leer, p=parte: c.filas(s, p), preparar=False):  # type: ignore[misc]
                valores = dict(zip(COLUMNAS, map(_de_sqlite, fila[::2], fila[1::2]), strict=True))
                crudos[str(valores["id"])] = json.dumps(valores, ensure_ascii=False)
        return crudos

    def guardar_perdedoras(self, conflictos: Sequence[Conflicto], resolucion: str) -> None:
        """See `AlmacenReparable.guardar_perdedoras`; all of them or none."""
        filas = [
            (
                *self._sentencias.formato.a_parametros(uno.perdedora),
                *(uno.version_ganadora, uno.cuando_ms, uno.cuando_ms, resolucion),
            )
            for uno in conflictos
        ]
        una = f"({', '.join([self._marca] * (len(COLUMNAS_CONFLICTO) + 2))})"

        def guardar(conexion: Conexion) -> None:
            for parte in _partes(filas, IDS_MAX // (len(COLUMNAS_CONFLICTO) + 2)):
                conexion.cambiar(
                    f"INSERT INTO conflictos ({LISTA_CONFLICTO}, resuelta_en_ms, resolucion)"  # noqa: S608  constants
                    f" VALUES {', '.join([una] * len(parte))}"
                    " ON CONFLICT (id, version) DO NOTHING",
                    [valor for fila in parte for valor in fila],
                )

        self._de_una_vez(guardar)

    def anotar_resueltas(self, claves: Sequence[ClaveConflicto], resolucion: str, cuando_ms: int) -> None:
        """See `AlmacenReparable.anotar_resueltas`."""
        par, de_id = f"({self._marca}, {self._marca})", self._sentencias.formato.de_id

        def anotar(conexion: Conexion) -> None:
            for parte in _partes(claves, IDS_MAX // 2 - 1):
                pares = ", ".join([par] * len(parte))
                conexion.cambiar(
                    f"UPDATE conflictos SET resuelta_en_ms = {self._marca}, resolucion = {self._marca}"  # noqa: S608  constants
                    f" WHERE resuelta_en_ms IS NULL AND (id, version) IN (VALUES {pares})",
                    [cuando_ms, resolucion, *(v for id, version in parte for v in (de_id(id), version))],
                )

        self._de_una_vez(anotar)

    def _de_una_vez(self, hacer: Callable[[Conexion], None]) -> None:
        """In one transaction, which SQLite has open for a write already."""

        def en_transaccion(conexion: Conexion) -> None:
            with conexion.db.atomic() if self._es_postgres else nullcontext():
                hacer(conexion)

        self._motor.ejecutar(en_transaccion, fase=Fase.ESCRIBIR)

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
            conexion.cambiar(f"SET LOCAL lock_timeout = {ESPERA_MS}")
            ids = [cambio.fila.id for cambio in cambios]
            suyas = self._bloquear(conexion, ids, esperar=len(ids) == 1)
            puestas = self._mirar_y_poner(conexion, [uno for uno in cambios if uno.fila.id not in suyas])
        if suyas:  # whoever asked finds by halving which; those that are in count as put then
            raise OperacionFallida(SQL, "Otra sesión mantiene bloqueada la fila; vuelva a intentarlo.")
        return puestas

    def _bloquear(self, conexion: Conexion, ids: Sequence[UUID], *, esperar: bool) -> set[UUID]:
        """Lock these rows; those that another session has locked: for none of many it is waited."""
        saltar = "" if esperar else " SKIP LOCKED"
        bloquear = f"SELECT id FROM tareas WHERE id = ANY(%b) ORDER BY id FOR UPDATE{saltar}"  # noqa: S608
        nuestras = {id for (id,) in conexion.filas(bloquear, [ids])}
        if len(nuestras) == len(ids):
            return set()
        hay = {id for (id,) in conexion.filas("SELECT id FROM tareas WHERE id = ANY(%b)", [ids])}
        return hay - nuestras

    def _mirar_y_poner(self, conexion: Conexion, cambios: Sequence[Cambio]) -> set[str]:
        filas = self._producto.leer(conexion, [cambio.id for cambio in cambios])
        actuales: dict[str, FilaVista] = {fila[0]: self._vista(fila) for fila in filas}
        puestas: set[str] = set()
        nuevas: list[Tarea] = []
        otras: list[Tarea] = []
        for cambio in cambios:
            actual = actuales.get(cambio.id)
            if actual is not None and actual.version == cambio.fila.version and actual != cambio.vista:
                puestas.add(cambio.id)  # this very write: no other one has its version
            elif huella(actual) == huella(cambio.vista):
                (nuevas if actual is None else otras).append(cambio.fila)
        return puestas | self._escribir(conexion, _INSERTAR, nuevas) | self._escribir(conexion, _PONER, otras)

    def _escribir(self, conexion: Conexion, sentencias: _Sentencias, filas: Sequence[Tarea]) -> set[str]:
        """Run it for each of these rows; which it wrote."""
        if not filas:
            return set()
        valores = [self._sentencias.formato.a_parametros(fila) for fila in filas]
        if self._es_postgres:  # all at once: each statement waits for an answer
            columnas = [list(columna) for columna in zip(*valores, strict=True)]
            return {str(id) for id, _ in conexion.filas(sentencias.de_postgres, columnas)}
        return {str(una[0]) for una in valores if conexion.cambiar(sentencias.de_sqlite, una)}


def _de_sqlite(tipo: str, valor: Any) -> Any:
    """A value that JSON can tell: bytes that are no text are told one by one."""
    if not isinstance(valor, bytes):
        return valor
    try:
        return valor.decode() if tipo == "text" else {f"${tipo}": valor.hex()}
    except UnicodeDecodeError:
        return {f"${tipo}": valor.hex()}


def _partes(todas: Sequence[T], cuantas: int) -> Iterator[Sequence[T]]:
    for desde in range(0, len(todas), cuantas):
        yield todas[desde : desde + cuantas]
