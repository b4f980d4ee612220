"""Statements for PostgreSQL: a batch travels as arrays, one a column, in one statement.

The arrays are binary (`%b`): psycopg writes them six times faster than as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from adapters.peewee.adopcion_postgres import DISPARADOR
from adapters.peewee.errores import con_disparador
from adapters.peewee.filas import LISTA, FormatoPostgres
from adapters.peewee.motor import Conexion
from adapters.peewee.sentencias import CONTENIDO, Sentencias, asignar_escrita, es_antepasada
from core.domain.models.almacen import Escritura
from core.domain.models.tarea import Tarea

TIPOS: Final = (
    "uuid",
    "text",
    "text",
    "text",
    "timestamptz",
    "timestamptz",
    "bigint",
    "bigint",
    "boolean",
    "text",
    "boolean",
    "bigint",
)


def sin_cambios(fila: str, enviada: str) -> str:
    """Fails where what lies in a row is not what was sent: somebody's trigger has changed it.

    Nothing tells a server to fail, so that it divides by zero, which ends the statement and undoes it.
    """
    campos, valores = (
        f"({', '.join(f'{tabla}.{campo}' for campo in CONTENIDO)})" for tabla in (fila, enviada)
    )
    return _DIVIDIR.format(campos, valores)


_DIVIDIR: Final = "1 / (CASE WHEN {} IS NOT DISTINCT FROM {} THEN 1 ELSE 0 END)"
_VUELTA: Final = " RETURNING " + _DIVIDIR.format(
    f"({', '.join(f'tareas.{campo}' for campo in CONTENIDO)})", f"({', '.join(['%s'] * len(CONTENIDO))})"
)
_LEER_LOTE: Final = f"SELECT {LISTA} FROM tareas WHERE id = ANY(%b)"  # noqa: S608
# ON CONFLICT cannot see the base of each row, so existing rows are updated and absent ones inserted. What
# appears in between is left to the caller, who looks at it and tries again.
_ESCRIBIR_VARIAS: Final = f"""
WITH d AS MATERIALIZED (
    SELECT * FROM unnest({", ".join(f"%b::{tipo}[]" for tipo in TIPOS)}) AS d({LISTA}, base)
), cambiadas AS (
    UPDATE tareas t SET {asignar_escrita("t", "d")}
    FROM d
    WHERE t.id = d.id AND (t.version = d.base OR {es_antepasada("t", "d")}) AND t.version <> d.version
    RETURNING t.id, {sin_cambios("t", "d")} AS intacta
), nuevas AS (
    INSERT INTO tareas ({LISTA})
    SELECT {LISTA} FROM d WHERE NOT EXISTS (SELECT 1 FROM tareas t WHERE t.id = d.id)
    ON CONFLICT (id) DO NOTHING
    RETURNING *
)
SELECT id, intacta FROM cambiadas
UNION ALL SELECT nuevas.id, {sin_cambios("nuevas", "d")} FROM nuevas JOIN d USING (id)"""  # noqa: S608
_CONFIRMAR: Final = """
UPDATE tareas t
SET version_comun = GREATEST(t.version_comun, d.version),
    pendiente = t.version > GREATEST(t.version_comun, d.version)
FROM unnest(%b::uuid[], %b::bigint[]) AS d(id, version)
WHERE t.id = d.id AND (t.version_comun < d.version OR t.pendiente)"""


def exigir_sin_disparador(conexion: Conexion) -> None:
    """For statements that change nothing of the content themselves. Raises OperacionFallida."""
    if conexion.fila(DISPARADOR) is not None:
        raise con_disparador()


class SentenciasPostgres(Sentencias):
    """PostgreSQL's half."""

    def leer_lote(self, conexion: Conexion, ids: Sequence[UUID]) -> list[Tarea]:
        """See `Sentencias.leer_lote`."""
        return [self.formato.a_tarea(fila) for fila in conexion.tareas(_LEER_LOTE, (list(ids),))]

    def escribir_varias(self, conexion: Conexion, escrituras: Sequence[Escritura]) -> set[UUID]:
        """See `Sentencias.escribir_varias`."""
        # Batches that cross then mostly wait for each other; where the plan locks in another order, the
        # server ends one of them and it is tried again.
        ordenadas = sorted(escrituras, key=lambda escritura: escritura.fila.id)
        columnas = zip(*map(self.parametros_escritura, ordenadas), strict=True)
        filas = conexion.filas(_ESCRIBIR_VARIAS, [list(columna) for columna in columnas])
        return {id for id, _ in filas}

    def confirmar(self, conexion: Conexion, pares: Sequence[tuple[UUID, int]]) -> None:
        """See `Sentencias.confirmar`."""
        ordenados = sorted(pares)
        exigir_sin_disparador(conexion)
        conexion.cambiar(_CONFIRMAR, ([id for id, _ in ordenados], [version for _, version in ordenados]))


SENTENCIAS: Final = SentenciasPostgres("%s", FormatoPostgres(), vuelta=_VUELTA)
