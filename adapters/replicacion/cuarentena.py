"""Rows that cannot be copied: listed with the reason, tried again with back-off, in nobody's way.

It lives in memory because nothing in it has to survive: what makes a row be copied is the mark pendiente in
its own store, and a program that starts anew finds it by that and tries it again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada
from core.domain.models.tarea import Tarea

ESPERA_MS = 1_000
"""Until the first retry, milliseconds; each failure doubles it."""
ESPERA_MAX_MS = 300_000
"""Longest wait between two tries, milliseconds."""
CAPACIDAD = 10_000
"""Most rows remembered, so that memory stays bounded. Those beyond are tried at each pass, a batch at a time:
what a batch with one of them holds waits until there is room."""

SIN_LEER = (
    "un valor suyo, puesto a mano, no se puede leer como es; la verificación dice cuál. Corríjalo en su base "
    "de datos: al guardarla de nuevo se reemplazaría"
)


def espera_ms(intentos: int) -> int:
    """How long to wait after that many failures, milliseconds."""
    return min(ESPERA_MAX_MS, ESPERA_MS << min(intentos - 1, 20))


def dicho(origen: NombreAlmacen, motivo: str, *, en_ambas: bool) -> str:
    """The reason as told where nothing else says that the other store has the row, too."""
    if not en_ambas:
        return motivo
    return f"está en ambas bases de datos, pero {origen.etiqueta} no deja anotarlo: {motivo}"


class Cuarentena:
    """Remembers, for each direction, the rows set apart and when each is to be tried again.

    Args:
        ahora_ms: the wall clock, milliseconds since the epoch.
    """

    def __init__(self, ahora_ms: Callable[[], int]) -> None:
        self._ahora_ms = ahora_ms
        self._apartadas: dict[tuple[NombreAlmacen, UUID], Apartada] = {}
        # Guards the dictionary: passes change it while the window asks for the list.
        self._lock = threading.Lock()

    def todas(self) -> tuple[Apartada, ...]:
        """The rows set apart, the longest there first."""
        with self._lock:
            return tuple(sorted(self._apartadas.values(), key=lambda una: una.desde_ms))

    def esta(self, origen: NombreAlmacen, fila: Tarea) -> bool:
        """Whether this very version of the row is set apart."""
        apartada = self._apartadas.get((origen, fila.id))
        return apartada is not None and apartada.version == fila.version

    def motivo(self, origen: NombreAlmacen, id: UUID) -> str:
        """Why that row is set apart, as told by itself; empty when it is not."""
        apartada = self._apartadas.get((origen, id))
        return dicho(origen, apartada.motivo, en_ambas=apartada.en_ambas) if apartada is not None else ""

    def en_ambas(self, origen: NombreAlmacen, id: UUID) -> bool:
        """Whether it is set apart though the other store has it: its mark could not be cleared."""
        apartada = self._apartadas.get((origen, id))
        return apartada is not None and apartada.en_ambas

    def llena(self) -> bool:
        """Whether no more rows can be remembered."""
        return len(self._apartadas) >= CAPACIDAD

    def toca(self, origen: NombreAlmacen, fila: Tarea) -> bool:
        """Whether the row is to be tried now: it is not set apart, or has changed, or its time has come."""
        apartada = self._apartadas.get((origen, fila.id))
        return apartada is None or apartada.version != fila.version or apartada.proximo_ms <= self._ahora_ms()

    def apartar(self, origen: NombreAlmacen, fila: Tarea, motivo: str, *, en_ambas: bool = False) -> bool:
        """It could not be copied, or (`en_ambas`) not be confirmed; whether that is news (another row,
        version or reason)."""
        ahora_ms, clave = self._ahora_ms(), (origen, fila.id)
        with self._lock:
            antes = self._apartadas.get(clave)
            if antes is not None and antes.version != fila.version:
                antes = None
            if antes is None and clave not in self._apartadas and len(self._apartadas) >= CAPACIDAD:
                return False
            intentos = antes.intentos + 1 if antes is not None else 1
            self._apartadas[clave] = Apartada(
                id=fila.id,
                origen=origen,
                version=fila.version,
                titulo=fila.titulo,
                motivo=motivo,
                desde_ms=antes.desde_ms if antes is not None else ahora_ms,
                intentos=intentos,
                proximo_ms=ahora_ms + espera_ms(intentos),
                en_ambas=en_ambas,
            )
            return antes is None or (antes.motivo, antes.en_ambas) != (motivo, en_ambas)

    def soltar(self, origen: NombreAlmacen, id: UUID) -> None:
        """It was copied, or there is nothing left to copy."""
        with self._lock:
            self._apartadas.pop((origen, id), None)

    def por_motivo(self, origen: NombreAlmacen, motivo: str) -> set[UUID]:
        """The rows of that store which are set apart for that reason."""
        with self._lock:
            return {
                id for (uno, id), una in self._apartadas.items() if uno is origen and una.motivo == motivo
            }

    def tocan(self, origen: NombreAlmacen, motivo: str) -> bool:
        """Whether any of those is to be tried now."""
        ahora_ms = self._ahora_ms()
        with self._lock:
            return any(
                uno is origen and una.motivo == motivo and una.proximo_ms <= ahora_ms
                for (uno, _id), una in self._apartadas.items()
            )

    def ids(self, origen: NombreAlmacen) -> set[UUID]:
        """The rows of that store which are set apart."""
        with self._lock:
            return {id for almacen, id in self._apartadas if almacen is origen}

    def reintentar(self) -> None:
        """Everything is to be tried at the next pass."""
        ahora_ms = self._ahora_ms()
        with self._lock:
            self._apartadas = {c: replace(una, proximo_ms=ahora_ms) for c, una in self._apartadas.items()}

    def proximo_en_s(self) -> float | None:
        """Seconds until the next row is to be tried, 0 for at once; None when none is set apart."""
        with self._lock:
            proximo_ms = min((una.proximo_ms for una in self._apartadas.values()), default=None)
        return None if proximo_ms is None else max(0.0, (proximo_ms - self._ahora_ms()) / 1000)
