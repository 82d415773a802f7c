"""Risk on both sides, or in the middle: a band is reported and never forced into one line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenure.signals.thresholds.bins import Counts, Floats
from tenure.signals.thresholds.config import Config
from tenure.signals.thresholds.cuts import one_cut, two_cuts
from tenure.signals.thresholds.separation import Draws, drawn_counts

ENOUGH = 499
"""Draws looked at; p below .01 needs no more."""
CHUNK = 64
HOPELESS = 3.0
"""A smaller gain in likelihood is never rare among shuffled outcomes; the draws are saved."""


@dataclass(frozen=True, slots=True)
class Band:
    """The middle zone between two cuts (places on the rising grid) and whether the risk lies inside it."""

    first: int
    second: int
    risk_inside: bool
    p: float


def band(found: Counts, draws: Draws, config: Config) -> Band | None:
    """The band, where three free zones fit significantly better than falling ones; None otherwise."""
    turn = slice(None) if found.low_is_risk else slice(None, None, -1)
    events, rows = found.events[turn], found.rows[turn].astype(float)
    gain = _gains(events[None, :].astype(float), rows, config)[0]
    if not gain > HOPELESS:
        return None
    histogram, _ = drawn_counts(found.grid, draws)
    drawn = histogram[:ENOUGH].astype(float)
    parts = [_gains(drawn[i : i + CHUNK], rows, config) for i in range(0, len(drawn), CHUNK)]
    reached = int((np.concatenate(parts) >= gain - 1e-9).sum())
    p = (1 + reached) / (len(drawn) + 1)
    if p >= config.band_p:
        return None
    (a,), (b,) = two_cuts(events[None, :].astype(float), rows, config, falling=False).at
    edges = [(0, a + 1), (a + 1, b + 1), (b + 1, len(rows))]
    left, middle, right = (events[i:j].sum() / rows[i:j].sum() for i, j in edges)
    if min(left, right) > middle or max(left, right) < middle:
        return Band(int(a), int(b), bool(middle > left), p)
    return None


def _gains(events: Floats, rows: Floats, config: Config) -> Floats:
    """What three free zones add to the best falling or rising ones, per data set."""
    free = two_cuts(events, rows, config, falling=False).best
    turned, turned_rows = events[:, ::-1], rows[::-1]
    ordered = np.max(
        [
            one_cut(events, rows, config).best,
            two_cuts(events, rows, config).best,
            one_cut(turned, turned_rows, config).best,
            two_cuts(turned, turned_rows, config).best,
        ],
        axis=0,
    )
    return np.where(np.isfinite(free) & np.isfinite(ordered), free - ordered, 0.0)
