"""Raw access to the SQL store for verification and purging (see `AlmacenRevisable`).

It borrows the repository's connections and deadlines and nothing else: columns, types and instants are read
here in a way of their own.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

import peewee
import psycopg

from adapters.peewee import revision_fila_sqlite
from adapters.peewee.errores import Fase, sqlstate
from adapters.peewee.motor import Conexion
from adapters.peewee.notas import NotasSql
from adapters.peewee.postgres import MotorPostgres
from adapters.peewee.repositorio import PeeweeTareaRepository
from adapters.peewee.revision_fila_sqlite import a_bytes, filas_tal_cual
from adapters.peewee.revision_lado import LadoSql
from core.diferencias import FilaVista, Valor, doble, fila_vista
from core.domain.ports.revision import MODULO_PULSO
from core.textos import a_la_vista, es_texto

LARGO_S: Final = 60.0
"""Deadline of a page that skips most of what it reads, seconds."""
NO_ES_UTF8: Final = "22021"
"""SQLSTATE of a text that the server does not send, for it is none: a database without encoding takes any."""
IDS_MAX: Final = 900
"""Older builds of SQLite accept no more than 999 parameters."""
_CONOCIDAS: Final = frozenset({"id", *revision_fila_sqlite.CAMPOS})
_INSTANTES: Final = ("creada_en", "actualizada_en")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Producto(ABC):
    """The statements of one product."""

    marca: str
    lista: str
    resto: str
    de_texto: str = ""
    mayor: str
    columnas: str

    @abstractmethod
    def vista(self, fila: Sequence[Any]) -> FilaVista:
        """The row of what was read."""

    @abstractmethod
    def ilegibles(self, conexion: Conexion, limite: int, *, con_rotos: bool) -> list[str]:
        """See `AlmacenRevisable.ilegibles`; texts that are no UTF-8 only where there are any."""

    def pulso(self, conexion: Conexion) -> Any:
        """See `AlmacenRevisable.pulso`."""
        return conexion.fila(f"SELECT count(*), sum({self.resto}) FROM tareas")  # noqa: S608

    @abstractmethod
    def leer(self, conexion: Conexion, ids: Sequence[str]) -> list[tuple[Any, ...]]:
        """The rows with these ids."""

    @abstractmethod
    def purgar(self, conexion: Conexion, lapidas: Sequence[tuple[str, int]]) -> set[str]:
        """See `AlmacenRevisable.purgar`."""

    def pagina(
        self, conexion: Conexion, tras: str | bytes, limite: int, solo_lapidas: bool
    ) -> list[tuple[Any, ...]]:
        """The rows of a page."""
        condiciones = [self.de_texto, *[self.mayor] * bool(tras), *["eliminada"] * solo_lapidas]
        donde = f"WHERE {' AND '.join(filter(None, condiciones)) or 'true'}"
        return self.filas(
            conexion,
            # Not by `id` alone: PostgreSQL takes that for the text that it selects, and sorts the table.
            f"SELECT {self.lista} FROM tareas {donde} ORDER BY tareas.id LIMIT {self.marca}",  # noqa: S608
            [*([tras] if tras else []), limite],
        )

    def sigue(self, id: str) -> str | bytes:
        """The id of the last row of a page, as a parameter of the next."""
        return id

    def filas(self, conexion: Conexion, sql: str, parametros: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement, whatever they hold."""
        return conexion.filas(sql, parametros)


class _Postgres(_Producto):
    marca = "%s"
    resto = f"mod(version, {MODULO_PULSO})"
    columnas = (
        "SELECT attname FROM pg_attribute"
        " WHERE attrelid = to_regclass('tareas') AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    )
    mayor = "id > %s::uuid"
    # Digits, not a date: Python's own would hide microseconds' meaning, and cannot hold every year.
    lista = (
        "id::text, titulo, descripcion, estado, (extract(epoch FROM creada_en) * 1000)::text,"
        " (extract(epoch FROM actualizada_en) * 1000)::text, version, eliminada, pendiente"
    )
    lista_en_bytes = re.sub("(titulo|descripcion|estado)", r"convert_to(\1, 'SQL_ASCII')", lista)

    def filas(self, conexion: Conexion, sql: str, parametros: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return conexion.filas(sql, parametros)
        except (peewee.PeeweeException, psycopg.Error) as error:
            if sqlstate(error) != NO_ES_UTF8:
                raise
        return conexion.filas(sql.replace(self.lista, self.lista_en_bytes, 1), parametros)

    def vista(self, fila: Sequence[Any]) -> FilaVista:
        valores = dict(zip(revision_fila_sqlite.CAMPOS, map(_sin_bytes, fila[1:]), strict=False))
        for campo in _INSTANTES:
            valores[campo] = _de_digitos(valores[campo])
        infinitos = [campo for campo in _INSTANTES if str(valores[campo]).endswith("Infinity")]
        return fila_vista(fila[0], valores, de_otro_tipo=infinitos)

    def ilegibles(self, conexion: Conexion, limite: int, *, con_rotos: bool) -> list[str]:  # noqa: ARG002
        return []  # all of its ids are UUIDs

    def pulso(self, conexion: Conexion) -> Any:
        with conexion.db.atomic():  # the caller's deadline still holds
            conexion.cambiar("SET LOCAL statement_timeout = 0")
            # Not more than one process: it is asked for again and again beside the operators' work.
            conexion.cambiar("SET LOCAL max_parallel_workers_per_gather = 0")
            return super().pulso(conexion)

    def leer(self, conexion: Conexion, ids: Sequence[str]) -> list[tuple[Any, ...]]:
        # An id that is no UUID is simply not there; one with a NUL could not even be asked for.
        return self.filas(
            conexion,
            f"SELECT {self.lista} FROM tareas WHERE id = ANY(%s::uuid[])",  # noqa: S608  constants
            [[id for id in ids if _UUID.fullmatch(id)]],
        )

    def pagina(
        self, conexion: Conexion, tras: str | bytes, limite: int, solo_lapidas: bool
    ) -> list[tuple[Any, ...]]:
        if not solo_lapidas:
            return super().pagina(conexion, tras, limite, solo_lapidas)
        with conexion.db.atomic():  # it may pass over a million rows; the caller's deadline still holds
            conexion.cambiar("SET LOCAL statement_timeout = 0")
            return super().pagina(conexion, tras, limite, solo_lapidas)

    def purgar(self, conexion: Conexion, lapidas: Sequence[tuple[str, int]]) -> set[str]:
        filas = conexion.filas(
            "DELETE FROM tareas USING unnest(%s::uuid[], %s::bigint[]) AS vista(id, version)"
            " WHERE tareas.id = vista.id AND tareas.version = vista.version"
            " AND tareas.eliminada AND NOT tareas.pendiente RETURNING tareas.id::text",
            [[id for id, _ in lapidas], [version for _, version in lapidas]],
        )
        return {id for (id,) in filas}


class _Sqlite(_Producto):
    marca = "?"
    resto = f"version % {MODULO_PULSO}"
    columnas = "SELECT name FROM pragma_table_info('tareas')"
    mayor = "id > CAST(? AS TEXT)"
    de_texto = "id >= '' AND id < x''"  # behind all numbers, and before all blobs
    lista = f"id, {revision_fila_sqlite.LISTA}"
    _ilegibles = "SELECT quote(id) FROM tareas WHERE typeof(id) <> 'text' LIMIT ?"
    _rotos = "SELECT id FROM tareas WHERE typeof(id) = 'text' AND NOT dt_es_utf8(CAST(id AS blob)) LIMIT ?"

    def vista(self, fila: Sequence[Any]) -> FilaVista:
        return revision_fila_sqlite.vista(fila)

    def sigue(self, id: str) -> str | bytes:
        return a_bytes(id)

    def filas(self, conexion: Conexion, sql: str, parametros: Sequence[Any]) -> list[tuple[Any, ...]]:
        return filas_tal_cual(conexion, sql, parametros)

    def ilegibles(self, conexion: Conexion, limite: int, *, con_rotos: bool) -> list[str]:
        filas = conexion.filas(self._ilegibles, (limite,))
        if con_rotos:
            filas += filas_tal_cual(conexion, self._rotos, (limite - len(filas),))
        return [a_la_vista(str(id)) for (id,) in filas]

    def leer(self, conexion: Conexion, ids: Sequence[str]) -> list[tuple[Any, ...]]:
        filas: list[tuple[Any, ...]] = []
        pedidos = [id for id in ids if es_texto(id)]
        for desde in range(0, len(pedidos), IDS_MAX):
            parte = pedidos[desde : desde + IDS_MAX]
            marcas = ", ".join("?" * len(parte))
            consulta = f"SELECT {self.lista} FROM tareas WHERE id IN ({marcas})"  # noqa: S608
            filas += filas_tal_cual(conexion, consulta, parte)
        return filas

    def purgar(self, conexion: Conexion, lapidas: Sequence[tuple[str, int]]) -> set[str]:
        borrar = "DELETE FROM tareas WHERE id = ? AND version = ? AND eliminada AND NOT pendiente"
        return {id for id, version in lapidas if conexion.cambiar(borrar, (id, version))}


class RevisionSql(LadoSql):
    """Raw access to a PeeweeTareaRepository's database."""

    def __init__(self, repositorio: PeeweeTareaRepository) -> None:
        super().__init__()
        self._motor = repositorio._motor
        self._notas = NotasSql(self._motor)
        self._producto = _Postgres() if isinstance(self._motor, MotorPostgres) else _Sqlite()

    def columnas_ajenas(self) -> tuple[str, ...]:
        """See `AlmacenRevisable.columnas_ajenas`."""
        filas = self._motor.ejecutar(lambda c: c.filas(self._producto.columnas), preparar=False)
        return tuple(str(nombre) for (nombre,) in filas if nombre not in _CONOCIDAS)

    def pulso(self) -> tuple[int, int]:
        """See `AlmacenRevisable.pulso`."""
        filas, suma = self._motor.ejecutar(self._producto.pulso, plazo_s=LARGO_S)
        return int(filas), int(suma or 0)

    def pagina(self, *, tras: str, limite: int, solo_lapidas: bool = False) -> Sequence[FilaVista]:
        """See `AlmacenRevisable.pagina`."""
        vistas: list[FilaVista] = []
        desde: str | bytes = tras
        while len(vistas) < limite:
            filas = self._motor.ejecutar(
                lambda conexion, desde=desde: self._producto.pagina(conexion, desde, limite, solo_lapidas),  # type: ignore[misc]
                plazo_s=LARGO_S if solo_lapidas else None,
                preparar=False,
            )
            buenas = [fila for fila in filas if es_texto(fila[0])]
            self._hay_rotos = self._hay_rotos or len(buenas) < len(filas)
            for fila in buenas:
                if vistas and vistas[-1].id == fila[0]:
                    vistas[-1] = doble(vistas[-1])
                elif len(vistas) < limite:
                    vistas.append(self._vista(fila))
            if len(filas) < limite:
                return vistas
            desde = self._producto.sigue(filas[-1][0])
            if vistas:  # its double, if it has one, comes after it, where the next page does not look
                vistas[-1] = self.leer([vistas[-1].id]).get(vistas[-1].id, vistas[-1])
        return vistas

    def leer(self, ids: Sequence[str]) -> dict[str, FilaVista]:
        """See `AlmacenRevisable.leer`."""
        filas = self._motor.ejecutar(lambda conexion: self._producto.leer(conexion, ids), preparar=False)
        vistas: dict[str, FilaVista] = {}
        for fila in filas:
            vistas[fila[0]] = doble(vistas[fila[0]]) if fila[0] in vistas else self._vista(fila)
        return vistas

    def ilegibles(self, limite: int) -> Sequence[str]:
        """See `AlmacenRevisable.ilegibles`."""
        return self._motor.ejecutar(
            lambda c: self._producto.ilegibles(c, limite, con_rotos=self._hay_rotos), preparar=False
        )

    def purgar(self, lapidas: Sequence[tuple[str, int]]) -> set[str]:
        """See `AlmacenRevisable.purgar`."""
        return self._motor.ejecutar(
            lambda conexion: self._producto.purgar(conexion, lapidas), fase=Fase.ESCRIBIR
        )

    def nota(self, clave: str) -> str | None:
        """See `AlmacenRevisable.nota`."""
        return self._notas.leer([clave]).get(clave)

    def anotar(self, clave: str, valor: str) -> None:
        """See `AlmacenRevisable.anotar`."""
        self._notas.poner(clave, valor)

    def _vista(self, fila: Sequence[Any]) -> FilaVista:
        return self._producto.vista(fila)


def _sin_bytes(valor: Any) -> Any:
    return str(valor, "utf-8", "surrogateescape") if isinstance(valor, bytes) else valor


def _de_digitos(valor: Any) -> Valor | None:
    """Milliseconds since the epoch; what is no whole number of them stays a text."""
    if valor is None:
        return None
    entero, _, fraccion = str(valor).partition(".")
    return int(entero) if entero.lstrip("-").isdecimal() and not fraccion.strip("0") else str(valor)
