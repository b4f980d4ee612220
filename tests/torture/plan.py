"""What is to be run, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.torture.comprobador import Veredicto
from tests.torture.historia import Llamada
from tests.torture.plantilla import Trato


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be run.

    Attributes:
        segundos: of work, healing included.
        semilla: of everything that is drawn.
        operadores: how many.
        trato: how they are treated.
        solo: names of the faults that are wanted, all when empty.
        fase_s: mean length of the work between two healings, seconds.
        cada_s: mean time between two faults, seconds.
        purgar: whether tombstones are purged now and then.
        lluvia_s: mean time between two single lost answers, seconds; 0 for none.
    """

    segundos: float
    semilla: int
    trato: Trato
    operadores: int = 4
    solo: frozenset[str] = frozenset()
    fase_s: float = 9.0
    cada_s: float = 1.1
    lluvia_s: float = 0.25
    purgar: bool = True


@dataclass(slots=True, kw_only=True)
class Resultado:
    """What came of it.

    Attributes:
        plan: what was run.
        historia: every call.
        faltas: faults by name.
        muertes: kills by point.
        purgadas: tombstones that are rightly gone.
        calmas_s: times from healing to equal, seconds.
        veredicto: what the judge says.
    """

    plan: Plan
    historia: Sequence[Llamada]
    faltas: Counter[str]
    muertes: Counter[str]
    purgadas: int
    calmas_s: list[float]
    veredicto: Veredicto
