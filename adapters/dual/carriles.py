"""Lanes: the executors on which pings and writes run, one of each for each store, as bulkheads.

A store that hangs occupies its own two workers and nobody else's; one worker a lane keeps the order of
writes per store; a ping never queues behind a write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

from core.domain.models.almacen import NombreAlmacen

FabricaEjecutor = Callable[[str], Executor]
"""Makes an executor of one worker whose threads carry the given name."""


def ejecutor_de_hilos(nombre: str) -> Executor:
    """One standard-library thread."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=nombre)


@dataclass(frozen=True, slots=True)
class Carriles:
    """The four write lanes.

    Attributes:
        ping: for each store, where its pings run.
        operacion: for each store, where its writes run, one after the other.
    """

    ping: Mapping[NombreAlmacen, Executor]
    operacion: Mapping[NombreAlmacen, Executor]

    @classmethod
    def crear(cls, fabrica: FabricaEjecutor = ejecutor_de_hilos) -> Carriles:
        """Four lanes of one worker each, named `DualRepo-…`."""
        return cls(
            ping={nombre: fabrica(f"DualRepo-ping-{nombre}") for nombre in NombreAlmacen},
            operacion={nombre: fabrica(f"DualRepo-op-{nombre}") for nombre in NombreAlmacen},
        )

    @classmethod
    def sobre(cls, ejecutor: Executor) -> Carriles:
        """All lanes on one executor that the caller owns; it needs four workers to be as parallel.

        With several workers two writes may then meet in another order in each store. That loses nothing, for
        each is a compare-and-set; it only makes conflicts of what lanes of one worker put in a row.
        """
        todos = dict.fromkeys(NombreAlmacen, ejecutor)
        return cls(ping=todos, operacion=todos)

    def close(self) -> None:
        """Take no more work and drop what has not begun; does not wait for what runs."""
        for ejecutor in {*self.ping.values(), *self.operacion.values()}:
            ejecutor.shutdown(wait=False, cancel_futures=True)
