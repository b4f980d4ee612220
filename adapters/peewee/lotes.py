"""Whole pages of rows in and out of SQL, for the backfill (see `AlmacenRellenable`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, Final

import psycopg

from adapters.peewee.consultas import ILEGIBLE
from adapters.peewee.errores import Fase
from adapters.peewee.filas import COLUMNAS, LISTA, FormatoSqlite
from adapters.peewee.motor import Conexion
from adapters.peewee.postgres import MotorPostgres
from adapters.peewee.repositorio import PeeweeTareaRepository
from core.domain.ports.relleno import ID, VERSION, FilaRelleno, PaginaRelleno, de_tarea

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
_PAGINA_PG: Final = f"SELECT {LISTA} FROM tareas{{}} ORDER BY id LIMIT %s"  # noqa: S608
# The range spares the planner the idea of reading a large table from end to end for each page.
_CONFIRMAR_PG: Final = """
UPDATE tareas t SET version_comun = t.version, pendiente = false
FROM unnest(%b::uuid[], %b::bigint[]) AS d(id, version)
WHERE t.id >= %s AND t.id <= %s AND t.id = d.id AND t.version = d.version"""
_INSERTAR_SQLITE: Final = (
    f"INSERT INTO tareas ({LISTA}) VALUES ({', '.join('?' * len(COLUMNAS))}) ON CONFLICT (id) DO NOTHING"  # noqa: S608
)
_PAGINA_SQLITE: Final = f"SELECT {LISTA} FROM tareas WHERE id > ? AND NOT ({ILEGIBLE}) ORDER BY id LIMIT ?"  # noqa: S608
_CONFIRMAR_SQLITE: Final = (
    "UPDATE tareas SET version_comun = version, pendiente = 0 WHERE id = ? AND version = ?"
)


class _Producto(ABC):
    """What one product does on one connection."""

    @abstractmethod
    def pagina(self, conexion: Conexion, tras: str, limite: int) -> list[FilaRelleno]:
        """See `AlmacenRellenable.pagina`."""

    @abstractmethod
    def insertar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> Collection[int]:
        """See `AlmacenRellenable.insertar`."""

    @abstractmethod
    def confirmar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> int:
        """See `AlmacenRellenable.confirmar_vistas`; how many were."""


class _Postgres(_Producto):
    """Copies a page straight into the table, which no other way is as fast as, and which fails as a whole
    where one of its ids is taken. Then the page is sent again by a statement that leaves those alone, and so
    is the next one: where rows are there already, more of them are likely to follow."""

    def __init__(self) -> None:
        self._de_golpe = True

    def pagina(self, conexion: Conexion, tras: str, limite: int) -> list[FilaRelleno]:
        """See `_Producto.pagina`."""
        # Binary: psycopg reads it in half the time that texts take.
        with _cursor(conexion) as cursor:
            donde = b" WHERE id > %s::uuid" if tras else b""
            cursor.execute(_PAGINA_PG.encode().replace(b"{}", donde), (tras, limite) if tras else (limite,))
            return cursor.fetchall()

    def insertar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> Collection[int]:
        """See `_Producto.insertar`."""
        if self._de_golpe:
            try:
                # Fewer than were sent: somebody's trigger has dropped some, and does not say which.
                return range(len(filas)) if self._copiar(conexion, filas) == len(filas) else ()
            except psycopg.errors.UniqueViolation:
                self._de_golpe = False
        columnas = [list(columna) for columna in zip(*map(_confirmada, filas), strict=True)]
        puestas = {id for (id,) in conexion.filas(_INSERTAR_PG, columnas)}
        self._de_golpe = len(puestas) == len(filas)
        return [lugar for lugar, fila in enumerate(filas) if str(fila[ID]) in puestas]

    def _copiar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> int:
        with _cursor(conexion) as cursor:
            with cursor.copy(_COPIAR_PG.encode()) as copia:
                copia.write("".join(map(_linea, filas)).encode())
            return cursor.rowcount

    def confirmar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> int:
        """See `_Producto.confirmar`."""
        ids, versiones = [fila[ID] for fila in filas], [fila[VERSION] for fila in filas]
        with conexion.db.atomic():
            # Not worth a wait for the disk: a mark that comes back after a crash is cleared again.
            conexion.cambiar("SET LOCAL synchronous_commit = off")
            return conexion.cambiar(_CONFIRMAR_PG, (ids, versiones, min(ids), max(ids)))


class _Sqlite(_Producto):
    """A page is many statements in the one transaction that the motor opened."""

    formato = FormatoSqlite()

    def pagina(self, conexion: Conexion, tras: str, limite: int) -> list[FilaRelleno]:
        """See `_Producto.pagina`."""
        leidas = conexion.filas(_PAGINA_SQLITE, (tras, limite))
        return [de_tarea(self.formato.a_tarea(fila)) for fila in leidas]

    def insertar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> Collection[int]:
        """See `_Producto.insertar`."""
        return [
            lugar
            for lugar, fila in enumerate(filas)
            if conexion.cambiar(_INSERTAR_SQLITE, self._parametros(_confirmada(fila)))
        ]

    def _parametros(self, fila: FilaRelleno) -> tuple[Any, ...]:
        instantes = (self.formato.de_instante(fila[4]), self.formato.de_instante(fila[5]))
        return (str(fila[ID]), *fila[1:4], *instantes, *fila[6:])

    def confirmar(self, conexion: Conexion, filas: Sequence[FilaRelleno]) -> int:
        """See `_Producto.confirmar`."""
        return sum(conexion.cambiar(_CONFIRMAR_SQLITE, (fila[ID], fila[VERSION])) for fila in filas)


class LotesSql:
    """Bulk access to a PeeweeTareaRepository's database. One insert at a time."""

    def __init__(self, repositorio: PeeweeTareaRepository) -> None:
        self._motor = repositorio._motor
        self._producto = _Postgres() if isinstance(self._motor, MotorPostgres) else _Sqlite()

    def pagina(self, *, tras: str, limite: int) -> PaginaRelleno:
        """See `AlmacenRellenable.pagina`."""
        filas = self._motor.ejecutar(lambda conexion: self._producto.pagina(conexion, tras, limite))
        return PaginaRelleno(filas, str(filas[-1][ID]) if len(filas) == limite else "")

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


def _cursor(conexion: Conexion) -> psycopg.Cursor[Any]:
    """The driver's own: Peewee's can neither COPY nor read binary."""
    cursor: psycopg.Cursor[Any] = conexion.db.connection().cursor(binary=True)
    return cursor


def _confirmada(fila: FilaRelleno) -> FilaRelleno:
    """The row as it is once both stores have it."""
    version = fila[VERSION]
    return (*fila[:VERSION], version, version, False, *fila[9:])


def _linea(fila: FilaRelleno) -> str:
    """The row, confirmed, as COPY reads it."""
    id, titulo, descripcion, estado, creada, actualizada, version, _comun, _pendiente, nodo, eliminada = fila
    return (
        f"{id}\t{_texto(titulo)}\t{_texto(descripcion)}\t{_texto(estado)}\t{creada.isoformat()}"
        f"\t{actualizada.isoformat()}\t{version}\t{version}\tf\t{_texto(nodo)}\t{'t' if eliminada else 'f'}\n"
    )


def _texto(texto: str) -> str:
    # The test is several times faster than the replacements, which few texts need.
    if texto.isprintable() and "\\" not in texto:
        return texto
    return texto.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
