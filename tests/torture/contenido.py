"""What a row says, in a form that history and judge can compare. Nothing of the program is used."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

EPOCA = datetime(1970, 1, 1, tzinfo=UTC)
ESTADOS = ("PENDIENTE", "EN_PROGRESO", "COMPLETADA")

_TITULOS = (
    "comprar pan",
    "'; DROP TABLE tareas; --",
    "<b>negrita</b> & <script>alert(1)</script>",
    '{"$where": "1 == 1"}',
    "%s %(x)s {} $1 \\ \\u0041 \\",
    "cafe\u0301 combinado",
    "👩🏽\u200d🚒 bombera y 🏳️\u200d🌈",
    "\u202eal revés\u202c",
    "سلام שלום 你好",
    "   con espacios   ",
    "tab\ty\nsalto",
    "_id version pendiente eliminada",
    "ＷＩＤＥ ﬁn \ufeff\ufffd\U0010ffff",
    "NULL",
)
_INVALIDOS = ("con\x00nulo", "roto \ud800", "x" * 201)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contenido:
    """The fields that an operator sees, and whether it is a tombstone; instants in ms since the epoch."""

    titulo: str
    descripcion: str
    estado: str
    creada_ms: int
    actualizada_ms: int
    eliminada: bool

    @property
    def huella(self) -> str:
        """A digest of everything, in NFC as the stores keep it."""
        return _huella(*self._visibles(), str(self.actualizada_ms))

    @property
    def huella_visible(self) -> str:
        """A digest without the instant of the change: what makes two values the same to an operator."""
        return _huella(*self._visibles())

    def _visibles(self) -> tuple[str, ...]:
        textos = (unicodedata.normalize("NFC", uno) for uno in (self.titulo, self.descripcion))
        return (*textos, self.estado, str(self.creada_ms), str(self.eliminada))


def _huella(*partes: str) -> str:
    return sha256("\x1f".join(partes).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def en_ms(instante: datetime) -> int:
    """Milliseconds since the epoch, exactly."""
    return (instante - EPOCA) // timedelta(milliseconds=1)


def titulo_hostil(azar: random.Random, marca: str) -> str:
    """A titulo that begins with that unique token and goes on with something unpleasant."""
    return f"{marca} {azar.choice(_TITULOS)}"[:200]


def titulo_invalido(azar: random.Random, marca: str) -> str:
    """One that no store may ever get to see."""
    return f"{marca} {azar.choice(_INVALIDOS)}"


def descripcion_hostil(azar: random.Random) -> str:
    """From nothing to the longest that is allowed."""
    veces = azar.choice((0, 0, 0, 1, 1, 3, 200))
    return "\n".join(azar.choice(_TITULOS) for _ in range(veces))[:10_000]
