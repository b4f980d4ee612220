"""What has happened, as values; who listens is not known here."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.models.almacen import NombreAlmacen, ResultadoEscritura
from core.health import SaludAlmacen


@dataclass(frozen=True, slots=True)
class EscrituraTerminada:
    """A dual operation ended, well or badly: what each store said."""

    resultado: ResultadoEscritura


@dataclass(frozen=True, slots=True)
class EscriturasConfirmadas:
    """Both stores now know that they both hold these versions.

    Attributes:
        pares: (id as text, version).
    """

    pares: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SaludObservada:
    """A store was heard of: the snapshot before and after (equal states for a mere ping)."""

    antes: SaludAlmacen
    ahora: SaludAlmacen


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicacionTerminada:
    """A pass of the replication engine ended and had something to do.

    Attributes:
        origen: the store whose pendientes were copied to the other.
        copiadas: rows written.
        conflictos: concurrent values kept in `conflictos`.
        apartadas: rows that could not be copied.
        duracion_s: seconds it took.
    """

    origen: NombreAlmacen
    copiadas: int
    conflictos: int
    apartadas: int
    duracion_s: float


Evento = EscrituraTerminada | EscriturasConfirmadas | SaludObservada | ReplicacionTerminada
