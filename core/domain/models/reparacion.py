"""A repair before it is made, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.diferencias import Diferencia, FilaVista, TipoDiferencia
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.conflicto import ClaveConflicto
from core.reparacion import Accion, Gana


@dataclass(frozen=True, slots=True, kw_only=True)
class PasoReparacion:
    """What would be done about one difference.

    Attributes:
        gana: what was asked for.
        ganador: the store whose content wins; None where nothing is written.
        motivo: why it cannot be repaired and what to do instead, a sentence; empty otherwise.
        huellas: of what SQL and MongoDB held then, empty for nothing: a repair writes only where they still
            hold it.
        devolvible: what it would replace could be put back. Otherwise the journal alone keeps it.
        espera: what it would delete only waits to be copied to the store that lacks it.
    """

    diferencia: Diferencia
    gana: Gana
    accion: Accion
    ganador: NombreAlmacen | None = None
    motivo: str = ""
    huellas: tuple[str, str] = ("", "")
    devolvible: bool = True
    espera: bool = False

    @property
    def id(self) -> str:
        """Of the tarea."""
        return self.diferencia.id


@dataclass(frozen=True, slots=True)
class PlanReparacion:
    """What a repair would do; making it wrote nothing.

    Attributes:
        cancelado: it was stopped before the end: it says nothing about the rest, and is not to be made.
    """

    pasos: tuple[PasoReparacion, ...]
    cancelado: bool = False

    @property
    def cuentas(self) -> Counter[tuple[TipoDiferencia, Accion]]:
        """Differences by kind and by what would be done."""
        return Counter((paso.diferencia.tipo, paso.accion) for paso in self.pasos)

    @property
    def por_accion(self) -> Counter[Accion]:
        """Differences by what would be done."""
        return Counter(paso.accion for paso in self.pasos)

    @property
    def se_escriben(self) -> int:
        """Tareas that would get a new version in both stores."""
        return sum(paso.accion.escribe for paso in self.pasos)

    @property
    def se_sobrescriben(self) -> Counter[NombreAlmacen]:
        """Contents that would be replaced, and kept, by the store that holds them."""
        return Counter(
            paso.ganador.otro for paso in self.pasos if paso.ganador is not None and paso.accion.sobrescribe
        )

    @property
    def sin_vuelta(self) -> int:
        """Of how many something would be replaced for good: the journal alone keeps it."""
        return sum(paso.accion.escribe and not paso.devolvible for paso in self.pasos)

    @property
    def quedan(self) -> int:
        """Differences about which it would do nothing, and that may remain."""
        return sum(paso.accion in (Accion.IMPOSIBLE, Accion.CAMBIO) for paso in self.pasos)

    @property
    def ganan_sin_nada(self) -> frozenset[NombreAlmacen]:
        """Stores that win where they hold nothing: what lives in the other one would be deleted."""
        return frozenset(
            paso.ganador
            for paso in self.pasos
            if paso.ganador is not None
            and paso.accion is Accion.ELIMINAR
            and not paso.huellas[paso.ganador is NombreAlmacen.MONGO]
        )

    def sin_lo_que_espera(self) -> PlanReparacion:
        """The same, but that nothing is deleted that somebody has written and that is only to be copied."""
        return replace(self, pasos=tuple(map(_si_no_espera, self.pasos)))

    @property
    def imposibles(self) -> Iterator[PasoReparacion]:
        """Those that cannot be repaired."""
        return (paso for paso in self.pasos if paso.accion is Accion.IMPOSIBLE)


def _si_no_espera(paso: PasoReparacion) -> PasoReparacion:
    if not paso.espera or paso.ganador is None:
        return paso
    motivo = (
        f"solo espera a copiarse a {paso.ganador.etiqueta}, y se eliminaría: cópiela antes («Sincronizar», o "
        "«dual-tareas sincronizar»); si no se puede copiar, nómbrela con --ids"
    )
    return replace(paso, accion=Accion.IMPOSIBLE, ganador=None, motivo=motivo)


class Suerte(StrEnum):
    """What became of one difference.

    REPARADA: both stores hold the new version. IGUALES: they agreed already. CAMBIO: somebody changed it
    since it was seen, and it was left alone. FALLIDA: for the reason in `InformeReparacion.problemas`.
    """

    REPARADA = "reparada"
    IGUALES = "iguales"
    CAMBIO = "cambio"
    FALLIDA = "fallida"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reparada:
    """A tarea that was repaired.

    Attributes:
        version: the one that both stores hold now.
        clave: of what it replaced, kept in `conflictos` of `guardada_en`; None when nothing was.
        exacta: `conflictos` could keep all of what it replaced; otherwise the rest is in the journal alone.
        devolvible: what `conflictos` keeps can be put back, with its dates cut to milliseconds.
        contenido: `huella_de_contenido` of what both stores hold now; empty where an old receipt has none.
    """

    id: str
    accion: Accion
    version: int
    clave: ClaveConflicto | None = None
    guardada_en: NombreAlmacen | None = None
    exacta: bool = True
    devolvible: bool = True
    contenido: str = ""


@dataclass(slots=True, kw_only=True)
class InformeReparacion:
    """A repair, running or ended.

    Attributes:
        total: differences that were to be looked at.
        cuentas: by what became of them.
        reparadas: one by one; what `deshacer` needs.
        a_medias: those that one store took and the other one refused; `problemas` says why.
        en_curso: of the batch in hand, whose content is kept already: they may be replaced by now, or not.
        bases: which databases these were, by their identities; empty where nobody noted it.
        problemas: (id, sentence) of what was not repaired for a reason of its own.
        diario: the file with what `conflictos` could not keep exactly; empty when there was nothing such.
        recibo: the file with which it can be undone after the program has ended; empty when there is none.
        cancelada: it was stopped before the end; what was done is done.
    """

    total: int = 0
    cuentas: Counter[Suerte] = field(default_factory=Counter)
    reparadas: list[Reparada] = field(default_factory=list)
    a_medias: list[Reparada] = field(default_factory=list)
    en_curso: list[Reparada] = field(default_factory=list)
    bases: dict[NombreAlmacen, str] = field(default_factory=dict)
    problemas: list[tuple[str, str]] = field(default_factory=list)
    diario: str = ""
    recibo: str = ""
    duracion_s: float = 0.0
    cancelada: bool = False

    @property
    def miradas(self) -> int:
        """Differences dealt with so far."""
        return self.cuentas.total()

    @property
    def sobrescritas(self) -> int:
        """Contents that were replaced, and kept."""
        return sum(una.clave is not None for una in self.reparadas)

    @property
    def con_vuelta(self) -> list[Reparada]:
        """What replaced something, or may have: all that undoing it has to look at."""
        # Where an error ended a batch, some of it is also told as repaired by half: once is enough.
        todas = dict.fromkeys((*self.reparadas, *self.a_medias, *self.en_curso))
        return [una for una in todas if una.clave is not None]

    @property
    def completa(self) -> bool:
        """Nothing that was asked for remains different."""
        return (
            not self.cancelada
            and self.miradas == self.total
            and not (self.cuentas[Suerte.CAMBIO] or self.cuentas[Suerte.FALLIDA])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CampoDetalle:
    """A field in both stores, as plain text; None where the row is not there, or has no such field."""

    nombre: str
    sql: str | None
    mongo: str | None
    distinto: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DetalleDiferencia:
    """Both values side by side, as they are now.

    Attributes:
        sql, mongo: the rows as they lie; None for nothing.
        crudo_sql, crudo_mongo: all of it as JSON text, also what is no field of a tarea; empty for nothing.
        mas_reciente: the store with the newer value; None when nothing tells.
        diferencia: what differs now; None when they agree by now.
    """

    id: str
    campos: tuple[CampoDetalle, ...]
    sql: FilaVista | None
    mongo: FilaVista | None
    crudo_sql: str
    crudo_mongo: str
    mas_reciente: NombreAlmacen | None
    diferencia: Diferencia | None
