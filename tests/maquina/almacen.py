"""One program's way to a store that all share: each call is one step, and may go wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID

from core.domain.errors import (
    AlmacenNoDisponible,
    AlmacenSoloLectura,
    OperacionFallida,
    ResultadoDesconocido,
)
from core.domain.models.almacen import Escrito, Escritura, NombreAlmacen, Pong
from core.domain.models.tarea import Tarea
from tests.fakes import AlmacenEnMemoria
from tests.maquina.planificador import Falla, Planificador

ESCRIBEN = frozenset({"escribir", "escribir_lote", "reemplazar", "confirmar", "guardar_conflicto"})


class AlmacenVigilado(AlmacenEnMemoria):
    """Notes where a version goes back, and where one version stands for two values.

    Args:
        escritas: what each version of a tarea says, shared by both stores.
    """

    def __init__(self, nombre: NombreAlmacen, escritas: dict[tuple[UUID, int], str]) -> None:
        super().__init__(nombre)
        self._escritas = escritas
        self.retrocesos: list[tuple[int, int]] = []
        self.repetidas: list[int] = []

    def escribir(self, escritura: Escritura) -> Escrito:
        antes = self.filas.get(escritura.fila.id)
        escrito = super().escribir(escritura)
        self._mirar(antes, escritura.fila.id)
        return escrito

    def reemplazar(self, fila: Tarea, vista: int | None) -> bool:
        antes = self.filas.get(fila.id)
        hecho = super().reemplazar(fila, vista)
        self._mirar(antes, fila.id)
        return hecho

    def escribir_lote(self, escrituras: Sequence[Escritura]) -> Sequence[Escrito]:
        antes = dict(self.filas)
        escritos = super().escribir_lote(escrituras)
        for escritura in escrituras:
            self._mirar(antes.get(escritura.fila.id), escritura.fila.id)
        return escritos

    def _mirar(self, antes: Tarea | None, id: UUID) -> None:
        ahora = self.filas.get(id)
        if antes is not None and (ahora is None or ahora.version < antes.version):
            self.retrocesos.append((antes.version, 0 if ahora is None else ahora.version))
        if ahora is not None:
            dice = self._escritas.setdefault((id, ahora.version), ahora.descripcion)
            if dice != ahora.descripcion:
                self.repetidas.append(ahora.version)


@dataclass
class Red:
    """How a store is, and the calls that will reach it late."""

    fuera: bool = False
    solo_lectura: bool = False
    tarde: list[Callable[[], object]] = field(default_factory=list)

    def entregar(self, cual: int) -> None:
        """One of the late calls arrives; a server that is away or read-only carries nothing out."""
        if self.tarde and not self.fuera and not self.solo_lectura:
            self.tarde.pop(cual % len(self.tarde))()


class Vista:
    """The store as one program sees it; any of its methods is a step."""

    def __init__(self, almacen: AlmacenVigilado, red: Red, planificador: Planificador) -> None:
        self._almacen = almacen
        self._red = red
        self._planificador = planificador
        self.nombre = almacen.nombre

    def __getattr__(self, nombre: str) -> Callable[..., Any]:
        return partial(self._llamar, nombre, getattr(self._almacen, nombre))

    def ping(self, timeout_s: float) -> Pong:
        pong: Pong = self._llamar("ping", self._almacen.ping, timeout_s)
        return replace(pong, solo_lectura=self._red.solo_lectura)

    def _llamar(self, nombre: str, metodo: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        falla = self._planificador.ceder()
        if self._red.fuera or falla is Falla.ANTES:
            raise AlmacenNoDisponible(self.nombre, "corte")
        if nombre in ESCRIBEN:
            if self._red.solo_lectura:
                raise AlmacenSoloLectura(self.nombre, "solo admite lecturas")
            if falla is Falla.TARDE:
                self._red.tarde.append(partial(metodo, *args, **kwargs))
                raise ResultadoDesconocido(self.nombre, "respuesta perdida")
        if falla is Falla.RECHAZO and nombre != "ping":
            raise OperacionFallida(self.nombre, "no")
        valor = metodo(*args, **kwargs)
        if falla is Falla.PERDIDA or falla is Falla.TARDE:
            raise ResultadoDesconocido(self.nombre, "respuesta perdida")
        return valor
