"""Lends connections to operations, bounds them in time, and translates what goes wrong.

Connections are lent, not tied to threads: a worker of Qt's thread pool loses its thread-local data after
every task, and would open a new connection for each. A lent connection belongs to one thread until it is
given back, and no lock is held while a server is waited for, so a frozen connection stops nobody else.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Final, TypeVar

from adapters.peewee.consultas import Lenguaje
from adapters.peewee.errores import ERRORES_DEL_MUNDO, SQL, Fase, sin_clave, traducir
from adapters.peewee.filas import Formato
from adapters.peewee.vigilante import VIGILANTE, Plazo
from core.domain.errors import AlmacenNoDisponible
from core.domain.models.almacen import Pong

T = TypeVar("T")
Fila = tuple[Any, ...]

LIBRES_MAX: Final = 4
"""Idle connections kept; more are only open while more operations run at once."""


class Conexion(ABC):
    """One Peewee `Database` with one connection, used by one thread at a time.

    Attributes:
        interrumpida: set once `interrumpir()` has cut what it was doing.
    """

    def __init__(self, db: Any) -> None:
        self.db = db
        self.interrumpida = threading.Event()

    def filas(self, sql: str, parametros: Sequence[Any] = ()) -> list[Fila]:
        """The rows of a statement."""
        return list(self.db.execute_sql(sql, parametros or None).fetchall())

    def fila(self, sql: str, parametros: Sequence[Any] = ()) -> Fila | None:
        """The first row of a statement."""
        fila: Fila | None = self.db.execute_sql(sql, parametros or None).fetchone()
        return fila

    def cambiar(self, sql: str, parametros: Sequence[Any] = ()) -> int:
        """How many rows a statement changed."""
        return int(self.db.execute_sql(sql, parametros or None).rowcount)

    def consultar(self, consulta: Any) -> list[Fila]:
        """The rows of a query built with Peewee; see `tareas`."""
        return self._con_paciencia(lambda: list(self.db.execute(consulta).fetchall()))

    def tareas(self, sql: str, parametros: Sequence[Any] = ()) -> list[Fila]:
        """The rows of a statement over tareas. A value, put there by hand, that Python cannot hold does not
        keep the others from being read: it reads as something that it is not, and verification names it."""
        return self._con_paciencia(lambda: self.filas(sql, parametros))

    def _con_paciencia(self, leer: Callable[[], list[Fila]]) -> list[Fila]:
        try:
            return leer()
        except Exception as error:
            if not self.no_cabe(error):
                raise
        with self.tolerante():
            return leer()

    @abstractmethod
    def no_cabe(self, error: Exception) -> bool:
        """Whether the driver could not make a Python value of something that was read."""

    @abstractmethod
    def tolerante(self) -> AbstractContextManager[None]:
        """Inside, what Python cannot hold is read as something that it can."""

    @abstractmethod
    def cortar(self) -> None:
        """End, from another thread, what the connection waits for. Neither blocks nor raises."""

    @abstractmethod
    def utilizable(self) -> bool:
        """Whether the connection is idle and the other end still there; asks without waiting."""

    def cerrar(self) -> None:
        """Free it; one that is broken already has nothing more to tell."""
        try:
            self.db.close()
        except ERRORES_DEL_MUNDO:
            self.db.dispose()


class _Reserva:
    """Idle connections of one kind of use. `deque` makes each step atomic without a lock."""

    def __init__(self) -> None:
        self.libres: deque[Conexion] = deque()

    def tomar(self) -> Conexion | None:
        """The most recently used one that still works."""
        while (conexion := self._sacar()) is not None:
            if conexion.utilizable():
                return conexion
            conexion.cerrar()
        return None

    def vaciar(self) -> None:
        """Close them all."""
        while (conexion := self._sacar()) is not None:
            conexion.cerrar()

    def _sacar(self) -> Conexion | None:
        try:
            return self.libres.pop()
        except IndexError:  # asking first would not help: another thread may take the last one in between
            return None


class Motor(ABC):
    """Runs operations on connections of one database."""

    producto: ClassVar[str]
    formato: ClassVar[Formato]
    lenguaje: Lenguaje

    def __init__(self, *, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.preparado = False
        self._operaciones = _Reserva()
        self._pings = _Reserva()
        self._en_uso: set[Conexion] = set()
        # Guards the set of lent connections and `_cerrado`; never held while waiting for a server.
        self._lock = threading.Lock()
        self._cerrado = False
        self.interrupciones = 0

    @abstractmethod
    def conectar(self, limite_s: float) -> Conexion:
        """A new connection, by `limite_s` (monotonic). Raises drivers' errors and AlmacenNoDisponible."""

    @abstractmethod
    def esta_preparado(self, conexion: Conexion) -> bool:
        """Whether the schema is there and of this version; writes nothing, so that a standby can answer.

        Raises OperacionFallida when it is of a newer version.
        """

    @abstractmethod
    def con_clave(self, conexion: Conexion) -> bool:
        """Whether no two rows can have the same id; also where there is no `tareas`, as every statement says.

        Reads do without that, and a write names the key that it needs, so that it is looked at only by who
        prepares the schema.
        """

    @abstractmethod
    def crear_esquema(self, conexion: Conexion, *, adoptar: bool) -> None:
        """Create the schema. Raises EsquemaSinAdoptar."""

    @abstractmethod
    def ping(self, timeout_s: float) -> Pong:
        """See `Almacen.ping`."""

    @abstractmethod
    def direccion(self) -> str:
        """See `Almacen.direccion`."""

    @abstractmethod
    def correr(self, conexion: Conexion, operacion: Callable[[Any], T], fase: Fase, limite_s: float) -> T:
        """Run the operation on the connection; a product may wrap it in a transaction or repeat it."""

    def ejecutar(
        self,
        operacion: Callable[[Any], T],
        *,
        fase: Fase = Fase.LEER,
        plazo_s: float | None = None,
        preparar: bool = True,
        de_ping: bool = False,
    ) -> T:
        """Run `operacion(conexion)` within `plazo_s` (the store's own by default).

        Raises AlmacenError in the driver's place.
        """
        plazo_s = plazo_s or self.timeout_s
        limite_s = time.monotonic() + plazo_s
        reserva = self._pings if de_ping else self._operaciones
        conexion = self._tomar(reserva, limite_s)
        plazo = VIGILANTE.vigilar(limite_s, conexion.cortar)
        # While the schema is being looked at, nothing of the operation itself has been sent.
        fase_actual = Fase.LEER
        try:
            with plazo:
                if preparar and not self.preparado:
                    self._asegurar_esquema(conexion, limite_s)
                fase_actual = fase
                return self.correr(conexion, operacion, fase, limite_s)
        except ERRORES_DEL_MUNDO as error:
            raise traducir(error, fase_actual, causa=self._causa(conexion, plazo, plazo_s)) from error
        finally:
            self._devolver(reserva, conexion, sana=not plazo.vencido and conexion.utilizable())

    def preparar(self, *, adoptar: bool, plazo_s: float) -> None:
        """See `Almacen.preparar`."""
        limite_s = time.monotonic() + plazo_s

        def asegurar(conexion: Conexion) -> None:
            if not adoptar and self.correr(conexion, self.esta_preparado, Fase.LEER, limite_s):
                self.preparado = True
                if not self.correr(conexion, self.con_clave, Fase.LEER, limite_s):
                    raise sin_clave()
                return
            try:
                self._crear_esquema(conexion, limite_s, adoptar=adoptar)
            except ERRORES_DEL_MUNDO as error:
                # Here the schema is the operation itself: its lost answer is no "nothing was sent".
                raise traducir(error, Fase.ESCRIBIR) from error

        self.ejecutar(asegurar, plazo_s=plazo_s, preparar=False)

    def _asegurar_esquema(self, conexion: Conexion, limite_s: float) -> None:
        # No lock of ours: two threads that both find nothing are told apart by the database's own lock.
        if not self.correr(conexion, self.esta_preparado, Fase.LEER, limite_s):
            self._crear_esquema(conexion, limite_s)
        self.preparado = True

    def _crear_esquema(self, conexion: Conexion, limite_s: float, *, adoptar: bool = False) -> None:
        self.correr(conexion, lambda c: self.crear_esquema(c, adoptar=adoptar), Fase.ESCRIBIR, limite_s)
        self.preparado = True

    def _causa(self, conexion: Conexion, plazo: Plazo, plazo_s: float) -> str:
        if plazo.vencido:
            return f"{self.producto} no contestó en {plazo_s:g} s"
        return "la operación se interrumpió a petición del programa" if conexion.interrumpida.is_set() else ""

    def _tomar(self, reserva: _Reserva, limite_s: float) -> Conexion:
        if self._cerrado:
            raise AlmacenNoDisponible(SQL, "El almacén SQL ya está cerrado.")
        conexion = reserva.tomar()
        if conexion is None:
            try:
                conexion = self.conectar(limite_s)
            except ERRORES_DEL_MUNDO as error:
                raise traducir(error, Fase.CONECTAR) from error
        if not self._admitir(conexion):
            conexion.cerrar()
            raise AlmacenNoDisponible(SQL, "El almacén SQL ya está cerrado.")
        return conexion

    def _admitir(self, conexion: Conexion) -> bool:
        """Count it as lent, unless the store was closed while it was being opened."""
        with self._lock:
            if not self._cerrado:
                self._en_uso.add(conexion)
            return not self._cerrado

    def _devolver(self, reserva: _Reserva, conexion: Conexion, *, sana: bool) -> None:
        with self._lock:
            self._en_uso.discard(conexion)
            if (
                sana
                and not conexion.interrumpida.is_set()
                and not self._cerrado
                and len(reserva.libres) < LIBRES_MAX
            ):
                reserva.libres.append(conexion)
                return
        conexion.cerrar()

    def interrumpir(self) -> None:
        """See `Almacen.interrumpir`."""
        with self._lock:
            self.interrupciones += 1
            for conexion in self._en_uso:
                conexion.interrumpida.set()
                conexion.cortar()

    def close(self) -> None:
        """See `Almacen.close`."""
        with self._lock:
            self._cerrado = True
        self.interrumpir()
        for reserva in (self._operaciones, self._pings):
            reserva.vaciar()
