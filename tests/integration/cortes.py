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
Red = Mapping[NombreAlmacen, ProxyTCP]


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
        self.eventos: list[Evento] = []
        self._base = f"corte_{uuid4().hex}"
        self._salida = contextlib.ExitStack()
        postgres.crear_base(self._base)

    def red(self) -> Red:
        """A network of one's own to both servers, that can fail without anybody else noticing."""
        return {
            nombre: self._salida.enter_context(ProxyTCP(servidor.direccion))
            for nombre, servidor in self.servidores.items()
        }

    def dual(self, *, red: Red | None = None, principal: NombreAlmacen = SQL) -> DualTareaRepository:
        """A dual repository, straight on the servers or through `red`, without a health monitor."""
        urls = self._urls(red)
        sql, mongo = PeeweeTareaRepository(urls[SQL]), MongoTareaRepository(urls[MONGO])
        dual = DualTareaRepository(
            sql_repository=sql,
            mongo_repository=mongo,
            principal=principal,
            publicar=self.eventos.append,
        )
        for cerrable in (sql, mongo, dual):
            self._salida.callback(cerrable.close)
        return dual

    def contenedor(self, datos: Path, *, red: Red | None = None) -> Contenedor:
        """The whole program, monitor and replication included."""
        urls = self._urls(red)
        ajustes = Ajustes(
            datos=datos, orm="dual", sql_url=SecretStr(urls[SQL]), mongo_url=SecretStr(urls[MONGO])
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

    def iguales(self) -> bool:
        """Whether both databases hold the same rows, all confirmed."""
        en_sql, en_mongo = self.crudas(SQL), self.crudas(MONGO)
        return en_sql == en_mongo and not any(fila.pendiente for fila in en_sql.values())

    def titulos_en_conflicto(self) -> set[str]:
        """The titulos of the values that lost, from both databases."""
        with psycopg.connect(self.postgres.url(self._base), connect_timeout=10) as conexion:
            en_sql = {titulo for (titulo,) in conexion.execute("SELECT titulo FROM conflictos")}
        with self.mongo.cliente() as cliente:
            return en_sql | {documento["titulo"] for documento in cliente[self._base].conflictos.find()}

    def close(self) -> None:
        """Close what was opened and leave both servers running; the databases end with them."""
        self.cerrar_abiertos()
        for nombre in self.servidores:
            self.levantar(nombre)

    def _urls(self, red: Red | None) -> dict[NombreAlmacen, str]:
        return {
            nombre: servidor.url(self._base, puerto=red[nombre].puerto if red else None)
            for nombre, servidor in self.servidores.items()
        }

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
