"""Confounders and proxies (W7)."""

from __future__ import annotations

from collections import Counter

import numpy as np
from benchmarks.statistical.printing import beside, markdown
from benchmarks.statistical.worlds import w7

from tenure.signals import Config, learn_thresholds

CONFIG = Config(permutations=999)
CELLS = [(0.5, 800, 0.07, 0.08), (0.5, 2500, 0.05, 0.00), (0.7, 800, 0.03, 0.05), (0.7, 2500, 0.00, 0.02),
         (0.9, 800, 0.13, 0.08), (0.9, 2500, 0.00, 0.02)]  # fmt: skip


def screens(runs: int, stream: int) -> str:
    """The table of section 16.4, with the words the three metrics earned."""
    rows = []
    for rho, many, shadow_target, segment_target in CELLS:
        churns = []
        words: dict[str, Counter[str]] = {n: Counter() for n in ("cause", "shadow", "segment_only")}
        for one in range(stream, stream + runs):
            world = w7(one, many, rho)
            run = learn_thresholds(world.table, label="churned", metrics=world.metrics,
                                   segment="segment", config=CONFIG, stream=one)  # fmt: skip
            churns.append(world.events)
            for name, counted in words.items():
                counted[run[name].status] += 1
        took = {
            n: [w in ("accepted", "provisional") for w in c.elements()] for n, c in words.items()
        }
        rows.append([f"{rho}", f"{many}, {np.mean(churns):.0f}", beside(took["cause"], 1.0),
                     f"{np.mean(took['shadow']):.2f} ({shadow_target:.2f})",
                     f"{np.mean(took['segment_only']):.2f} ({segment_target:.2f})",
                     *(", ".join(f"{w} {k}" for w, k in c.most_common()) for c in words.values())])  # fmt: skip
    return markdown(["ρ", "rows, churns", "cause", "proxy accepted", "segment-only accepted",
                     "cause is", "proxy is", "segment-only is"], rows)  # fmt: skip


TABLES = {"screens": screens}
