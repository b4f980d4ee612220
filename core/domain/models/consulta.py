"""What a list of tareas asks for, and the page that answers it (keyset pagination)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import EstadoTarea, Tarea

LIMITE_MAX = 10_000
"""Most rows one page may ask for."""


class Columna(StrEnum):
    """The columns a list can be ordered by; the value is the field's name in both stores."""

    TITULO = "titulo"
    DESCRIPCION = "descripcion"
    ESTADO = "estado"
    CREADA_EN = "creada_en"
    ACTUALIZADA_EN = "actualizada_en"
    PENDIENTE = "pendiente"

    def valor_de(self, tarea: Tarea) -> str | datetime | bool:
        """The value by which that tarea is ordered."""
        valor: str | datetime | bool = getattr(tarea, self.value)
        return valor


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtro:
    """Which tareas.

    Attributes:
        texto: plain text that titulo or descripcion contains, ignoring case; "" for any. No wildcards.
        estado: only this estado; None for any.
        solo_pendientes: only rows that the other store may lack.
        eliminadas: tombstones too.
        vivas: those that live; without them only tombstones are left, if these are wanted.
    """

    texto: str = ""
    estado: EstadoTarea | None = None
    solo_pendientes: bool = False
    eliminadas: bool = False
    vivas: bool = True


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after which the next page starts: order value and id of the last row seen.

    Attributes:
        almacen: the store it came from; orders differ in detail between stores, so a cursor is only
            good in its own.
        valor: None where the stored value is none of these (an odd old row): the store looks at the row.
    """

    valor: str | datetime | bool | None
    id: UUID
    almacen: NombreAlmacen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulta:
    """One page of tareas.

    Attributes:
        columna: order by this column, ties by id.
        descendente: largest first.
        tras: the cursor of the page before; None for the first page.
        limite: most rows to return, 1..10 000.
    """

    filtro: Filtro = field(default_factory=Filtro)
    columna: Columna = Columna.ACTUALIZADA_EN
    descendente: bool = True
    tras: Cursor | None = None
    limite: int = 200

    def __post_init__(self) -> None:
        if not 1 <= self.limite <= LIMITE_MAX:
            raise ValueError(f"limite must be 1..{LIMITE_MAX}, not {self.limite}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pagina:
    """The rows of one page, and how to ask for the next.

    Attributes:
        tareas: in the order asked for.
        siguiente: cursor of the next page; None when this is the last.
        almacen: the store that answered.
        aviso: why it was not the principal that answered; empty when it was.
        atrasada: the store that answered may lack the last changes: rows may be old, or missing.
    """

    tareas: tuple[Tarea, ...]
    siguiente: Cursor | None
    almacen: NombreAlmacen
    aviso: str = ""
    atrasada: bool = False

    def __iter__(self) -> Iterator[Tarea]:
        return iter(self.tareas)

    def __len__(self) -> int:
        return len(self.tareas)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumen:
    """The figures of the status bar.

    Attributes:
        total: living tareas, as counted by the store that answered.
        pendientes: rows that the other store may lack, by store; None where it could not be asked.
        aviso: why `total` may be old, a sentence; empty when it is not.
    """

    total: int
    pendientes: Mapping[NombreAlmacen, int | None]
    aviso: str = ""
