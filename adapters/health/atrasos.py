"""Which store lacks what the other one has: marks, how many of them are made good, and who gets writes.

A store that is behind passes through two stages on its way back:

1. far behind: it serves no read and gets no write that the other one can take. Replication copies what is
   pendiente; what is written meanwhile goes to the other store and leaves another mark here.
2. nearly there, once a whole pass has been made: writes go to both stores again, so that no new marks come
   up, and the passes that follow come to an end however many people write. Reads still avoid it. When a pass
   has ended and no mark is newer than that pass, it is up to date.

Letting writes in before the last rows are copied is safe because they are compare-and-set: where the store
merely lags they apply, where it holds something else they are refused as ever. Without the second stage a
steady stream of writes would leave a new mark during every pass, and no pass would be the last one.

A store that was emptied, or is another one than before, is far behind until it has been filled, whatever the
marks say (see `adapters.replicacion.parejas`).

Beside that a store may refuse single rows for good (they are in quarantine). It is not behind, for no pass
would change anything: it gets its writes. But it is not whole, and a read that the other store can serve goes
there, or an acknowledged edit would vanish from sight and a deleted tarea come back into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(slots=True)
class Atraso:
    """The marks of one store; who changes it holds the registry's lock.

    Attributes:
        marcas: how often the store was found to miss something.
        puestas: how many of those are made good.
        casi: writes go to it again though it is behind (the second stage).
        por_rellenar: it lacks all that the other one takes for copied: it is behind until it was filled.
        faltan: the tareas of which it refuses the newest row, as of the last pass.
    """

    marcas: int = 0
    puestas: int = 0
    casi: bool = False
    por_rellenar: bool = False
    faltan: frozenset[UUID] = frozenset()

    @property
    def atrasada(self) -> bool:
        """Whether it may lack something."""
        return self.por_rellenar or self.marcas != self.puestas

    @property
    def aplaza(self) -> bool:
        """Whether writes that the other store can take are kept from it."""
        return self.por_rellenar or (self.atrasada and not self.casi)

    def marcar(self) -> None:
        """It missed something."""
        if not self.atrasada:
            self.casi = False
        self.marcas += 1

    def poner_al_dia(self, marca: int) -> None:
        """It has all that was missing when `marca` was taken."""
        self.puestas = max(self.puestas, marca)
