"""What is measured of a contender: ranking within an origin, a top list, probabilities against outcomes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tenure.signals.health_score.inputs import Floats
from tenure.signals.health_score.recalibrate import line
from tenure.signals.rates import Interval, wilson

BINS = 5


@dataclass(frozen=True, slots=True)
class Top:
    """The riskiest `k` accounts of an origin's book: how many had the event, and how much of all events that is.

    `recall_early` counts events at least 60 days after the origin, `arr_recall_share` weighs events by ARR; NaN where the
    day or the amount is not known. Sums over origins are made of counts.
    """

    k: int
    precision: float
    recall: float
    lift: float
    recall_early: float
    arr_recall_share: float


@dataclass(frozen=True, slots=True)
class Bin:
    """A fifth of the rows by probability: mean told, share that came with its Wilson interval."""

    n: int
    told: float
    came: Interval


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """One contender at one origin: probabilities, outcomes, accounts; days until the event and ARR, NaN if unknown."""

    p: Floats
    y: Floats
    accounts: tuple[str, ...]
    days_left: Floats
    arr: Floats

    def picked(self, k: int) -> Floats:
        """1 for the `k` riskiest. Equal risks share what is left of the list, so that row order decides nothing."""
        k = min(k, len(self.p))
        edge = np.sort(self.p)[::-1][k - 1]
        above, level = self.p > edge, self.p == edge
        return np.asarray(above + level * ((k - above.sum()) / level.sum()))


def pairs(events: Floats, others: Floats) -> Floats:
    """1 where the event has the larger value, one half where equal: events x others."""
    a, b = events[:, None], others[None, :]
    return np.asarray((a > b) + 0.5 * (a == b))


def top(told: list[Told], k: int | None) -> Top:
    """The top list over several origins; `k` accounts each, or a tenth of each book."""
    hit = n = events = rows = early = early_all = arr = arr_all = 0.0
    size = 0
    for one in told:
        size = k if k is not None else max(1, round(len(one.p) / 10))
        picked = one.picked(size)
        hit, n = hit + float(picked @ one.y), n + float(picked.sum())
        events, rows = events + float(one.y.sum()), rows + len(one.y)
        late = (one.days_left >= 60) & (one.y > 0)
        early += float(picked @ late)
        early_all += float((~np.isnan(one.days_left) * one.y).sum())
        paid = np.nan_to_num(one.arr) * one.y
        arr, arr_all = arr + float(picked @ paid), arr_all + float(paid.sum())
    precision = hit / n
    return Top(
        size,
        float(precision),
        float(hit / events),
        float(precision / (events / rows)),
        float(early / early_all) if early_all else math.nan,
        float(arr / arr_all) if arr_all else math.nan,
    )


def brier(p: Floats, y: Floats) -> float:
    """Mean squared distance of probabilities from outcomes."""
    return float(((p - y) ** 2).mean())


def calibration(p: Floats, y: Floats) -> tuple[float, float]:
    """Intercept and slope of the outcomes on the log-odds: 0 and 1 where the probabilities are right.

    NaN where every probability is the same or the outcomes are all alike.
    """
    if np.ptp(p) == 0 or not 0 < y.sum() < len(y):
        return math.nan, math.nan
    return line(p, y, slope=True)


def reliability(p: Floats, y: Floats) -> tuple[Bin, ...]:
    """Five bins of equal size by probability, lowest first; fewer where there are fewer rows."""
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return tuple(
        Bin(len(part), float(p[part].mean()), wilson(float(y[part].sum()), len(part)))
        for part in parts
    )
