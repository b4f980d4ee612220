"""Choosing field by field between two values of a tarea. No Qt in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.conflictos import Campo
from core.domain.models.tarea import EstadoTarea, Tarea
from gui.tareas.borrador import Borrador

__all__ = ["Campo", "Eleccion", "Lado"]


class Lado(StrEnum):
    """Whose value."""

    MIO = "mio"
    SUYO = "suyo"


@dataclass(frozen=True, slots=True)
class Eleccion:
    """Mine against theirs.

    Attributes:
        mio: what was to be saved.
        suyo: what the store holds; may be a tombstone.
    """

    mio: Borrador
    suyo: Tarea

    @property
    def distintos(self) -> tuple[Campo, ...]:
        """The fields about which there is something to choose."""
        return tuple(campo for campo in Campo if self.valor(campo, Lado.MIO) != self.valor(campo, Lado.SUYO))

    def valor(self, campo: Campo, lado: Lado) -> str | EstadoTarea:
        """That field on that side."""
        valor: str | EstadoTarea = getattr(self.mio if lado is Lado.MIO else self.suyo, campo.value)
        return valor

    def propuesto(self, campo: Campo) -> Lado:
        """Whose value is chosen to begin with: mine where I changed it, else theirs.

        So two people who changed different fields both keep what they wrote.
        """
        base = self.mio.base
        if base is None or getattr(base, campo.value) != self.valor(campo, Lado.MIO):
            return Lado.MIO
        return Lado.SUYO

    def resuelta(self, lados: Mapping[Campo, Lado]) -> Borrador:
        """The chosen fields as a draft over their value; fields not named are equal anyway."""
        suyo = Borrador.de(self.suyo)

        def texto(campo: Campo) -> str:
            return str(self.valor(campo, lados.get(campo, Lado.SUYO)))

        return Borrador(
            base=suyo.base,
            id=suyo.id,
            titulo=texto(Campo.TITULO),
            descripcion=texto(Campo.DESCRIPCION),
            estado=EstadoTarea(self.valor(Campo.ESTADO, lados.get(Campo.ESTADO, Lado.SUYO))),
        )
