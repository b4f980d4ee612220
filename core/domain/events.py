"""What has happened, as values; who listens is not known here."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.models.almacen import NombreAlmacen, ResultadoEscritura
from core.domain.models.apartada import Apartada
from core.domain.models.pareja import Carencia
from core.domain.models.verificacion import InformeVerificacion
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
    """A store was heard of, or is known to be behind (or no longer): the snapshot before and after.

    Equal states for a mere ping.
    """

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicacionAvanza:
    """A pass with something to do is under way; told a few times a second at most.

    Attributes:
        origen: the store whose pendientes are being copied to the other.
        copiadas: rows written so far in this pass.
        faltan: rows still to be looked at, of those that were waiting when the pass began.
        ritmo_por_s: rows looked at a second, lately.
        restante_s: seconds to go at that rate; None while nobody can tell.
        miradas: rows looked at so far: of many that the other store has, most are only confirmed.
    """

    origen: NombreAlmacen
    copiadas: int
    faltan: int
    ritmo_por_s: float
    restante_s: float | None
    miradas: int = 0

    @property
    def hechas(self) -> int:
        """Rows that are done with."""
        return self.miradas or self.copiadas

    @property
    def total(self) -> int:
        """Rows that there are in this pass, as far as is known."""
        return self.hechas + self.faltan


@dataclass(frozen=True, slots=True)
class CuarentenaCambiada:
    """Rows that cannot be copied were set apart, tried again or let out; these are the ones that remain."""

    apartadas: tuple[Apartada, ...]


@dataclass(frozen=True, slots=True)
class ReplicacionDetenida:
    """A store that answers does not let itself be copied from or to at all; or does so again.

    Attributes:
        almacen: which.
        motivo: what it says, a sentence; empty when a round has gone through since.
    """

    almacen: NombreAlmacen
    motivo: str


@dataclass(frozen=True, slots=True)
class ReplicacionPausada:
    """The operator paused background replication, or resumed it."""

    pausada: bool


@dataclass(frozen=True, slots=True)
class CarenciasCambiadas:
    """A store was found to lack all that the other one has, or is whole again; these remain."""

    carencias: tuple[Carencia, ...]


@dataclass(frozen=True, slots=True)
class VerificacionHecha:
    """Both stores were compared in the background; or could not be, for the reason in `fallo`.

    Attributes:
        informe: what was found; None when nothing is known.
        fallo: why, a sentence; empty otherwise.
    """

    informe: InformeVerificacion | None
    fallo: str = ""


Evento = (
    EscrituraTerminada
    | EscriturasConfirmadas
    | SaludObservada
    | ReplicacionTerminada
    | ReplicacionAvanza
    | CuarentenaCambiada
    | ReplicacionDetenida
    | ReplicacionPausada
    | CarenciasCambiadas
    | VerificacionHecha
)
