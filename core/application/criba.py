"""A batch of which a store refuses single rows: they are found by halving it, and the others go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from core.application.obra import Obra
from core.domain.errors import AlmacenSoloLectura, EsquemaSinAdoptar, OperacionFallida

LENTA_S: Final = 0.9
"""A refusal that took so long came of waiting for somebody, not of the row, seconds."""
LENTAS_MAX: Final = 5
"""Single rows of a batch that are waited for in vain, before the rest is not tried one by one any more."""


class Criba:
    """Does something about a batch, and about its halves where the store says no.

    Args:
        hacer: gives back those about which it is done.
        al_fallar: told of each row that is refused.
    """

    def __init__(
        self,
        hacer: Callable[[Sequence[Obra]], Sequence[Obra]],
        al_fallar: Callable[[Obra, OperacionFallida], object],
    ) -> None:
        self._hacer = hacer
        self._al_fallar = al_fallar
        self._lentas = 0
        self._alguna = False

    def pasar(self, obras: Sequence[Obra]) -> list[Obra]:
        """Those about which it is done.

        Raises AlmacenError; OperacionFallida only where it is no matter of single rows.
        """
        if not obras:
            return []
        inicio_s = time.monotonic()
        try:
            hechas = [*self._hacer(obras)]
        except (AlmacenSoloLectura, EsquemaSinAdoptar):
            raise
        except OperacionFallida as error:
            if len(obras) == 1 or self._lentas >= LENTAS_MAX:
                self._lentas += time.monotonic() - inicio_s >= LENTA_S
                return self._dejar(obras, error)
        else:
            self._alguna = True
            return hechas
        mitad = len(obras) // 2
        return self.pasar(obras[:mitad]) + self.pasar(obras[mitad:])

    def _dejar(self, obras: Sequence[Obra], error: OperacionFallida) -> list[Obra]:
        if self._lentas >= LENTAS_MAX and not self._alguna:  # a whole file that is locked, and not a row
            raise error
        for obra in obras:
            self._al_fallar(obra, error)
        return []
