"""One tarea as every store holds it, and the limits of what it may contain."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from core.domain.errors import TareaInvalida

TITULO_MAX = 200
"""Longest titulo, in Unicode code points."""
DESCRIPCION_MAX = 10_000
"""Longest descripcion, in Unicode code points."""
_EPOCA = datetime(1970, 1, 1, tzinfo=UTC)


class EstadoTarea(StrEnum):
    """Where the work on a tarea stands; the value is what the stores hold."""

    PENDIENTE = "PENDIENTE"
    EN_PROGRESO = "EN_PROGRESO"
    COMPLETADA = "COMPLETADA"


def cortar_a_ms(instante: datetime) -> datetime:
    """The same instant in UTC without microseconds, as both stores keep it.

    Raises ValueError for a datetime without time zone: its instant would be a guess.
    """
    if instante.tzinfo is None:
        raise ValueError("a datetime without time zone names no instant")
    try:
        utc = instante.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the instant lies outside of the years 1 to 9999") from error
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def ahora_utc() -> datetime:
    """The current instant in UTC, cut to milliseconds; of the clock that versions are made of."""
    return _EPOCA + timedelta(milliseconds=time.time_ns() // 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tarea:
    """A tarea, immutable: an edit is `dataclasses.replace(tarea, titulo=...)` and a save of that.

    The constructor takes whatever a store may hold, so that an odd old row can still be shown and
    mended. Nothing is written before `validada()` has accepted it.

    Attributes:
        id: identity, never reused.
        titulo: 1..200 characters, NFC.
        descripcion: 0..10 000 characters, NFC.
        estado: one of EstadoTarea.
        creada_en: UTC, milliseconds.
        actualizada_en: UTC, milliseconds.
        version: the version this value was read with, 0 for one that no store has seen.
        version_comun: highest version of this tarea known to have been in both stores, 0 for none.
        pendiente: the version is above `version_comun`: the other store may lack it.
        nodo: the installation that wrote it, for people to read.
        eliminada: a tombstone (lápida); the content is the last one before the delete.
    """

    titulo: str
    descripcion: str = ""
    estado: EstadoTarea = EstadoTarea.PENDIENTE
    id: UUID = field(default_factory=uuid4)
    creada_en: datetime = field(default_factory=ahora_utc)
    actualizada_en: datetime = field(default_factory=ahora_utc)
    version: int = 0
    version_comun: int = 0
    pendiente: bool = False
    nodo: str = ""
    eliminada: bool = False

    @property
    def comun_conocida(self) -> int:
        """The common version that a write made from this value may rely on.

        The version itself once it was confirmed in both stores, else the one below it that was
        (the *c* of the compare-and-set rule).
        """
        return self.version_comun if self.pendiente else self.version

    def validada(self) -> Tarea:
        """This tarea in stored form (NFC, UTC, milliseconds).

        Raises:
            TareaInvalida: a field holds what one of the stores would refuse; names field and reason.
        """
        titulo = texto_validado("titulo", self.titulo, minimo=1, maximo=TITULO_MAX)
        descripcion = texto_validado("descripcion", self.descripcion, minimo=0, maximo=DESCRIPCION_MAX)
        try:
            estado = EstadoTarea(self.estado)
        except ValueError:
            validos = ", ".join(EstadoTarea)
            raise TareaInvalida("estado", f"«{self.estado}» no es uno de {validos}") from None
        return replace(
            self,
            titulo=titulo,
            descripcion=descripcion,
            estado=estado,
            creada_en=_instante_validado("creada_en", self.creada_en),
            actualizada_en=_instante_validado("actualizada_en", self.actualizada_en),
        )

    def mismo_contenido(self, otra: Tarea) -> bool:
        """Whether an operator would see the same tarea: content and tombstone, not bookkeeping."""
        return (
            self.titulo == otra.titulo
            and self.descripcion == otra.descripcion
            and self.estado == otra.estado
            and self.creada_en == otra.creada_en
            and self.eliminada == otra.eliminada
        )

    def misma_escritura(self, otra: Tarea) -> bool:
        """Whether both come from one write. The version alone does not say so: two installations that share
        a node number (a copied data folder) can make the same one for two contents. The instant of the change
        is part of it: a write that is sent again carries the same one, and both stores must end up equal."""
        return (
            self.version == otra.version
            and self.actualizada_en == otra.actualizada_en
            and self.mismo_contenido(otra)
        )


def texto_validado(campo: str, valor: str, *, minimo: int, maximo: int) -> str:
    """`valor` in NFC if every store can hold it; raises TareaInvalida with the reason otherwise."""
    if not isinstance(valor, str):
        raise TareaInvalida(campo, "debe ser un texto")
    try:
        valor.encode("utf-8")
    except UnicodeEncodeError:
        raise TareaInvalida(campo, "contiene un carácter Unicode incompleto") from None
    if "\x00" in valor:
        raise TareaInvalida(campo, "contiene un carácter nulo, que SQL no admite")
    normal = unicodedata.normalize("NFC", valor)
    if len(normal) > maximo:
        raise TareaInvalida(campo, f"tiene {len(normal)} caracteres y el máximo es {maximo}")
    if len(normal) < minimo or (minimo and not normal.strip()):
        raise TareaInvalida(campo, "no puede estar vacío")
    return normal


def _instante_validado(campo: str, valor: datetime) -> datetime:
    if not isinstance(valor, datetime):
        raise TareaInvalida(campo, "debe ser una fecha con hora")
    try:
        return cortar_a_ms(valor)
    except ValueError:
        raise TareaInvalida(campo, "debe llevar zona horaria y caer entre los años 1 y 9999") from None
