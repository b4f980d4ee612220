"""How much there is in SQL and how new it is: tells cheaply that no program has written since."""

from __future__ import annotations

from adapters.peewee.repositorio import PeeweeTareaRepository


def pulso(repositorio: PeeweeTareaRepository) -> tuple[int, int]:
    """How many rows there are, tombstones included, and their highest version. Raises AlmacenError."""
    # Apart: each is answered from an index where there is one.
    filas, version = repositorio._motor.ejecutar(
        lambda c: (c.fila("SELECT count(*) FROM tareas"), c.fila("SELECT max(version) FROM tareas"))
    )
    return int(filas[0]), int(version[0] or 0)
