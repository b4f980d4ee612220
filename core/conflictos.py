"""Who wins when two writers meet, and whether the loser saw the winner. Pure rules (DESIGN, section 4)."""

from __future__ import annotations

from core.domain.models.tarea import Tarea


def son_concurrentes(una: Tarea, otra: Tarea) -> bool:
    """Whether neither was written in knowledge of the other.

    Versions x, y of one tarea are concurrent iff x is above the common version of y's row and y above that
    of x's row. Otherwise the lower one is an ancestor of the higher, and nothing is lost with it.
    """
    return una.version > otra.version_comun and otra.version > una.version_comun


def pierde_algo(perdedora: Tarea, ganadora: Tarea) -> bool:
    """Whether replacing `perdedora` by `ganadora` loses a value that somebody may want back.

    An ancestor is not lost with its descendant, nor a value with its equal (a retry, a file imported twice).
    """
    return son_concurrentes(perdedora, ganadora) and not perdedora.mismo_contenido(ganadora)
