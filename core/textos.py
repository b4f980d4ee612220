"""Texts as they were found: what of them is no character, and how that is shown.

Bytes that are no UTF-8 are read as lone surrogates (`surrogateescape`), so that they pass neither for the
character that stands for them elsewhere nor for what both stores can hold.
"""

from __future__ import annotations

import re
from typing import Final

_SUELTOS: Final = re.compile(r"[\ud800-\udfff]")


def es_texto(valor: object) -> bool:
    """Whether it is a text, of the very type, that both stores can hold."""
    if type(valor) is not str:
        return False
    if valor.isascii():  # nearly all, and quicker to know
        return True
    try:
        valor.encode()
    except UnicodeEncodeError:
        return False
    return True


def a_la_vista(texto: str) -> str:
    r"""The text with what is no character written out, as `\xff` for a byte."""
    return texto if es_texto(texto) else _SUELTOS.sub(_escrito, texto)


def _escrito(suelto: re.Match[str]) -> str:
    codigo = ord(suelto[0])
    return f"\\x{codigo - 0xDC00:02x}" if 0xDC80 <= codigo <= 0xDCFF else f"\\u{codigo:04x}"
