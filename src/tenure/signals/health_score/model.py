"""A score model: frozen scales, weights and reference book, so that its numbers do not move when the book does."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tenure.signals.health_score.columns import Scale, matrix, owners
from tenure.signals.health_score.fit import expit
from tenure.signals.health_score.inputs import Floats, Stage

Colour = Literal["red", "amber", "green", ""]
RED_FROM = 2.0
"""Times the base rate from which a learned score is red; below once the base rate it is green."""
TOO_LITTLE_TO_SHARE = 0.1
"""Total distance from a healthy account, in log-odds, below which points cannot be shared out."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one metric does to a score: log-odds against a healthy account, and points where they can be shared."""

    metric: str
    log_odds: float
    points: int | None


@dataclass(frozen=True, slots=True, eq=False)
class ScoreModel:
    """Everything a score is made of. Weights are log-odds per standard deviation (an opinion: parts of an index).

    `reference` holds the sorted inner values of the last training landmarks, `healthy` the columns of their median
    healthy account. `lam` and `base` are NaN for an opinion.
    """

    stage: Stage
    scales: tuple[Scale, ...]
    intercept: float
    weights: Floats
    reference: Floats
    healthy: Floats
    base: float = math.nan
    lam: float = math.nan

    @property
    def version(self) -> str:
        """A name that changes with anything the numbers depend on; slopes never cross it."""
        told = repr((self.scales, self.intercept, self.weights.tolist(), self.reference.tolist()))
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def columns(self, values: Mapping[str, Floats], rows: int) -> Floats:
        """The rows as columns of the model."""
        return matrix(self.scales, values, rows)

    def inner(self, x: Floats) -> Floats:
        """Log-odds of the event; for an opinion the index. Larger is riskier."""
        return np.asarray(self.intercept + x @ self.weights)

    def probability(self, x: Floats) -> Floats:
        """P(event within the horizon), NaN for an opinion: an opinion has no probability."""
        if not self.stage.is_learned:
            return np.full(len(x), np.nan)
        return expit(self.inner(x))

    def score(self, x: Floats) -> NDArray[np.int64]:
        """0 to 100: the share of the reference book that is riskier, ties counted half."""
        # Many equal columns give equal sums; a last bit that differs must not split a tie.
        inner, book = np.round(self.inner(x), 12), np.round(self.reference, 12)
        below = np.searchsorted(book, inner, side="left")
        upto = np.searchsorted(book, inner, side="right")
        return np.asarray(np.rint(100 * (1 - (below + upto) / (2 * len(book)))).astype(np.int64))

    @property
    def healthy_score(self) -> int:
        """The score of the median healthy account: where every explanation starts."""
        return int(self.score(self.healthy[None, :])[0])

    def explain(self, row: Floats) -> tuple[Part, ...]:
        """The score of one row, shared among the metrics so that healthy score and points add up to it.

        Along the straight way from the healthy account to this one the score depends on the log-odds alone, so a
        metric's share of the way is its share of the points. Whole points are kept by largest remainders.
        """
        moved = self.weights * (row - self.healthy)
        by_metric: dict[str, float] = {each.metric: 0.0 for each in self.scales}
        for (metric, _), part in zip(owners(self.scales), moved.tolist(), strict=True):
            by_metric[metric] += part
        total = sum(by_metric.values())
        gap = int(self.score(row[None, :])[0]) - self.healthy_score
        if abs(total) < TOO_LITTLE_TO_SHARE:
            points: list[int | None] = [None] * len(by_metric)
        else:
            points = list(whole([gap * part / total for part in by_metric.values()], gap))
        parts = [Part(m, c, p) for (m, c), p in zip(by_metric.items(), points, strict=True)]
        return tuple(sorted(parts, key=lambda part: (-abs(part.log_odds), part.metric)))

    def colour(self, p: float, score: int, bands: tuple[float, float] | None = None) -> Colour:
        """Colour by risk where it was learned; by bands (red below, green from) only for an opinion, if set."""
        if self.stage.is_learned:
            return "red" if p >= RED_FROM * self.base else "green" if p < self.base else "amber"
        if bands is None:
            return ""
        return "red" if score < bands[0] else "green" if score >= bands[1] else "amber"

    def weight_table(self) -> list[dict[str, Any]]:
        """One row per column: metric, kind, weight."""
        rows = zip(owners(self.scales), self.weights.tolist(), strict=True)
        return [{"metric": m, "column": kind, "weight": w} for (m, kind), w in rows]


def whole(parts: list[float], total: int) -> list[int]:
    """Whole numbers near `parts` that add up to `total`: largest remainders, the first of equals."""
    floors = [math.floor(part) for part in parts]
    rest = [part - floor for part, floor in zip(parts, floors, strict=True)]
    order = sorted(range(len(parts)), key=lambda i: (-rest[i], i))
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return floors
