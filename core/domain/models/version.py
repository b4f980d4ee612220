"""The version of a tarea: a hybrid logical clock in one int64.

Layout, from the high bit: 42 bits of milliseconds since the epoch, 5 bits of counter, 16 bits of the
writer's node number (Kulkarni et al., "Logical Physical Clocks", 2014). Compared as a plain integer.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from core.domain.errors import VersionAgotada

BITS_NODO = 16
BITS_CONTADOR = 5
_BITS_BAJOS = BITS_NODO + BITS_CONTADOR
NODO_MAX = (1 << BITS_NODO) - 1
MS_MAX = (1 << 42) - 1
ADELANTO_MAX_MS = 60_000
"""A version further ahead of the clock than this never moves the clock (see `RelojHibrido`)."""
RECIENTES = 64
"""Versions that may be waiting at a time for the word that they were sent, or not (see `desdecir`)."""
EN_VUELO_MS = 2_000
"""A pendiente younger than this is taken for a write that is still on its way to the other store."""
SIN_FECHA = 1 << 41
"""Versions below this are no instants: rows of a file, rows that were adopted from an old table."""


RESERVA_MS = 1_000
"""How far ahead a clock reserves, so that a reservation is written down about once a second."""


class Reserva(NamedTuple):
    """Up to where versions may have been given under one number, milliseconds since the epoch.

    `cerca`: of those near the wall clock; `lejos`: of those above a base from the far future.
    """

    cerca: int = 0
    lejos: int = 0


class PartesVersion(NamedTuple):
    """The three fields of a version: milliseconds since the epoch, counter, node number."""

    ms: int
    contador: int
    nodo: int


def es_antepasada(version: int, comun: int) -> bool:
    """Whether a row of that version is known to be an ancestor of one whose common version is `comun`.

    Clock versions are given once, so one that is not above `comun` was in both stores or lost to one that
    was. A version without a date is given to every row that is adopted: beside a common version that a clock
    gave, it is a row of another history (an old table that came to a store later) of which nothing is known.
    """
    return version <= comun and not version < SIN_FECHA <= comun


def componer(ms: int, contador: int, nodo: int) -> int:
    """Pack the fields into an int64; raises ValueError if one does not fit."""
    if not (0 <= ms <= MS_MAX and 0 <= contador < 1 << BITS_CONTADOR and 0 <= nodo <= NODO_MAX):
        raise ValueError(f"version fields out of range: {ms=} {contador=} {nodo=}")
    return ms << _BITS_BAJOS | contador << BITS_NODO | nodo


def descomponer(version: int) -> PartesVersion:
    """Split an int64 version into its fields."""
    return PartesVersion(
        version >> _BITS_BAJOS, version >> BITS_NODO & (1 << BITS_CONTADOR) - 1, version & NODO_MAX
    )


class RelojHibrido:
    """Gives versions that grow, follow the wall clock, and are never the same for two writes.

    Ticks are the version without its node: `ms << 5 | counter`, so that a counter that overflows
    carries into the milliseconds. Two registers are kept. `_ultimo` is the last tick given near the
    wall clock. A base from the far future (a broken clock elsewhere) must still be exceeded, or its
    tarea could never be written again, but it must not drag every later version with it: those ticks
    come from `_ultimo_futuro`, and are remembered in `_futuros` for the day when the wall clock gets there.

    A process that starts has forgotten what the one before it gave, and its wall clock may have gone back,
    or its bases may come from clocks that are ahead. So whatever is given was reserved before, and nothing
    that was reserved is given again; but for what was reserved near a wall clock that was set far ahead and
    put right since, under one and the same number: whoever starts then takes another one.

    Args:
        nodo: this installation's number, 0..65535.
        ahora_ms: the wall clock, milliseconds since the epoch.
        reservado: what earlier processes with this number have reserved.
        reservar: keeps a reservation for later processes, before a version of it is given.
    """

    def __init__(
        self,
        *,
        nodo: int,
        ahora_ms: Callable[[], int],
        reservado: Reserva = Reserva(),  # noqa: B008  immutable
        reservar: Callable[[Reserva], None] = lambda _reserva: None,
    ) -> None:
        if not 0 <= nodo <= NODO_MAX:
            raise ValueError(f"node number out of range: {nodo}")
        self.nodo = nodo
        self._ahora_ms = ahora_ms
        self._reservar = reservar
        cerca, lejos = reservado
        if cerca > ahora_ms() + ADELANTO_MAX_MS:  # the wall clock was set wrong then: it is to drag nobody
            cerca, lejos = 0, max(cerca, lejos)
        self._reservado = Reserva(cerca, lejos)
        self._ultimo = _ultimo_tic(cerca)
        self._ultimo_futuro = _ultimo_tic(lejos)
        self._futuros: set[int] = set()
        # The last ticks near the wall clock, ascending, and the highest of those before them.
        self._recientes: deque[int] = deque(maxlen=RECIENTES)
        self._suelo = self._ultimo
        # Held for a handful of integer operations, and about once a second while a reservation is written
        # down: two threads must not take the same tick.
        self._lock = threading.Lock()

    def cambiar_nodo(self, nodo: int) -> None:
        """Sign the versions from now on with another number: this one turned out to be somebody else's."""
        if not 0 <= nodo <= NODO_MAX:
            raise ValueError(f"node number out of range: {nodo}")
        with self._lock:
            self.nodo = nodo

    def siguiente(self, base: int = 0) -> int:
        """A new version above `base` and above every version given before near this clock.

        Raises VersionAgotada when there is none above `base`.
        """
        if base >> _BITS_BAJOS >= MS_MAX:
            raise VersionAgotada
        with self._lock:
            ahora = self._ahora_ms() << BITS_CONTADOR
            minimo = (base >> BITS_NODO) + 1
            if minimo > max(ahora + (ADELANTO_MAX_MS << BITS_CONTADOR), self._ultimo):
                tic = self._ultimo_futuro = max(minimo, self._ultimo_futuro + 1)
                self._futuros.add(tic)
                if (ms := tic >> BITS_CONTADOR) > self._reservado.lejos:
                    self._ampliar(self._reservado._replace(lejos=ms + RESERVA_MS))
            else:
                tic = max(ahora, minimo, self._ultimo + 1)
                while tic in self._futuros:
                    tic += 1
                self._anotar(tic)
                if (ms := tic >> BITS_CONTADOR) > self._reservado.cerca:
                    # Little beyond a tick that is ahead of the wall clock: a program that is started again
                    # and again would run away from it otherwise.
                    cerca = max((ahora >> BITS_CONTADOR) + RESERVA_MS, ms + RESERVA_MS // 20)
                    self._ampliar(self._reservado._replace(cerca=cerca))
            return componer(tic >> BITS_CONTADOR, tic & (1 << BITS_CONTADOR) - 1, self.nodo)

    def desdecir(self, version: int) -> None:
        """That version was never sent to anybody, and its tick counts no more.

        A version taken while the wall clock was set wrong would otherwise drag all later ones with it, long
        after the write was refused and the wall clock mended.
        """
        tic = version >> BITS_NODO
        with self._lock:
            if tic in self._recientes:
                self._recientes.remove(tic)
                self._ultimo = self._recientes[-1] if self._recientes else self._suelo

    def _ampliar(self, reserva: Reserva) -> None:
        self._reservar(reserva)
        self._reservado = reserva

    def _anotar(self, tic: int) -> None:
        if len(self._recientes) == RECIENTES:
            self._suelo = self._recientes[0]
        self._recientes.append(tic)
        self._ultimo = tic


def _ultimo_tic(ms: int) -> int:
    """The last tick of that millisecond; 0 for none."""
    return (ms + 1 << BITS_CONTADOR) - 1 if ms else 0


def lleva_esperando(version: int, ahora_ms: int) -> bool:
    """Whether a row of that version, if it still is pendiente, has missed the other store.

    One from the future was written by a clock that is ahead, or before this one was set back: nobody knows
    since when it waits, and a store that lacks it must not pass for one that lacks nothing.
    """
    return abs(ahora_ms - descomponer(version).ms) > EN_VUELO_MS
