"""MongoTareaRepository: the port's methods, each one request or two inside one deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from pymongo.database import Database

from adapters.mongo import consultas, escrituras
from adapters.mongo.conexion import Conexion
from adapters.mongo.conflictos import RepositorioConConflictos
from adapters.mongo.consultas import Condicion
from adapters.mongo.documento import Documento, a_tarea
from adapters.mongo.esquema import asegurar_esquema
from adapters.mongo.paginas import leer_pagina
from adapters.mongo.saludo import Saludo
from core.domain.models.almacen import Escrito, Escritura, NombreAlmacen, Pong
from core.domain.models.consulta import Consulta, Filtro, Pagina
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido

T = TypeVar("T")

PREPARAR_S = 600.0
"""Deadline of an explicit `preparar`, which may build indexes over millions of documents, seconds."""


class MongoTareaRepository(RepositorioConConflictos):
    """The MongoDB store, alone a repository, or one half of the dual one. Connects at first use.

    Args:
        url: `mongodb://…`; a standalone server or a replica set.
        reloj: gives the versions of single-store writes; None for this process's own.
        timeout_s: deadline of every operation, seconds; `ping` and `preparar` have their own.
        base: database; None for the one named in the URL, or `dual_tareas`.

    Raises: ConfiguracionInvalida for a URL that makes no sense.
    """

    nombre = NombreAlmacen.MONGO

    def __init__(
        self,
        url: str,
        *,
        reloj: RelojHibrido | None = None,
        timeout_s: float = 3.0,
        base: str | None = None,
    ) -> None:
        self._conexion = Conexion(url, base=base, timeout_s=timeout_s)
        super().__init__(reloj)
        self._saludo = Saludo(self._conexion)
        # Set once the schema was seen to be there; two threads that both look do no harm.
        self._esquema_visto = threading.Event()

    def __repr__(self) -> str:
        return f"MongoTareaRepository({self.direccion()})"

    def direccion(self) -> str:
        """See `Almacen.direccion`."""
        return self._conexion.direccion

    def ping(self, timeout_s: float) -> Pong:
        """See `Almacen.ping`."""
        return self._saludo.ping(timeout_s)

    @property
    def preparado(self) -> bool:
        """Whether the schema was seen to be there."""
        return self._esquema_visto.is_set()

    def preparar(self, *, adoptar: bool = False) -> None:
        """See `Almacen.preparar`."""
        self.ping(self._conexion.timeout_s)  # a dead server is not worth the long deadline
        self._conexion.ejecutar(
            lambda base: asegurar_esquema(base, adoptar=adoptar), escritura=True, plazo_s=PREPARAR_S
        )
        self._esquema_visto.set()

    def filas_sin_adoptar(self) -> int:
        """See `RepositorioDeUnAlmacen.filas_sin_adoptar`."""
        return self._conexion.ejecutar(lambda base: base["tareas"].estimated_document_count())

    def leer(self, id: UUID) -> Tarea | None:
        """See `Almacen.leer`."""
        documento = self._ejecutar(lambda base: base["tareas"].find_one({"_id": str(id)}))
        return a_tarea(documento) if documento is not None else None

    def leer_lote(self, ids: Sequence[UUID]) -> dict[UUID, Tarea]:
        """See `Almacen.leer_lote`."""
        claves = [str(id) for id in ids]
        documentos = self._ejecutar(lambda base: list(base["tareas"].find({"_id": {"$in": claves}})))
        tareas = [tarea for tarea in map(a_tarea, documentos) if tarea is not None]
        return {tarea.id: tarea for tarea in tareas}

    def listar(self, consulta: Consulta) -> Pagina:
        """See `Almacen.listar`. Raises CursorCaducado if an odd row that ended the last page is gone."""
        return self._ejecutar(lambda base: leer_pagina(base, consulta))

    def contar(self, filtro: Filtro | None = None) -> int:
        """See `Almacen.contar`."""
        condicion, opciones = consultas.cuenta_de(filtro or Filtro())
        return self._ejecutar(lambda base: base["tareas"].count_documents(condicion, **opciones))

    def escribir(self, escritura: Escritura) -> Escrito:
        """See `Almacen.escribir`."""
        return self._ejecutar(lambda base: escrituras.escribir(base, escritura), escritura=True)

    def escribir_lote(self, escrituras_: Sequence[Escritura]) -> Sequence[Escrito]:
        """See `Almacen.escribir_lote`."""
        return self._ejecutar(lambda base: escrituras.escribir_lote(base, escrituras_), escritura=True)

    def reemplazar(self, fila: Tarea, vista: int | None) -> bool:
        """See `Almacen.reemplazar`."""
        return self._ejecutar(lambda base: escrituras.reemplazar(base, fila, vista), escritura=True)

    def confirmar(self, pares: Sequence[tuple[UUID, int]]) -> None:
        """See `Almacen.confirmar`."""
        self._ejecutar(lambda base: escrituras.confirmar(base, pares), escritura=True)

    def pendientes(self, *, tras: tuple[int, UUID] | None, limite: int) -> Sequence[Tarea]:
        """See `Almacen.pendientes`."""
        return self._pendientes(consultas.pendientes_tras(tras), limite)

    def pendientes_ilegibles(self, *, limite: int) -> Sequence[Tarea]:
        """See `Almacen.pendientes_ilegibles`."""
        return self._pendientes(consultas.pendientes_ilegibles(), limite)

    def _pendientes(self, condicion: Condicion, limite: int) -> Sequence[Tarea]:
        documentos = self._ejecutar(
            lambda base: list(
                base["tareas"].find(
                    condicion, sort=consultas.ORDEN_PENDIENTES, limit=limite, batch_size=limite + 1
                )
            )
        )
        return [tarea for tarea in map(a_tarea, documentos) if tarea is not None]

    def interrumpir(self) -> None:
        """See `Almacen.interrumpir`. What waits for the server ends within half a second."""
        self._conexion.interrumpir()

    def close(self) -> None:
        """See `Almacen.close`."""
        self._conexion.close()

    def _ejecutar(self, funcion: Callable[[Database[Documento]], T], *, escritura: bool = False) -> T:
        """Inside one deadline: the schema if nobody looked yet, then `funcion`."""
        fin_s = time.monotonic() + self._conexion.timeout_s
        if not self._esquema_visto.is_set():
            self._conexion.ejecutar(lambda base: asegurar_esquema(base, adoptar=False))
            self._esquema_visto.set()
        return self._conexion.ejecutar(
            funcion, escritura=escritura, plazo_s=max(0.001, fin_s - time.monotonic())
        )
