"""A store as the backfill sees it: whole pages in, whole pages out, no row looked at one by one.

A million rows pass through here, so a row is a plain tuple, as a driver gives and takes it: making an object
of each would take longer than reading it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from core.domain.models.tarea import EstadoTarea, Tarea

FilaRelleno = tuple[UUID | str, str, str, EstadoTarea | str, datetime, datetime, int, int, bool, str, bool]
"""id (as a UUID or as its stored text), titulo, descripcion, estado, creada_en, actualizada_en, version,
version_comun, pendiente, nodo, eliminada. The instants have a time zone."""
ParRelleno = tuple[UUID, int | None]
"""An id and the version that the row is to have; None: whichever it has."""
ID: Final = 0
CREADA_EN: Final = 4
ACTUALIZADA_EN: Final = 5
VERSION: Final = 6
PENDIENTE: Final = 8
"""Places in a row."""


def a_tarea(fila: FilaRelleno) -> Tarea:
    """The same as a tarea, for the few that are looked at one by one."""
    id, titulo, descripcion, estado, creada, actualizada, version, comun, pendiente, nodo, eliminada = fila
    return Tarea(
        id=id if isinstance(id, UUID) else UUID(id),
        titulo=titulo,
        descripcion=descripcion,
        estado=EstadoTarea(estado) if estado in _ESTADOS else estado,  # type: ignore[arg-type]  # shown as it is
        creada_en=creada,
        actualizada_en=actualizada,
        version=int(version),  # a driver may have a kind of its own
        version_comun=int(comun),
        pendiente=pendiente,
        nodo=nodo,
        eliminada=eliminada,
    )


def de_tarea(tarea: Tarea) -> FilaRelleno:
    """A tarea as a row."""
    return (
        *(str(tarea.id), tarea.titulo, tarea.descripcion, str(tarea.estado)),
        *(tarea.creada_en, tarea.actualizada_en, tarea.version, tarea.version_comun),
        *(tarea.pendiente, tarea.nodo, tarea.eliminada),
    )


_ESTADOS = frozenset(map(str, EstadoTarea))


class Lugar(NamedTuple):
    """How far a backfill got.

    First comes what is not pendiente, in the order of the ids. Then the pendientes, oldest version first:
    whoever tells a store of a million of its rows in the order in which they were written does it in half
    the time, because nearly all its indexes follow that order.
    """

    en_cola: bool = False
    version: int = 0
    id: str = ""


INICIO: Final = Lugar()
COLA: Final = Lugar(en_cola=True)
"""Before the first row, and before the first pendiente."""
VENTANA_MIN: Final = 500


def ventana(limite: int) -> int:
    """Among how many rows the next `limite` that are not pendiente are looked for: there may be none."""
    return max(VENTANA_MIN, 4 * limite)


@dataclass(frozen=True, slots=True)
class PaginaRelleno:
    """Some rows, in order; there may be none, and more to come.

    Attributes:
        filas: tombstones included; what has no readable id is not among them.
        siguiente: where to go on; None when this was the last page.
        sin_leer: rows in between of which a value, put there by hand, cannot be read as it is.
    """

    filas: Sequence[FilaRelleno]
    siguiente: Lugar | None
    sin_leer: Sequence[UUID] = ()


class AlmacenRellenable(Protocol):
    """Bulk access to one store. Every method keeps the store's deadline and raises AlmacenError."""

    def pagina(self, *, tras: Lugar, limite: int) -> PaginaRelleno:
        """The next rows after `tras`. From INICIO on, all rows come by, whatever their mark."""
        ...

    def insertar(self, filas: Sequence[FilaRelleno]) -> Collection[int]:
        """Put those whose id is not there, confirmed at the version they have; never changes a row.

        Returns: the places, in `filas`, of those that are known to have been put, safe from a crash.
        """
        ...

    def confirmar_vistas(self, filas: Sequence[FilaRelleno]) -> bool:
        """Confirm those that still are at the very version given here, all in one request.

        Args:
            filas: rows of one page of this store, in any order.

        Returns: whether all of them were; those that have moved on are to be confirmed one by one.
        """
        ...

    def marcar(self, pares: Sequence[ParRelleno]) -> None:
        """Mark those as pendiente that still are at that version, and change nothing else of them."""
        ...
