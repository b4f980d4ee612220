"""What one store answers: its name, a ping, an atomic write and its outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from core.domain.models.tarea import Tarea
from core.domain.models.version import es_antepasada


class NombreAlmacen(StrEnum):
    """One of the two databases."""

    SQL = "sql"
    MONGO = "mongo"

    @property
    def etiqueta(self) -> str:
        """The name an operator reads."""
        return "SQL" if self is NombreAlmacen.SQL else "MongoDB"

    @property
    def otro(self) -> NombreAlmacen:
        """The other store."""
        return NombreAlmacen.MONGO if self is NombreAlmacen.SQL else NombreAlmacen.SQL


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong:
    """A store's answer to a ping.

    Attributes:
        latencia_ms: from asking to answer, milliseconds.
        version_servidor: the product and its version ("PostgreSQL 18.1").
        rol: what the server is in its cluster, for people ("primario", "réplica", "archivo local").
        solo_lectura: it answers but refuses writes (a standby, a read-only file).
        desfase_ms: the server's clock minus ours, milliseconds; None where it has no clock of its own.
    """

    latencia_ms: float
    version_servidor: str = ""
    rol: str = ""
    solo_lectura: bool = False
    desfase_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Escritura:
    """One atomic compare-and-set: put `fila` where the store holds what the writer saw.

    It applies iff the row is absent, or its version is `base`, or it is an ancestor of
    `fila.version_comun` (`es_antepasada`: a store that merely lags), or it already is this very write: the
    same version and the same content. The same version with other content (two installations that share a
    node number) is somebody else's, and a refusal like any other.

    What was common before stays so: see `asentada`.

    Attributes:
        fila: the whole new row: its new version, `version_comun` = what is known to be common,
            `pendiente` true.
        base: the version the writer started from, 0 for a new tarea.
    """

    fila: Tarea
    base: int = 0

    def es(self, actual: Tarea) -> bool:
        """Whether `actual` is what this write would have put there."""
        return actual.misma_escritura(self.fila)

    def se_aplica_a(self, actual: Tarea | None) -> bool:
        """Whether it changes a store that holds `actual` (None: no row), by the rule above."""
        if actual is None:
            # Also for a base that is not 0: a store that was away when the tarea was made lacks it, and must
            # take its edits. That a form which stayed open for longer than the retention of tombstones brings
            # nothing back is seen to before (`ActualizarTareaUseCase`): a single store cannot know.
            return True
        if actual.version == self.fila.version:
            return False
        return actual.version == self.base or es_antepasada(actual.version, self.fila.version_comun)

    def asentada(self, actual: Tarea | None) -> Tarea:
        """The row that a store holds once the write is applied over `actual`.

        Of the common version the higher one stays. A form that was opened before the last confirmation does
        not know of it; were it forgotten, the value that the form itself was made from would stand in the
        other store as if nobody had seen it, and come up as a conflict of its writer with himself.
        """
        comun = max(self.fila.version_comun, 0 if actual is None else actual.version_comun)
        return replace(self.fila, version_comun=comun)

    def rechazada_por(self, almacen: NombreAlmacen, escrito: Escrito) -> str:
        """Why that store refused the row itself, and not for what stands there; empty when it did not."""
        if escrito.aplicada:
            return ""
        if escrito.error:
            return escrito.error
        if not self.se_aplica_a(escrito.actual):
            return ""
        return f"{almacen.etiqueta} descarta la fila sin decir por qué; quizá haya un disparador en su tabla"


@dataclass(frozen=True, slots=True)
class Escrito:
    """What became of one Escritura in one store.

    Attributes:
        aplicada: the store now holds `fila`, or held it already.
        actual: what the store holds instead, when it was not applied.
        error: why the store refused this one row of a batch, one sentence; empty otherwise.
    """

    aplicada: bool
    actual: Tarea | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicto:
    """An acknowledged value that lost to another, kept whole.

    Attributes:
        perdedora: the full row that was, or is about to be, replaced.
        version_ganadora: the version of the row that won.
        cuando_ms: milliseconds since the epoch at which this was noticed.
    """

    perdedora: Tarea
    version_ganadora: int
    cuando_ms: int


class Desenlace(StrEnum):
    """How a write ended in one store.

    DESCONOCIDA is not FALLIDA: the answer never came, and the write may still land. APLAZADA: the store
    answers but is behind, nothing was sent, and replication brings it this row after those that it lacks.
    NO_CONFIGURADA: this installation works with the other store alone.
    """

    CONFIRMADA = "confirmada"
    CONFLICTO = "conflicto"
    NO_DISPONIBLE = "no disponible"
    FALLIDA = "fallida"
    DESCONOCIDA = "desconocida"
    APLAZADA = "aplazada"
    NO_CONFIGURADA = "no configurada"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultadoAlmacen:
    """The outcome of one operation in one store.

    Attributes:
        almacen: which store.
        desenlace: how it ended there.
        error: what happened, one sentence for the operator; empty when confirmed, but for a batch of which
            the store refused rows that the other one took.
        valor: what the operation returned there, when it was confirmed.
        actual: the row the store holds instead, on CONFLICTO.
        releida: on DESCONOCIDA, the store was asked since and did not have it (yet).
        duracion_ms: time spent in the store, milliseconds.
    """

    almacen: NombreAlmacen
    desenlace: Desenlace
    error: str = ""
    valor: Any = None
    actual: Tarea | None = None
    releida: bool = False
    duracion_ms: float = 0.0

    @property
    def confirmada(self) -> bool:
        """Whether the store acknowledged the operation."""
        return self.desenlace is Desenlace.CONFIRMADA

    @property
    def le_falta_algo(self) -> bool:
        """Whether the store may lack something of it that the other one has."""
        return not self.confirmada or bool(self.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultadoEscritura:
    """The outcome of one dual operation: what each store said.

    Attributes:
        operacion: the method's name ("save", "eliminar").
        entidad_id: the id it was about.
        sql: outcome in SQL.
        mongo: outcome in MongoDB.
        tarea: the row that was written, where the operation writes one.
    """

    operacion: str
    entidad_id: str
    sql: ResultadoAlmacen
    mongo: ResultadoAlmacen
    tarea: Tarea | None = None

    @property
    def por_almacen(self) -> tuple[ResultadoAlmacen, ...]:
        """The outcome of each store that this installation works with, SQL first."""
        return tuple(uno for uno in (self.sql, self.mongo) if uno.desenlace is not Desenlace.NO_CONFIGURADA)

    @property
    def en_ambos(self) -> bool:
        """Whether both stores acknowledged it."""
        return self.sql.confirmada and self.mongo.confirmada

    @property
    def en_ninguno(self) -> bool:
        """Whether no store acknowledged it."""
        return not self.sql.confirmada and not self.mongo.confirmada

    def de(self, almacen: NombreAlmacen) -> ResultadoAlmacen:
        """The outcome in that store."""
        return self.sql if almacen is NombreAlmacen.SQL else self.mongo
