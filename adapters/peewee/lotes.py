"""Whole pages of rows in and out of SQL, for the backfill (see `AlmacenRellenable`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

import psycopg

from adapters.peewee.adopcion_postgres import ID_UNICO
from adapters.peewee.consultas import COPIABLE_POSTGRES, COPIABLE_SQLITE, ILEGIBLE
from adapters.peewee.copia import confirmada, linea
from adapters.peewee.errores import Fase, sin_clave
from adapters.peewee.filas import COLUMNAS, LISTA, FormatoPostgres, FormatoSqlite, es_instante
from adapters.peewee.motor import Conexion, Fila
from adapters.peewee.postgres import MotorPostgres
from adapters.peewee.repositorio import PeeweeTareaRepository
from adapters.peewee.sentencias_postgres import exigir_sin_disparador
from core.domain.ports.relleno import (
    COLA,
    CREADA_EN,
    ID,
    VERSION,
    FilaRelleno,
    Lugar,
    PaginaRelleno,
    ParRelleno,
    de_tarea,
    ventana,
)

_TIPOS: Final = (
    *("uuid", "text", "text", "text", "timestamptz", "timestamptz"),
    *("bigint", "bigint", "boolean", "text", "boolean"),
)
_COPIAR_PG: Final = f"COPY tareas ({LISTA}) FROM STDIN"
# One statement and so one change, as COPY is: a server that dies in it has put all of the page or none.
_INSERTAR_PG: Final = f"""
INSERT INTO tareas ({LISTA})
SELECT * FROM unnest({", ".join(f"%b::{tipo}[]" for tipo in _TIPOS)})
ON CONFLICT (id) DO NOTHING RETURNING id::text"""  # noqa: S608  constants
_ESAS_PG: Final = (
    f"SELECT {LISTA} FROM tareas WHERE id = ANY(%b) AND {COPIABLE_POSTGRES} ORDER BY version, id"  # noqa: S608
)
# The range spares the planner the idea of reading a large table from end to end for each page.
_CONFIRMAR_PG: Final = """
UPDATE tareas t SET version_comun = t.version, pendiente = false
FROM unnest(%b::uuid[], %b::bigint[]) AS d(id, version)
WHERE t.pendiente AND (t.version, t.id) >= (%s, %s) AND (t.version, t.id) <= (%s, %s)
AND t.id = d.id AND t.version = d.version"""
_MARCAR_PG: Final = """
UPDATE tareas t SET pendiente = true FROM unnest(%b::uuid[], %b::bigint[]) AS d(id, version)
WHERE t.id = d.id AND (d.version IS NULL OR coalesce(t.version, 0) = d.version)"""
_INSERTAR_SQLITE: Final = (
    f"INSERT INTO tareas ({LISTA}) VALUES ({', '.join('?' * len(COLUMNAS))}) ON CONFLICT (id) DO NOTHING"  # noqa: S608
)
_UNA_SQLITE: Final = f"SELECT {LISTA} FROM tareas WHERE id = ?"  # noqa: S608
_CONFIRMAR_SQLITE: Final = (
    "UPDATE tareas SET version_comun = version, pendiente = 0 WHERE id = ? AND version = ?"
)
# What is no number is read as version 0.
_MARCAR_SQLITE: Final = (
    "UPDATE tareas SET pendiente = 1 WHERE id = ?1"
    " AND (?2 IS NULL OR CASE WHEN typeof(version) = 'integer' THEN version ELSE 0 END = ?2)"
)


class _Ilegible(Exception):
    """SQLite holds what it was given, whatever the column is for: something else stands there."""


class _Producto(ABC):
    """What one product does on one connection.

    Attributes:
        valor: stands for a parameter.
        id: stands for one that is an id.
        legible: whether the id of a row can be read.
        en_cola: whether it has its place among the pendientes.
    """

    valor: ClassVar[str]
    id: ClassVar[str]
    legible: ClassVar[str]
    en_cola: ClassVar[str]

    def pagina(self, conexion: Conexion, tras: Lugar, limite: int) -> PaginaRelleno:
        """See `AlmacenRellenable.pagina`.

        All at once; where one of them cannot be read as it is, once more, without those.
        """
        fin = None if tras.en_cola else self._fin_de_ventana(conexion, tras.id, ventana(limite))
        desde, valores = self._desde(tras, fin)
        valores.append(limite)
        sin_leer: list[UUID] = []
        try:
            filas = self._leer(conexion, f"SELECT {LISTA}{desde}", valores)
            lugares = [(fila[ID], fila[VERSION]) for fila in filas]
        except Exception as error:
            if not (isinstance(error, _Ilegible) or conexion.no_cabe(error)):
                raise
            cuales = self._cuales(conexion, desde, valores)
            filas = self._leer_esas(conexion, [id for id, _, copiable in cuales if copiable])
            sin_leer = [UUID(str(id)) for id, _, copiable in cuales if not copiable]
            lugares = [(id, version) for id, version, _ in cuales]
        siguiente = None if tras.en_cola else Lugar(id=fin) if fin else COLA
        if len(lugares) == limite:
            id, version = lugares[-1]
            siguiente = Lugar(tras.en_cola, version if tras.en_cola else 0, str(id))
        return PaginaRelleno(filas, siguiente, sin_leer)

    def _fin_de_ventana(self, conexion: Conexion, tras: str, filas: int) -> str | None:
        """The id of the last of that many rows; None where fewer are left."""
        donde = f"{self.legible} AND id > {self.id}" if tras else self.legible
        fila = conexion.fila(
            f"SELECT id FROM tareas WHERE {donde} ORDER BY id LIMIT 1 OFFSET {self.valor}",  # noqa: S608
            (tras, filas - 1) if tras else (filas - 1,),
        )
        return None if fila is None else str(fila[0])

    def _desde(self, tras: Lugar, fin: str | None) -> tuple[str, list[Any]]:
        """Which rows, in which order, and the parameters of that, but for how many."""
        condiciones, valores, orden = [self.legible, f"({self.en_cola}) IS NOT TRUE"], [], "id"
        if tras.en_cola:
            condiciones, orden = [self.legible, self.en_cola], "version, id"
            if tras.id:
                condiciones.append(f"(version, id) > ({self.valor}, {self.id})")
                valores = [tras.version, tras.id]
        else:
            for comparar, id in ((">", tras.id), ("<=", fin)):
                if id:
                    condiciones.append(f"id {comparar} {self.id}")
                    valores.append(id)
        return f" FROM tareas WHERE {' AND '.join(condiciones)} ORDER BY {orden} LIMIT {self.valor}", valores

    @abstractmethod
    def _leer(self, conexion: Conexion, sql: str, valores: Sequence[Any]) -> list[FilaRelleno]:
        """The rows of the page. Raises the driver's error where one of them cannot be read."""

    @abstractmethod
    def _cuales(
        self, conexion: Conexion, desde: str, valores: Sequence[Any]
    ) -> Sequence[tuple[UUID | str, int, bool]]:
        """The ids and versions of the page, and whether their rows can be read as they are."""

    @abstractmethod
    def _leer_esas(self, conexion: Conexion, ids: Sequence[UUID | str]) -> list[FilaRelleno]:
        """Rows that can be read as they are."""

    @abstractmethod
    def insertar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> Collection[int]:
        """See `AlmacenRellenable.insertar`."""

    @abstractmethod
    def confirmar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> int:
        """See `AlmacenRellenable.confirmar_vistas`; how many were."""

    @abstractmethod
    def marcar(self, conexion: Conexion, pares: Sequence[ParRelleno]) -> None:
        """See `AlmacenRellenable.marcar`."""


class _Postgres(_Producto):
    """Copies a page straight into the table, which no other way is as fast as, and which fails as a whole
    where one of its ids is taken. Then the page is sent again by a statement that leaves those alone, and so
    is the next one: where rows are there already, more of them are likely to follow."""

    formato, valor, id = FormatoPostgres(), "%s", "%s::uuid"
    legible, en_cola = "true", "pendiente AND version IS NOT NULL"

    def __init__(self) -> None:
        self._de_golpe = True

    def _leer(self, conexion: Conexion, sql: str, valores: Sequence[Any]) -> list[FilaRelleno]:
        # Binary: psycopg reads it in half the time that texts take.
        with _cursor(conexion) as cursor:
            cursor.execute(sql.encode(), valores)
            filas: list[FilaRelleno] = cursor.fetchall()
        # A NULL, where a hand has allowed that, reads as everywhere else.
        return [de_tarea(self.formato.a_tarea(fila)) if None in fila else fila for fila in filas]

    def _cuales(
        self, conexion: Conexion, desde: str, valores: Sequence[Any]
    ) -> Sequence[tuple[UUID | str, int, bool]]:
        return conexion.filas(f"SELECT id, version, {COPIABLE_POSTGRES}{desde}", valores)

    def _leer_esas(self, conexion: Conexion, ids: Sequence[UUID | str]) -> list[FilaRelleno]:
        return self._leer(conexion, _ESAS_PG, (list(ids),))

    def insertar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> Collection[int]:
        """See `_Producto.insertar`."""
        exigir_sin_disparador(conexion)  # neither statement says what one has made of the rows
        if self._de_golpe:
            if conexion.fila(ID_UNICO) is None:  # COPY asks for none, where the other statement does
                raise sin_clave()
            try:
                # Fewer than were sent: somebody's trigger has dropped some, and does not say which.
                return range(len(filas)) if self._copiar(conexion, filas) == len(filas) else ()
            except psycopg.errors.UniqueViolation:
                self._de_golpe = False
        columnas = [list(columna) for columna in zip(*map(confirmada, filas), strict=True)]
        puestas = {id for (id,) in conexion.filas(_INSERTAR_PG, columnas)}
        self._de_golpe = len(puestas) == len(filas)
        return [lugar for lugar, fila in enumerate(filas) if str(fila[ID]) in puestas]

    def _copiar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> int:
        with _cursor(conexion) as cursor:
            with cursor.copy(_COPIAR_PG.encode()) as copia:
                copia.write("".join(map(linea, filas)).encode())
            return cursor.rowcount

    def confirmar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> int:
        """See `_Producto.confirmar`."""
        pares = sorted((fila[VERSION], fila[ID]) for fila in filas)
        ids, versiones = [id for _, id in pares], [version for version, _ in pares]
        exigir_sin_disparador(conexion)
        with conexion.db.atomic():
            # Not worth a wait for the disk: a mark that comes back after a crash is cleared again.
            conexion.cambiar("SET LOCAL synchronous_commit = off")
            return conexion.cambiar(_CONFIRMAR_PG, (ids, versiones, *pares[0], *pares[-1]))

    def marcar(self, conexion: Conexion, pares: Sequence[ParRelleno]) -> None:
        """See `_Producto.marcar`."""
        exigir_sin_disparador(conexion)
        conexion.cambiar(_MARCAR_PG, ([id for id, _ in pares], [version for _, version in pares]))


class _Sqlite(_Producto):
    """A page is many statements in the one transaction that the motor opened."""

    formato, valor, id = FormatoSqlite(), "?", "?"
    legible, en_cola = f"NOT ({ILEGIBLE})", "pendiente AND typeof(version) = 'integer'"

    def _leer(self, conexion: Conexion, sql: str, valores: Sequence[Any]) -> list[FilaRelleno]:
        filas = conexion.filas(sql, valores)
        if not all(map(_se_lee, filas)):
            raise _Ilegible
        return [de_tarea(self.formato.a_tarea(fila)) for fila in filas]

    def _cuales(
        self, conexion: Conexion, desde: str, valores: Sequence[Any]
    ) -> Sequence[tuple[UUID | str, int, bool]]:
        return conexion.filas(f"SELECT id, version, {COPIABLE_SQLITE}{desde}", valores)

    def _leer_esas(self, conexion: Conexion, ids: Sequence[UUID | str]) -> list[FilaRelleno]:
        leidas = [fila for id in ids for fila in conexion.filas(_UNA_SQLITE, (id,))]
        return [de_tarea(self.formato.a_tarea(fila)) for fila in leidas]

    def insertar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> Collection[int]:
        """See `_Producto.insertar`."""
        return [
            lugar
            for lugar, fila in enumerate(filas)
            if conexion.cambiar(_INSERTAR_SQLITE, self._parametros(confirmada(fila)))
        ]

    def _parametros(self, fila: FilaRelleno) -> tuple[Any, ...]:
        instantes = (self.formato.de_instante(fila[4]), self.formato.de_instante(fila[5]))
        return (str(fila[ID]), *fila[1:4], *instantes, *fila[6:])

    def confirmar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> int:
        """See `_Producto.confirmar`."""
        return sum(conexion.cambiar(_CONFIRMAR_SQLITE, (fila[ID], fila[VERSION])) for fila in filas)

    def marcar(self, conexion: Conexion, pares: Sequence[ParRelleno]) -> None:
        """See `_Producto.marcar`."""
        for id, version in pares:
            conexion.cambiar(_MARCAR_SQLITE, (str(id), version))


class LotesSql:
    """Bulk access to a PeeweeTareaRepository's database. One insert at a time."""

    def __init__(self, repositorio: PeeweeTareaRepository) -> None:
        self._motor = repositorio._motor
        self._producto = _Postgres() if isinstance(self._motor, MotorPostgres) else _Sqlite()

    def pagina(self, *, tras: Lugar, limite: int) -> PaginaRelleno:
        """See `AlmacenRellenable.pagina`."""
        return self._motor.ejecutar(lambda conexion: self._producto.pagina(conexion, tras, limite))

    def insertar(self, filas: Sequence[FilaRelleno]) -> Collection[int]:
        """See `AlmacenRellenable.insertar`."""
        if not filas:
            return ()
        return self._motor.ejecutar(lambda c: self._producto.insertar(c, filas), fase=Fase.ESCRIBIR)

    def confirmar_vistas(self, filas: Sequence[FilaRelleno]) -> bool:
        """See `AlmacenRellenable.confirmar_vistas`."""
        if not filas:
            return True
        cuantas = self._motor.ejecutar(lambda c: self._producto.confirmar(c, filas), fase=Fase.ESCRIBIR)
        return cuantas == len(filas)

    def marcar(self, pares: Sequence[ParRelleno]) -> None:
        """See `AlmacenRellenable.marcar`."""
        if pares:
            self._motor.ejecutar(lambda c: self._producto.marcar(c, pares), fase=Fase.ESCRIBIR)


def _cursor(conexion: Conexion) -> psycopg.Cursor[Any]:
    """The driver's own: Peewee's can neither COPY nor read binary."""
    cursor: psycopg.Cursor[Any] = conexion.db.connection().cursor(binary=True)
    return cursor


def _se_lee(fila: Fila) -> bool:
    """What `COPIABLE_SQLITE` asks, but for texts that are no UTF-8, which the driver complains of itself."""
    enteros = isinstance(fila[VERSION], int) and isinstance(fila[VERSION + 1], int)
    textos = not any(isinstance(valor, bytes) for valor in fila[1:CREADA_EN])
    return enteros and textos and fila[-1] in (None, 0, 1) and all(map(es_instante, fila[CREADA_EN:VERSION]))
