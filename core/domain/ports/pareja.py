"""A store that knows who it is and which one is its twin (see `core.domain.models.pareja`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol
from uuid import UUID

from core.domain.models.pareja import Ficha, Latido, PorRellenar

SONDAS: Final = tuple(UUID(int=n << 123) for n in range(32))
"""Beginnings of as many equal parts of all possible ids."""


class AlmacenConFicha(Protocol):
    """Every method keeps the store's deadline and raises AlmacenError."""

    def ficha(self) -> Ficha:
        """What it says of itself; one that has no identity gets one, the same for whoever asks first."""
        ...

    def muestra(self, limite: int, *, nuevas: bool) -> Sequence[UUID]:
        """Of the `limite` oldest or newest rows, the living ones that are said to be in the other store."""
        ...

    def repartidas(self) -> Sequence[UUID]:
        """Of one row in each part of all possible ids (see `SONDAS`), the living ones that are said to be in
        the other store."""
        ...

    def ultima_version(self) -> int:
        """The highest version of any row; 0 where there is none. Grows with whatever anybody writes."""
        ...

    def anotar_pareja(self, identidad: str) -> None:
        """Note which database holds all that is confirmed here."""
        ...

    def anotar_por_rellenar(self, nota: PorRellenar | None) -> None:
        """Note that it is to be filled; None: it is whole."""
        ...

    def anotar_latido(self, latido: Latido) -> None:
        """Note who is filling it."""
        ...

    def olvidar_punto(self) -> None:
        """Forget how far an earlier backfill got: the next one begins at the beginning."""
        ...
