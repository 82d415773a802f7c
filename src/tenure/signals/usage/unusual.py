"""Days unlike the eight weeks before them: on a logarithm, after the weekday, by median and median deviation.

A day counts where it is more than four spreads off, more than 30 % off, and no trifle. Which of them are told is decided day by
day over all accounts and metrics at once, by false-discovery rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from tenure.signals.rates import benjamini_hochberg
from tenure.signals.trajectory import row_median
from tenure.signals.usage.daily import WEEK
from tenure.signals.weekly import Bools, Floats

WEEKS: Final = 8
MIN_DAYS: Final = 28
MIN_WEEKDAYS: Final = 4
"""Of the eight weeks before so many days, and so many of the same weekday, must be known."""
MOST_Z, MOST_RELATIVE, MOST_Q = 4.0, 0.30, 0.10
_MAD: Final = 1.4826
SMALL_SAMPLE: Final = 1.15
"""A spread around medians of the same 56 days is too small by so much (measured on normal noise)."""
FINEST_SPREAD: Final = 0.05
AS_FAR, USUAL_TIMES = 0.75, 1
"""What came three quarters as far off, on the same side, more than once in the seven weeks before last week is usual."""
ON_AND_OFF: Final = 0.10
"""Where more days than this are silent on weekdays mostly used, or used on weekdays mostly silent, no one day is odd."""
FREEDOM: Final = 12
"""Degrees of freedom of the t distribution that turns z into p: around medians of eight weeks normal noise has its tails."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """Per series and day asked about: z, expected use, share off, p, q and whether it is told; NaN where not judged."""

    z: Floats
    expected: Floats
    relative: Floats
    p: Floats
    q: Floats
    told: Bools

    def split(self, at: Sequence[int]) -> list[Unusual]:
        """The same in parts that begin at these rows."""
        columns = [np.split(getattr(self, one.name), at) for one in fields(self)]
        return [Unusual(*parts) for parts in zip(*columns, strict=True)]


def unusual(values: Floats, days: int, minimum: float) -> Unusual:
    """The last `days` days of each series (row), each judged by the eight weeks before it.

    Args:
        values: one row per account and metric, one column per day; NaN where unknown or a holiday.
        days: how many.
        minimum: use below which, expected and found, a day is a trifle.

    Source: statistics of Tenure, section 13; Benjamini & Hochberg 1995.
    """
    logs = np.log1p(values)
    shape = (len(values), days)
    z, expected = np.full(shape, np.nan), np.full(shape, np.nan)
    new = np.zeros(shape, dtype=bool)
    for place in range(days):
        at = values.shape[1] - days + place
        if at >= MIN_DAYS:
            before = logs[:, max(0, at - WEEKS * WEEK) : at]
            z[:, place], expected[:, place], new[:, place] = _judged(before, logs[:, at])
    came = values[:, values.shape[1] - days :]
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = (came - expected) / expected
    # What is usual may swing as it likes; its z has no place among the tests.
    p = np.where(new | np.isnan(z), two_sided(z), 1.0)
    q = np.full(shape, np.nan)
    for place in range(days):
        tested = np.isfinite(p[:, place])
        q[tested, place] = benjamini_hochberg(p[tested, place].tolist())
    with np.errstate(invalid="ignore"):
        told = (np.abs(z) > MOST_Z) & (np.abs(relative) > MOST_RELATIVE) & (q <= MOST_Q)
        told &= np.fmax(came, expected) >= minimum
    return Unusual(z, expected, relative, p, q, told)


def two_sided(z: Floats) -> Floats:
    """P of a day so far off or further."""
    from scipy.stats import t

    return np.asarray(2 * t.sf(np.abs(z), FREEDOM))


def _judged(before: Floats, today: Floats) -> tuple[Floats, Floats, Bools]:
    """Z and expected use of one day, and whether it is new: not as far off as days before last week. The last column of `before` is yesterday."""
    wanted = WEEKS * WEEK
    if before.shape[1] < wanted:
        lacking = np.full((len(before), wanted - before.shape[1]), np.nan)
        before = np.hstack([lacking, before])
    weeks = before.reshape(len(before), WEEKS, WEEK)
    effects = weekday_effects(weeks)
    adjusted = (weeks - effects[:, None, :]).reshape(len(before), wanted)
    middle = row_median(adjusted)
    # The first day of each week of `before` is today's weekday.
    expected = np.expm1(middle + effects[:, 0])
    spread = SMALL_SAMPLE * _MAD * row_median(np.abs(adjusted - middle[:, None]))
    counted = 1 / np.sqrt(1 + np.maximum(expected, 0))  # counts swing by their root at least
    spread = np.maximum(np.maximum(spread, FINEST_SPREAD), counted)
    known = (~np.isnan(adjusted)).sum(axis=1) >= MIN_DAYS
    known &= (~np.isnan(weeks[:, :, 0])).sum(axis=1) >= MIN_WEEKDAYS
    known &= ~on_and_off(weeks)
    off = today - middle - effects[:, 0]
    with np.errstate(invalid="ignore"):
        earlier = (adjusted - middle[:, None])[:, :-WEEK] * np.sign(off)[:, None]
        as_far = (earlier >= AS_FAR * np.abs(off)[:, None]).sum(axis=1)
    z = np.where(known, off / spread, np.nan)
    return z, np.where(known, np.maximum(expected, 0), np.nan), as_far <= USUAL_TIMES


def on_and_off(weeks: Floats) -> Bools:
    """The series (account, week, day) in which too many days are silent or used against their weekday's habit."""
    silent, used = (weeks == 0).sum(axis=1), (weeks > 0).sum(axis=1)
    against = np.minimum(silent, used).sum(axis=1)
    return np.asarray(against > ON_AND_OFF * (silent + used).sum(axis=1))


def weekday_effects(weeks: Floats) -> Floats:
    """What each weekday is above or below its own week, as the median over the weeks; so a new level moves none."""
    accounts, many, _ = weeks.shape
    of_week = row_median(weeks.reshape(accounts * many, WEEK)).reshape(accounts, many)
    above = (weeks - of_week[:, :, None]).transpose(0, 2, 1)
    return row_median(above.reshape(accounts * WEEK, many)).reshape(accounts, WEEK)
