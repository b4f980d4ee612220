"""The fixed statements of the write protocol. Each is one atomic change; all data are parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from adapters.peewee.filas import COLUMNAS, LISTA, Formato
from adapters.peewee.motor import Conexion
from core.domain.models.almacen import Escritura
from core.domain.models.tarea import Tarea
from core.domain.models.version import SIN_FECHA

CONTENIDO = ("titulo", "descripcion", "estado", "creada_en", "actualizada_en", "version", "eliminada")
"""What has to lie in both stores alike."""


def asignar_escrita(actual: str, nueva: str) -> str:
    """What a write makes of a row (`Escritura.asentada`), both rows being of that name."""
    comun = (
        f"CASE WHEN {actual}.version_comun > {nueva}.version_comun"
        f" THEN {actual}.version_comun ELSE {nueva}.version_comun END"
    )
    return ", ".join(
        f"{columna} = {comun if columna == 'version_comun' else f'{nueva}.{columna}'}"
        for columna in COLUMNAS[1:]
    )


def es_antepasada(actual: str, nueva: str) -> str:
    """`core.domain.models.version.es_antepasada` as a condition on two rows of that name."""
    return (
        f"({actual}.version <= {nueva}.version_comun"
        f" AND ({actual}.version >= {SIN_FECHA} OR {nueva}.version_comun < {SIN_FECHA}))"
    )


class Sentencias(ABC):
    """Common to both products: SQL that they share, with the placeholder each wants.

    Args:
        marca: the placeholder.
        formato: how a row's values are held.
        vuelta: what comes after a write, to have the server refuse one that did not leave what was sent; it
            takes the values of `CONTENIDO` once more.
    """

    def __init__(self, marca: str, formato: Formato, *, vuelta: str = "") -> None:
        self.marca = marca
        self.formato = formato
        self._comprueba = bool(vuelta)
        marcas = ", ".join([marca] * len(COLUMNAS))
        insertar = f"INSERT INTO tareas ({LISTA}) VALUES ({marcas}) ON CONFLICT (id)"  # noqa: S608
        asignar = ", ".join(f"{columna} = {marca}" for columna in COLUMNAS[1:])
        self._leer = f"SELECT {LISTA} FROM tareas WHERE id = {marca}"  # noqa: S608
        # A row that already is this very write is left alone: its mark may have been confirmed since.
        self._escribir = (
            f"{insertar} DO UPDATE SET {asignar_escrita('tareas', 'EXCLUDED')}"
            f" WHERE (tareas.version = {marca} OR {es_antepasada('tareas', 'EXCLUDED')})"
            f" AND tareas.version <> EXCLUDED.version{vuelta}"
        )
        self._insertar = f"{insertar} DO NOTHING{vuelta}"
        self._reemplazar = f"UPDATE tareas SET {asignar} WHERE id = {marca} AND version = {marca}{vuelta}"  # noqa: S608

    def leer(self, conexion: Conexion, id: UUID) -> Tarea | None:
        """See `Almacen.leer`."""
        filas = conexion.tareas(self._leer, (self.formato.de_id(id),))
        return self.formato.a_tarea(filas[0]) if filas else None

    @abstractmethod
    def leer_lote(self, conexion: Conexion, ids: Sequence[UUID]) -> list[Tarea]:
        """See `Almacen.leer_lote`."""

    def escribir(self, conexion: Conexion, escritura: Escritura) -> bool:
        """The compare-and-set of `Escritura`; whether it changed the row."""
        parametros = self.parametros_escritura(escritura)
        return conexion.cambiar(self._escribir, (*parametros, *self._de_vuelta(escritura.fila))) > 0

    def parametros_escritura(self, escritura: Escritura) -> tuple[Any, ...]:
        """The values of the compare-and-set statement."""
        return (*self.formato.a_parametros(escritura.fila), escritura.base)

    @abstractmethod
    def escribir_varias(self, conexion: Conexion, escrituras: Sequence[Escritura]) -> set[UUID]:
        """Many compare-and-sets with distinct ids; which changed their row."""

    def reemplazar(self, conexion: Conexion, fila: Tarea, vista: int | None) -> bool:
        """See `Almacen.reemplazar`."""
        id, *valores = self.formato.a_parametros(fila)
        vuelta = self._de_vuelta(fila)
        if vista is None:
            return conexion.cambiar(self._insertar, (id, *valores, *vuelta)) > 0
        return conexion.cambiar(self._reemplazar, (*valores, id, vista, *vuelta)) > 0

    def _de_vuelta(self, fila: Tarea) -> tuple[Any, ...]:
        if not self._comprueba:
            return ()
        valores = dict(zip(COLUMNAS, self.formato.a_parametros(fila), strict=True))
        return tuple(valores[columna] for columna in CONTENIDO)

    @abstractmethod
    def confirmar(self, conexion: Conexion, pares: Sequence[tuple[UUID, int]]) -> None:
        """See `Almacen.confirmar`; the ids are distinct."""
