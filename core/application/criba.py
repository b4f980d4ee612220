"""A batch of which a store refuses single rows: they are found by halving it, and the others go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from core.application.obra import Obra
from core.domain.errors import AlmacenSoloLectura, EsquemaSinAdoptar, OperacionFallida

PACIENCIA_S: Final = 20.0
"""After so long in vain, without a single row that was taken, it is the store and no row, seconds."""


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
        self._en_vano_s = 0.0
        self._alguna = False

    def pasar(self, obras: Sequence[Obra]) -> list[Obra]:
        """Those about which it is done.

        Raises AlmacenError; OperacionFallida only where it is no matter of single rows: where another program
        has a whole file locked, say, each try would wait to its deadline.
        """
        if not obras:
            return []
        inicio_s = time.monotonic()
        try:
            hechas = [*self._hacer(obras)]
        except (AlmacenSoloLectura, EsquemaSinAdoptar):
            raise
        except OperacionFallida as error:
            self._en_vano_s += time.monotonic() - inicio_s
            if self._en_vano_s >= PACIENCIA_S and not self._alguna:
                raise
            if len(obras) == 1:
                self._al_fallar(obras[0], error)
                return []
        else:
            self._alguna = True
            return hechas
        mitad = len(obras) // 2
        return self.pasar(obras[:mitad]) + self.pasar(obras[mitad:])
