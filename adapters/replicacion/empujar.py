"""Put a newer row where another one stands, keeping what it replaces."""

from __future__ import annotations

from adapters.replicacion.perdedoras import Conservar
from core.conflictos import pierde_algo
from core.domain.errors import OperacionFallida
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen

INTENTOS = 5
"""Times that the store may move under us before we give up; the row stays pendiente and is tried again."""


def empujar(almacen: Almacen, fila: Tarea, *, otro: Almacen, conservar: Conservar) -> bool:
    """Make `almacen` hold `fila`, which `otro` has; whether it does, False when something newer stands there.

    False is not success: a store that never held `fila` must not be told that it is common to both, or
    the newer row would pass for its descendant and the value would be lost without a trace.

    A concurrent row that has to go is written to `conflictos` first, then swapped only if it still is the
    row that was kept: a crash in between leaves one entry too many, never one too few.

    Raises: AlmacenError; OperacionFallida when the row kept changing.
    """
    for _ in range(INTENTOS):
        actual = almacen.leer(fila.id)
        if actual is not None and actual.version >= fila.version:
            return actual.misma_escritura(fila)
        if actual is not None and pierde_algo(actual, fila):
            conservar(actual, fila.version, almacen, otro)
        if almacen.reemplazar(fila, actual.version if actual else None):
            return True
    raise OperacionFallida(almacen.nombre, "la tarea cambia sin parar; se copiará más tarde")
