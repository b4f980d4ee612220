"""Characters that nobody sees, or that turn, hide or steer what stands beside them, spelled out."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

_SIN_DIBUJO = frozenset({"Cf", "Zl", "Zp", "Cs"})


class Escritos(dict[int, str | int]):
    """For `str.translate`.

    Args:
        escribir: how the character of a code is spelled.
        todos: those below U+0020 as well, line breaks among them.
    """

    def __init__(self, escribir: Callable[[int], str], *, todos: bool = False) -> None:
        super().__init__()
        self._escribir = escribir
        self._todos = todos

    def __missing__(self, codigo: int) -> str | int:
        de_control = 0x7F <= codigo < 0xA0 or (self._todos and codigo < 0x20)
        oculto = de_control or unicodedata.category(chr(codigo)) in _SIN_DIBUJO
        self[codigo] = self._escribir(codigo) if oculto else codigo
        return self[codigo]


def con_su_codigo(codigo: int) -> str:
    """As people look it up."""
    return f"⟨U+{codigo:04X}⟩"
