"""A plain break is no band, and what a break alone is worth."""

from __future__ import annotations

import numpy as np
from planted_panels import rng

from tenure.signals import learn_thresholds
from tenure.signals.thresholds.band import band
from tenure.signals.thresholds.bins import Counts, counts, grid
from tenure.signals.thresholds.config import Config


def planted(number: int, rows: int, *, both_sides: bool) -> Counts:
    draws = rng(number)
    x = draws.integers(0, 30, rows)
    risky = (x < 5) | (x > 24) if both_sides else x < 10
    happened = draws.random(rows) < np.where(risky, 0.35, 0.06)
    return counts(grid(x.astype(float)), happened, low_is_risk=True)


def test_a_plain_break_is_no_band_and_risk_on_both_sides_is() -> None:
    config = Config()
    breaks = [band(planted(i, 300, both_sides=False), config, rng(i)) for i in range(20)]
    bands = [band(planted(i, 600, both_sides=True), config, rng(i)) for i in range(5)]

    assert sum(b is not None for b in breaks) <= 1
    assert all(b is not None and not b.risk_inside and b.p < config.band_p for b in bands)


def test_a_break_counts_for_what_its_line_catches_inside_each_landmark() -> None:
    """The order inside the zones is made to run against the break, so that the AUC of all values is below the gate."""
    draws = rng(3)
    x = draws.permutation(np.arange(1000.0))
    risk = np.where(x < 150, 0.15 + 0.1 * x / 150, 0.05 + 0.05 * (x - 150) / 850)
    happened = draws.random(1000) < risk
    table = {
        "account": [str(i) for i in range(1000)],
        "as_of": ["2026-01-01"] * 1000,
        "churned": happened.astype(int).tolist(),
        "x": x.tolist(),
    }
    found = learn_thresholds(table, label="churned", metrics=["x"])["x"]

    assert found.shape == "step"
    assert found.auc.estimate < 0.58
    assert found.status == "accepted"
