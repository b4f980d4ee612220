"""The queries that vary: pages, searches, counts. Built with Peewee; data only travel as parameters."""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from string import ascii_uppercase
from typing import Any, ClassVar, Final
from uuid import UUID

import peewee
from peewee import Table, fn

from adapters.peewee.filas import COLUMNAS, Formato
from core.domain.models.consulta import Columna, Consulta, Filtro

TAREAS: Final[Any] = Table("tareas", COLUMNAS)
_tupla: Final[Any] = peewee.Tuple
_select: Final[Any] = peewee.Select
_UUID_GLOB: Final = "-".join("[0-9a-f]" * largo for largo in (8, 4, 4, 4, 12))
ILEGIBLE: Final = f"id NOT GLOB '{_UUID_GLOB}'"
"""As the condition of a partial index has to be written: in a parameter it would not be known again."""
COPIABLE_SQLITE: Final = (
    "typeof(version) = 'integer' AND typeof(version_comun) = 'integer' AND coalesce(eliminada, 0) IN (0, 1)"
    " AND typeof(titulo) <> 'blob' AND typeof(descripcion) <> 'blob' AND typeof(estado) <> 'blob'"
    " AND dt_es_instante(CAST(creada_en AS BLOB)) AND dt_es_instante(CAST(actualizada_en AS BLOB))"
    " AND dt_es_utf8(CAST(coalesce(titulo, '') || coalesce(descripcion, '') || coalesce(estado, '')"
    " || coalesce(nodo, '') AS BLOB))"
)
_FECHAS: Final = " AND ".join(
    f"{fecha} >= '0001-01-01 00:00:00+00' AND {fecha} < '10000-01-01 00:00:00+00'"
    for fecha in ("creada_en", "actualizada_en")
)
COPIABLE_POSTGRES: Final = f"coalesce({_FECHAS}, true)"
"""A NULL, where a hand has allowed that, reads as what adoption makes of it."""
_IMPOSIBLES: Final = re.compile("[\x00\ud800-\udfff]")
_SIN_INDICE: Final = frozenset({Columna.DESCRIPCION, Columna.PENDIENTE})
_DE_TEXTO: Final = frozenset({Columna.TITULO, Columna.DESCRIPCION})


_BASES: Final = {"a": "áÁ", "e": "éÉ", "i": "íÍ", "n~": "ñÑ", "o": "óÓ", "u": "úÚüÜ"}
"""Letters as a Spanish dictionary sorts them; ñ has a place of its own between n and o. Those of Spanish and
no more: SQLite's parser takes about twenty calls inside one another."""
_PAREJAS: Final = [(letra, base) for base, letras in _BASES.items() for letra in letras]
ANTES_DE_ORDENAR: Final = "replace(" * len(_PAREJAS) + "lower("
TRAS_ORDENAR: Final = ")" + "".join(f", '{letra}', '{base}')" for letra, base in _PAREJAS)
_PLEGADO: Final = str.maketrans(dict(_PAREJAS) | {letra: letra.lower() for letra in ascii_uppercase})


class Lenguaje(ABC):
    """How one product sorts and searches texts.

    Attributes:
        sondeo: a search first looks at so many rows in the order asked for, 0 to leave it to the planner.
    """

    sondeo: ClassVar[int] = 0

    def legible(self) -> Any:
        """A condition that keeps rows out which somebody put there by hand with an id that is no UUID."""
        return None

    @abstractmethod
    def copiable(self) -> Any:
        """A condition that keeps rows out of which a value, put there by hand, cannot be read as it is: as
        something else they must not be copied. Verification names them."""

    def ilegible(self) -> Any:
        """The rows that `legible` keeps out, as an index has them; None where there cannot be any."""
        return None

    @abstractmethod
    def ordenable(self, texto: Any) -> Any:
        """A text column in the order that people expect, as its index has it."""

    def valor_ordenable(self, texto: str) -> str:
        """What `ordenable` makes of that text."""
        return texto

    @abstractmethod
    def contiene(self, titulo: Any, descripcion: Any, aguja: str) -> Any:
        """Whether either column contains `aguja`, ignoring case, no character of it being special."""


class LenguajeSqlite(Lenguaje):
    """Sorts as a Spanish dictionary with functions that every program has which opens the file: an index by a
    collation of ours would make the others' writes fail.

    SQLite has no statistics on texts. Reading in the order of an index is quick if matches are many and takes
    ten times a plain scan if they are few: a search tries the former on some rows, then does the latter.
    """

    sondeo: ClassVar[int] = 10_000

    def legible(self) -> Any:
        """See `Lenguaje.legible`."""
        return peewee.Expression(TAREAS.id, "GLOB", _UUID_GLOB)

    def copiable(self) -> Any:
        """See `Lenguaje.copiable`."""
        return peewee.SQL(COPIABLE_SQLITE)

    def ilegible(self) -> Any:
        """See `Lenguaje.ilegible`."""
        return peewee.SQL(ILEGIBLE)

    def ordenable(self, texto: Any) -> Any:
        """See `Lenguaje.ordenable`."""
        return peewee.NodeList((peewee.SQL(ANTES_DE_ORDENAR), texto, peewee.SQL(TRAS_ORDENAR)), glue="")

    def valor_ordenable(self, texto: str) -> str:
        """See `Lenguaje.valor_ordenable`."""
        return texto.translate(_PLEGADO)

    def contiene(self, titulo: Any, descripcion: Any, aguja: str) -> Any:
        """See `Lenguaje.contiene`."""
        if aguja.isascii():  # LIKE folds ASCII letters, which is all that such a needle can match
            return titulo.contains(aguja) | descripcion.contains(aguja)
        return fn.dt_contiene(titulo, descripcion, aguja.lower())


@dataclass(frozen=True, slots=True)
class LenguajePostgres(Lenguaje):
    """Collations that the server has whatever locale its database was made with.

    Attributes:
        orden: how people expect texts to be sorted, quoted for SQL; "" for the database's own.
        busqueda: one whose `lower()` knows all of Unicode, likewise.
    """

    orden: str = ""
    busqueda: str = ""

    def copiable(self) -> Any:
        """See `Lenguaje.copiable`."""
        return peewee.SQL(COPIABLE_POSTGRES)

    def ordenable(self, texto: Any) -> Any:
        """See `Lenguaje.ordenable`."""
        return texto.collate(self.orden) if self.orden else texto

    def contiene(self, titulo: Any, descripcion: Any, aguja: str) -> Any:
        """See `Lenguaje.contiene`."""
        return self._contiene(titulo, aguja) | self._contiene(descripcion, aguja)

    def _contiene(self, texto: Any, aguja: str) -> Any:
        if aguja.isascii():  # as above, and the C collation is several times faster
            return texto.collate('"C"').contains(aguja)
        busqueda = texto.collate(self.busqueda) if self.busqueda else texto
        return fn.strpos(fn.lower(busqueda), aguja.lower()) > 0


def consultas_pagina(consulta: Consulta, lenguaje: Lenguaje, formato: Formato) -> list[Any]:
    """Queries for one page and one row more: the first that fills both is the answer, else the last."""
    aguja = _aguja(consulta.filtro.texto)
    filas = _filtrada(TAREAS.select(*_columnas(TAREAS)), consulta.filtro)

    def pagina(sentencia: Any, *, con_indice: bool = True) -> Any:
        sentencia = _tras_cursor(sentencia, consulta, lenguaje, formato, con_indice=con_indice)
        # Last, since it is tried on each row that the conditions before it let through.
        sentencia = _legible(sentencia, lenguaje)
        return _ordenada(sentencia, TAREAS, consulta, lenguaje, con_indice=con_indice)

    limite = consulta.limite + 1
    if not aguja:
        return [pagina(filas).limit(limite)]
    halladas = filas.where(lenguaje.contiene(TAREAS.titulo, TAREAS.descripcion, aguja))
    if not lenguaje.sondeo or consulta.columna in _SIN_INDICE:
        return [pagina(halladas).limit(limite)]
    primeras = pagina(filas).limit(lenguaje.sondeo).alias("primeras")
    sondeo = _select((primeras,), _columnas(primeras.c)).where(
        lenguaje.contiene(primeras.c.titulo, primeras.c.descripcion, aguja)
    )
    return [
        _ordenada(sondeo, primeras.c, consulta, lenguaje).limit(limite),
        pagina(halladas, con_indice=False).limit(limite),
    ]


def consulta_pendientes(
    tras: tuple[int, UUID] | None, limite: int, lenguaje: Lenguaje, formato: Formato
) -> Any:
    """Rows that the other store may lack, oldest version first, as the partial index has them."""
    sentencia = _legible(TAREAS.select(*_columnas(TAREAS)).where(TAREAS.pendiente), lenguaje)
    sentencia = sentencia.where(lenguaje.copiable())
    if tras is not None:
        version, id = tras
        sentencia = sentencia.where(_tupla(TAREAS.version, TAREAS.id) > _tupla(version, formato.de_id(id)))
    return sentencia.order_by(TAREAS.version, TAREAS.id).limit(limite)


def consulta_ilegibles(limite: int, lenguaje: Lenguaje) -> Any:
    """Those of them that are left out there, for what cannot be read as it is."""
    sentencia = _legible(TAREAS.select(*_columnas(TAREAS)).where(TAREAS.pendiente), lenguaje)
    sentencia = sentencia.where(peewee.NodeList((peewee.SQL("NOT ("), lenguaje.copiable(), peewee.SQL(")"))))
    # In no order: PostgreSQL, while it believes that many are pendientes, would go through another index.
    return sentencia.limit(limite)


def consulta_cuenta(filtro: Filtro, lenguaje: Lenguaje) -> Any:
    """How many rows the filter lets through, without those that are no tareas.

    To look at every id takes several times as long as to count, so the few odd ones are counted apart.
    """
    sentencia = _filtrada(TAREAS.select(fn.COUNT(peewee.SQL("*"))), filtro)
    if aguja := _aguja(filtro.texto):
        sentencia = sentencia.where(lenguaje.contiene(TAREAS.titulo, TAREAS.descripcion, aguja))
    ilegible = lenguaje.ilegible()
    if ilegible is None:
        return sentencia
    # By their ids, or SQLite may look at each row that the filter lets through a second time.
    sobran = sentencia.where(TAREAS.id << TAREAS.select(TAREAS.id).where(ilegible))
    return _select((), (peewee.Expression(sentencia, "-", sobran),))


def _aguja(texto: str) -> str:
    """The text to look for: NFC, as stored texts are, and without what no stored text can hold."""
    return unicodedata.normalize("NFC", _IMPOSIBLES.sub("\ufffd", texto))


def _columnas(tabla: Any) -> list[Any]:
    return [getattr(tabla, columna) for columna in COLUMNAS]


def _legible(sentencia: Any, lenguaje: Lenguaje) -> Any:
    legible = lenguaje.legible()
    return sentencia if legible is None else sentencia.where(legible)


def _filtrada(sentencia: Any, filtro: Filtro) -> Any:
    if not filtro.eliminadas:
        sentencia = sentencia.where(~TAREAS.eliminada)
    if not filtro.vivas:
        sentencia = sentencia.where(TAREAS.eliminada)
    if filtro.solo_pendientes:
        sentencia = sentencia.where(TAREAS.pendiente)
    if filtro.estado is not None:
        sentencia = sentencia.where(TAREAS.estado == str(filtro.estado))
    return sentencia


def _clave(tabla: Any, consulta: Consulta, lenguaje: Lenguaje, *, con_indice: bool = True) -> Any:
    campo = getattr(tabla, consulta.columna.value)
    if not con_indice:
        campo = peewee.NodeList((peewee.SQL("+"), campo))  # SQLite's way of saying so
    return lenguaje.ordenable(campo) if consulta.columna in _DE_TEXTO else campo


def _tras_cursor(
    sentencia: Any, consulta: Consulta, lenguaje: Lenguaje, formato: Formato, *, con_indice: bool
) -> Any:
    if consulta.tras is None:
        return sentencia
    valor = consulta.tras.valor
    if isinstance(valor, datetime):
        valor = formato.de_instante(valor)
    if consulta.columna in _DE_TEXTO:
        valor = lenguaje.valor_ordenable(str(valor))
    campo = _clave(TAREAS, consulta, lenguaje, con_indice=con_indice)
    clave, limite = _tupla(campo, TAREAS.id), _tupla(valor, formato.de_id(consulta.tras.id))
    if consulta.columna in _DE_TEXTO:
        # SQLite finds no place in an index by a row of values when one of them is no plain column.
        sentencia = sentencia.where(campo <= valor if consulta.descendente else campo >= valor)
    return sentencia.where(clave < limite if consulta.descendente else clave > limite)


def _ordenada(
    sentencia: Any, tabla: Any, consulta: Consulta, lenguaje: Lenguaje, *, con_indice: bool = True
) -> Any:
    clave = _clave(tabla, consulta, lenguaje, con_indice=con_indice)
    if consulta.descendente:
        return sentencia.order_by(clave.desc(), tabla.id.desc())
    return sentencia.order_by(clave.asc(), tabla.id.asc())
