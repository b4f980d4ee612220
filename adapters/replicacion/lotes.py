"""Doing a batch so that one row that the store refuses does not keep the others from it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from uuid import UUID

from core.domain.errors import AlmacenSoloLectura, EsquemaSinAdoptar, OperacionFallida
from core.domain.models.almacen import Escrito, Escritura
from core.domain.ports.almacen import Almacen

PACIENCIA_S = 10.0
"""What a pass spends on refused tries to find out which rows it is, seconds. A row that somebody keeps locked
costs a deadline at each try; one that a rule forbids is refused at once."""

Par = tuple[UUID, int]


class Separador:
    """Halves what is refused until each culprit stands alone; serves one pass.

    A server that says no to each row by itself is not one that is down: however many there are, and be they
    the first ones, they are told apart and the rest goes in. Once the patience of the pass is spent, what is
    refused together is set apart together: those rows are tried again, and halved further, in later passes.

    Args:
        lleno: no more rows can be remembered as refused, so that to look for them would be repeated at each
            pass.
    """

    def __init__(
        self,
        *,
        lleno: Callable[[], bool] = lambda: False,
        ahora_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lleno = lleno
        self._ahora_s = ahora_s
        self._gastado_s = 0.0

    def escribir(self, destino: Almacen, escrituras: Sequence[Escritura]) -> list[Escrito]:
        """One result each, in order; ids are distinct.

        Raises AlmacenError: the store does not answer, or takes no writes at all.
        """
        escritos: dict[int, Escrito] = {}

        def escribir(parte: range) -> None:
            escritos.update(zip(parte, destino.escribir_lote([escrituras[i] for i in parte]), strict=True))

        for indice, motivo in self._separar(len(escrituras), escribir).items():
            escritos[indice] = Escrito(False, error=motivo)
        return [escritos[indice] for indice in range(len(escrituras))]

    def confirmar(self, almacen: Almacen, pares: Sequence[Par]) -> dict[UUID, str]:
        """Why the mark of a row could not be cleared, for each that it could not. Raises as `escribir`."""
        rehusadas = self._separar(len(pares), lambda parte: almacen.confirmar([pares[i] for i in parte]))
        return {pares[indice][0]: motivo for indice, motivo in rehusadas.items()}

    def _separar(self, cuantas: int, hacer: Callable[[range], None]) -> dict[int, str]:
        """Do it with all of them; the reason for each that was refused, by its place.

        Larger parts first: what is fine goes in before much time is spent on what is not.
        """
        rehusadas: dict[int, str] = {}
        cola = deque([range(cuantas)] if cuantas else [])
        while cola:
            parte, inicio_s = cola.popleft(), self._ahora_s()
            try:
                hacer(parte)
            except (AlmacenSoloLectura, EsquemaSinAdoptar):
                raise  # of the whole store, whatever the row
            except OperacionFallida as error:
                self._gastado_s += self._ahora_s() - inicio_s
                if len(parte) == 1 or self._gastado_s >= PACIENCIA_S or self._lleno():
                    rehusadas.update(dict.fromkeys(parte, str(error)))
                else:
                    mitad = len(parte) // 2
                    cola += (parte[:mitad], parte[mitad:])
        return rehusadas
