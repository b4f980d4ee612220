"""A row of an SQLite file as it lies there: any column may hold a value of any kind, and a text any bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import peewee

from adapters.peewee.motor import Conexion
from core.diferencias import FilaVista, Valor, fila_vista
from core.textos import es_texto

CAMPOS: Final = (
    *("titulo", "descripcion", "estado", "creada_en", "actualizada_en"),
    *("version", "eliminada", "pendiente", "nodo", "version_comun"),
)
LISTA: Final = ", ".join(CAMPOS)
_EPOCA: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_A_TEXTO: Final = partial(str, encoding="utf-8", errors="surrogateescape")


def filas_tal_cual(conexion: Conexion, sql: str, parametros: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement; bytes of a text that are no UTF-8 come as lone surrogates."""
    try:
        return conexion.filas(sql, parametros)
    except (peewee.OperationalError, sqlite3.OperationalError) as error:
        if "Could not decode" not in str(error):  # the module's own words: SQLite says nothing of it
            raise
    archivo = conexion.db.connection()
    antes, archivo.text_factory = archivo.text_factory, _A_TEXTO
    try:
        return conexion.filas(sql, parametros)
    finally:
        archivo.text_factory = antes


def a_bytes(texto: str) -> bytes:
    """What lies in the file."""
    return texto.encode("utf-8", "surrogateescape")


def es_utf8(texto: bytes) -> bool:
    """Whether these bytes are a text that every store can hold."""
    try:
        texto.decode()
    except UnicodeDecodeError:
        return False
    return True


def vista(fila: Sequence[Any]) -> FilaVista:
    """The row of an id and the values of CAMPOS."""
    valores = dict(zip(CAMPOS, fila[1:], strict=True))
    mal = []
    for campo in ("creada_en", "actualizada_en"):
        leido = instante(valores[campo])
        if leido is None:
            mal.append(campo)
        else:
            valores[campo] = leido
    if not es_texto(valores["nodo"]):
        mal.append("nodo")
    if type(valores["version_comun"]) is not int:
        mal.append("version_comun")
    return fila_vista(fila[0], valores, de_otro_tipo=mal)


def instante(valor: Any) -> Valor | None:
    """Milliseconds since the epoch; a text where it is no whole number of them; None for what is no date."""
    try:
        pasado = datetime.fromisoformat(valor) - _EPOCA
    except (ValueError, TypeError):
        return None
    return pasado // _MS if not pasado % _MS else str(valor)
