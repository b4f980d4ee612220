"""One store as the dual repository and replication see it: atomic row operations, nothing combined."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from core.domain.models.almacen import Conflicto, Escrito, Escritura, NombreAlmacen, Pong
from core.domain.models.conflicto import ClaveConflicto, ConflictoGuardado, LugarConflicto
from core.domain.models.consulta import Consulta, Filtro, Pagina
from core.domain.models.tarea import Tarea


class Almacen(Protocol):
    """A store. Every method blocks no longer than its deadline, whatever the server does.

    Errors, for all methods: AlmacenNoDisponible (nothing was sent), OperacionFallida (the server said
    no), ResultadoDesconocido (sent, no answer). Safe to call from several threads at once.
    """

    nombre: NombreAlmacen

    @abstractmethod
    def ping(self, timeout_s: float) -> Pong:
        """Ask the server for a sign of life over a connection that stays open."""
        ...

    @abstractmethod
    def preparar(self, *, adoptar: bool = False) -> None:
        """Create or check the schema (idempotent). Other methods do this by themselves at first use.

        Args:
            adoptar: may add the missing columns to a `tareas` that is there without them.

        Raises: EsquemaSinAdoptar where that is needed and was not allowed.
        """
        ...

    @abstractmethod
    def leer(self, id: UUID) -> Tarea | None:
        """The row as it is, tombstones included."""
        ...

    @abstractmethod
    def leer_lote(self, ids: Sequence[UUID]) -> dict[UUID, Tarea]:
        """Those of the rows that exist, tombstones included, by id."""
        ...

    @abstractmethod
    def listar(self, consulta: Consulta) -> Pagina:
        """One keyset page."""
        ...

    @abstractmethod
    def contar(self, filtro: Filtro | None = None) -> int:
        """How many rows the filter lets through; None: all living ones."""
        ...

    @abstractmethod
    def escribir(self, escritura: Escritura) -> Escrito:
        """One compare-and-set write, atomic (see `Escritura` for the rule)."""
        ...

    @abstractmethod
    def escribir_lote(self, escrituras: Sequence[Escritura]) -> Sequence[Escrito]:
        """Many compare-and-set writes, each atomic on its own; one result each, in order."""
        ...

    @abstractmethod
    def reemplazar(self, fila: Tarea, vista: int | None) -> bool:
        """Put `fila` iff the row's version still is `vista` (None: absent); whether it did."""
        ...

    @abstractmethod
    def confirmar(self, pares: Sequence[tuple[UUID, int]]) -> None:
        """Both stores are known to have held these versions.

        `version_comun = max(version_comun, v)`, `pendiente = version > version_comun`; never clears the
        mark of a newer write.
        """
        ...

    @abstractmethod
    def pendientes(self, *, tras: tuple[int, UUID] | None, limite: int) -> Sequence[Tarea]:
        """Rows marked pendiente, tombstones included, oldest version first; see `pendientes_ilegibles`.

        Args:
            tras: (version, id) of the last row of the batch before; None for the first batch.
            limite: most rows to return.
        """
        ...

    @abstractmethod
    def pendientes_ilegibles(self, *, limite: int) -> Sequence[Tarea]:
        """Those that `pendientes` leaves out: a value of theirs, put there by hand, cannot be read as it is,
        and as something else they must not be copied. With what can be shown of them.
        """
        ...

    @abstractmethod
    def guardar_conflicto(self, conflicto: Conflicto) -> None:
        """Keep a value that lost; the same one twice is kept once."""
        ...

    @abstractmethod
    def contar_conflictos(self) -> int:
        """How many of the values that lost, and are kept here, wait for somebody's decision."""
        ...

    @abstractmethod
    def listar_conflictos(
        self, *, tras: LugarConflicto | None, limite: int, resueltos: bool = False
    ) -> Sequence[ConflictoGuardado]:
        """Kept values by their place, highest (newest) first.

        Args:
            tras: the place of the last one of the page before; None for the first page.
            limite: most to return.
            resueltos: those that somebody decided about, instead of the open ones.
        """
        ...

    @abstractmethod
    def leer_conflictos(self, claves: Sequence[ClaveConflicto]) -> Sequence[ConflictoGuardado]:
        """Those of them that are kept here, open or not, in any order."""
        ...

    @abstractmethod
    def resolver_conflicto(self, id: UUID, version: int, resolucion: str, cuando_ms: int) -> bool:
        """Note what was decided; whether it is kept here. What was noted first stays."""
        ...

    @abstractmethod
    def reabrir_conflicto(self, id: UUID, version: int) -> bool:
        """Take back what was decided; whether it is kept here."""
        ...

    @abstractmethod
    def direccion(self) -> str:
        """Where the store is, without secrets, for people to read."""
        ...

    @abstractmethod
    def interrumpir(self) -> None:
        """End, from any thread, whatever is waiting for the server; the store can be used again after."""
        ...

    @abstractmethod
    def close(self) -> None:
        """Interrupt what runs and free every connection; idempotent."""
        ...
