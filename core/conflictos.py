"""Who wins when two writers meet, whether the loser saw the winner, and what differs between two values.

Pure rules (DESIGN, section 4).
"""

from __future__ import annotations

from enum import StrEnum

from core.domain.models.tarea import Tarea
from core.domain.models.version import es_antepasada


class Campo(StrEnum):
    """A field that an operator edits; the value is the attribute's name."""

    TITULO = "titulo"
    DESCRIPCION = "descripcion"
    ESTADO = "estado"


def son_concurrentes(una: Tarea, otra: Tarea) -> bool:
    """Whether neither was written in knowledge of the other.

    Versions x, y of one tarea are concurrent iff x is above the common version of y's row and y above that
    of x's row (more exactly: see `es_antepasada`). Otherwise the lower one is an ancestor of the higher, and
    nothing is lost with it.
    """
    return not es_antepasada(una.version, otra.version_comun) and not es_antepasada(
        otra.version, una.version_comun
    )


def pierde_algo(perdedora: Tarea, ganadora: Tarea) -> bool:
    """Whether replacing `perdedora` by `ganadora` loses a value that somebody may want back.

    An ancestor is not lost with its descendant, nor a value with its equal (a retry, a file imported twice).
    """
    return son_concurrentes(perdedora, ganadora) and not perdedora.mismo_contenido(ganadora)


def campos_distintos(una: Tarea, otra: Tarea) -> tuple[Campo, ...]:
    """The fields in which they differ, in the order of the form; that one was deleted is none of them."""
    return tuple(campo for campo in Campo if getattr(una, campo) != getattr(otra, campo))


def dicen_lo_mismo(una: Tarea, otra: Tarea | None) -> bool:
    """Whether an operator sees no difference: two tombstones, or two living tareas with equal fields.

    No row at all is as good as a tombstone.
    """
    if otra is None or una.eliminada or otra.eliminada:
        return una.eliminada and (otra is None or otra.eliminada)
    return not campos_distintos(una, otra)
