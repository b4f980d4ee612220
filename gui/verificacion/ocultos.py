"""Texts made comparable by eye: what two values hide from it is written out. No Qt in here."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

PUNTO = "·"
"""A space at the edge of a text or of a line."""
_PROPIOS = {"\n": "⏎\n", "\t": "⇥\t", "\r": "␍", "\x7f": "␡"}
_INVISIBLES = ("Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs")
_MARCAS = ("Mn", "Me")


@dataclass(frozen=True, slots=True)
class Muestra:
    """A value as it is shown.

    Attributes:
        texto: what is hidden in it written out.
        desde, hasta: the part of `texto` that the other value has not, in UTF-16 units, as Qt counts.
    """

    texto: str
    desde: int
    hasta: int


def comparar(uno: str, otro: str) -> tuple[Muestra, Muestra]:
    """Both values so that an eye can tell them apart; the same for equal ones.

    Accents are taken apart only in a text that is not NFC, which no write of ours leaves: elsewhere, as in
    Hebrew or Arabic, it would hide the text itself.
    """
    antes = _comun(uno, otro)
    despues = _comun(uno[antes:][::-1], otro[antes:][::-1])
    return _muestra(uno, antes, despues), _muestra(otro, antes, despues)


def visible(texto: str, *, marcas: bool = False) -> str:
    """`texto` with controls, invisible characters and spaces at edges written out; accents where `marcas`."""
    return "".join(_piezas(texto, marcas=marcas))


def _muestra(texto: str, antes: int, despues: int) -> Muestra:
    piezas = _piezas(texto, marcas=not unicodedata.is_normalized("NFC", texto))
    hasta = len(texto) - despues
    return Muestra("".join(piezas), _largo(piezas[:antes]), _largo(piezas[:hasta]))


def _piezas(texto: str, *, marcas: bool) -> list[str]:
    return [_pieza(texto, lugar, marcas=marcas) for lugar in range(len(texto))]


def _pieza(texto: str, lugar: int, *, marcas: bool) -> str:
    caracter = texto[lugar]
    if caracter in _PROPIOS:
        return _PROPIOS[caracter]
    if caracter == " ":
        return PUNTO if _en_un_borde(texto, lugar) else caracter
    if caracter < " ":
        return chr(0x2400 + ord(caracter))
    if caracter.isascii():
        return caracter
    categoria = unicodedata.category(caracter)
    if categoria in _INVISIBLES or categoria == "Cc" or (marcas and categoria in _MARCAS):
        return f"⟨U+{ord(caracter):04X}⟩"
    return caracter


def _en_un_borde(texto: str, lugar: int) -> bool:
    """At the beginning or the end of the text or of a line, or beside another space."""
    vecinos = (texto[lugar - 1] if lugar else "\n", texto[lugar + 1] if lugar + 1 < len(texto) else "\n")
    return any(vecino in " \n\r\t" for vecino in vecinos)


def _comun(uno: str, otro: str) -> int:
    """Characters that both begin with."""
    cuantos = 0
    for de_uno, de_otro in zip(uno, otro, strict=False):
        if de_uno != de_otro:
            break
        cuantos += 1
    return cuantos


def _largo(piezas: list[str]) -> int:
    return sum(len(pieza.encode("utf-16-le", "surrogatepass")) for pieza in piezas) // 2
