"""Raw access to the SQL store for verification and purging (see `AlmacenRevisable`).

It borrows the repository's connections and deadlines and nothing else: columns, types and instants are read
here in a way of their own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

from adapters.peewee.errores import Fase
from adapters.peewee.motor import Conexion
from adapters.peewee.postgres import MotorPostgres
from adapters.peewee.repositorio import PeeweeTareaRepository
from adapters.peewee.revision_lado import LadoSql
from adapters.peewee.revision_resumen_sqlite import instante
from core.diferencias import FilaVista, Valor, fila_vista

LARGO_S: Final = 60.0
"""Deadline of a page that skips most of what it reads, seconds."""
IDS_MAX: Final = 900
"""Older builds of SQLite accept no more than 999 parameters."""
_NOMBRES: Final = (
    "titulo",
    "descripcion",
    "estado",
    "creada_en",
    "actualizada_en",
    "version",
    "eliminada",
    "pendiente",
)
_CONOCIDAS: Final = frozenset({"id", "nodo", "version_comun", *_NOMBRES})


class _Producto(ABC):
    """The statements of one product."""

    marca: str
    lista: str
    mayor: str
    columnas: str
    ilegibles: str = ""

    @abstractmethod
    def instante(self, valor: Any) -> Valor | None:
        """Milliseconds since the epoch; what is no whole number of them stays a text."""

    @abstractmethod
    def leer(self, conexion: Conexion, ids: Sequence[str]) -> list[tuple[Any, ...]]:
        """The rows with these ids."""

    @abstractmethod
    def purgar(self, conexion: Conexion, lapidas: Sequence[tuple[str, int]]) -> set[str]:
        """See `AlmacenRevisable.purgar`."""

    def pagina(self, conexion: Conexion, tras: str, limite: int, solo_lapidas: bool) -> list[tuple[Any, ...]]:
        """The rows of a page."""
        condiciones = [self.mayor] * bool(tras) + ["eliminada"] * solo_lapidas
        donde = f"WHERE {' AND '.join(condiciones)}" if condiciones else ""
        return conexion.filas(
            # Not by `id` alone: PostgreSQL takes that for the text that it selects, and sorts the table.
            f"SELECT {self.lista} FROM tareas {donde} ORDER BY tareas.id LIMIT {self.marca}",  # noqa: S608
            [*([tras] if tras else []), limite],
        )


class _Postgres(_Producto):
    marca = "%s"
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

    def instante(self, valor: Any) -> Valor | None:
        if valor is None:
            return None
        entero, _, fraccion = str(valor).partition(".")
        return int(entero) if entero.lstrip("-").isdecimal() and not fraccion.strip("0") else str(valor)

    def leer(self, conexion: Conexion, ids: Sequence[str]) -> list[tuple[Any, ...]]:
        # As text: an id that is no UUID is then simply not there, instead of an error.
        return conexion.filas(
            f"SELECT {self.lista} FROM tareas JOIN unnest(%s::text[]) AS pedida(texto)"  # noqa: S608  constants
            " ON id = CASE WHEN texto ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN texto::uuid END",
            [list(ids)],
        )

    def pagina(self, conexion: Conexion, tras: str, limite: int, solo_lapidas: bool) -> list[tuple[Any, ...]]:
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
    columnas = "SELECT name FROM pragma_table_info('tareas')"
    mayor = "id > ?"
    lista = "id, titulo, descripcion, estado, creada_en, actualizada_en, version, eliminada, pendiente"
    ilegibles = "SELECT quote(id) FROM tareas WHERE typeof(id) <> 'text' LIMIT ?"

    def instante(self, valor: Any) -> Valor | None:
        return instante(valor)

    def leer(self, conexion: Conexion, ids: Sequence[str]) -> list[tuple[Any, ...]]:
        filas: list[tuple[Any, ...]] = []
        for desde in range(0, len(ids), IDS_MAX):
            parte = ids[desde : desde + IDS_MAX]
            marcas = ", ".join("?" * len(parte))
            filas += conexion.filas(f"SELECT {self.lista} FROM tareas WHERE id IN ({marcas})", parte)  # noqa: S608
        return filas

    def purgar(self, conexion: Conexion, lapidas: Sequence[tuple[str, int]]) -> set[str]:
        borrar = "DELETE FROM tareas WHERE id = ? AND version = ? AND eliminada AND NOT pendiente"
        return {id for id, version in lapidas if conexion.cambiar(borrar, (id, version))}


class RevisionSql(LadoSql):
    """Raw access to a PeeweeTareaRepository's database."""

    def __init__(self, repositorio: PeeweeTareaRepository) -> None:
        super().__init__()
        self._motor = repositorio._motor
        self._producto = _Postgres() if isinstance(self._motor, MotorPostgres) else _Sqlite()

    def columnas_ajenas(self) -> tuple[str, ...]:
        """See `AlmacenRevisable.columnas_ajenas`."""
        filas = self._motor.ejecutar(lambda c: c.filas(self._producto.columnas), preparar=False)
        return tuple(str(nombre) for (nombre,) in filas if nombre not in _CONOCIDAS)

    def pulso(self) -> tuple[int, int]:
        """See `AlmacenRevisable.pulso`."""
        # Apart: each is answered from an index where there is one.
        filas, version = self._motor.ejecutar(
            lambda c: (c.fila("SELECT count(*) FROM tareas"), c.fila("SELECT max(version) FROM tareas"))
        )
        return int(filas[0]), int(version[0] or 0)

    def pagina(self, *, tras: str, limite: int, solo_lapidas: bool = False) -> Sequence[FilaVista]:
        """See `AlmacenRevisable.pagina`."""
        filas = self._motor.ejecutar(
            lambda conexion: self._producto.pagina(conexion, tras, limite, solo_lapidas),
            plazo_s=LARGO_S if solo_lapidas else None,
            preparar=False,
        )
        return [self._vista(fila) for fila in filas if isinstance(fila[0], str)]

    def leer(self, ids: Sequence[str]) -> dict[str, FilaVista]:
        """See `AlmacenRevisable.leer`."""
        filas = self._motor.ejecutar(lambda conexion: self._producto.leer(conexion, ids), preparar=False)
        return {fila[0]: self._vista(fila) for fila in filas}

    def ilegibles(self, limite: int) -> Sequence[str]:
        """See `AlmacenRevisable.ilegibles`."""
        consulta = self._producto.ilegibles
        if not consulta:
            return []
        return [
            str(id) for (id,) in self._motor.ejecutar(lambda c: c.filas(consulta, (limite,)), preparar=False)
        ]

    def purgar(self, lapidas: Sequence[tuple[str, int]]) -> set[str]:
        """See `AlmacenRevisable.purgar`."""
        return self._motor.ejecutar(
            lambda conexion: self._producto.purgar(conexion, lapidas), fase=Fase.ESCRIBIR
        )

    def nota(self, clave: str) -> str | None:
        """See `AlmacenRevisable.nota`."""
        leer = f"SELECT valor FROM dual_tareas_meta WHERE clave = {self._producto.marca}"  # noqa: S608
        fila = self._motor.ejecutar(lambda conexion: conexion.fila(leer, (clave,)))
        return None if fila is None else str(fila[0])

    def anotar(self, clave: str, valor: str) -> None:
        """See `AlmacenRevisable.anotar`."""
        marca = self._producto.marca
        poner = (
            f"INSERT INTO dual_tareas_meta (clave, valor) VALUES ({marca}, {marca})"  # noqa: S608
            " ON CONFLICT (clave) DO UPDATE SET valor = excluded.valor"
        )
        self._motor.ejecutar(lambda conexion: conexion.cambiar(poner, (clave, valor)), fase=Fase.ESCRIBIR)

    def _vista(self, fila: Sequence[Any]) -> FilaVista:
        valores = dict(zip(_NOMBRES, fila[1:], strict=True))
        for campo in ("creada_en", "actualizada_en"):
            valores[campo] = self._producto.instante(valores[campo])
        return fila_vista(fila[0], valores)
