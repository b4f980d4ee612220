"""PostgreSQL through psycopg 3: connects with a deadline, notices dead connections before using them."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, ClassVar, Final, TypeVar

import peewee
import psycopg
from peewee import PostgresqlDatabase
from psycopg import pq
from psycopg.abc import Buffer
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.datetime import TimestamptzLoader

from adapters.peewee import esquema_postgres
from adapters.peewee.apertura_postgres import Apertura, listo
from adapters.peewee.consultas import Lenguaje, LenguajePostgres
from adapters.peewee.errores import CRUZADAS, ERRORES_DEL_MUNDO, SQL, Fase, sqlstate
from adapters.peewee.filas import EPOCA, FormatoPostgres
from adapters.peewee.motor import Conexion, Motor
from core.domain.errors import AlmacenNoDisponible, ConfiguracionInvalida
from core.domain.models.almacen import Pong
from core.relojes import medir_desfase_ms

T = TypeVar("T")

CONEXION_MAX_S: Final = 2.0
"""A server that lets a connection wait longer than this counts as not there, seconds."""
MARGEN: Final = 0.9
"""Part of the deadline after which the server itself is to give up: its "no" is certain, a cut is not."""

_PING: Final = (
    "SELECT current_setting('server_version'), pg_is_in_recovery(),"
    " current_setting('default_transaction_read_only') = 'on', clock_timestamp()"
)


class _BaseDatos(PostgresqlDatabase):
    """Peewee's database on a connection that this module opens."""

    def __init__(self, conectar: Callable[[], psycopg.Connection[Any]]) -> None:
        self._conectar = conectar
        # One thread at a time uses it: Peewee's per-thread state and lock are not wanted.
        super().__init__("tareas", prefer_psycopg3=True, thread_safe=False)

    def _connect(self) -> psycopg.Connection[Any]:
        return self._conectar()


class _InstanteTolerante(TimestamptzLoader):
    """Knows a date that Python does not have (infinity, before Christ, beyond 9999) for no date."""

    def load(self, data: Buffer) -> datetime:
        try:
            return super().load(data)
        except psycopg.DataError:
            return EPOCA


class ConexionPostgres(Conexion):
    """One psycopg connection."""

    @property
    def _conn(self) -> psycopg.Connection[Any]:
        conn: psycopg.Connection[Any] = self.db.connection()
        return conn

    def no_cabe(self, error: Exception) -> bool:
        """See `Conexion.no_cabe`: the server's own complaints about data have a code."""
        return isinstance(error, psycopg.DataError) and error.sqlstate is None

    @contextlib.contextmanager
    def tolerante(self) -> Iterator[None]:
        """See `Conexion.tolerante`. It stays so: where there is one such row, it will be read again."""
        self._conn.adapters.register_loader("timestamptz", _InstanteTolerante)
        yield

    def cortar(self) -> None:
        """Shut the socket down: the only thing that ends a wait for a stopped backend."""
        if self.db.is_closed():  # asked for its connection, Peewee would open another
            return
        with contextlib.suppress(*ERRORES_DEL_MUNDO):  # it is broken already: that is what was wanted
            enchufe = socket.socket(fileno=self._conn.pgconn.socket)
            try:
                enchufe.shutdown(socket.SHUT_RDWR)
            finally:
                enchufe.detach()  # libpq still owns the descriptor, and closes it

    def utilizable(self) -> bool:
        """Idle, and nothing waits to be read: on an idle connection that is the server's farewell."""
        if self.db.is_closed():
            return False
        pgconn = self._conn.pgconn
        if pgconn.status != pq.ConnStatus.OK or pgconn.transaction_status != pq.TransactionStatus.IDLE:
            return False
        try:
            if listo(pgconn.socket):
                pgconn.consume_input()  # a notice or a TLS record may be all there is
            return not listo(pgconn.socket)
        except (psycopg.Error, OSError):
            return False


class MotorPostgres(Motor):
    """Runs operations on a PostgreSQL server."""

    producto: ClassVar[str] = "PostgreSQL"
    formato = FormatoPostgres()

    def __init__(self, url: str, *, timeout_s: float) -> None:
        super().__init__(timeout_s=timeout_s)
        self.lenguaje: Lenguaje = LenguajePostgres()
        try:
            self._datos = conninfo_to_dict(url)
        except psycopg.Error:
            # The driver's message may quote the password.
            raise ConfiguracionInvalida(
                "SQL_URL no se entiende como dirección de PostgreSQL; "
                "debe ser como postgresql://usuario:contraseña@servidor:5432/base."
            ) from None
        espera_ms = max(100, int(timeout_s * MARGEN * 1000))
        # Not among the start-up parameters: a pooler such as PgBouncer refuses those.
        self._sesion = (
            "SET TimeZone = 'UTC'; SET DateStyle = 'ISO';"
            f" SET statement_timeout = {espera_ms}; SET idle_in_transaction_session_timeout = 60000;"
            # What we acknowledge has to survive the server's crash; what waits for standbys stays as it is.
            " SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        self._parametros: dict[str, Any] = {
            "application_name": "dual-tareas",
            **self._datos,
            "client_encoding": "utf8",
        }

    def conectar(self, limite_s: float) -> Conexion:
        """See `Motor.conectar`."""
        limite_s = min(limite_s, time.monotonic() + CONEXION_MAX_S)
        db: Any = _BaseDatos(lambda: self._abrir(limite_s))
        db.connect()
        return ConexionPostgres(db)

    def _abrir(self, limite_s: float) -> psycopg.Connection[Any]:
        interrupciones = self.interrupciones
        return Apertura(
            self._parametros,
            sesion=self._sesion,
            limite_s=limite_s,
            interrumpida=lambda: self.interrupciones != interrupciones,
        ).abrir()

    def esta_preparado(self, conexion: Conexion) -> bool:
        """See `Motor.esta_preparado`."""
        self.lenguaje = esquema_postgres.leer_lenguaje(conexion)
        return esquema_postgres.esta_preparado(conexion)

    def con_clave(self, conexion: Conexion) -> bool:
        """See `Motor.con_clave`."""
        return esquema_postgres.con_clave(conexion)

    def crear_esquema(self, conexion: Conexion, *, adoptar: bool) -> None:
        """See `Motor.crear_esquema`."""
        esquema_postgres.crear(conexion, adoptar=adoptar)

    def correr(self, conexion: Conexion, operacion: Callable[[Any], T], fase: Fase, limite_s: float) -> T:  # noqa: ARG002  a port's signature
        """See `Motor.correr`: repeats what PostgreSQL rolled back because it crossed somebody else's."""
        while True:
            try:
                return operacion(conexion)
            except peewee.OperationalError as error:
                if sqlstate(error) not in CRUZADAS or time.monotonic() >= limite_s:
                    raise

    def ping(self, timeout_s: float) -> Pong:
        """See `Almacen.ping`."""

        def preguntar(conexion: Conexion) -> Pong:
            antes_ms, inicio_s = time.time() * 1000, time.perf_counter()
            fila = conexion.fila(_PING)
            latencia_ms, despues_ms = (time.perf_counter() - inicio_s) * 1000, time.time() * 1000
            if fila is None:
                raise AlmacenNoDisponible(SQL, "PostgreSQL contestó al ping sin datos.")
            version, replica, solo_lectura, hora = fila
            desfase_ms = medir_desfase_ms(
                hora.timestamp() * 1000, antes_ms=antes_ms, despues_ms=despues_ms, latencia_ms=latencia_ms
            )
            return Pong(
                latencia_ms=latencia_ms,
                version_servidor=f"PostgreSQL {version.split()[0]}",
                rol="réplica" if replica else "primario",
                solo_lectura=bool(replica or solo_lectura),
                desfase_ms=desfase_ms,
            )

        return self.ejecutar(preguntar, fase=Fase.LEER, plazo_s=timeout_s, preparar=False, de_ping=True)

    def direccion(self) -> str:
        """See `Almacen.direccion`."""
        datos = self._datos
        servidor = datos.get("host") or datos.get("hostaddr") or "localhost"
        base = datos.get("dbname") or datos.get("user") or ""
        return f"{servidor}:{datos.get('port') or 5432}/{base}"
