"""The table at which outages are played: two real servers that may fall, repositories on them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import psycopg
from pydantic import SecretStr

from adapters.container import Contenedor
from adapters.dual import DualTareaRepository
from adapters.mongo import MongoTareaRepository
from adapters.peewee import PeeweeTareaRepository
from adapters.settings import Ajustes
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.almacen import NombreAlmacen, ResultadoEscritura
from tests.servidores import ProxyTCP, ServidorMongo, ServidorPostgres

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
Modo = Literal["matar", "congelar"]


@dataclass(frozen=True, slots=True)
class FilaCruda:
    """What a database holds of a tarea, read without any of the program's code."""

    titulo: str
    version: int
    version_comun: int
    pendiente: bool
    eliminada: bool


class Mesa:
    """One PostgreSQL and one MongoDB, with an empty database in each, and all that was opened on them.

    Attributes:
        eventos: everything that was published, in order.
    """

    def __init__(self, postgres: ServidorPostgres, mongo: ServidorMongo) -> None:
        self.postgres, self.mongo = postgres, mongo
        self.servidores: Mapping[NombreAlmacen, ServidorPostgres | ServidorMongo] = {
            SQL: postgres,
            MONGO: mongo,
        }
        self.proxies: dict[NombreAlmacen, ProxyTCP] = {}
        self.eventos: list[Evento] = []
        self._base = f"corte_{uuid4().hex}"
        self._salida = contextlib.ExitStack()
        postgres.crear_base(self._base)

    def dual(self, *, principal: NombreAlmacen = SQL) -> DualTareaRepository:
        """A dual repository straight on the servers, without a health monitor."""
        urls = {nombre: servidor.url(self._base) for nombre, servidor in self.servidores.items()}
        return self._dual(urls, principal)

    def dual_por_proxy(self) -> DualTareaRepository:
        """A dual repository that reaches each server through `proxies`, without a health monitor."""
        for nombre, servidor in self.servidores.items():
            self.proxies[nombre] = self._salida.enter_context(ProxyTCP(servidor.direccion))
        return self._dual(
            {
                nombre: servidor.url(self._base, puerto=self.proxies[nombre].puerto)
                for nombre, servidor in self.servidores.items()
            }
        )

    def contenedor(self, datos: Path) -> Contenedor:
        """The whole program, monitor and replication included, straight on the servers."""
        ajustes = Ajustes(
            datos=datos,
            orm="dual",
            sql_url=SecretStr(self.postgres.url(self._base)),
            mongo_url=SecretStr(self.mongo.url(self._base)),
        )
        contenedor = Contenedor(ajustes)
        contenedor.bus.suscribir(self.eventos.append)
        return self._salida.enter_context(contenedor)

    def caer(self, nombre: NombreAlmacen, modo: Modo) -> None:
        """Take a server down with SIGKILL or SIGSTOP."""
        servidor = self.servidores[nombre]
        servidor.matar() if modo == "matar" else servidor.congelar()

    def levantar(self, nombre: NombreAlmacen) -> None:
        """Bring a server back, however it fell."""
        servidor = self.servidores[nombre]
        servidor.descongelar()
        if not servidor.vivo:
            servidor.revivir()

    def cruda(self, nombre: NombreAlmacen, id: UUID) -> FilaCruda | None:
        """The row as it is in that database."""
        return self.crudas(nombre).get(id)

    def crudas(self, nombre: NombreAlmacen) -> dict[UUID, FilaCruda]:
        """All rows as they are in that database."""
        return dict(self._crudas_sql() if nombre is SQL else self._crudas_mongo())

    @property
    def escrituras(self) -> list[ResultadoEscritura]:
        """What each store said, for every write that ended."""
        return [evento.resultado for evento in self.eventos if isinstance(evento, EscrituraTerminada)]

    def cerrar_abiertos(self) -> None:
        """Close what was opened, as a program that ends does."""
        self._salida.close()

    def close(self) -> None:
        """Close what was opened and leave both servers running; the databases end with them."""
        self.cerrar_abiertos()
        for nombre in self.servidores:
            self.levantar(nombre)

    def _dual(self, urls: Mapping[NombreAlmacen, str], principal: NombreAlmacen = SQL) -> DualTareaRepository:
        sql = PeeweeTareaRepository(urls[SQL])
        mongo = MongoTareaRepository(urls[MONGO])
        dual = DualTareaRepository(
            sql_repository=sql,
            mongo_repository=mongo,
            principal=principal,
            publicar=self.eventos.append,
        )
        for cerrable in (sql, mongo, dual):
            self._salida.callback(cerrable.close)
        return dual

    def _crudas_sql(self) -> Iterator[tuple[UUID, FilaCruda]]:
        with psycopg.connect(self.postgres.url(self._base), connect_timeout=10) as conexion:
            for id, *resto in conexion.execute(
                "SELECT id, titulo, version, version_comun, pendiente, eliminada FROM tareas"
            ):
                yield id, FilaCruda(*resto)

    def _crudas_mongo(self) -> Iterator[tuple[UUID, FilaCruda]]:
        campos = ("titulo", "version", "version_comun", "pendiente", "eliminada")
        with self.mongo.cliente() as cliente:
            documento: dict[str, Any]
            for documento in cliente[self._base].tareas.find():
                yield UUID(documento["_id"]), FilaCruda(*(documento[campo] for campo in campos))


class Cronometro:
    """Seconds spent inside of a `with`; grows while it is open."""

    def __enter__(self) -> Cronometro:
        self._inicio_s, self._fin_s = time.monotonic(), 0.0
        return self

    def __exit__(self, *_error: object) -> None:
        self._fin_s = time.monotonic()

    @property
    def s(self) -> float:
        """Seconds."""
        return (self._fin_s or time.monotonic()) - self._inicio_s
