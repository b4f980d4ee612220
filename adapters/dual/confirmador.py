"""Tells both stores, in batches and off the operator's path, which writes they both hold."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from itertools import islice
from uuid import UUID

from adapters.replicacion.lotes import Separador
from core.domain.errors import AlmacenError
from core.domain.events import EscriturasConfirmadas, Evento
from core.domain.models.almacen import NombreAlmacen
from core.domain.ports.almacen import Almacen

_log = logging.getLogger(__name__)

LOTE = 2000
"""Most rows confirmed in one call."""
COLA_MAX = 200_000
"""Most confirmations kept in memory; beyond it they are dropped: those rows stay pendiente, and
replication, which needs nobody's memory, settles them."""
REPOSO_S = 0.05
"""Wait after the first write of a burst, seconds, so that the rest of it shares the batch."""
REINTENTO_S = 1.0
"""Wait after a store could not be told, seconds."""


class Confirmador:
    """A queue for each store, drained by one thread: on the write lanes a store that is locked would make the
    next write wait for a confirmation first. Order does not matter, for it never clears a newer mark.

    Losing a confirmation is harmless (the row stays marked), making one up is not: `anotar` is called only
    with versions that both stores acknowledged.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, Almacen],
        *,
        publicar: Callable[[Evento], None],
        disponible: Callable[[NombreAlmacen], bool],
    ) -> None:
        self._almacenes = almacenes
        self._publicar = publicar
        self._disponible = disponible
        # id -> version, newest version only: confirming v says all that confirming less would.
        self._colas: dict[NombreAlmacen, dict[UUID, int]] = {nombre: {} for nombre in almacenes}
        # Guards the queues, `_cerrado` and the life of the thread; held for dictionary work only.
        self._condicion = threading.Condition()
        self._cerrado = False
        self._hilo: threading.Thread | None = None

    def anotar(self, pares: Mapping[UUID, int]) -> None:
        """Both stores hold these versions; tell them soon."""
        with self._condicion:
            if self._cerrado:
                return
            for cola in self._colas.values():
                for id, version in pares.items():
                    if len(cola) < COLA_MAX or id in cola:
                        cola[id] = max(version, cola.get(id, 0))
            if self._hilo is None:
                self._hilo = threading.Thread(target=self._bucle, name="DualRepo-confirmar", daemon=True)
                self._hilo.start()
            self._condicion.notify()

    def close(self, timeout_s: float) -> None:
        """Tell what is still queued, within about `timeout_s` seconds, and end."""
        with self._condicion:
            if self._cerrado:
                return
            self._cerrado = True
            self._condicion.notify()
            hilo = self._hilo
        if hilo is not None:
            hilo.join(timeout_s)

    def _bucle(self) -> None:
        while True:
            with self._condicion:
                self._condicion.wait_for(lambda: self._cerrado or any(self._colas.values()))
                if self._cerrado:
                    break
                self._condicion.wait_for(lambda: self._cerrado, REPOSO_S)
            if not self._intentar():
                with self._condicion:
                    self._condicion.wait_for(lambda: self._cerrado, REINTENTO_S)
        # In this thread and not in that of `close`, which waits no longer than it was told to.
        while any(self._colas.values()) and self._intentar():
            pass

    def _intentar(self) -> bool:
        try:
            return self._vaciar()
        except Exception:  # noqa: BLE001
            # Our bug must not end confirming for the life of the program; it is reported each time.
            _log.exception("Error interno al confirmar")
            return False

    def _vaciar(self) -> bool:
        """One batch to each store; whether all that could be told was told."""
        confirmadas: dict[NombreAlmacen, dict[UUID, int]] = {}
        for nombre, cola in self._colas.items():
            with self._condicion:
                lote = dict(islice(cola.items(), LOTE))
            if not lote or not self._disponible(nombre):
                continue
            rehusadas = self._confirmar(nombre, lote)
            if rehusadas is None:
                continue
            confirmadas[nombre] = lote
            self._quitar(cola, lote)
            self._dejar({id: lote[id] for id in rehusadas}, confirmadas)
        if pares := self._sabidas_por_ambos(confirmadas):
            self._publicar(EscriturasConfirmadas(tuple((str(id), version) for id, version in pares)))
        return all(nombre in confirmadas or not cola for nombre, cola in self._colas.items())

    def _dejar(
        self, rehusadas: Mapping[UUID, int], confirmadas: Mapping[NombreAlmacen, dict[UUID, int]]
    ) -> None:
        """Not to be told to the other store either: its answer would make them known by both."""
        for cola in self._colas.values():
            self._quitar(cola, rehusadas)
        for hechas in confirmadas.values():
            for id in rehusadas:
                hechas.pop(id, None)

    def _sabidas_por_ambos(
        self, confirmadas: Mapping[NombreAlmacen, Mapping[UUID, int]]
    ) -> set[tuple[UUID, int]]:
        """Of what one store was just told, that which no store has still to be told."""
        with self._condicion:
            return {
                (id, version)
                for lote in confirmadas.values()
                for id, version in lote.items()
                if not any(cola.get(id) == version for cola in self._colas.values())
            }

    def _confirmar(self, nombre: NombreAlmacen, lote: Mapping[UUID, int]) -> set[UUID] | None:
        """The rows of which the store refuses to clear the mark, None when it does not answer.

        Those are left to replication, which sets them apart and tells why; kept at the head of the queue,
        they would keep it from all others.
        """
        try:
            rehusadas = Separador().confirmar(self._almacenes[nombre], list(lote.items()))
        except AlmacenError as error:
            _log.debug("%s: %d confirmaciones quedan para más tarde: %s", nombre.etiqueta, len(lote), error)
            return None
        for id, motivo in rehusadas.items():
            _log.debug("%s: no confirma %s: %s", nombre.etiqueta, id, motivo)
        return set(rehusadas)

    def _quitar(self, cola: dict[UUID, int], lote: Mapping[UUID, int]) -> None:
        with self._condicion:
            for id, version in lote.items():
                if cola.get(id) == version:
                    del cola[id]
