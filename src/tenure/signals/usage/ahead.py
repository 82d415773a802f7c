"""The days to come of one account: every hundredth of its range as a path of use that never falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from tenure.kernel.unknown import Unknown
from tenure.signals.usage.daily import WEEK
from tenure.signals.usage.so_far import SoFar
from tenure.signals.usage.spread import LEVELS, Spread
from tenure.signals.usage.told import Days, Middle, Point, Told
from tenure.signals.weekly import Bools, Floats

CENT: Final = Decimal("0.01")
_P10, _P50, _P90 = 9, 49, 89
"""The columns of `LEVELS` at a tenth, a half and nine tenths."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """Cumulated use of the coming days as forecast, how far it may be off, and how it was made."""

    coming: Floats
    spread: Spread
    way: str
    per_week: float
    growth_per_week: float


def told(before: SoFar, ahead: Ahead, below: Sequence[float]) -> Told:
    """Dates, use at the end and probabilities of one account."""
    days = before.days_ahead
    errors = ahead.spread.after(days)
    # What was used stays used, and of two shares of a hundred the higher one has used more.
    paths = np.maximum.accumulate(ahead.coming[:days, None] * np.exp(errors), axis=0)
    total = before.used + (paths[-1] if days else np.zeros(len(LEVELS)))
    has_end, committed, left = before.term.end is not None, before.term.committed, before.left
    at_end = _middle(total) if has_end else None
    shared = _middle(total / committed) if has_end and committed else None
    finest = ahead.spread.finest if days else 0.0
    return Told(
        Unknown("undefined", "Nothing is committed, so nothing runs out.")
        if left is None
        else _crossing(paths, left, before),
        at_end,
        shared,
        _chance(total >= committed, finest, sure=left == 0) if has_end and committed else None,
        {f"{x:g}": _below(total, x * committed, finest, before.used) for x in below}
        if has_end and committed
        else {},
        _unused(shared, before.term.price),
        ahead.way,
        ahead.per_week,
        ahead.growth_per_week,
        ahead.spread.whose,
        _fan(paths, before),
    )


def _middle(values: Floats) -> Middle:
    return Middle(float(values[_P10]), float(values[_P50]), float(values[_P90]))


def _crossing(paths: Floats, left: float, before: SoFar) -> Days:
    """The first day on which so much is used: with a probability of a tenth on the path of nine tenths."""
    if left == 0:
        return Days(before.ran_out, before.ran_out, before.ran_out)
    found = []
    for column in (_P90, _P50, _P10):
        over = paths[:, column] >= left
        day = before.known_until + timedelta(days=int(over.argmax()) + 1) if over.any() else None
        found.append(day)
    return Days(*found)


def _below(total: Floats, bound: float, finest: float, used: float) -> float:
    return 0.0 if used >= bound else _chance(total < bound, finest, sure=False)


def _chance(hits: Bools, finest: float, *, sure: bool) -> float:
    """The share of the range in which it is so; never surer than the number of errors allows."""
    if sure:
        return 1.0
    many = int(hits.sum())
    share = 0.0 if not many else 1.0 if many == len(LEVELS) else many / (len(LEVELS) + 1)
    return float(np.clip(share, finest, 1 - finest))


def _unused(shared: Middle | None, price: Decimal | None) -> dict[str, Decimal] | None:
    """Money for units not used; the tenth of it belongs to the nine tenths of use."""
    if shared is None or price is None:
        return None
    shares = {"p10": shared.p90, "p50": shared.p50, "p90": shared.p10}
    return {
        name: (price * Decimal(max(1 - used, 0.0))).quantize(CENT) for name, used in shares.items()
    }


def _fan(paths: Floats, before: SoFar) -> tuple[Point, ...]:
    """A point a week, and the last day."""
    days = len(paths)
    places = [*range(WEEK - 1, days, WEEK), *([days - 1] if days and days % WEEK else [])]
    return tuple(
        Point(before.known_until + timedelta(days=p + 1), _middle(before.used + paths[p]))
        for p in places
    )
