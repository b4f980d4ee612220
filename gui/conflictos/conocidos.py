"""Which conflicts the operator has been told of. Pure.

Counts do not tell: one that is resolved while another one comes leaves them as they were.
"""

from __future__ import annotations

from core.application.listar_conflictos import PaginaVista
from core.domain.models.conflicto import ClaveConflicto, ConflictoVisto, LugarConflicto


class Conocidos:
    """Remembers what it is shown; one that is open again is nothing new."""

    def __init__(self) -> None:
        self._claves: set[ClaveConflicto] | None = None
        # A page that was not all of them: what stands below its end may be older than what was on it.
        self._fin: LugarConflicto | None = None

    def nada(self) -> None:
        """There are none: whichever comes is new."""
        self._claves = self._claves or set()
        self._fin = None

    def nuevos(self, pagina: PaginaVista) -> list[ConflictoVisto] | None:
        """Those of the newest page that were not there before; None where there was no before."""
        antes, fin = self._claves, self._fin
        self._claves = (antes or set()) | {visto.guardado.clave for visto in pagina.conflictos}
        self._fin = pagina.siguiente
        if antes is None:
            return None
        return [
            visto
            for visto in pagina.conflictos
            if visto.guardado.clave not in antes and (fin is None or visto.guardado.lugar > fin)
        ]
