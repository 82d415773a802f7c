"""False positives among forty metrics (W6), beside the best of 19 cuts by chi-squared."""

from __future__ import annotations

import numpy as np
from benchmarks.statistical.printing import beside, markdown
from benchmarks.statistical.worlds import World, w6

from tenure.signals import Config, learn_thresholds

CONFIG = Config(permutations=999)
CELLS = [(0, 200, 0.05, None, 11.3), (0, 500, 0.05, None, 12.7), (0, 2000, 0.02, None, 13.5),
         (4, 200, 0.06, 0.38, 10.7), (4, 500, 0.04, 0.81, 10.1), (4, 2000, 0.00, 1.00, 10.7)]  # fmt: skip


def naive(world: World, names: list[str]) -> int:
    """Metrics of which the best of 19 cuts at quantiles has chi-squared p < .05."""
    happened = np.array(world.table["churned"], dtype=bool)
    found = 0
    for name in names:
        values = np.array(world.table[name])
        known = ~np.isnan(values)
        best = 0.0
        for cut in np.quantile(values[known], np.arange(1, 20) / 20):
            low = values[known] <= cut
            table = np.array([[(happened[known] & side).sum(), (~happened[known] & side).sum()]
                              for side in (low, ~low)], dtype=float)  # fmt: skip
            expected = table.sum(1, keepdims=True) * table.sum(0) / table.sum()
            if (expected > 0).all():
                best = max(best, float(((table - expected) ** 2 / expected).sum()))
        found += best > 3.841
    return found


def noise(runs: int, stream: int) -> str:
    """The table of section 16.3."""
    rows = []
    for real, many, fdr, power, naively in CELLS:
        churns, wrong, false_share, right, naive_wrong = [], [], [], [], []
        for one in range(stream, stream + runs):
            world = w6(one, many, real)
            run = learn_thresholds(world.table, label="churned", metrics=world.metrics,
                                   segment="segment", config=CONFIG, stream=one)  # fmt: skip
            accepted = {r.metric.name for r in run if r.status in ("accepted", "provisional")}
            truly = set(world.truth["real"])
            churns.append(world.events)
            wrong.append(bool(accepted - truly))
            false_share.append(len(accepted - truly) / max(len(accepted), 1))
            right.append(len(accepted & truly) / max(len(truly), 1))
            naive_wrong.append(naive(world, sorted(set(world.metrics) - truly)))
        rows.append([f"{real} real" if real else "all noise", f"{many}, {np.mean(churns):.0f}", f"{np.mean(wrong):.2f}",
                     f"{np.mean(false_share):.3f} ({fdr:.2f}, at most .10)",
                     beside(right, power) if power is not None else "–", f"{np.mean(naive_wrong):.1f} ({naively})"])  # fmt: skip
    return markdown(
        ["world", "rows, churns", "any false accept", "false-discovery rate", "power", "naive"],
        rows,
    )


TABLES = {"noise": noise}
