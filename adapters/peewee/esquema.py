"""What both products' schemas share: names, the version, and the refusals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from adapters.peewee.errores import SQL
from adapters.peewee.filas import COLUMNAS, LISTA
from core.domain.errors import EsquemaSinAdoptar, OperacionFallida

VERSION_ESQUEMA: Final = 1
COLUMNAS_CONFLICTO: Final = (*COLUMNAS, "version_ganadora", "cuando_ms")
LISTA_CONFLICTO: Final = f"{LISTA}, version_ganadora, cuando_ms"
LEER_VERSION: Final = "SELECT valor FROM dual_tareas_meta WHERE clave = 'esquema'"
CREAR_META: Final = (
    "CREATE TABLE IF NOT EXISTS dual_tareas_meta (clave text PRIMARY KEY NOT NULL, valor text NOT NULL)"
)


def esta_al_dia(valor: str | None) -> bool:
    """Whether the stored schema version is ours; raises OperacionFallida if it is a newer one."""
    if valor is None:
        return False
    if not valor.isdecimal() or int(valor) > VERSION_ESQUEMA:
        raise OperacionFallida(
            SQL,
            f"Las tablas SQL son de una versión más nueva del programa (esquema {valor}, "
            f"este conoce {VERSION_ESQUEMA}). Actualice Dual Tareas.",
        )
    return int(valor) == VERSION_ESQUEMA


def sin_adoptar(presentes: Iterable[str]) -> EsquemaSinAdoptar:
    """The refusal to touch a table that is not ours."""
    faltan = [columna for columna in COLUMNAS if columna not in set(presentes)]
    detalle = f"le faltan las columnas {', '.join(faltan)}" if faltan else "no la creó Dual Tareas"
    return EsquemaSinAdoptar(
        SQL,
        f"Ya existe una tabla «tareas» en SQL y {detalle}. Adóptela para prepararla: sus filas se conservan.",
    )


def no_adoptable(motivo: str) -> OperacionFallida:
    """The refusal to adopt a table; nothing of it was changed."""
    return OperacionFallida(SQL, f"La tabla «tareas» no se puede adoptar y queda como estaba: {motivo}.")
