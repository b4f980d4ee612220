"""Whether this writer's clock goes with those of the servers. Pure rules (DESIGN, section 5).

Versions begin with the writer's clock, so two writers whose clocks differ by minutes let an old edit win over
a new one. Nobody can know which of several clocks is right: one server that disagrees is reason enough not to
write, whatever the other one says.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.errors import RelojDesajustado
from core.domain.models.almacen import NombreAlmacen, Pong

DESFASE_AVISO_MS = 500.0
"""From this difference on it is told."""
DESFASE_MAX_MS = 60_000.0
"""From this difference on nothing is written."""
SALTO_MS = 100.0
"""If our clock and the monotonic one part by more during one question, ours was set meanwhile."""


def medir_desfase_ms(
    servidor_ms: float, *, antes_ms: float, despues_ms: float, latencia_ms: float
) -> float | None:
    """The server's clock minus ours, milliseconds, true to half of `latencia_ms`.

    Args:
        servidor_ms: what the server's clock said between the two readings of ours.
        antes_ms, despues_ms: our clock before the question and after the answer.
        latencia_ms: the time in between by a clock that nobody sets.

    Returns: None when our clock was set, or the machine slept, during the question.
    """
    if abs((despues_ms - antes_ms) - latencia_ms) > SALTO_MS:
        return None
    return servidor_ms - (antes_ms + despues_ms) / 2


def desfase_cierto_ms(pong: Pong | None) -> float:
    """The part of a server's difference that a slow answer does not explain, with its sign; 0 if unknown."""
    if pong is None or pong.desfase_ms is None:
        return 0.0
    cierto = max(0.0, abs(pong.desfase_ms) - pong.latencia_ms / 2)
    return cierto if pong.desfase_ms > 0 else -cierto


def comprobar_relojes(pongs: Mapping[NombreAlmacen, Pong | None]) -> None:
    """Raise RelojDesajustado if a server that answered is `DESFASE_MAX_MS` or more away from our clock."""
    desfases = {nombre: desfase_cierto_ms(pong) for nombre, pong in pongs.items()}
    graves = {nombre: ms for nombre, ms in desfases.items() if abs(ms) >= DESFASE_MAX_MS}
    if graves:
        raise RelojDesajustado(graves)
