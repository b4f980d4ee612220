"""Adopting a `tareas` that was in PostgreSQL before: its columns become ours, every row stays.

Runs inside the transaction that prepares the schema: a refusal leaves the table as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import peewee

from adapters.peewee.esquema import SALIDA, no_adoptable, poner_clave
from adapters.peewee.filas import EPOCA
from adapters.peewee.motor import Conexion


@dataclass(frozen=True, slots=True)
class ColumnaExistente:
    """A column as the catalogue describes it; `rellenable`: an INSERT may leave it out."""

    tipo: str
    rellenable: bool


_LEER_COLUMNAS: Final = """
SELECT attname, format_type(atttypid, nullif(atttypmod, -1)),
       NOT attnotnull OR atthasdef OR attidentity <> '' OR attgenerated <> ''
FROM pg_attribute
WHERE attrelid = to_regclass('tareas') AND attnum > 0 AND NOT attisdropped
ORDER BY attnum"""

# Not the current time: the same old row in the other store is to get the same value there.
_EPOCA: Final = f"'{EPOCA.isoformat()}'::timestamptz"
_TIPOS: Final = {
    "titulo": ("text", "''"),
    "descripcion": ("text", "''"),
    "estado": ("text", "'PENDIENTE'"),
    "creada_en": ("timestamp with time zone", _EPOCA),
    "actualizada_en": ("timestamp with time zone", _EPOCA),
    "version": ("bigint", "1"),  # 0 would be the base of a new tarea, which could then overwrite the row
    "version_comun": ("bigint", "0"),
    "pendiente": ("boolean", "true"),
    "nodo": ("text", "''"),
    "eliminada": ("boolean", "false"),
}
_NO_UUID: Final = r"""
SELECT id::text FROM tareas
WHERE id IS NULL OR id::text !~* '^\{?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\}?$' LIMIT 1"""
_LLENAR: Final = f"""
UPDATE tareas SET
    titulo = COALESCE(titulo, ''),
    descripcion = COALESCE(descripcion, ''),
    estado = COALESCE(estado, 'PENDIENTE'),
    creada_en = date_trunc('milliseconds', COALESCE(creada_en, {_EPOCA})),
    actualizada_en = date_trunc('milliseconds', COALESCE(actualizada_en, creada_en, {_EPOCA})),
    version = GREATEST(COALESCE(version, 0), 1),
    version_comun = COALESCE(version_comun, 0),
    pendiente = true,
    nodo = COALESCE(nodo, ''),
    eliminada = COALESCE(eliminada, false)"""  # noqa: S608  constants of ours
# Before each row of an INSERT (4) or UPDATE (16): bits 1 and 2 of the type.
DISPARADOR: Final = """
SELECT tgname FROM pg_trigger
WHERE tgrelid = to_regclass('tareas') AND NOT tgisinternal AND tgenabled <> 'D'
  AND tgtype & 3 = 3 AND tgtype & 20 <> 0
ORDER BY tgname LIMIT 1"""
_AHORA: Final = "date_trunc('milliseconds', now())"
_ID_CON_DEFECTO: Final = """
SELECT 1 FROM pg_attribute
WHERE attrelid = to_regclass('tareas') AND attname = 'id' AND atthasdef AND NOT attisdropped"""
ID_UNICO: Final = """
SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = to_regclass('tareas') AND i.indisunique AND i.indnkeyatts = 1
  AND i.indisvalid AND i.indpred IS NULL AND a.attname = 'id'"""


def columnas_de(conexion: Conexion) -> dict[str, ColumnaExistente]:
    """The columns of `tareas`; none when there is no such table."""
    return {
        nombre: ColumnaExistente(tipo, bool(rellenable))
        for nombre, tipo, rellenable in conexion.filas(_LEER_COLUMNAS)
    }


def adoptar_tabla(conexion: Conexion, columnas: Mapping[str, ColumnaExistente]) -> None:
    """Give `tareas` our columns. Raises OperacionFallida when that cannot keep every row."""
    if disparador := conexion.fila(DISPARADOR):
        raise no_adoptable(
            f"tiene un disparador (trigger), «{disparador[0]}», que puede cambiar lo que se guarda; "
            "entonces no sería igual que en MongoDB. Desactívelo («ALTER TABLE tareas DISABLE TRIGGER …») y "
            "repita"
        )
    if columnas["id"].tipo != "uuid":
        _convertir_id(conexion)
    for nombre, (tipo, valor) in _TIPOS.items():
        _poner_columna(conexion, nombre, tipo, valor, columnas.get(nombre))
    conexion.cambiar(_LLENAR)
    for nombre in _TIPOS:
        conexion.cambiar(f"ALTER TABLE tareas ALTER COLUMN {nombre} SET NOT NULL")
    poner_clave(conexion, ID_UNICO)


def _convertir_id(conexion: Conexion) -> None:
    malo = conexion.fila(_NO_UUID)
    if malo is not None:
        raise no_adoptable(f"el id «{malo[0]}» no es un UUID. {SALIDA}")
    daba_uno = conexion.fila(_ID_CON_DEFECTO) is not None
    conexion.cambiar("ALTER TABLE tareas ALTER COLUMN id DROP DEFAULT")
    conexion.cambiar("ALTER TABLE tareas ALTER COLUMN id TYPE uuid USING id::text::uuid")
    if daba_uno:  # a program that leaves it to the server may still be writing
        conexion.cambiar("ALTER TABLE tareas ALTER COLUMN id SET DEFAULT gen_random_uuid()")


def _poner_columna(
    conexion: Conexion, nombre: str, tipo: str, valor: str, actual: ColumnaExistente | None
) -> None:
    alterar = f"ALTER TABLE tareas ALTER COLUMN {nombre}"
    if actual is None:
        conexion.cambiar(f"ALTER TABLE tareas ADD COLUMN {nombre} {tipo}")
    elif actual.tipo != tipo:
        conexion.cambiar(f"{alterar} DROP DEFAULT")
        # Dates without a zone were written by a program of the server's side: UTC is the agreed reading.
        sin_zona = tipo.startswith("timestamp") and (
            actual.tipo == "date" or actual.tipo.endswith(" without time zone")
        )
        usando = f"{nombre}::timestamp AT TIME ZONE 'UTC'" if sin_zona else f"{nombre}::text::{tipo}"
        try:
            conexion.cambiar(f"{alterar} TYPE {tipo} USING {usando}")
        except peewee.DataError as error:
            raise no_adoptable(
                f"en la columna «{nombre}» hay algo que no se puede convertir a {tipo}; corríjalo, "
                "o cámbiele el nombre a la columna"
            ) from error
    # What a new row is to have is not what an old one gets that has none.
    conexion.cambiar(f"{alterar} SET DEFAULT {_AHORA if valor == _EPOCA else valor}")
