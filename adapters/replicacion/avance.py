"""How a pass is getting on, told a few times a second: what is left, how fast, how long."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from adapters.replicacion.informe import InformePasada
from core.domain.events import ReplicacionAvanza
from core.domain.models.almacen import NombreAlmacen

CADA_S = 0.25
"""Shortest time between two reports, seconds."""
VENTANA_S = 5.0
"""The rate is that of the last so many seconds: it follows a pass that gives way to operators."""


class Avance:
    """Turns the running report of one pass into `ReplicacionAvanza`.

    A pass that is over before anybody could read it says nothing.

    Attributes:
        informe: as of the last batch that ended.

    Args:
        decir: called with each report.
        ahora_s: monotonic clock, seconds.
    """

    def __init__(
        self,
        origen: NombreAlmacen,
        decir: Callable[[ReplicacionAvanza], None],
        *,
        ahora_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._origen = origen
        self._decir = decir
        self._ahora_s = ahora_s
        self._dicho_s = ahora_s()
        self._muestras = deque([(self._dicho_s, 0)])
        self._dicho = False
        self.informe = InformePasada()

    def observar(self, informe: InformePasada) -> None:
        """A batch has ended."""
        self.informe, ahora_s = informe, self._ahora_s()
        self._muestras.append((ahora_s, informe.miradas))
        while ahora_s - self._muestras[0][0] > VENTANA_S and len(self._muestras) > 2:
            self._muestras.popleft()
        faltan = max(0, informe.total - informe.miradas)
        if ahora_s - self._dicho_s < CADA_S or (not faltan and not self._dicho):
            return
        self._dicho_s, self._dicho = ahora_s, True
        ritmo = self._ritmo_por_s()
        self._decir(
            ReplicacionAvanza(
                origen=self._origen,
                copiadas=informe.copiadas,
                faltan=faltan,
                ritmo_por_s=ritmo,
                restante_s=faltan / ritmo if ritmo else None,
                miradas=informe.miradas,
            )
        )

    def _ritmo_por_s(self) -> float:
        (desde_s, antes), (hasta_s, ahora) = self._muestras[0], self._muestras[-1]
        return (ahora - antes) / (hasta_s - desde_s) if hasta_s > desde_s else 0.0
