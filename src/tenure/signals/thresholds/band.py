"""Risk on both sides, or in the middle: a band is reported and never forced into one line.

Three free zones are compared with the best ordered ones. The comparison is judged by data drawn from ordered fits:
shuffled outcomes would judge it by a world without any relation, in which ordered zones fit anything better, and
call a plain break a band five times as often as they should. Drawn from the best ordered zones and from the best single
break: free zones gain most by chance where risk is level on both sides of one break, and that is the likeliest truth
that is taken for a band.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenure.signals.thresholds.bins import Counts, Floats
from tenure.signals.thresholds.config import Config
from tenure.signals.thresholds.cuts import one_cut, two_cuts
from tenure.signals.thresholds.second_cut import zone_rates

CHUNK = 64
HOPELESS = 3.0
"""A smaller gain in likelihood is never rare among ordered risks; the draws are saved."""


@dataclass(frozen=True, slots=True)
class Band:
    """The middle zone between two cuts (places on the rising grid) and whether the risk lies inside it."""

    first: int
    second: int
    risk_inside: bool
    p: float


def band(found: Counts, config: Config, rng: np.random.Generator) -> Band | None:
    """The band, where three free zones fit significantly better than ordered ones; None otherwise."""
    events, rows = found.events[None, :].astype(float), found.rows.astype(float)
    gain = _gains(events, rows, config)[0]
    if not gain > HOPELESS:
        return None
    p = 0.0
    for rates in _ordered(found, config):
        p = max(p, _rarity(found, rates, gain, config, rng))
        if p >= config.band_p:
            return None
    (a,), (b,) = two_cuts(events, rows, config, falling=False).at
    edges = [(0, a + 1), (a + 1, b + 1), (b + 1, len(rows))]
    happened = [int(found.events[i:j].sum()) for i, j in edges]
    left, middle, right = (e / rows[i:j].sum() for e, (i, j) in zip(happened, edges, strict=True))
    if min(left, right) <= middle <= max(left, right):
        return None
    inside = bool(middle > left)
    if min(happened[1:2] if inside else happened[::2]) < config.min_zone_events:
        return None
    first, second = (int(a), int(b)) if found.low_is_risk else _turned(int(a), int(b), len(rows))
    return Band(first, second, inside, p)


def _turned(a: int, b: int, bins: int) -> tuple[int, int]:
    """Places of cuts counted from the other end."""
    return bins - 2 - b, bins - 2 - a


def _ordered(found: Counts, config: Config) -> list[Floats]:
    """The rates of the best ordered zones and of the best single break; of no relation where there is none."""
    events, rows = found.events[None, :].astype(float), found.rows.astype(float)
    two, one = two_cuts(events, rows, config), one_cut(events, rows, config)
    made = []
    if np.isfinite(two.best[0]):
        (a,), (b,) = two.at
        made.append(zone_rates(found, (int(a), int(b))))
    if np.isfinite(one.best[0]):
        made.append(zone_rates(found, (int(one.at[0]),)))
    return made or [zone_rates(found, ())]


def _rarity(
    found: Counts, rates: Floats, gain: float, config: Config, rng: np.random.Generator
) -> float:
    """How often data with these rates gain as much, the data themselves counted in."""
    rows = found.rows.astype(float)
    drawn = rng.binomial(found.rows, rates, size=(config.bootstrap_band, len(rates))).astype(float)
    parts = [_gains(drawn[i : i + CHUNK], rows, config) for i in range(0, len(drawn), CHUNK)]
    reached = int((np.concatenate(parts) >= gain - 1e-9).sum())
    return (1 + reached) / (len(drawn) + 1)


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
