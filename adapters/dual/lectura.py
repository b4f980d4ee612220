"""Reads: the principal first, the other when it cannot answer or does not know."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from adapters.health.registro import RegistroSalud
from adapters.nodo import ahora_ms
from core.domain.errors import AlmacenError, AlmacenNoDisponible, LecturaImposible, ResultadoDesconocido
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.version import lleva_esperando
from core.domain.ports.almacen import Almacen
from core.health import Fallo

_log = logging.getLogger("adapters.dual")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lectura(Generic[T]):
    """What a read found, the store that said so, and why it was not the principal (empty when it was)."""

    valor: T
    almacen: NombreAlmacen
    aviso: str = ""


class LectorConRespaldo:
    """Asks the stores one after the other until one gives an answer that counts."""

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, Almacen],
        registro: RegistroSalud,
        principal: NombreAlmacen,
        *,
        timeout_s: float,
    ) -> None:
        self._almacenes = almacenes
        self._registro = registro
        self.principal = principal
        self._timeout_s = timeout_s
        # The first reads of a program come at once from several threads: all of them wait for the first
        # look, for no longer than the two deadlines of the stores it asks.
        self._mirando = threading.Lock()

    def leer(
        self, que: str, leer: Callable[[Almacen], T], *, cuenta: Callable[[T], bool] = lambda _valor: True
    ) -> Lectura[T]:
        """The first answer for which `cuenta` holds, else the principal's (or the only) answer.

        A store known to be down is asked last, so that a read does not wait for it; so is one that has
        returned and is still behind, so that no read goes back in time.
        Raises LecturaImposible when no store answers.
        """
        self._mirar_atrasos()
        errores: dict[NombreAlmacen, str] = {}
        respuestas: list[Lectura[T]] = []
        for nombre in self._orden():
            try:
                valor = self.leer_de(nombre, que, leer)
            except AlmacenError as error:
                errores[nombre] = str(error)
                continue
            lectura = Lectura(valor, nombre, self.aviso_de(nombre, errores))
            if cuenta(valor):
                return lectura
            respuestas.append(lectura)
        if respuestas:
            return respuestas[0]
        motivos = "; ".join(f"{nombre.etiqueta}: {error.rstrip('.')}" for nombre, error in errores.items())
        raise LecturaImposible(f"Ninguna base de datos puede responder. {motivos}.")

    def leer_de(self, nombre: NombreAlmacen, que: str, leer: Callable[[Almacen], T]) -> T:
        """One store's answer; a failure is noted, so that the next call need not wait for it, and rises."""
        inicio_s = time.monotonic()
        try:
            return leer(self._almacenes[nombre])
        except AlmacenError as error:
            if isinstance(error, AlmacenNoDisponible | ResultadoDesconocido):
                agotado = time.monotonic() - inicio_s >= self._timeout_s * 0.9
                self._registro.observar(nombre, Fallo(str(error), agotado=agotado))
            _log.warning("⚠️ Lectura (%s): %s no responde: %s", que, nombre.etiqueta, error)
            raise

    def leer_lote(self, ids: Sequence[UUID]) -> dict[UUID, Tarea]:
        """The newest row that any store has for each id; both are asked.

        A store known to be down is left out. Any other has to answer: what it holds would be missed, and
        with it that a tarea was deleted.

        Raises AlmacenError for a store that cannot be read, LecturaImposible when both are down.
        """
        filas: dict[UUID, Tarea] = {}
        leidas = 0
        for nombre in NombreAlmacen:
            de_este = self._leer_lote_de(nombre, ids)
            if de_este is None:
                continue
            leidas += 1
            for id, fila in de_este.items():
                if id not in filas or fila.version > filas[id].version:
                    filas[id] = fila
        if not leidas:
            errores = (self._registro.instantanea(nombre).ultimo_error for nombre in NombreAlmacen)
            raise LecturaImposible(f"Ninguna base de datos puede responder. {'; '.join(errores)}")
        return filas

    def _leer_lote_de(self, nombre: NombreAlmacen, ids: Sequence[UUID]) -> dict[UUID, Tarea] | None:
        """None for a store that is down. A first failure may be a connection that died idle."""
        for ultimo in (False, True):
            if self._registro.conocida_caida(nombre):
                return None
            try:
                return self.leer_de(nombre, f"{len(ids)} tareas", lambda almacen: almacen.leer_lote(ids))
            except AlmacenError:
                if ultimo and not self._registro.conocida_caida(nombre):
                    raise
        return None

    def _mirar_atrasos(self) -> None:
        """Once, before the first read: a store is behind if the other one has pendientes from before."""
        with self._mirando:
            if self._registro.por_mirar:
                for nombre in NombreAlmacen:
                    self._mirar_a(nombre)
                self._registro.por_mirar = False

    def _mirar_a(self, nombre: NombreAlmacen) -> None:
        try:
            hay = self.leer_de(nombre, "pendientes", lambda uno: uno.pendientes(tras=None, limite=1))
        except AlmacenError:
            return  # noted; when it comes back it counts as behind anyway
        if any(lleva_esperando(fila.version, ahora_ms()) for fila in hay):
            self._registro.marcar_atrasada(nombre.otro)

    def _orden(self) -> list[NombreAlmacen]:
        """Of two that are behind, first the one that gets the writes: there one's own are."""
        registro = self._registro
        return sorted(
            (self.principal, self.principal.otro),
            key=lambda uno: (registro.conocida_caida(uno), registro.atrasada(uno), registro.aplaza(uno)),
        )

    def aviso_de(self, nombre: NombreAlmacen, errores: Mapping[NombreAlmacen, str] | None = None) -> str:
        """What has to be said of an answer from that store; empty when there is nothing.

        Args:
            errores: why other stores did not answer this very question.
        """
        otro = nombre.otro
        motivo = (errores or {}).get(otro, "")
        if not motivo and self._registro.conocida_caida(otro):
            motivo = self._registro.instantanea(otro).ultimo_error
        motivo = f"{otro.etiqueta} no responde ({motivo.rstrip('.')})" if motivo else ""
        if not motivo and self._registro.atrasada(nombre) and self._registro.atrasada(otro):
            motivo = "ambas bases de datos se están poniendo al día"
        if motivo and self._registro.atrasada(nombre):
            return f"A {nombre.etiqueta} le pueden faltar los últimos cambios: {motivo}."
        if nombre is self.principal:
            return ""
        if not motivo and self._registro.atrasada(otro):
            motivo = f"{otro.etiqueta} se está poniendo al día"
        return f"{motivo}: leído de {nombre.etiqueta}." if motivo else f"Leído de {nombre.etiqueta}."
