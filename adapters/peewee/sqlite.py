"""SQLite: one file, whose disappearance must be noticed, and a lock that whole programs share."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

from peewee import SqliteDatabase

from adapters.peewee import esquema_sqlite
from adapters.peewee.apertura_sqlite import Apertura
from adapters.peewee.consultas import LenguajeSqlite
from adapters.peewee.errores import ERRORES_DEL_MUNDO, SQL, Fase, es_ocupada
from adapters.peewee.filas import FormatoSqlite, es_instante
from adapters.peewee.motor import Conexion, Motor
from core.domain.errors import AlmacenNoDisponible, ConfiguracionInvalida
from core.domain.models.almacen import Pong

T = TypeVar("T")

ESPERA_MS: Final = 100
"""How long SQLite itself waits for a lock; between such waits we look at the deadline, milliseconds."""
CACHE_KIB: Final = 32_768
"""For a connection that writes: with SQLite's own 2 MiB a batch into a large table waits for its indexes."""
PAUSA_S: Final = 0.01
"""Between two tries for a lock that SQLite gives up on at once (a possible deadlock), seconds."""
SIN_WAL: Final = sqlite3.sqlite_version_info < (3, 51, 3)
"""Before that version concurrent checkpoints can corrupt a WAL (https://sqlite.org/wal.html)."""


class _BaseDatos(SqliteDatabase):
    """Peewee's database, which begins no statement any more once it was cut.

    Interrupting ends the statement that runs and no other one, and a batch is thousands of short ones.
    """

    def __init__(self, *posicionales: Any, **opciones: Any) -> None:
        self.cortada = threading.Event()
        super().__init__(*posicionales, **opciones)

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """The cursor of a statement."""
        if self.cortada.is_set():
            error = sqlite3.OperationalError("interrupted")
            error.sqlite_errorcode = sqlite3.SQLITE_INTERRUPT
            raise error
        return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]  # Peewee has no types


class ConexionSqlite(Conexion):
    """One sqlite3 connection.

    Attributes:
        para_escribir: the settings that make its commits durable were made.
    """

    def __init__(self, db: Any) -> None:
        super().__init__(db)
        self.para_escribir = False

    def no_cabe(self, error: Exception) -> bool:
        """See `Conexion.no_cabe`: a text of bytes that are no UTF-8."""
        return "Could not decode to UTF-8" in str(error)

    @contextlib.contextmanager
    def tolerante(self) -> Iterator[None]:
        """See `Conexion.tolerante`."""
        conn = self.db.connection()
        antes, conn.text_factory = conn.text_factory, partial(str, encoding="utf-8", errors="replace")
        try:
            yield
        finally:
            conn.text_factory = antes

    def cortar(self) -> None:
        """Make the running statement return and let none follow; what they did is rolled back."""
        self.db.cortada.set()
        if self.db.is_closed():  # asked for its connection, Peewee would open another
            return
        with contextlib.suppress(*ERRORES_DEL_MUNDO):  # closed meanwhile: nothing runs in it any more
            self.db.connection().interrupt()

    def utilizable(self) -> bool:
        """Open and outside of any transaction."""
        return not self.db.is_closed() and not self.db.connection().in_transaction


class MotorSqlite(Motor):
    """Runs operations on a file."""

    producto: ClassVar[str] = "SQLite"
    formato = FormatoSqlite()
    lenguaje = LenguajeSqlite()

    def __init__(self, url: str, *, timeout_s: float) -> None:
        super().__init__(timeout_s=timeout_s)
        nombre = url.removeprefix("sqlite:///")
        if nombre in {"", url} or nombre.startswith(":memory:"):
            raise ConfiguracionInvalida(
                f"SQL_URL no nombra un archivo SQLite: «{url}». Debe ser como sqlite:///tareas.db "
                "o sqlite:////carpeta/tareas.db."
            )
        self._ruta = Path(nombre).absolute()
        self._identidad: tuple[int, int] | None = None
        # One at a time: two that open a file which is not there yet must agree on whose file it is.
        self._apertura = Apertura(self._abrir_archivo, self._ruta)

    def conectar(self, limite_s: float) -> ConexionSqlite:
        """See `Motor.conectar`."""
        return self._apertura.abrir(limite_s)

    def _abrir_archivo(self) -> ConexionSqlite:
        self._comprobar_archivo()
        nuevo = self._identidad is None
        if nuevo:
            self._ruta.parent.mkdir(parents=True, exist_ok=True)
        # "rw" never creates: once seen, a file that is gone stays an error and not a new empty database.
        conexion = self._abrir("rwc" if nuevo else "rw")
        self._identidad = _identidad(self._ruta)
        return conexion

    def _abrir(self, modo: str) -> ConexionSqlite:
        db: Any = _BaseDatos(
            f"{self._ruta.as_uri()}?mode={modo}",
            uri=True,
            timeout=ESPERA_MS / 1000,
            lock_type="IMMEDIATE",
            check_same_thread=False,
            thread_safe=False,
        )
        db.register_function(_contiene, "dt_contiene", 3)
        db.register_function(_es_utf8, "dt_es_utf8", 1)
        db.register_function(_es_instante, "dt_es_instante", 1)
        db.connect()
        return ConexionSqlite(db)

    def _ajustar(self, conexion: Any, limite_s: float) -> None:
        # Only before the first write: these pragmas want the file's lock, a ping or a read must not.
        if not conexion.para_escribir and _se_puede_escribir(self._ruta):
            modo = "TRUNCATE" if SIN_WAL else "WAL"
            for pragma in ("synchronous = FULL", f"journal_mode = {modo}", f"cache_size = -{CACHE_KIB}"):
                self._insistir(partial(conexion.filas, f"PRAGMA {pragma}"), conexion, limite_s)
            conexion.para_escribir = True

    def _comprobar_archivo(self) -> None:
        if self._identidad is None:
            return
        actual = _identidad(self._ruta)
        if actual is None:
            raise AlmacenNoDisponible(
                SQL, f"El archivo {self._ruta} ya no está: alguien lo borró o lo movió."
            )
        if actual != self._identidad:
            raise AlmacenNoDisponible(
                SQL,
                f"El archivo {self._ruta} fue sustituido por otro mientras se usaba. "
                "Compruebe cuál es el bueno y reinicie el programa.",
            )

    def correr(self, conexion: Conexion, operacion: Callable[[Any], T], fase: Fase, limite_s: float) -> T:
        """See `Motor.correr`: writes in a transaction that takes the lock first, tried until the deadline."""
        self._comprobar_archivo()
        if fase is not Fase.ESCRIBIR:
            return self._insistir(lambda: operacion(conexion), conexion, limite_s)
        self._ajustar(conexion, limite_s)
        self._insistir(lambda: conexion.cambiar("BEGIN IMMEDIATE"), conexion, limite_s)
        try:
            resultado = operacion(conexion)
            # Readers may hold a commit up; its transaction stays whole, so only the commit is repeated.
            self._insistir(lambda: conexion.cambiar("COMMIT"), conexion, limite_s)
        except BaseException:
            # Where even this fails, the connection is not given back, and closing it rolls back.
            with contextlib.suppress(*ERRORES_DEL_MUNDO):
                conexion.cambiar("ROLLBACK")
            raise
        return resultado

    def _insistir(self, paso: Callable[[], T], conexion: Conexion, limite_s: float) -> T:
        while True:
            try:
                return paso()
            except ERRORES_DEL_MUNDO as error:
                if (
                    not es_ocupada(error)
                    or time.monotonic() >= limite_s
                    or conexion.interrumpida.wait(PAUSA_S)
                ):
                    raise

    def esta_preparado(self, conexion: Conexion) -> bool:
        """See `Motor.esta_preparado`."""
        return esquema_sqlite.esta_preparado(conexion)

    def con_clave(self, conexion: Conexion) -> bool:
        """See `Motor.con_clave`."""
        return esquema_sqlite.con_clave(conexion)

    def crear_esquema(self, conexion: Conexion, *, adoptar: bool) -> None:
        """See `Motor.crear_esquema`."""
        esquema_sqlite.crear(conexion, adoptar=adoptar)

    def ping(self, timeout_s: float) -> Pong:
        """See `Almacen.ping`. Touches the file, waits for no lock: a busy file is alive."""

        def preguntar(conexion: Conexion) -> Pong:
            self._comprobar_archivo()
            antes_s = time.perf_counter()
            try:
                conexion.fila("PRAGMA schema_version")
            except ERRORES_DEL_MUNDO as error:
                if not es_ocupada(error):
                    raise
            return Pong(
                latencia_ms=(time.perf_counter() - antes_s) * 1000,
                version_servidor=f"SQLite {sqlite3.sqlite_version}",
                rol="archivo local",
                solo_lectura=not _se_puede_escribir(self._ruta),
            )

        return self.ejecutar(preguntar, fase=Fase.LEER, plazo_s=timeout_s, preparar=False, de_ping=True)

    def direccion(self) -> str:
        """See `Almacen.direccion`."""
        return str(self._ruta)


def _identidad(ruta: Path) -> tuple[int, int] | None:
    """Device and inode: a file that was deleted and made anew is another one."""
    try:
        estado = ruta.stat()
    except FileNotFoundError:
        return None
    return (estado.st_dev, estado.st_ino)


def _se_puede_escribir(ruta: Path) -> bool:
    # The journal is made beside the file: without the folder there is no write either.
    return os.access(ruta, os.W_OK) and os.access(ruta.parent, os.W_OK)


def _es_instante(valor: bytes | None) -> bool:
    try:
        return valor is None or es_instante(valor.decode())
    except UnicodeDecodeError:
        return False


def _es_utf8(texto: bytes) -> bool:
    try:
        texto.decode()
    except UnicodeDecodeError:
        return False
    return True


def _contiene(titulo: str | None, descripcion: str | None, aguja: str) -> bool:
    """Whether a text contains `aguja`, which is in lower case already, for all of Unicode."""
    return any(aguja in texto.lower() for texto in (titulo, descripcion) if texto is not None)
