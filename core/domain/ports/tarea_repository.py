"""The repository as use cases see it; one store or two behind it makes no difference here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from core.domain.models.consulta import Consulta, Filtro, Pagina, Resumen
from core.domain.models.importacion import ResultadoFila
from core.domain.models.tarea import Tarea


class TareaRepository(Protocol):
    """Keeps tareas. All methods block, within a deadline, and may be called from any thread."""

    def save(self, tarea: Tarea, *, version: int | None = None) -> Tarea:
        """Write `tarea`, made from the value whose version it carries (0: a new one).

        Args:
            version: repeat a write that ended as `EscrituraIncierta` under the version it had then.

        Returns: the tarea as stored, with its new version.
        Raises: TareaInvalida, ConflictoDeVersion, AlmacenError, EscrituraSinConfirmar.
        """
        ...

    def eliminar(self, id: UUID, *, base: Tarea | None = None, repite: Tarea | None = None) -> Tarea:
        """Turn the tarea into a tombstone; returns the tombstone, from which it can be restored.

        Args:
            base: the value the decision was made on; read now when None.
            repite: the tombstone of an attempt that ended as `EscrituraIncierta`, to be sent again.

        Raises: TareaNoEncontrada, ConflictoDeVersion, AlmacenError, EscrituraSinConfirmar.
        """
        ...

    def get(self, id: UUID, *, eliminadas: bool = False) -> Tarea | None:
        """The tarea, or None when there is none; tombstones only if asked for."""
        ...

    def list(self, consulta: Consulta | None = None) -> Pagina:
        """One page of tareas. Raises CursorCaducado, LecturaImposible or AlmacenError."""
        ...

    def contar(self, filtro: Filtro | None = None) -> int:
        """How many tareas the filter lets through."""
        ...

    def resumen(self) -> Resumen:
        """How many tareas there are, and how many wait for the other store."""
        ...

    def leer_lote(self, ids: Sequence[UUID]) -> dict[UUID, Tarea]:
        """The newest row in reach for each of those ids that exist, tombstones included."""
        ...

    def ha_desaparecido(self, id: UUID) -> bool:
        """Whether every store was asked, and none has anything of that id: no row, no tombstone.

        False where one could not say: it may hold it.
        """
        ...

    def importar_lote(self, tareas: Sequence[Tarea]) -> Sequence[ResultadoFila]:
        """Insert those that do not exist yet, in one batch; never overwrite. One result a tarea, in order."""
        ...
