"""A store as verification and purging see it: rows as they lie, in the order of their ids, or added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from core.diferencias import Cubo, FilaVista
from core.domain.models.almacen import NombreAlmacen

MODULO_PULSO: Final = 2**31 - 1
"""A prime: versions that one writer gives one after the other differ by multiples of a power of two."""


class AlmacenRevisable(Protocol):
    """Raw access to one store. Every method keeps the store's deadline and raises AlmacenError."""

    @property
    def nombre(self) -> NombreAlmacen:
        """Which store."""
        ...

    def pagina(self, *, tras: str, limite: int, solo_lapidas: bool = False) -> Sequence[FilaVista]:
        """Rows whose id is a text above `tras` ("" for the first page), ascending; at most `limite`.

        Raises OperacionFallida where there is no `tareas` at all: that is not the same as an empty one.
        """
        ...

    def leer(self, ids: Sequence[str]) -> dict[str, FilaVista]:
        """Those of the rows that are there."""
        ...

    def ilegibles(self, limite: int) -> Sequence[str]:
        """Ids that are no text, which no page shows; at most `limite`."""
        ...

    def purgar(self, lapidas: Sequence[tuple[str, int]]) -> set[str]:
        """Delete for good those (id, version) that still are confirmed tombstones of exactly that version.

        Returns: the ids that were deleted.
        """
        ...

    def nota(self, clave: str) -> str | None:
        """What was noted under that key in `dual_tareas_meta`."""
        ...

    def anotar(self, clave: str, valor: str) -> None:
        """Note it there, in the place of what was noted before."""
        ...

    def existe(self) -> bool:
        """Whether there is a `tareas` at all."""
        ...

    def columnas_ajenas(self) -> tuple[str, ...]:
        """Columns of `tareas` that are none of ours, which nothing compares; none where there is no table."""
        ...

    def pulso(self) -> tuple[int, int]:
        """How many rows there are, and the sum of what is left of their versions over `MODULO_PULSO`.

        Unchanged, no program has written, but for one chance in two thousand million: each write gives its
        row another version. It reads one index, whole.
        """
        ...

    def latir(self) -> None:
        """Return if the server answers, while it works for us on another connection. Raises AlmacenError."""
        ...

    def motivo_sin_resumen(self) -> str:
        """Why this store cannot digest its rows as the other one does, one sentence; empty if it can."""
        ...

    def resumir(self, prefijo: str, largo: int) -> Mapping[str, Cubo]:
        """The rows whose id begins with `prefijo`, added up by the first `largo` characters of their ids.

        May take as long as the rows need: whoever asks looks meanwhile whether the server lives.
        """
        ...

    def huellas(self, prefijos: Sequence[str]) -> Mapping[str, str]:
        """The digest of each row whose id begins with one of these; empty for a row of doubtful form."""
        ...

    def cancelar(self) -> None:
        """End, from any thread, what `resumir` has the server do, there too. Takes half a second at most."""
        ...

    def soltar(self) -> None:
        """Free what digesting needed."""
        ...
