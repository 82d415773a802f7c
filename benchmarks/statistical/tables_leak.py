"""A metric rewritten after the exit (W8): the naive panel takes it, the one that knows only what was known does not."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import numpy as np
from benchmarks.statistical import worlds
from benchmarks.statistical.printing import markdown, middle

from tenure.signals import learn_thresholds
from tenure.signals.leak import knowledge_leaks
from tenure.signals.readings import Asked, Readings, mean_of_last
from tenure.signals.thresholds.metric import Metric

START = date(2025, 1, 6)
HORIZON_WEEKS = 13


def panels(world: worlds.Readings) -> dict[str, list[Any]]:
    """One row per account and landmark it lives at: the mean of the last four readings, naive and as known then."""
    readings = Readings(world.account, world.observed, world.recorded, world.value)
    account, landmark = np.meshgrid(np.arange(len(world.left)), world.landmarks)
    account, landmark = account.ravel(), landmark.ravel()
    alive = world.left[account] > landmark
    account, landmark = account[alive], landmark[alive]
    left = world.left[account]
    asked = Asked(account, landmark)
    return {
        "account": [f"a{a}" for a in account],
        "as_of": [START + timedelta(weeks=int(w)) for w in landmark],
        "churned": ((left > landmark) & (left <= landmark + HORIZON_WEEKS)).astype(int).tolist(),
        "naive": mean_of_last(readings, asked, last=4, as_known_then=False).tolist(),
        "known": mean_of_last(readings, asked, last=4).tolist(),
    }


def leak(runs: int, stream: int) -> str:
    """The figures of section 16.5."""
    words = {"naive": Counter[str](), "known": Counter[str]()}
    auc: dict[str, list[float]] = {"naive": [], "known": []}
    fired = []
    for one in range(stream, stream + runs):
        table = panels(worlds.w8(one))
        for name, counted in words.items():
            result = learn_thresholds(table, label="churned", metrics=[name], stream=one)[name]
            counted[result.status] += 1
            auc[name].append(result.auc.estimate)
        x = [np.array(table[name])[:, None] for name in ("naive", "known")]
        fired.append(bool(knowledge_leaks([Metric("x")], *x, np.array(table["churned"]) == 1)))
    rows = [[name, middle(auc[name], 2), ", ".join(f"{w} {k}" for w, k in c.most_common())]
            for name, c in words.items()]  # fmt: skip
    return markdown(["panel", "AUC (.72 naive, .52 known)", "is"], rows) + (
        f"\n\nThe finding fired in {sum(fired)} of {runs} runs (target: all)."
    )


TABLES = {"leak": leak}
