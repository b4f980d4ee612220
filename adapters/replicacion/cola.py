"""What waits in one store to be copied: its pendientes, page by page, and those that nobody can copy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from math import inf
from uuid import UUID

from adapters.replicacion.cuarentena import CAPACIDAD, SIN_LEER, Cuarentena
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.ritmo import RitmoDeLotes
from core.domain.errors import OperacionFallida, ResultadoDesconocido
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Filtro
from core.domain.models.tarea import Tarea
from core.domain.models.version import ADELANTO_MAX_MS, descomponer
from core.domain.ports.almacen import Almacen

MIRAR_CADA_S = 30.0
"""Between two looks for what cannot be read, seconds, while nothing of that kind is to be tried again."""


def paginas(
    almacen: Almacen, ritmo: RitmoDeLotes, informe: InformePasada, *, ahora_ms: Callable[[], int]
) -> Iterator[Sequence[Tarea]]:
    """Pages of pendientes, up to the newest version that a clock could have given when the pass began.

    What is written meanwhile is for the next pass, or this one might never end. No clock runs ahead by
    more than `ADELANTO_MAX_MS`; where one was set back since, the rows that were counted at the beginning
    are waited for, so that nothing that was there before is left out.
    """
    fin_ms = ahora_ms() + ADELANTO_MAX_MS
    tras: tuple[int, UUID] | None = None
    esperadas: float = 0
    while True:
        lote = ritmo.lote
        filas = almacen.pendientes(tras=tras, limite=lote)
        if not filas:
            return
        if tras is None:
            esperadas = len(filas) if len(filas) < lote else _cuantas_esperan(almacen)
            informe.total = len(filas) if esperadas == inf else int(esperadas)
        yield filas
        ultima = filas[-1]
        hay_nuevas = descomponer(ultima.version).ms > fin_ms and informe.miradas >= esperadas
        if len(filas) < lote or hay_nuevas:
            return
        tras = (ultima.version, ultima.id)


class Ilegibles:
    """Looks for pendientes of which a value cannot be read as it is.

    Now and then: a server that has just given many away may take as long for that as for reading all it has.
    """

    def __init__(self, cuarentena: Cuarentena, *, ahora_s: Callable[[], float] = time.monotonic) -> None:
        self._cuarentena = cuarentena
        self._ahora_s = ahora_s
        self._proximas_s: dict[NombreAlmacen, float] = {}

    def mirar(self, almacen: Almacen) -> Sequence[Tarea] | None:
        """Those of that store; None where it is not yet time to, or takes too long."""
        aun_no = self._ahora_s() < self._proximas_s.get(almacen.nombre, 0.0)
        if aun_no and not self._cuarentena.tocan(almacen.nombre, SIN_LEER):
            return None
        self._proximas_s[almacen.nombre] = self._ahora_s() + MIRAR_CADA_S
        try:
            return almacen.pendientes_ilegibles(limite=CAPACIDAD)
        except (OperacionFallida, ResultadoDesconocido):
            return None


def _cuantas_esperan(almacen: Almacen) -> float:
    """How many there are; infinity where the count takes too long, which must not stop the pass nor end it
    before its last row."""
    try:
        return almacen.contar(Filtro(solo_pendientes=True, eliminadas=True))
    except (OperacionFallida, ResultadoDesconocido):
        return inf
