"""A number people can remember, inside what the data leave open."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tenure.signals.thresholds.bins import Floats
from tenure.signals.thresholds.lines import Line

DAYS = (1, 2, 3, 5, 7, 10, 14, 21, 28, 30, 45, 60, 75, 90, 120, 150, 180, 365)
"""Spans people speak of."""
STEPS = (10.0, 5.0, 2.5)


@dataclass(frozen=True, slots=True)
class Unrounded:
    """A cut with its limits: values at or below it on one side, above it on the other."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scale:
    """What kind of numbers a metric has: its known values in order, whole numbers or not, days or not."""

    known: Floats
    whole: bool
    days: bool


def rounded(cut: Unrounded, scale: Scale, *, below: bool) -> Line:
    """The roundest line within a quarter of the interval's width, with the strictness that moves fewest rows.

    `below`: the values at or below the cut are meant, else those above it.
    """
    exact = _whole(cut.value, below=below) if scale.whole else cut.value
    quarter = (cut.high - cut.low) / 4
    # Around the cut itself: where rows are whole, 29.5 is as near to 30 as to 29.
    low, high = max(cut.low, cut.value - quarter), min(cut.high, cut.value + quarter)
    value = _roundest(exact, low, high, scale)
    return _strictness(value, cut.value, scale.known, below=below)


def _whole(value: float, *, below: bool) -> float:
    """The whole number that splits the rows as the cut does: 'fewer than' it, or 'more than' it."""
    return float(math.ceil(value) if below else math.floor(value))


def _roundest(exact: float, low: float, high: float, scale: Scale) -> float:
    if scale.days:
        spans = [float(span) for span in DAYS if low <= span <= high]
        if spans:
            return min(spans, key=lambda span: (abs(span - exact), span))
    if not high > low:
        return exact
    top = math.ceil(math.log10(max(abs(low), abs(high), high - low))) + 1
    bottom = math.floor(math.log10(high - low)) - 1
    for power in range(top, bottom - 1, -1):
        for times in STEPS:
            step = times * 10.0 ** (power - 1)
            if scale.whole and (step < 1 or step != round(step)):
                continue
            nearest = round(exact / step)
            for times_step in (nearest, nearest - 1, nearest + 1):
                point = round(times_step * step, max(0, 2 - power))
                if low <= point <= high:
                    return point
    return exact


def _strictness(value: float, cut: float, known: Floats, *, below: bool) -> Line:
    """Strict, unless the line itself is then on the wrong side for more rows."""
    wanted = int(np.searchsorted(known, cut, side="right"))
    without = abs(int(np.searchsorted(known, value, side="left")) - wanted)
    including = abs(int(np.searchsorted(known, value, side="right")) - wanted)
    if below:
        return Line(value, "<" if without <= including else "<=")
    # Above a cut the roles change: strict leaves the line itself on the other side.
    return Line(value, ">" if including <= without else ">=")
