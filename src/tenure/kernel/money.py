"""Money as Decimal: exact sums, rounding only where a definition says so."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

ZERO = Decimal(0)
FOUR_PLACES = Decimal("0.0001")
CENT = Decimal("0.01")


def four_places(amount: Decimal) -> Decimal:
    """`amount` to 4 decimals, half-even: how the ARR of a line is kept (rulings A4)."""
    return amount.quantize(FOUR_PLACES, rounding=ROUND_HALF_EVEN)


def cents(amount: Decimal) -> Decimal:
    """`amount` to the cent, half-even."""
    return amount.quantize(CENT, rounding=ROUND_HALF_EVEN)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum; an empty one is 0."""
    return sum(amounts, ZERO)


def ratio(part: Decimal | int, whole: Decimal | int) -> float | None:
    """Part / whole, unrounded; None where the whole is 0 (the caller says why)."""
    if whole == 0:
        return None
    return float(Decimal(part) / Decimal(whole))
