"""The colours of the program by role, light and dark. No other file names a colour; no Qt in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paleta:
    """One scheme: `colores[rol]` as #RRGGBB.

    Roles: `bg` behind everything, `surface` for panels and tables, `alterna` every other row, `text`,
    `muted` for what is secondary, `line` for borders, `accent` for the primary and what is selected,
    `accent_encima` (the mouse is on it), `sobre_accent` (text on it), `seleccion` behind a selected row,
    and for each level (`ok`, `warn`, `error`, `info`) the sign and its `_fondo`.
    """

    nombre: str
    oscura: bool
    colores: Mapping[str, str]


CLARA = Paleta(
    "clara",
    False,
    {
        "bg": "#F6F7F9",
        "surface": "#FFFFFF",
        "alterna": "#F9FAFB",
        "text": "#1B1F24",
        "muted": "#56616D",
        "line": "#DDE2E8",
        "accent": "#2459C7",
        "accent_encima": "#1D4AA8",
        "sobre_accent": "#FFFFFF",
        "seleccion": "#E1EAFC",
        "ok": "#17774A",
        "ok_fondo": "#E3F4EA",
        "warn": "#845600",
        "warn_fondo": "#FFF3D6",
        "error": "#B42318",
        "error_fondo": "#FDE8E6",
        "info": "#2459C7",
        "info_fondo": "#E6EEFC",
    },
)

OSCURA = Paleta(
    "oscura",
    True,
    {
        "bg": "#16191D",
        "surface": "#1E2227",
        "alterna": "#22272D",
        "text": "#E7EAEE",
        "muted": "#9AA5B1",
        "line": "#323941",
        "accent": "#7AA5F8",
        "accent_encima": "#93B6FA",
        "sobre_accent": "#14181D",
        "seleccion": "#243456",
        "ok": "#6FCF97",
        "ok_fondo": "#173425",
        "warn": "#F2C14E",
        "warn_fondo": "#3A2E10",
        "error": "#FF8A80",
        "error_fondo": "#3F1B18",
        "info": "#7AA5F8",
        "info_fondo": "#1B2B4B",
    },
)

TEXTOS = ("text", "muted", "accent", "ok", "warn", "error", "info")
FONDOS = ("bg", "surface", "alterna", "seleccion")
NIVELES = ("ok", "warn", "error", "info")


def pares_de_texto() -> tuple[tuple[str, str], ...]:
    """Every (text role, background role) that the program puts together."""
    generales = tuple((texto, fondo) for texto in TEXTOS for fondo in FONDOS)
    de_otros = (("sobre_accent", "accent"), ("sobre_accent", "accent_encima"), ("muted", "line"))
    de_nivel = tuple((texto, f"{nivel}_fondo") for nivel in NIVELES for texto in (nivel, "text", "muted"))
    return (*generales, *de_nivel, *de_otros)


def contraste(uno: str, otro: str) -> float:
    """Contrast ratio of two #RRGGBB colours, 1..21 (WCAG 2.2, "contrast ratio")."""
    claro, oscuro = sorted((_luminancia(uno), _luminancia(otro)), reverse=True)
    return (claro + 0.05) / (oscuro + 0.05)


def _luminancia(hexadecimal: str) -> float:
    """Relative luminance, 0..1 (WCAG 2.2, "relative luminance")."""
    canales = (int(hexadecimal[i : i + 2], 16) / 255 for i in (1, 3, 5))
    rojo, verde, azul = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in canales)
    return 0.2126 * rojo + 0.7152 * verde + 0.0722 * azul
