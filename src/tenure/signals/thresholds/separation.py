"""Does a metric separate those it happened to from the others, and in which direction?

The two-sided maximally selected score statistic, stratified, against permutations inside the strata (Hothorn &
Lausen 2003). All metrics of a run share the same draws, so the largest of them gives the family-wise p
(Westfall & Young 1993).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.signals.rates import Z95, Interval
from tenure.signals.thresholds.bins import Counts, Floats, Grid, Ints

ROUNDING = 1e-9
"""Two sums of the same whole numbers may differ in their last bits; a tie must stay a tie."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Rows drawn as events: one row per draw, the strata side by side.

    `rows` has one column per event; `at` says where each stratum's columns begin, with the end at the end.
    """

    rows: NDArray[np.int32]
    at: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Separation:
    """The largest |Z| over the cuts, on which side the risk lies, and |Z| of every draw."""

    statistic: float
    low_is_risk: bool
    drawn: Floats

    @property
    def p(self) -> float:
        """Share of draws that reach the statistic, the data themselves counted in."""
        reached = int((self.drawn >= self.statistic - ROUNDING).sum())
        return (1 + reached) / (len(self.drawn) + 1)


def draw(strata: Ints, happened: NDArray[np.bool_], draws: int, rng: np.random.Generator) -> Draws:
    """In every stratum as many rows as there were events, without replacement, `draws` times."""
    parts, at = [], [0]
    for stratum in range(int(strata.max()) + 1):
        members = np.flatnonzero(strata == stratum).astype(np.int32)
        events = int(happened[members].sum())
        part = np.empty((draws, events), dtype=np.int32)
        for one in range(draws if events else 0):
            part[one] = rng.choice(len(members), size=events, replace=False, shuffle=False)
        parts.append(members[part] if events else part)
        at.append(at[-1] + events)
    return Draws(np.concatenate(parts, axis=1), tuple(at))


@dataclass(frozen=True, slots=True)
class Shares:
    """Per stratum (rows) and cut (columns): rows with a value, and the share of them at or below the cut."""

    sizes: Floats
    below: Floats
    allowed: NDArray[np.bool_]

    def expected(self, events: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of the events at or below each cut; `events` is per draw and stratum."""
        spread = np.where(self.sizes > 1, self.sizes - 1, 1.0)
        weight = np.where(self.sizes > 1, events * (self.sizes - events) / spread, 0.0)
        return events @ self.below, weight @ (self.below * (1 - self.below))


def shares(found: Grid, strata: Ints, min_rows: int) -> Shares:
    """The shares at or below every cut, and the cuts with enough rows on both sides."""
    known = found.bin >= 0
    kinds = int(strata.max()) + 1
    table = np.bincount(
        strata[known] * found.bins + found.bin[known], minlength=kinds * found.bins
    ).reshape(kinds, found.bins)
    sizes = table.sum(axis=1).astype(float)
    below = np.cumsum(table, axis=1)[:, :-1]
    total = below.sum(axis=0)
    allowed = (total >= min_rows) & (sizes.sum() - total >= min_rows)
    return Shares(sizes, below / np.maximum(sizes, 1.0)[:, None], allowed)


def score(events_below: Floats, events: Floats, within: Shares) -> Floats:
    """Z of every cut, per draw; 0 where a cut is not allowed or nothing varies."""
    mean, variance = within.expected(events)
    safe = np.where(variance > 1e-12, variance, 1.0)
    z = (events_below - mean) / np.sqrt(safe)
    return np.where((variance > 1e-12) & within.allowed, z, 0.0)


def separation(
    found: Grid, strata: Ints, happened: NDArray[np.bool_], draws: Draws, min_rows: int
) -> Separation:
    """The statistic of the data and of every draw."""
    within = shares(found, strata, min_rows)
    known = happened & (found.bin >= 0)
    below = np.cumsum(found.count(happened))[:-1].astype(float)
    events = np.bincount(strata[known], minlength=len(within.sizes)).astype(float)
    z = score(below[None, :], events[None, :], within)[0]
    largest = int(np.argmax(np.abs(z))) if len(z) else 0
    histogram, per_stratum = drawn_counts(found, draws)
    drawn = np.abs(score(np.cumsum(histogram, axis=1)[:, :-1].astype(float), per_stratum, within))
    return Separation(float(abs(z[largest])), bool(z[largest] > 0), drawn.max(axis=1))


def direction(found: Grid, strata: Ints, happened: NDArray[np.bool_], min_rows: int) -> bool | None:
    """Whether low values are the risk, without a test; None where no cut is allowed."""
    within = shares(found, strata, min_rows)
    if not within.allowed.any():
        return None
    known = happened & (found.bin >= 0)
    events = np.bincount(strata[known], minlength=len(within.sizes)).astype(float)
    below = np.cumsum(found.count(happened))[:-1].astype(float)
    z = score(below[None, :], events[None, :], within)[0]
    return bool(z[np.argmax(np.abs(z))] > 0)


def drawn_counts(found: Grid, draws: Draws) -> tuple[Ints, Floats]:
    """Events per draw and bin, and per draw and stratum, among the rows with a value."""
    width = found.bins + 1
    # The smallest type that holds every bin: the gather is bound by memory.
    small = np.dtype("u1" if found.bins < 255 else "i4")
    placed = np.asarray(np.where(found.bin < 0, found.bins, found.bin), dtype=small)[draws.rows]
    offset = (np.arange(len(draws), dtype=np.int64) * width)[:, None]
    histogram = np.bincount((placed + offset).ravel(), minlength=len(draws) * width)
    histogram = histogram.reshape(len(draws), width)
    known = placed < found.bins
    per_stratum = np.stack(
        [known[:, a:b].sum(axis=1) for a, b in zip(draws.at, draws.at[1:], strict=False)], axis=1
    )
    return histogram[:, :-1].astype(np.int64), per_stratum.astype(float)


def family_wise(found: list[Separation]) -> list[float]:
    """Per metric the share of draws in which the largest of all metrics' statistics reaches its own."""
    if not found:
        return []
    largest = np.max([one.drawn for one in found], axis=0)
    return [
        (1 + int((largest >= one.statistic - ROUNDING).sum())) / (len(largest) + 1) for one in found
    ]


def auc(found: Counts) -> Interval:
    """How often a row with the event lies further on the risky side than one without, ties counted half.

    The error is that of the placement values (DeLong's, from bins).
    """
    e, c = found.events.astype(float), (found.rows - found.events).astype(float)
    return _auc(e[None, :], c[None, :])


def auc_within(
    found: Grid, strata: Ints, happened: NDArray[np.bool_], *, low_is_risk: bool
) -> Interval:
    """The same inside the strata, each with the weight of its events: a row is held only against rows of its day.

    Without this a metric whose values and outcomes both drift over the landmarks would look like one that separates.
    """
    known, kinds = found.bin >= 0, int(strata.max()) + 1
    place = strata * found.bins + found.bin

    def table(chosen: NDArray[np.bool_]) -> Floats:
        held = np.bincount(place[known & chosen], minlength=kinds * found.bins)
        return held.reshape(kinds, found.bins)[:, :: 1 if low_is_risk else -1].astype(float)

    return _auc(table(happened), table(~happened))


def _auc(e: Floats, c: Floats) -> Interval:
    """From events and others by stratum and bin, the riskiest bin first."""
    both = (e.sum(axis=1) > 0) & (c.sum(axis=1) > 0)
    e, c = e[both], c[both]
    p, q = e.sum(axis=1), c.sum(axis=1)
    if p.sum() < 2 or q.sum() < 2:
        return Interval(np.nan, np.nan, np.nan)
    # Bin 0 is the riskiest: an event there lies before nearly all others.
    of_c = (np.cumsum(c, axis=1) - c / 2) / q[:, None]
    of_e = (np.cumsum(e, axis=1) - e / 2) / p[:, None]
    mean_c, mean_e = (e * of_c).sum() / p.sum(), (c * of_e).sum(axis=1) / q
    variance = (e * (of_c - mean_c) ** 2).sum() / (p.sum() - 1) / p.sum()
    own = (c * (of_e - mean_e[:, None]) ** 2).sum(axis=1) / np.maximum(q - 1, 1) / q
    variance += ((p / p.sum()) ** 2 * own).sum()
    estimate, half = float(1 - mean_c), float(Z95 * np.sqrt(variance))
    return Interval(estimate, max(0.0, estimate - half), min(1.0, estimate + half))
