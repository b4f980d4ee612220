"""What each driver error means for a write: nothing sent, not applied, or nobody knows."""

from __future__ import annotations

import sqlite3

import peewee
import psycopg
import pytest

from adapters.peewee.errores import DatoRechazado, Fase, traducir
from core.domain.errors import (
    AlmacenError,
    AlmacenNoDisponible,
    AlmacenSoloLectura,
    OperacionFallida,
    ResultadoDesconocido,
)
from core.domain.models.almacen import NombreAlmacen


def de_postgres(sqlstate: str) -> Exception:
    return psycopg.errors.lookup(sqlstate)("el texto del servidor con s3creta")


def de_sqlite(codigo: int, clase: type[sqlite3.Error] = sqlite3.OperationalError) -> Exception:
    error = clase("texto de SQLite con s3creta")
    error.sqlite_errorcode = codigo
    return error


PERDIDA = psycopg.OperationalError("consuming input failed: server closed the connection; s3creta")


@pytest.mark.parametrize(
    ("error", "al_leer", "al_escribir"),
    [
        (PERDIDA, AlmacenNoDisponible, ResultadoDesconocido),
        (psycopg.InterfaceError("the connection is closed"), AlmacenNoDisponible, ResultadoDesconocido),
        (de_postgres("57P01"), AlmacenNoDisponible, ResultadoDesconocido),
        (de_postgres("57P02"), AlmacenNoDisponible, ResultadoDesconocido),
        (de_postgres("08006"), AlmacenNoDisponible, ResultadoDesconocido),
        (de_postgres("57014"), OperacionFallida, OperacionFallida),
        (de_postgres("25006"), AlmacenSoloLectura, AlmacenSoloLectura),
        (de_postgres("42501"), OperacionFallida, OperacionFallida),
        (de_postgres("53100"), OperacionFallida, OperacionFallida),
        (de_postgres("22021"), DatoRechazado, DatoRechazado),
        (de_postgres("XX000"), OperacionFallida, OperacionFallida),
        (psycopg.DataError("PostgreSQL text fields cannot contain NUL"), DatoRechazado, DatoRechazado),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), DatoRechazado, DatoRechazado),
        (OverflowError("too large"), DatoRechazado, DatoRechazado),
        (de_sqlite(sqlite3.SQLITE_BUSY), OperacionFallida, OperacionFallida),
        (de_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), OperacionFallida, OperacionFallida),
        (de_sqlite(sqlite3.SQLITE_FULL), OperacionFallida, OperacionFallida),
        (de_sqlite(sqlite3.SQLITE_READONLY), AlmacenSoloLectura, AlmacenSoloLectura),
        (de_sqlite(sqlite3.SQLITE_INTERRUPT), OperacionFallida, OperacionFallida),
        (de_sqlite(sqlite3.SQLITE_IOERR_FSYNC), AlmacenNoDisponible, ResultadoDesconocido),
        (de_sqlite(sqlite3.SQLITE_NOTADB, sqlite3.DatabaseError), AlmacenNoDisponible, AlmacenNoDisponible),
        (de_sqlite(sqlite3.SQLITE_CORRUPT, sqlite3.DatabaseError), AlmacenNoDisponible, AlmacenNoDisponible),
        (de_sqlite(sqlite3.SQLITE_CANTOPEN), AlmacenNoDisponible, AlmacenNoDisponible),
        (PermissionError(13, "Permission denied"), AlmacenNoDisponible, AlmacenNoDisponible),
    ],
    ids=lambda valor: str(valor)[:28] if isinstance(valor, Exception) else "",
)
def test_cada_error_dice_lo_que_pudo_quedar_hecho(
    error: Exception, al_leer: type[AlmacenError], al_escribir: type[AlmacenError]
) -> None:
    for fase, clase in ((Fase.LEER, al_leer), (Fase.ESCRIBIR, al_escribir)):
        for envuelto in (error, peewee.OperationalError(error, *error.args)):
            traducido = traducir(envuelto, fase)
            assert type(traducido) is clase
            assert traducido.almacen is NombreAlmacen.SQL
            texto = str(traducido)
            assert texto.endswith(".")
            assert texto[0].isupper()
            assert "s3creta" not in texto


@pytest.mark.parametrize("error", [PERDIDA, de_postgres("28P01"), de_postgres("53300"), de_postgres("57P03")])
def test_lo_que_falla_al_conectar_no_llego_a_enviarse(error: Exception) -> None:
    traducido = traducir(error, Fase.CONECTAR)
    assert type(traducido) is AlmacenNoDisponible
    assert "s3creta" not in str(traducido)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.ProgrammingError("the query has 2 placeholders but 1 parameters were passed"),
        sqlite3.ProgrammingError("Incorrect number of bindings supplied"),
        peewee.ImproperlyConfigured("SQLite driver not installed!"),
    ],
)
def test_un_fallo_nuestro_sube_tal_cual(error: Exception) -> None:
    with pytest.raises(type(error)):
        traducir(error, Fase.ESCRIBIR)
