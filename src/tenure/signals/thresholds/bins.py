"""A metric's values on a grid that was made without looking at the outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Candidate cuts of one metric, rising, and what is needed to read them.

    `bin` of a row is the number of cuts below its value, -1 where it is missing: value <= cuts[j] is bin <= j.
    `centers` are the middles of the bins, at both ends the median of the rows there. `low` and `high` are
    the smallest and largest value, `middle` the 1st and 99th percentile. `whole`: only whole numbers.
    """

    cuts: Floats
    bin: Ints
    centers: Floats
    low: float
    high: float
    middle: tuple[float, float]
    whole: bool

    @property
    def bins(self) -> int:
        """How many bins there are."""
        return len(self.cuts) + 1

    def count(self, mask: NDArray[np.bool_] | None = None) -> Ints:
        """Rows per bin, of those in the mask."""
        kept = self.bin >= 0 if mask is None else (self.bin >= 0) & mask
        return np.bincount(self.bin[kept], minlength=self.bins).astype(np.int64)


def grid(values: Floats, max_bins: int = 64) -> Grid:
    """The grid of a metric: all midpoints up to `max_bins` distinct values, else those after the quantiles.

    Missing values are NaN. Without two distinct values there is no cut and one bin.
    """
    known = np.sort(values[~np.isnan(values)])
    distinct = np.unique(known)
    if len(distinct) < 2:
        low, high = (known[0], known[-1]) if len(known) else (np.nan, np.nan)
        only = np.where(np.isnan(values), -1, 0).astype(np.int64)
        ends = (float(low), float(high))
        return Grid(np.empty(0), only, distinct[:1], *ends, middle=ends, whole=False)
    if len(distinct) <= max_bins:
        below, above = distinct[:-1], distinct[1:]
    else:
        at = np.ceil(len(known) * np.arange(1, max_bins) / max_bins).astype(int) - 1
        below = np.unique(known[at])
        follows = np.searchsorted(distinct, below, side="right")
        below, follows = below[follows < len(distinct)], follows[follows < len(distinct)]
        above = distinct[follows]
    cuts = (below + above) / 2
    # Between two neighboring floats there is no middle: the cut then stands on the lower one.
    cuts = np.where(cuts >= above, below, cuts)
    placed = np.where(np.isnan(values), -1, np.searchsorted(cuts, values, side="left"))
    whole = bool(np.all(distinct == np.round(distinct)))
    return Grid(
        cuts,
        placed.astype(np.int64),
        _centers(known, cuts),
        float(known[0]),
        float(known[-1]),
        (float(np.quantile(known, 0.01)), float(np.quantile(known, 0.99))),
        whole,
    )


def _centers(known: Floats, cuts: Floats) -> Floats:
    first = np.median(known[: np.searchsorted(known, cuts[0], side="right")])
    last = np.median(known[np.searchsorted(known, cuts[-1], side="right") :])
    return np.concatenate([[first], (cuts[:-1] + cuts[1:]) / 2, [last]])


@dataclass(frozen=True, slots=True)
class Counts:
    """Events and rows per bin, turned so that bin 0 is the riskiest end.

    `cut(j)` is the value of the cut behind bin j of this order.
    """

    events: Ints
    rows: Ints
    grid: Grid
    low_is_risk: bool

    def cut(self, j: int) -> float:
        """The value of the cut behind the j-th bin."""
        cuts = self.grid.cuts
        return float(cuts[j] if self.low_is_risk else cuts[len(cuts) - 1 - j])

    def centers(self) -> Floats:
        """Middles of the bins in this order."""
        return self.grid.centers if self.low_is_risk else self.grid.centers[::-1]

    @property
    def base(self) -> float:
        """Events per row, over all bins."""
        return float(self.events.sum() / self.rows.sum())


def counts(found: Grid, happened: NDArray[np.bool_], *, low_is_risk: bool) -> Counts:
    """Rows and events per bin, the riskiest end first."""
    events, rows = found.count(happened), found.count()
    if not low_is_risk:
        events, rows = events[::-1].copy(), rows[::-1].copy()
    return Counts(events, rows, found, low_is_risk)
