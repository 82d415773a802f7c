"""From values to the columns a score weighs: turned so that larger is riskier, cut at the tails, in deviations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tenure.signals.health_score.inputs import ZONED, Floats, Input

Kind = Literal["value", "missing", "at_risk", "beyond_healthy"]
MISSING_FROM = 0.05
"""Share of missing training rows above which being missing is a column of its own."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How one metric's values become columns; frozen with the model.

    `low`, `high`, `mean` and `deviation` belong to the turned values (times `sign`), the lines too.
    """

    metric: str
    sign: int
    low: float
    high: float
    mean: float
    deviation: float
    kinds: tuple[Kind, ...]
    at_risk: float = 0.0
    healthy: float = 0.0

    def columns(self, values: Floats) -> Floats:
        """One row per value, one column per kind; a missing value is average and in no zone."""
        turned = self.sign * values
        lost = np.isnan(turned)
        z = (np.clip(turned, self.low, self.high) - self.mean) / self.deviation
        # Comparisons with NaN are false, so a missing value lies beyond no line.
        made = {
            "value": np.where(lost, 0.0, z),
            "missing": lost.astype(float),
            "at_risk": (turned > self.at_risk).astype(float),
            "beyond_healthy": (turned > self.healthy).astype(float),
        }
        return np.column_stack([made[kind] for kind in self.kinds])


def scale(one: Input, values: Floats, *, zones: bool) -> Scale:
    """The scale of a metric, from the training rows: tails cut at the 2nd and 98th percentile.

    Args:
        one: the metric with its direction.
        values: the training rows' values, at least two different ones within those percentiles.
        zones: whether the learned lines become columns.
    """
    turned = one.sign * values[~np.isnan(values)]
    low, high = np.percentile(turned, [2, 98])
    cut = np.clip(turned, low, high)
    kinds: list[Kind] = ["value"]
    if np.isnan(values).mean() > MISSING_FROM:
        kinds.append("missing")
    at_risk, healthy = one.at_risk_line, one.healthy_line
    if zones and one.status in ZONED:
        kinds += ["at_risk"] if at_risk is not None else []
        kinds += ["beyond_healthy"] if healthy is not None else []
    return Scale(
        one.metric,
        one.sign,
        float(low),
        float(high),
        float(cut.mean()),
        float(cut.std()),
        tuple(kinds),
        one.sign * (at_risk or 0.0),
        one.sign * (healthy or 0.0),
    )


def matrix(scales: Sequence[Scale], values: Mapping[str, Floats], rows: int) -> Floats:
    """All columns of all metrics side by side, one row per account and date."""
    parts = [each.columns(values[each.metric]) for each in scales]
    return np.hstack(parts) if parts else np.zeros((rows, 0))


def owners(scales: Sequence[Scale]) -> list[tuple[str, Kind]]:
    """The metric and the kind of every column, in the order of `matrix`."""
    return [(each.metric, kind) for each in scales for kind in each.kinds]
