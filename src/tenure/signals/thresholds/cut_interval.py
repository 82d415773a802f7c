"""How far a cut could lie: likelihood-ratio inversion, calibrated by data drawn from the fitted zones.

Never the ordinary percentile bootstrap: it is inconsistent for change points (Seijo & Sen 2011).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tenure.signals.thresholds.bins import Counts, Floats
from tenure.signals.thresholds.config import Config
from tenure.signals.thresholds.cuts import one_cut, two_cuts
from tenure.signals.thresholds.second_cut import zone_rates


@dataclass(frozen=True, slots=True)
class CutInterval:
    """A cut between its limits, as places on the grid turned by risk and as values.

    `risky` and `safe` are the limits on either side; `low` and `high` the same in the order of numbers.
    `optimism` is how much the rate of the zone that the fit itself chose exceeds the true one, over the draws.
    """

    at: int
    value: float
    risky: float
    safe: float
    optimism: float = 0.0

    @property
    def low(self) -> float:
        """The smaller limit."""
        return min(self.risky, self.safe)

    @property
    def high(self) -> float:
        """The larger limit."""
        return max(self.risky, self.safe)


def intervals(
    found: Counts, cuts: tuple[int, ...], config: Config, rng: np.random.Generator
) -> tuple[CutInterval, ...]:
    """The 95 % interval of each cut of a fit with one or two."""
    rows = found.rows.astype(float)
    rates = zone_rates(found, cuts, soft=True)
    drawn = rng.binomial(found.rows, rates, size=(config.bootstrap_cut, len(rates))).astype(float)
    own = _profiles(found.events[None, :].astype(float), rows, config, cuts=len(cuts))
    theirs = _profiles(drawn, rows, config, cuts=len(cuts))
    optimism = _optimism(drawn, rows, rates, theirs[0])
    ends = []
    for place, cut in enumerate(cuts):
        limit = _quantile(_distance(theirs[place])[:, cut], theirs[place])
        inside = np.flatnonzero(_distance(own[place])[0] <= limit)
        low, high = int(min(inside.min(), cut)), int(max(inside.max(), cut))
        ends.append(_widened(found, cut, low, high, optimism if place == 0 else 0.0))
    return tuple(ends)


def _profiles(events: Floats, rows: Floats, config: Config, *, cuts: int) -> list[Floats]:
    if cuts == 1:
        return [one_cut(events, rows, config).profile]
    both = two_cuts(events, rows, config)
    return [both.first, both.second]


def _distance(profile: Floats) -> Floats:
    best = profile.max(axis=1, keepdims=True)
    fitted = np.isfinite(best)
    return np.where(
        np.isfinite(profile) & fitted, 2 * (np.where(fitted, best, 0.0) - profile), np.inf
    )


def _quantile(distances: Floats, profile: Floats) -> float:
    """The 95 % quantile over the draws that have any fit; an impossible cut is infinitely far."""
    kept = np.sort(distances[np.isfinite(profile.max(axis=1))])
    if not len(kept):
        return math.inf
    # A cut that no draw allows must not make a NaN of infinity minus infinity.
    limit = float(kept[min(len(kept) - 1, math.ceil(0.95 * len(kept)) - 1)])
    return limit + 1e-9 if math.isfinite(limit) else 1e300


def _widened(found: Counts, cut: int, low: int, high: int, optimism: float) -> CutInterval:
    """One cell more on each side; at the ends the smallest or largest value there is."""
    last = len(found.rows) - 2
    near = found.grid.low if found.low_is_risk else found.grid.high
    far = found.grid.high if found.low_is_risk else found.grid.low
    risky = found.cut(low - 1) if low > 0 else near
    safe = found.cut(high + 1) if high < last else far
    return CutInterval(cut, found.cut(cut), risky, safe, optimism)


def _optimism(drawn: Floats, rows: Floats, rates: Floats, profile: Floats) -> float:
    fitted = np.isfinite(profile.max(axis=1))
    if not fitted.any():
        return 0.0
    at, which = profile.argmax(axis=1)[fitted], np.flatnonzero(fitted)
    inside = np.cumsum(rows)[at]
    seen = np.cumsum(drawn, axis=1)[which, at] / inside
    true = np.cumsum(rows * rates)[at] / inside
    return max(0.0, float((seen - true).mean()))
