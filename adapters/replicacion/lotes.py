"""Writing a batch so that one row that the store refuses does not keep the others from it."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.errors import AlmacenSoloLectura, EsquemaSinAdoptar, OperacionFallida
from core.domain.models.almacen import Escrito, Escritura
from core.domain.ports.almacen import Almacen

RECHAZOS_MAX = 3
"""Rows refused one by one, without any other going in, until it is the store and not the rows."""


def escribir_separando(
    destino: Almacen, escrituras: Sequence[Escritura], *, ya_rechazadas: bool = False
) -> list[Escrito]:
    """One result each, in order; a batch that fails as a whole is halved until the culprit stands alone.

    Args:
        ya_rechazadas: these were refused before: that they are again says nothing of the store.

    Raises AlmacenError: the store does not answer, takes no writes at all, or refuses whatever it is given.
    """
    return _Separador(destino, rechazos_max=None if ya_rechazadas else RECHAZOS_MAX).escribir(escrituras)


class _Separador:
    def __init__(self, destino: Almacen, *, rechazos_max: int | None) -> None:
        self._destino = destino
        self._rechazos_max = rechazos_max
        self._rechazos = 0
        self._alguna = False

    def escribir(self, escrituras: Sequence[Escritura]) -> list[Escrito]:
        if not escrituras:
            return []
        try:
            escritos = list(self._destino.escribir_lote(escrituras))
        except (AlmacenSoloLectura, EsquemaSinAdoptar):
            raise
        except OperacionFallida as error:
            if len(escrituras) > 1:
                mitad = len(escrituras) // 2
                return self.escribir(escrituras[:mitad]) + self.escribir(escrituras[mitad:])
            self._rechazos += 1
            if self._rechazos == self._rechazos_max and not self._alguna:
                raise
            return [Escrito(False, error=str(error))]
        self._alguna = True
        return escritos
