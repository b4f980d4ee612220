"""The table of one run: both servers, a database in each, a network and a place for each operator."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import psycopg
import pymongo
from pymongo.errors import OperationFailure

from tests.servidores import ProxyTCP, ServidorMongo, ServidorPostgres

SQL, MONGO = "sql", "mongo"
SECRETO = "Clave7Que7Nadie7Debe7Ver"
"""Password of every address; it must never be seen in a log."""
_USUARIO = "operador"


class Candado(Protocol):
    """A lock that somebody else holds on a database."""

    def echar(self) -> None:
        """Take it."""

    def quitar(self) -> None:
        """Let it go."""


class MesaDeTortura:
    """Servers that may be hurt, and what hurts them.

    Args:
        postgres, mongo: both running; stay the caller's.
        carpeta: an empty folder for histories, logs and the operators' data.
        nombres: of the operators, one letter each.
    """

    def __init__(
        self, postgres: ServidorPostgres, mongo: ServidorMongo, carpeta: Path, nombres: list[str]
    ) -> None:
        self.postgres, self.mongo, self.carpeta, self.nombres = postgres, mongo, carpeta, nombres
        self.servidores: Mapping[str, ServidorPostgres | ServidorMongo] = {SQL: postgres, MONGO: mongo}
        self.base = f"tortura_{uuid4().hex}"
        postgres.crear_base(self.base)
        self._crear_usuario()
        self.redes: dict[str, dict[str, ProxyTCP]] = {
            nombre: {clave: ProxyTCP(servidor.direccion) for clave, servidor in self.servidores.items()}
            for nombre in nombres
        }
        self.relojes: dict[str, int] = dict.fromkeys(nombres, 0)
        self.ordenar_reloj: dict[str, Any] = {}

    def urls(self, nombre: str = "") -> tuple[str, str]:
        """SQL and MongoDB as that operator reaches them; straight on the servers without a name."""
        red = self.redes.get(nombre)
        puerto_sql = red[SQL].puerto if red else self.postgres.puerto
        puerto_mongo = red[MONGO].puerto if red else self.mongo.puerto
        sql = self.postgres.url(self.base, puerto=puerto_sql).replace("postgres@", f"postgres:{SECRETO}@")
        mongo = self.mongo.url(self.base, puerto=puerto_mongo)
        return sql, mongo.replace("://", f"://{_USUARIO}:{SECRETO}@") + "&authSource=admin"

    def mover_reloj(self, nombre: str, desfase_ms: int) -> None:
        """Set how far that operator's clock is off, now and after its next start."""
        self.relojes[nombre] = desfase_ms
        if (ordenar := self.ordenar_reloj.get(nombre)) is not None:
            ordenar(desfase_ms)

    def solo_lectura(self, almacen: str, *, si: bool) -> None:
        """Have a server refuse writes, or take them again."""
        if almacen == MONGO:
            with self.mongo.cliente() as cliente:
                cliente.admin.command({"setUserWriteBlockMode": 1, "global": si})
            return
        valor = "SET default_transaction_read_only = on" if si else "RESET default_transaction_read_only"
        with self._admin() as conexion:
            conexion.execute(f'ALTER DATABASE "{self.base}" {valor}'.encode())
            # The setting is for new sessions; those that are there would never hear of it.
            conexion.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (self.base,)
            )

    def candado(self, almacen: str) -> Candado:
        """A lock that keeps every write waiting."""
        return CandadoMongo(self.mongo) if almacen == MONGO else CandadoPostgres(self.postgres.url(self.base))

    def close(self) -> None:
        """Let the networks go; the servers stay."""
        for red in self.redes.values():
            for proxy in red.values():
                proxy.close()

    def _admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.postgres.url(), autocommit=True, connect_timeout=10)

    def _crear_usuario(self) -> None:
        with self.mongo.cliente() as cliente:
            papeles = [
                {"role": "readWriteAnyDatabase", "db": "admin"},
                {"role": "clusterMonitor", "db": "admin"},
            ]
            try:
                cliente.admin.command("createUser", _USUARIO, pwd=SECRETO, roles=papeles)
            except OperationFailure as error:
                if error.code != 51003:  # it is there already, from the run before
                    raise


class CandadoPostgres:
    """A transaction that has locked the table and does not end."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._salida = contextlib.ExitStack()

    def echar(self) -> None:
        """See `Candado`."""
        conexion = self._salida.enter_context(psycopg.connect(self._url, connect_timeout=10))
        conexion.execute("SET statement_timeout = 5000")
        conexion.execute("LOCK TABLE tareas IN ACCESS EXCLUSIVE MODE")

    def quitar(self) -> None:
        """See `Candado`."""
        self._salida.close()


class CandadoMongo:
    """`fsyncLock`: reads go on, writes wait."""

    def __init__(self, mongo: ServidorMongo) -> None:
        self._mongo = mongo
        self._lock = threading.Lock()

    def echar(self) -> None:
        """See `Candado`."""
        with self._mongo.cliente() as cliente:
            cliente.admin.command({"fsync": 1, "lock": True})

    def quitar(self) -> None:
        """See `Candado`."""
        with self._mongo.cliente() as cliente, pymongo.timeout(20):
            cliente.admin.command({"fsyncUnlock": 1})
