"""Is there a second break? A parametric bootstrap from the best single one."""

from __future__ import annotations

import numpy as np

from tenure.signals.thresholds.bins import Counts, Floats
from tenure.signals.thresholds.config import Config
from tenure.signals.thresholds.cuts import one_cut, two_cuts


def second_cut_p(found: Counts, at: int, config: Config, rng: np.random.Generator) -> float:
    """The p of a second cut beside the one at `at`: how often one break alone makes as large a gain."""
    rows = found.rows.astype(float)
    gain = gains(found.events[None, :].astype(float), rows, config)[0]
    if gain <= 0:
        return 1.0
    rates = zone_rates(found, (at,))
    drawn = rng.binomial(found.rows, rates, size=(config.bootstrap_second, len(rates)))
    reached = int((gains(drawn.astype(float), rows, config) >= gain - 1e-9).sum())
    return (1 + reached) / (config.bootstrap_second + 1)


def gains(events: Floats, rows: Floats, config: Config) -> Floats:
    """Likelihood that the second cut adds, per data set; 0 where no two fit."""
    one, two = one_cut(events, rows, config).best, two_cuts(events, rows, config).best
    fits = np.isfinite(two) & np.isfinite(one)
    return np.where(fits, np.where(fits, two, 0.0) - np.where(fits, one, 0.0), 0.0)


def zone_rates(found: Counts, cuts: tuple[int, ...], *, soft: bool = False) -> Floats:
    """Each bin's rate by the zone it lies in; `soft` adds a quarter of an event to half a row, against zeros."""
    rates = np.empty(len(found.rows))
    edges = [0, *(cut + 1 for cut in cuts), len(found.rows)]
    for a, b in zip(edges, edges[1:], strict=False):
        events, rows = found.events[a:b].sum(), found.rows[a:b].sum()
        rates[a:b] = (events + 0.25) / (rows + 0.5) if soft else events / max(rows, 1)
    return rates
