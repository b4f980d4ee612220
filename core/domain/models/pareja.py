"""Whether a store may lack rows that the other one takes for copied: it was emptied, or is another one.

A row that is pendiente says of itself that the other store may lack it. A confirmed one says the opposite,
and goes on saying so when that store is wiped, or another one stands in its place. So each database has an
identity of its own, and each notes the identity of the one that holds all of its confirmed rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.domain.models.almacen import NombreAlmacen


@dataclass(frozen=True, slots=True, kw_only=True)
class PorRellenar:
    """That everything is to be copied here; noted in the store that gets it.

    Attributes:
        origen: the identity of the database that it comes from.
        seguir: whether to go on by itself; False before an operator has agreed, and once one has put it off.
        vaciada: that it was found emptied, and nothing of it has been copied since. Noted, because what is
            written to it meanwhile would make it look like one that lacks little.
        en_lugar_de: the identity of the database in whose place it is to stand, until the other store has
            taken note of that; empty afterwards, and where it stands in nobody's place.
        desde_ms: not before that moment, milliseconds since the epoch: programs that still work with the
            database in whose place it stands need some time to notice.
    """

    origen: str
    seguir: bool = True
    vaciada: bool = False
    en_lugar_de: str = ""
    desde_ms: int = 0


@dataclass(frozen=True, slots=True)
class Latido:
    """A sign of life of whoever fills a store. Noted apart from the wish that it be filled: who says that he
    is at it must not write over what an operator decides meanwhile.

    Attributes:
        ms: when that was, milliseconds since the epoch; 0: nobody is at it.
        quien: which program.
    """

    ms: int = 0
    quien: str = ""


SIN_LATIDO = Latido()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ficha:
    """What one database says of itself.

    Attributes:
        identidad: a name that it gave itself when it was first met.
        pareja: identity of the database that holds all of its confirmed rows; empty while it has none.
        por_rellenar: that it is to be filled; None when it is not.
        latido: who was at that last.
        tiene_filas: whether there is any tarea in it, tombstones included.
    """

    identidad: str
    pareja: str = ""
    por_rellenar: PorRellenar | None = None
    latido: Latido = SIN_LATIDO
    tiene_filas: bool = False


class MotivoCarencia(StrEnum):
    """Why a store lacks what the other one takes for copied."""

    A_MEDIAS = "a_medias"
    """A copy of everything has begun, and not ended."""
    OTRA_BASE = "otra_base"
    """It is not the database that was there before."""
    VACIADA = "vaciada"
    """It is, and it lacks what was copied to it: it was emptied."""
    NUEVA = "nueva"
    """It is empty, and all that the other one has is still to be copied for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carencia:
    """A store that has to be filled before anything is read from it.

    Attributes:
        destino: the store that lacks something; the other one has it.
        motivo: why.
        aceptada: whether it is filled by itself; otherwise an operator is asked first.
        filas: rows, tombstones included, that the other store has; None while nobody has counted them.
    """

    destino: NombreAlmacen
    motivo: MotivoCarencia
    aceptada: bool
    filas: int | None = None


def motivo_de_carencia(ficha: Ficha, otra: Ficha) -> MotivoCarencia | None:
    """Why the database of `ficha` may lack confirmed rows of `otra`, as far as their notes tell.

    None is no promise: whether it has the other's confirmed rows has to be looked up.
    """
    nota = ficha.por_rellenar
    # Where a third one has been accepted since, what was agreed about this one holds no longer.
    if nota is not None and nota.origen == otra.identidad and otra.pareja in _vale_con(ficha, nota):
        return MotivoCarencia.VACIADA if nota.vaciada else MotivoCarencia.A_MEDIAS
    if otra.pareja and otra.pareja != ficha.identidad:
        return MotivoCarencia.OTRA_BASE
    return None


def _vale_con(ficha: Ficha, nota: PorRellenar) -> tuple[str, ...]:
    return ("", ficha.identidad, nota.en_lugar_de)
