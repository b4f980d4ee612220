"""The queries that vary: pages, searches, counts. Built with Peewee; data only travel as parameters."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import peewee
from peewee import Table, fn

from adapters.peewee.filas import COLUMNAS, Formato
from core.domain.models.consulta import Columna, Consulta, Filtro

TAREAS: Final[Any] = Table("tareas", COLUMNAS)
_tupla: Final[Any] = peewee.Tuple
_UUID_GLOB: Final = "-".join("[0-9a-f]" * largo for largo in (8, 4, 4, 4, 12))
_DE_TEXTO: Final = frozenset({Columna.TITULO, Columna.DESCRIPCION})


class Lenguaje(ABC):
    """How one product sorts and searches texts."""

    def legible(self) -> Any:
        """A condition that keeps rows out which somebody put there by hand with an id that is no UUID."""
        return None

    @abstractmethod
    def ordenable(self, texto: Any) -> Any:
        """A text column in the order that people expect, as its index has it."""

    @abstractmethod
    def contiene(self, texto: Any, aguja: str) -> Any:
        """Whether the column contains `aguja`, ignoring case, no character of it being special."""


class LenguajeSqlite(Lenguaje):
    """NOCASE knows ASCII only, but needs nothing that other programs which open the file would lack."""

    def legible(self) -> Any:
        """See `Lenguaje.legible`."""
        return peewee.Expression(TAREAS.id, "GLOB", _UUID_GLOB)

    def ordenable(self, texto: Any) -> Any:
        """See `Lenguaje.ordenable`."""
        return texto.collate("NOCASE")

    def contiene(self, texto: Any, aguja: str) -> Any:
        """See `Lenguaje.contiene`."""
        if aguja.isascii():  # LIKE folds ASCII letters, which is all that such a needle can match
            return texto.contains(aguja)
        return fn.dt_contiene(texto, aguja.lower())


@dataclass(frozen=True, slots=True)
class LenguajePostgres(Lenguaje):
    """Collations that the server has whatever locale its database was made with.

    Attributes:
        orden: how people expect texts to be sorted, quoted for SQL; "" for the database's own.
        busqueda: one whose `lower()` knows all of Unicode, likewise.
    """

    orden: str = ""
    busqueda: str = ""

    def ordenable(self, texto: Any) -> Any:
        """See `Lenguaje.ordenable`."""
        return texto.collate(self.orden) if self.orden else texto

    def contiene(self, texto: Any, aguja: str) -> Any:
        """See `Lenguaje.contiene`."""
        if aguja.isascii():  # as above, and the C collation is several times faster
            return texto.collate('"C"').contains(aguja)
        busqueda = texto.collate(self.busqueda) if self.busqueda else texto
        return fn.strpos(fn.lower(busqueda), aguja.lower()) > 0


def consulta_pagina(consulta: Consulta, lenguaje: Lenguaje, formato: Formato) -> Any:
    """The rows of one page, and one more if there is another page."""
    campo = getattr(TAREAS, consulta.columna.value)
    orden = lenguaje.ordenable(campo) if consulta.columna in _DE_TEXTO else campo
    sentencia = _filtrada(_filas(lenguaje), consulta.filtro, lenguaje)
    if consulta.tras is not None:
        valor = consulta.tras.valor
        limite = _tupla(
            formato.de_instante(valor) if isinstance(valor, datetime) else valor,
            formato.de_id(consulta.tras.id),
        )
        clave = _tupla(orden, TAREAS.id)
        sentencia = sentencia.where(clave < limite if consulta.descendente else clave > limite)
    if consulta.descendente:
        sentencia = sentencia.order_by(orden.desc(), TAREAS.id.desc())
    else:
        sentencia = sentencia.order_by(orden.asc(), TAREAS.id.asc())
    return sentencia.limit(consulta.limite + 1)


def consulta_pendientes(
    tras: tuple[int, UUID] | None, limite: int, lenguaje: Lenguaje, formato: Formato
) -> Any:
    """Rows that the other store may lack, oldest version first, as the partial index has them."""
    sentencia = _filas(lenguaje).where(TAREAS.pendiente)
    if tras is not None:
        version, id = tras
        sentencia = sentencia.where(_tupla(TAREAS.version, TAREAS.id) > _tupla(version, formato.de_id(id)))
    return sentencia.order_by(TAREAS.version, TAREAS.id).limit(limite)


def consulta_cuenta(filtro: Filtro, lenguaje: Lenguaje) -> Any:
    """How many rows the filter lets through."""
    return _filtrada(TAREAS.select(fn.COUNT(peewee.SQL("*"))), filtro, lenguaje)


def _filas(lenguaje: Lenguaje) -> Any:
    sentencia = TAREAS.select(*(getattr(TAREAS, columna) for columna in COLUMNAS))
    legible = lenguaje.legible()
    return sentencia if legible is None else sentencia.where(legible)


def _filtrada(sentencia: Any, filtro: Filtro, lenguaje: Lenguaje) -> Any:
    if not filtro.eliminadas:
        sentencia = sentencia.where(~TAREAS.eliminada)
    if filtro.solo_pendientes:
        sentencia = sentencia.where(TAREAS.pendiente)
    if filtro.estado is not None:
        sentencia = sentencia.where(TAREAS.estado == str(filtro.estado))
    # Stored texts are NFC: a search typed in decomposed form must find them too.
    aguja = unicodedata.normalize("NFC", filtro.texto).replace("\x00", "\ufffd")
    if aguja:
        sentencia = sentencia.where(
            lenguaje.contiene(TAREAS.titulo, aguja) | lenguaje.contiene(TAREAS.descripcion, aguja)
        )
    return sentencia
