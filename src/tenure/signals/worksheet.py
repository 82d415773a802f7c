"""The worksheet of a metric: those it happened to beside those it did not, in the words teams use.

A share among churned accounts says nothing until the same share among retained ones stands beside it. The others
are those of the same landmark, weighted as the events fall on landmarks, so that a season is no difference. The
pattern over weeks and where it crossed need weekly values and are not in a panel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.signals.panel import Panel
from tenure.signals.rates import Interval, wilson
from tenure.signals.thresholds.learned import Learned
from tenure.signals.thresholds.lines import Zone

Floats = NDArray[np.float64]
REVIEW = "quarterly"


@dataclass(frozen=True, slots=True)
class Side:
    """One group: rows with a value, average, median (None: nobody), share beyond the line, share missing."""

    rows: int
    average: float | None
    median: float | None
    beyond: Interval
    missing: Interval

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "rows": self.rows,
            "average": self.average,
            "median": self.median,
            "beyond": self.beyond.to_list(),
            "missing": self.missing.to_list(),
        }


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A metric's two groups side by side, its lines, its source and how often to look again."""

    metric: str
    happened: Side
    others: Side
    at_risk: Zone
    healthy: Zone
    source: str
    window: tuple[str, str]
    review: str = REVIEW

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "metric": self.metric,
            "happened": self.happened.to_dict(),
            "others": self.others.to_dict(),
            "at_risk": self.at_risk.to_dict(),
            "healthy": self.healthy.to_dict(),
            "source": self.source,
            "window": list(self.window),
            "review": self.review,
        }


def worksheet(panel: Panel, learned: Learned) -> Worksheet:
    """The worksheet of one metric of the panel it was learned on."""
    at = [metric.name for metric in panel.metrics].index(learned.metric.name)
    values = panel.x[:, at]
    events = np.bincount(panel.stratum[panel.happened], minlength=len(panel.strata))
    others = np.bincount(panel.stratum[~panel.happened], minlength=len(panel.strata))
    weights = events / np.maximum(others, 1)
    return Worksheet(
        learned.metric.name,
        _side(values, np.where(panel.happened, 1.0, 0.0), learned.at_risk),
        _side(values, np.where(panel.happened, 0.0, weights[panel.stratum]), learned.at_risk),
        learned.at_risk,
        learned.healthy,
        learned.metric.source or "plain table",
        (learned.evidence.first, learned.evidence.last),
    )


def _side(values: Floats, weight: Floats, zone: Zone) -> Side:
    """Weighted figures; the intervals go by the rows that the weights are worth (Kish)."""
    inside, known = weight > 0, ~np.isnan(values)
    seen, heavy = values[inside & known], weight[inside & known]
    beyond = _share(zone.holds(values)[inside & known], heavy)
    missing = _share(~known[inside], weight[inside])
    if not len(seen):
        return Side(0, None, None, beyond, missing)
    average = float(np.average(seen, weights=heavy))
    return Side(len(seen), average, _median(seen, heavy), beyond, missing)


def _median(values: Floats, weight: Floats) -> float:
    """The value at half the weight; between two values where half falls exactly between them."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    half = reached[-1] / 2
    at = int(np.searchsorted(reached, half * (1 - 1e-12)))
    exact = abs(reached[at] - half) <= 1e-9 * reached[-1] and at + 1 < len(values)
    ordered = values[order]
    return float((ordered[at] + ordered[at + 1]) / 2 if exact else ordered[at])


def _share(mask: NDArray[np.bool_], weight: Floats) -> Interval:
    total = float(weight.sum())
    if not total:
        return wilson(0, 0)
    worth = total**2 / float((weight**2).sum())
    share = min(1.0, float(weight[mask].sum()) / total)
    return wilson(share * worth, worth)
