"""How a metric's values lie among rows where it happened and where it did not, small enough to be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.signals.rates import Interval, wilson
from tenure.signals.thresholds.bins import Floats

PARTS, STEPS = 10, 30


@dataclass(frozen=True, slots=True)
class Bin:
    """The rows between two values and the events among them.

    `low` and `high` are the smallest and largest value in a part of equal size, the edges in a step of equal width.
    """

    low: float
    high: float
    rows: int
    events: int

    @property
    def rate(self) -> Interval:
        """Events per row with Wilson's interval."""
        return wilson(self.events, self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "low": self.low,
            "high": self.high,
            "rows": self.rows,
            "events": self.events,
            "rate": self.rate.to_list(),
        }


def parts(values: Floats, happened: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Up to ten parts of about equal size, equal values in one part; every known row is in one."""
    known = ~np.isnan(values)
    x, y = values[known], happened[known]
    if not len(x):
        return ()
    edges = np.unique(np.quantile(x, np.arange(1, PARTS) / PARTS, method="lower"))
    place = np.searchsorted(edges, x, side="left")
    masks = (place == i for i in range(len(edges) + 1))
    return tuple(
        Bin(float(x[m].min()), float(x[m].max()), int(m.sum()), int(y[m].sum()))
        for m in masks
        if m.any()
    )


def steps(values: Floats, happened: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Steps of equal width over the 1st to 99th percentile; rows outside are in the first and last step."""
    known = np.isfinite(values)
    x, y = values[known], happened[known]
    if not len(x):
        return ()
    low, high = np.quantile(x, [0.01, 0.99])
    whole = bool(np.all(x == np.round(x)))
    if whole:
        width = max(1.0, float(np.ceil((high - low + 1) / STEPS)))
        edges = np.arange(np.floor(low) - 0.5, high + width, width)
    else:
        if low == high:
            low, high = low - 0.5, high + 0.5
        edges = np.linspace(low, high, STEPS + 1)
    place = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2)
    rows = np.bincount(place, minlength=len(edges) - 1)
    events = np.bincount(place[y], minlength=len(edges) - 1)
    return tuple(
        Bin(float(a), float(b), int(n), int(k))
        for a, b, n, k in zip(edges[:-1], edges[1:], rows, events, strict=True)
    )
