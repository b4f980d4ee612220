"""Every error of Peewee, psycopg and sqlite3 becomes one of ours here, once.

What matters most is what a failed write may have left behind: nothing was sent, the server said no (nothing
applied), or nobody knows. No message quotes the driver, which might quote a secret.
"""

from __future__ import annotations

import sqlite3
from enum import Enum, auto
from typing import Final

import peewee
import psycopg

from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import (
    AlmacenError,
    AlmacenNoDisponible,
    AlmacenSoloLectura,
    FaltaLaClave,
    OperacionFallida,
    ResultadoDesconocido,
)
from core.domain.models.almacen import NombreAlmacen

SQL: Final = NombreAlmacen.SQL

ERRORES_DEL_MUNDO: Final = (
    peewee.PeeweeException,
    psycopg.Error,
    sqlite3.Error,
    OSError,
    UnicodeError,
    OverflowError,
)
"""What drivers raise; anything else is a bug of ours and rises as it is."""


CRUZADAS: Final = frozenset({"40P01", "40001"})
"""SQLSTATE of what PostgreSQL rolled back only because it crossed another session's work."""


class DatoRechazado(OperacionFallida):
    """It is the row's own content that SQL refuses: the other rows of a batch are not to suffer for it."""

    del_dato = True


class Fase(Enum):
    """What was going on: it decides what a lost connection means."""

    CONECTAR = auto()
    LEER = auto()
    ESCRIBIR = auto()


def original(error: BaseException) -> BaseException:
    """The driver's error inside of the one Peewee made of it."""
    dentro = getattr(error, "orig", None)
    return dentro if isinstance(dentro, BaseException) else error


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of the error, "" where the server did not speak."""
    dentro = original(error)
    return (dentro.sqlstate or "") if isinstance(dentro, psycopg.Error) else ""


def traducir(error: Exception, fase: Fase, *, causa: str = "") -> AlmacenError:
    """`error` in our words.

    Args:
        fase: what was going on.
        causa: why the connection was cut, if it was us who cut it ("PostgreSQL no contestó en 3 s").

    Raises: `error` itself when it tells of a bug of ours (a statement that cannot be parsed).
    """
    dentro = original(error)
    if isinstance(dentro, sqlite3.Error):
        return _de_sqlite(dentro, fase, causa)
    if isinstance(dentro, psycopg.Error):
        return _de_psycopg(dentro, fase, causa)
    if isinstance(dentro, UnicodeError | OverflowError):
        return DatoRechazado(SQL, "Un dato de la tarea no se puede guardar en SQL.")
    if isinstance(dentro, OSError):
        return AlmacenNoDisponible(
            SQL, f"No se puede usar la base de datos SQL: {motivo_del_sistema(dentro)}."
        )
    if isinstance(dentro, peewee.InterfaceError | peewee.OperationalError):
        return perdida(fase, causa or "se perdió la conexión con la base de datos SQL")
    raise error


def sin_clave() -> FaltaLaClave:
    """Two rows of `tareas` could have the same id."""
    return FaltaLaClave(SQL, _frase(_SIN_CLAVE))


def con_disparador() -> OperacionFallida:
    """A trigger of somebody's may change the rows of `tareas` under whoever only marks them."""
    return OperacionFallida(SQL, _frase(_CON_DISPARADOR))


def perdida(fase: Fase, causa: str) -> AlmacenError:
    """The connection ended before the answer came."""
    if fase is Fase.ESCRIBIR:
        return ResultadoDesconocido(SQL, f"No se sabe si la escritura quedó guardada en SQL: {causa}.")
    return AlmacenNoDisponible(SQL, f"La base de datos SQL no está disponible: {causa}.")


def a_medias(error: AlmacenError) -> ResultadoDesconocido:
    """A batch of which some rows are in: what `error` says holds for the others alone."""
    return ResultadoDesconocido(SQL, f"En SQL solo quedó guardada una parte de las tareas. {error}")


# --- PostgreSQL ---

_SIN_CLAVE: Final = (
    "a la tabla «tareas» de SQL le falta la clave única de «id», y sin ella se duplicarían tareas. La pone "
    "«dual-tareas preparar --adoptar»; antes quite las filas repetidas, si las hay"
)
_CON_DISPARADOR: Final = (
    "un disparador (trigger) de la tabla «tareas» cambia lo que se guarda, y ya no sería igual que en "
    "MongoDB: no se guardó; desactívelo («ALTER TABLE tareas DISABLE TRIGGER …»)"
)
_CON_VISTA: Final = (
    "una vista, una regla u otro objeto de PostgreSQL usa la tabla «tareas» y no deja cambiar sus columnas: "
    "quítelo, adopte y vuelva a crearlo"
)
_RECHAZOS: Final = {
    "25006": "PostgreSQL está en modo de solo lectura y no admite escrituras",
    "57014": "PostgreSQL canceló la operación porque tardaba demasiado",
    "55P03": "otra sesión mantiene bloqueada la fila; vuelva a intentarlo",
    "40P01": "la operación se cruzó con otra; vuelva a intentarlo",
    "40001": "la operación se cruzó con otra; vuelva a intentarlo",
    "42501": "el usuario de PostgreSQL no tiene permiso para esta operación",
    "42P01": "falta una tabla en PostgreSQL: alguien la borró o le cambió el nombre. Recupérela, o cree una "
    "vacía con «dual-tareas preparar --adoptar»",
    "42703": "falta una columna en la tabla de PostgreSQL; alguien cambió su estructura",
    "0A000": _CON_VISTA,
    "2BP01": _CON_VISTA,
    "42P10": _SIN_CLAVE,
    "22012": _CON_DISPARADOR,
    "53100": "el disco de PostgreSQL está lleno",
    "53200": "PostgreSQL se quedó sin memoria",
    "22021": "el texto tiene caracteres que la codificación de PostgreSQL no admite",
    "22P05": "el texto tiene caracteres que la codificación de PostgreSQL no admite",
}
_REGLAS: Final = {
    "23502": "falta el dato de la columna «{columna}»",
    "23503": "no lo admite la clave ajena «{regla}»",
    "23505": "ya hay otra fila con ese valor, y «{regla}» no lo admite dos veces",
    "23514": "no lo admite la regla CHECK «{regla}»",
}
"""By the name that somebody gave to it: never with the values, which the server's own text quotes."""
_CONEXION_PERDIDA: Final = ("57P", "08", "58030")
_SIN_CONEXION: Final = (
    ("password authentication failed", "el usuario o la contraseña no son correctos"),
    ("no password supplied", "falta la contraseña"),
    ("no pg_hba.conf entry", "el servidor no admite conexiones desde este equipo con ese usuario"),
    ("does not exist", "la base de datos o el usuario no existen"),
    ("too many", "el servidor tiene demasiadas conexiones abiertas"),
    ("remaining connection slots", "el servidor tiene demasiadas conexiones abiertas"),
    ("starting up", "el servidor está arrancando"),
    ("shutting down", "el servidor se está apagando"),
    ("recovery", "el servidor se está recuperando"),
    ("refused", "el servidor rechaza la conexión; compruebe que está en marcha"),
    ("could not translate host", "el nombre del servidor no se encuentra"),
    ("Name or service not known", "el nombre del servidor no se encuentra"),
    ("No such file or directory", "el servidor no está en marcha"),
    ("name lookup", "el servicio de nombres (DNS) no contestó a tiempo"),
    ("timeout", "el servidor no contestó a tiempo"),
    ("SSL", "el servidor no admite el cifrado que se pidió"),
)


def _de_psycopg(error: psycopg.Error, fase: Fase, causa: str) -> AlmacenError:
    codigo = error.sqlstate
    if fase is Fase.CONECTAR:
        return AlmacenNoDisponible(SQL, f"PostgreSQL no está disponible: {causa or _sin_conexion(error)}.")
    if codigo and not codigo.startswith(_CONEXION_PERDIDA):
        return _clase_de(codigo)(SQL, _frase(_RECHAZOS.get(codigo) or _rechazo(error, codigo)))
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return perdida(fase, causa or "se perdió la conexión con PostgreSQL")
    if isinstance(error, psycopg.DataError):
        return DatoRechazado(SQL, "Un dato de la tarea no se puede guardar en PostgreSQL.")
    raise error


def _rechazo(error: psycopg.Error, codigo: str) -> str:
    regla = _REGLAS.get(codigo, "").format(
        regla=error.diag.constraint_name or "?", columna=error.diag.column_name or "?"
    )
    return (
        f"PostgreSQL rechazó la operación: {regla}"
        if regla
        else f"PostgreSQL rechazó la operación (código {codigo})"
    )


def _clase_de(codigo: str) -> type[OperacionFallida]:
    if codigo == "25006":
        return AlmacenSoloLectura
    if codigo == "42P10":
        return FaltaLaClave
    # Classes 22 (data), 23 (constraint) and 54 (limits) speak of the values.
    return DatoRechazado if codigo.startswith(("22", "23", "54")) else OperacionFallida


def _sin_conexion(error: psycopg.Error) -> str:
    texto = str(error)
    return next((motivo for trozo, motivo in _SIN_CONEXION if trozo in texto), "no se pudo conectar")


# --- SQLite ---


def es_ocupada(error: BaseException) -> bool:
    """Whether SQLite says that somebody else holds the lock: worth another try until the deadline."""
    return _codigo(original(error)) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _codigo(error: BaseException) -> int:
    """The primary result code; extended codes carry it in their low byte."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


_FALLOS_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: "otro programa mantiene bloqueado el archivo SQLite; ciérrelo y vuelva a intentarlo",
    sqlite3.SQLITE_LOCKED: "otro programa mantiene bloqueado el archivo SQLite; vuelva a intentarlo",
    sqlite3.SQLITE_FULL: "el disco está lleno; libere espacio y vuelva a intentarlo",
    sqlite3.SQLITE_TOOBIG: "el dato es demasiado grande para SQLite",
    sqlite3.SQLITE_CONSTRAINT: "la tabla de SQLite no admite estos datos",
    sqlite3.SQLITE_NOMEM: "SQLite se quedó sin memoria",
}
_DEL_DATO: Final = frozenset({sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT})
_SQLITE_INUTIL: Final = {
    sqlite3.SQLITE_NOTADB: "el archivo no es una base de datos SQLite",
    sqlite3.SQLITE_CORRUPT: "el archivo SQLite está dañado; restaure una copia",
    sqlite3.SQLITE_CANTOPEN: "no se puede abrir el archivo SQLite",
    sqlite3.SQLITE_PERM: "no hay permiso para abrir el archivo SQLite",
    sqlite3.SQLITE_AUTH: "no hay permiso para abrir el archivo SQLite",
}


def _de_sqlite(error: sqlite3.Error, fase: Fase, causa: str) -> AlmacenError:
    codigo = _codigo(error)
    if codigo == sqlite3.SQLITE_READONLY:
        return AlmacenSoloLectura(SQL, "El archivo SQLite es de solo lectura y no admite escrituras.")
    if codigo == sqlite3.SQLITE_INTERRUPT:
        # An interrupted statement is rolled back by SQLite itself: this "no" is certain.
        return OperacionFallida(SQL, _frase(causa or "la operación en SQLite se interrumpió"))
    if codigo == sqlite3.SQLITE_IOERR:
        # During a commit it leaves a journal behind, and whoever opens the file next decides.
        return perdida(fase, "falló el disco al usar el archivo SQLite")
    if motivo := _SQLITE_INUTIL.get(codigo):
        return AlmacenNoDisponible(SQL, _frase(motivo))
    if motivo := _FALLOS_SQLITE.get(codigo):
        clase = DatoRechazado if codigo in _DEL_DATO else OperacionFallida
        return clase(SQL, _frase(motivo))
    if isinstance(error, sqlite3.OperationalError) and "ON CONFLICT clause does not match" in str(error):
        return sin_clave()
    if isinstance(error, sqlite3.OperationalError) and "no such" in str(error):
        return OperacionFallida(SQL, "Falta una tabla o columna en SQLite; alguien cambió su estructura.")
    raise error


def _frase(motivo: str) -> str:
    return f"{motivo[0].upper()}{motivo[1:]}."
