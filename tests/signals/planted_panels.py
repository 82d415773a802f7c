"""Small tables with a planted truth, for the tests of the learner."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenure.signals import Config, Learning, learn_thresholds

QUICK = Config(permutations=199, bootstrap_cut=80, bootstrap_second=99)
DAYS = ("2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01")


def rng(number: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(number))


def table(happened: Any, days: Any = None, **columns: Any) -> dict[str, list[Any]]:
    """Accounts a0, a1, ... with an outcome and columns; all on one day unless said otherwise."""
    many = len(happened)
    made: dict[str, list[Any]] = {
        "account": [f"a{i}" for i in range(many)],
        "as_of": list(days) if days is not None else [DAYS[0]] * many,
        "churned": [int(h) for h in happened],
    }
    return made | {name: list(values) for name, values in columns.items()}


def learned(
    frame: dict[str, list[Any]], *metrics: str, config: Config = QUICK, **more: Any
) -> Learning:
    return learn_thresholds(
        frame, label="churned", metrics=more.pop("said", list(metrics)), config=config,
        stream=more.pop("stream", 7), **more,
    )  # fmt: skip


def s2(number: int = 3, rows: int = 600) -> dict[str, list[Any]]:
    """The example of the sources: .70 below 20, .25 up to 50, .05 above."""
    draws = rng(number)
    share = np.round(100 * draws.beta(1.6, 1.6, rows), 2)
    risk = np.select([share <= 20, share <= 50], [0.70, 0.25], 0.05)
    return table(draws.random(rows) < risk, share=share, noise=draws.normal(size=rows))


def shared(frame: dict[str, list[Any]], order: Any) -> dict[str, list[Any]]:
    """The same rows in another order."""
    return {name: [values[i] for i in order] for name, values in frame.items()}
