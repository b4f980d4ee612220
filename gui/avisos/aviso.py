"""What a banner says, as a value; whoever has something to tell makes one and knows no widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

ACCIONES_MAX = 2
"""Most buttons a banner offers: a longer choice belongs in a view."""


class Nivel(StrEnum):
    """How much it matters; also how it is ordered, least first."""

    INFO = "info"
    EXITO = "exito"
    AVISO = "aviso"
    ERROR = "error"


@dataclass(frozen=True)
class Accion:
    """One button: its text and what it does (on the GUI thread)."""

    texto: str
    hacer: Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Aviso:
    """One banner.

    Attributes:
        clave: what it is about; a second one with the same clave takes the place of the first.
        nivel: how much it matters.
        titulo: what happened, plain text.
        detalle: what that means and what to do, plain text.
        acciones: at most two buttons.
        caduca_s: seconds until it goes by itself; None: it stays until it is over or closed.
    """

    clave: str
    nivel: Nivel
    titulo: str
    detalle: str = ""
    acciones: tuple[Accion, ...] = ()
    caduca_s: float | None = None

    def __post_init__(self) -> None:
        if len(self.acciones) > ACCIONES_MAX:
            raise ValueError(f"a banner has at most {ACCIONES_MAX} actions, not {len(self.acciones)}")
