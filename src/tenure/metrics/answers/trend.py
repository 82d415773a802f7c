"""The one rule for improving, stable and declining."""

from __future__ import annotations

from fractions import Fraction
from typing import Any


def trend(previous: Any, current: Any, better: str, dead_band: Any) -> str | None:
    """The word for a change, or None where a value is missing.

    The change is relative to the previous value; from 0 it is taken as it is. Beyond the dead band it is an
    improvement where it goes the better way. `better` is `up`, `down`, or `zero` (nearer to 0 is better).
    """
    if previous is None or current is None:
        return None
    old, new = Fraction(str(previous)), Fraction(str(current))
    if better == "zero":
        old, new = -abs(old), -abs(new)
    change = new - old
    moved = change / abs(old) if old else change
    if abs(moved) <= Fraction(str(dead_band)):
        return "stable"
    return "improving" if (moved > 0) == (better != "down") else "declining"
