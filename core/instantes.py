"""A date as it was found in a store: what instant it is, if it is any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

EPOCA: Final = datetime(1970, 1, 1, tzinfo=UTC)
_US: Final = timedelta(microseconds=1)

Valor = str | int
"""A text, or an instant in milliseconds since the epoch (as text where it is no whole number of them)."""


def instante_us(valor: Valor) -> int | None:
    """Microseconds since the epoch of a date as it was found; None for what is no instant.

    A hand that writes `now()` leaves microseconds, which a store tells as a number or as a date in a text.
    """
    if isinstance(valor, int):
        return valor * 1_000
    try:
        return int(Decimal(valor) * 1_000 // 1)
    except (ArithmeticError, ValueError):  # no number, or none that counts anything
        return _de_fecha(valor)


def _de_fecha(valor: str) -> int | None:
    try:
        return (datetime.fromisoformat(valor) - EPOCA) // _US
    except (ValueError, TypeError):  # no date, or one without a zone
        return None


def fecha_de(us: int) -> datetime | None:
    """The date of that many microseconds since the epoch; None for a year that no date can have."""
    try:
        return EPOCA + timedelta(microseconds=us)
    except OverflowError:
        return None
