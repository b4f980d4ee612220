"""Two real stores with rows of a chosen age in them, for tests of verification and purging."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from pymongo import MongoClient

from adapters.mongo import MongoTareaRepository
from adapters.nodo import ahora_ms
from adapters.peewee import PeeweeTareaRepository
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.verificacion.almacenes import revisables
from adapters.verificacion.base import Verificador
from adapters.verificacion.flujo import VerificadorFlujo
from core.application.purgar_lapidas import DIA_MS, PurgarLapidasUseCase
from core.domain.models.almacen import Escritura, NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.verificacion import InformeVerificacion
from core.domain.models.version import componer
from core.domain.ports.revision import AlmacenRevisable

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO


@dataclass(frozen=True, slots=True)
class Par:
    """Both stores, as the program uses them and as verification does."""

    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen]
    crudos: Mapping[NombreAlmacen, AlmacenRevisable]

    def poner(self, filas: Sequence[Tarea], *donde: NombreAlmacen) -> None:
        """Write rows, as they are, to these stores (both when none is named), and confirm what is not
        pendiente."""
        for nombre in donde or NombreAlmacen:
            almacen = self.almacenes[nombre]
            almacen.escribir_lote([Escritura(replace(fila, pendiente=True), 0) for fila in filas])
            almacen.confirmar([(fila.id, fila.version) for fila in filas if not fila.pendiente])

    def verificar(self, metodo: type[Verificador] = VerificadorFlujo, **opciones: Any) -> InformeVerificacion:
        """Compare both, without patience."""
        opciones = {"espera_s": 0.05, "pagina": 7, **opciones}
        return metodo(self.crudos, ahora_ms=ahora_ms, **opciones).verificar()

    def digeridas_iguales(self) -> bool:
        """Whether both add up to the same, so that no row has to be read to see that they are equal."""
        sql, mongo = (crudo.resumir("", 3) for crudo in self.crudos.values())
        self.soltar()
        return sql == mongo

    def huellas(self) -> list[Mapping[str, str]]:
        """The digests of all rows of both."""
        todas = [crudo.huellas(list("0123456789abcdef")) for crudo in self.crudos.values()]
        self.soltar()
        return todas

    def soltar(self) -> None:
        """Free what digesting needed."""
        for crudo in self.crudos.values():
            crudo.soltar()

    def purga(self, *, comprobar: Callable[[], None] = lambda: None) -> PurgarLapidasUseCase:
        """The use case on both."""
        return PurgarLapidasUseCase(self.crudos, ahora_ms=ahora_ms, comprobar=comprobar, lote=7)


class AMano:
    """What no program writes: changes made in the databases themselves."""

    sql_url: str
    mongo_url: str

    def en_sql(self, sentencia: str, *parametros: Any) -> None:
        """Run a statement, with ? for each parameter."""
        if self.sql_url.startswith("sqlite"):
            with sqlite3.connect(self.sql_url.removeprefix("sqlite:///")) as archivo:
                archivo.execute(sentencia, parametros)
            archivo.close()
            return
        with psycopg.connect(self.sql_url) as conexion:
            conexion.execute(sentencia.replace("?", "%s"), parametros)  # type: ignore[call-overload]

    def en_mongo(self, id: object, cambio: dict[str, Any]) -> None:
        """Change a document."""
        cliente: MongoClient[dict[str, Any]]
        with MongoClient(self.mongo_url) as cliente:
            cliente.get_default_database()["tareas"].update_one({"_id": id}, cambio, upsert=True)


@contextmanager
def abrir_par(sql_url: str, mongo_url: str, *, timeout_s: float = 3.0) -> Iterator[Par]:
    """Both stores, prepared."""
    with ExitStack() as pila:
        almacenes: dict[NombreAlmacen, RepositorioDeUnAlmacen] = {
            SQL: pila.enter_context(closing(PeeweeTareaRepository(sql_url, timeout_s=timeout_s))),
            MONGO: pila.enter_context(closing(MongoTareaRepository(mongo_url, timeout_s=timeout_s))),
        }
        for almacen in almacenes.values():
            almacen.preparar()
        yield Par(almacenes, revisables(almacenes))


def de_hace(dias: float, titulo: str = "tarea", *, contador: int = 0, **campos: Any) -> Tarea:
    """A confirmed row that was written so many days ago; `pendiente=True` for one that is not confirmed."""
    escrita_ms = ahora_ms() - int(dias * DIA_MS)
    instante = datetime.fromtimestamp(escrita_ms / 1000, UTC)
    tarea = Tarea(
        titulo=titulo,
        creada_en=instante,
        actualizada_en=instante,
        version=componer(escrita_ms, contador, 9),
        nodo="0009",
        **campos,
    ).validada()
    return tarea if tarea.pendiente else replace(tarea, version_comun=tarea.version)


def url_sqlite(carpeta: Path) -> str:
    """Of a file in that folder."""
    return f"sqlite:///{carpeta / 'tareas.db'}"
