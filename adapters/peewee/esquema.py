"""What both products' schemas share: names, the version, and the refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol, TypeVar

import peewee

from adapters.peewee.errores import SQL
from adapters.peewee.filas import COLUMNAS, LISTA
from adapters.peewee.motor import Conexion
from core.domain.errors import EsquemaSinAdoptar, OperacionFallida

VERSION_ESQUEMA: Final = 2
"""2: what became of a conflict, and the table of node numbers."""
COLUMNAS_CONFLICTO: Final = (*COLUMNAS, "version_ganadora", "cuando_ms")
LISTA_CONFLICTO: Final = f"{LISTA}, version_ganadora, cuando_ms"
INDICES_CONFLICTOS: Final = (
    "CREATE INDEX IF NOT EXISTS conflictos_cuando ON conflictos (cuando_ms, id, version)",
    "CREATE INDEX IF NOT EXISTS conflictos_abiertos ON conflictos (cuando_ms, id, version)"
    " WHERE resuelta_en_ms IS NULL",
)
_CREAR_META: Final = (
    "CREATE TABLE IF NOT EXISTS dual_tareas_meta (clave text PRIMARY KEY NOT NULL, valor text NOT NULL)"
)
_LEER_VERSION: Final = "SELECT valor FROM dual_tareas_meta WHERE clave = 'esquema'"
_ANOTAR_VERSION: Final = (
    f"INSERT INTO dual_tareas_meta (clave, valor) VALUES ('esquema', '{VERSION_ESQUEMA}')"  # noqa: S608  ours
    " ON CONFLICT (clave) DO UPDATE SET valor = excluded.valor"
)


SALIDA: Final = (
    "Cámbiele el nombre a la tabla, expórtela a CSV sin la columna «id» e impórtela con "
    "«dual-tareas importar»"
)
"""For a table of which no row can keep its id."""


class Columna(Protocol):
    """A column of a table that was there before."""

    @property
    def rellenable(self) -> bool:
        """Whether an INSERT may leave it out."""


C = TypeVar("C", bound=Columna)


def version_guardada(conexion: Conexion, hay_version: str) -> int:
    """The stored schema version, 0 for none; raises OperacionFallida if it is newer than ours.

    Args:
        hay_version: the query that gives a row when there is a table of versions.
    """
    fila = conexion.fila(_LEER_VERSION) if conexion.fila(hay_version) else None
    if fila is None:
        return 0
    valor = str(fila[0])
    if not valor.isdecimal() or int(valor) > VERSION_ESQUEMA:
        raise OperacionFallida(
            SQL,
            f"Las tablas SQL son de una versión más nueva del programa (esquema {valor}, "
            f"este conoce {VERSION_ESQUEMA}). Actualice Dual Tareas.",
        )
    return int(valor)


def poner_tablas(
    conexion: Conexion,
    columnas: Mapping[str, C],
    *,
    anterior: int,
    crear: str,
    adoptar: Callable[[Conexion, Mapping[str, C]], None] | None,
    demas: Iterable[str],
) -> None:
    """Make or adopt `tareas`, make the other tables and indexes, and note the version.

    Args:
        columnas: those that `tareas` has; none when there is no such table.
        anterior: the schema version that is there; of any but 0, `tareas` is ours as it stands.
        crear: the statement that makes it.
        adoptar: gives a table that was there before our columns; None where nobody asked for that.
        demas: the statements that make everything else, which may be there already.

    Raises EsquemaSinAdoptar, and OperacionFallida for a table that cannot be adopted.
    """
    if not columnas:
        conexion.cambiar(crear)
    elif anterior == 0:
        if adoptar is None:
            raise _sin_adoptar(columnas)
        _comprobar(columnas)
        adoptar(conexion, columnas)
    for sentencia in (*demas, _CREAR_META, _ANOTAR_VERSION):
        conexion.cambiar(sentencia)


def poner_clave(conexion: Conexion, id_unico: str) -> None:
    """See that no two rows can have the same id. Raises OperacionFallida when some have.

    Args:
        id_unico: the query that gives a row where that is so.
    """
    if not conexion.fila(id_unico):
        try:
            conexion.cambiar("CREATE UNIQUE INDEX tareas_id ON tareas (id)")
        except peewee.IntegrityError as error:
            raise no_adoptable("hay ids repetidos") from error


def _comprobar(columnas: Mapping[str, Columna]) -> None:
    if "id" not in columnas:
        raise no_adoptable("no tiene una columna «id»")
    for nombre, columna in columnas.items():
        if nombre not in COLUMNAS and not columna.rellenable:
            raise no_adoptable(f"la columna «{nombre}» es obligatoria y no tiene valor por omisión")


def _sin_adoptar(presentes: Iterable[str]) -> EsquemaSinAdoptar:
    """The refusal to touch a table that is not ours."""
    faltan = [columna for columna in COLUMNAS if columna not in set(presentes)]
    detalle = f"le faltan las columnas {', '.join(faltan)}" if faltan else "no la creó Dual Tareas"
    return EsquemaSinAdoptar(
        SQL,
        f"Ya existe una tabla «tareas» en SQL y {detalle}.",
        "«dual-tareas preparar» la prepara, si usted quiere, y conserva sus filas.",
    )


def no_adoptable(motivo: str) -> OperacionFallida:
    """The refusal to adopt a table; nothing of it was changed."""
    return OperacionFallida(SQL, f"La tabla «tareas» no se puede adoptar y queda como estaba: {motivo}.")
