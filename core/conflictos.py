"""Who wins when two writers meet, whether the loser saw the winner, and what differs between two values.

Pure rules (DESIGN, section 4).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
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


def son_gemelas(una: Tarea, otra: Tarea) -> bool:
    """Whether one version stands for two contents: adopted in both stores, or a hand in one."""
    return una.version == otra.version and not una.misma_escritura(otra)


def gana_a_su_gemela(una: Tarea, otra: Tarea) -> bool:
    """Whether `una` wins: changed later, else the greater content; whoever compares them, in any order."""
    return _peso(una) > _peso(otra)


def _peso(fila: Tarea) -> tuple[datetime, bool, str, str, str, datetime]:
    return (
        fila.actualizada_en,
        fila.eliminada,
        fila.titulo,
        fila.descripcion,
        str(fila.estado),
        fila.creada_en,
    )


def desempatada(ganadora: Tarea, perdedora: Tarea) -> Tarea:
    """The winning twin under the next version, concurrent with the loser: from here on it is a conflict like
    any other, also for a program that meets the two after this one has died half-way. Every program makes
    the same row of them."""
    comun = max(0, min(ganadora.version_comun, perdedora.version_comun, ganadora.version - 1))
    return replace(ganadora, version=ganadora.version + 1, version_comun=comun, pendiente=True)
