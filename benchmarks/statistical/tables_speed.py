"""Forty metrics of 5,000 accounts over a year of weeks (16.13): what learning, patterns and lead times cost."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
from benchmarks.statistical.printing import markdown
from benchmarks.statistical.worlds import Floats
from numpy.typing import NDArray

from tenure.signals import learn_thresholds
from tenure.signals.matching import matched
from tenure.signals.separation import separation
from tenure.signals.trajectory import WEEKS, classify
from tenure.signals.weekly import NEVER, since

ACCOUNTS, METRICS, LONG, REAL = 5_000, 40, 52, 4
LANDMARKS = (12, 25, 38)
HORIZON = 13
START = date(2025, 1, 6)
LEADS = 26
NAMES = [f"m{number}" for number in range(METRICS)]


def world(stream: int) -> tuple[Floats, NDArray[np.intp]]:
    """Weekly numbers (metric, account, week) and the week each account left; the first four fall before an exit."""
    rng = np.random.default_rng([stream, 40])
    leaves = np.where(rng.random(ACCOUNTS) < 0.22, rng.integers(13, LONG, ACCOUNTS), NEVER)
    weeks = np.arange(LONG)
    values = rng.normal(60, 12, (METRICS, ACCOUNTS, 1)) + rng.normal(
        0, 6, (METRICS, ACCOUNTS, LONG)
    )
    ahead = leaves[:, None] - weeks
    falling = np.clip((14 - ahead) / 3, 0, 1) * (leaves < NEVER)[:, None]
    values[:REAL] *= 1 - 0.45 * falling
    values[:, ahead <= 0] = np.nan
    values[rng.random(values.shape) < 0.05] = np.nan
    return values, leaves


def panel(values: Floats, leaves: NDArray[np.intp]) -> dict[str, list[Any]]:
    """One row per account and landmark it lives at, with its last four readings' mean."""
    parts: dict[str, list[Any]] = {"account": [], "as_of": [], "churned": []}
    parts |= {name: [] for name in NAMES}
    for landmark in LANDMARKS:
        alive = np.flatnonzero(leaves > landmark)
        parts["account"] += [f"a{row}" for row in alive]
        parts["as_of"] += [START + timedelta(weeks=landmark)] * len(alive)
        parts["churned"] += (leaves[alive] <= landmark + HORIZON).astype(int).tolist()
        last = values[:, alive, landmark - 3 : landmark + 1]
        with np.errstate(invalid="ignore"):  # of four missing readings there is no mean
            means = np.nansum(last, axis=2) / np.isfinite(last).sum(axis=2)
        for number in range(METRICS):
            parts[f"m{number}"] += means[number].tolist()
    return parts


def patterns(values: Floats) -> int:
    """The pattern of every account and metric in the last 13 weeks."""
    return sum(len(classify(one).pattern) for one in values[:, :, LONG - WEEKS :])


def leads(values: Floats, leaves: NDArray[np.intp], names: list[int], stream: int) -> None:
    """The curve of AUC by lead of each metric."""
    for number in names:
        draw = np.random.default_rng([stream, number])
        groups = matched(since(values[number]), leaves, weeks=LONG, clear=HORIZON, draw=draw)
        separation(values[number], groups, low_is_risk=True, leads=LEADS, draw=draw)


def speed(runs: int, stream: int) -> str:
    """Processor seconds of each part; the median of the runs, which stop at five."""
    taken: dict[str, list[float]] = {}
    rows = accepted = events = 0

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        found = work()
        taken.setdefault(name, []).append(time.process_time() - began)
        return found

    for one in range(stream, stream + min(runs, 5)):
        values, leaves = world(one)
        table = timed("panel from the weekly array", lambda v=values, e=leaves: panel(v, e))
        found = timed(
            "learning 40 metrics, intervals, screens and hold-out",
            lambda t=table, s=one: learn_thresholds(t, label="churned", metrics=NAMES, stream=s),
        )
        yes = [NAMES.index(r.metric.name) for r in found if r.status in ("accepted", "provisional")]
        rows, events, accepted = len(table["account"]), sum(table["churned"]), len(yes)
        timed("patterns of 200,000 windows", lambda v=values: patterns(v))
        timed(
            "lead curves of the accepted",
            lambda v=values, e=leaves, y=yes, s=one: leads(v, e, y, s),
        )
    middle = {name: statistics.median(seconds) for name, seconds in taken.items()}
    whole, goal = sum(middle.values()), 10 + accepted
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = [[name, f"{seconds:.2f} s"] for name, seconds in middle.items()]
    return markdown(["part", "processor"], [*lines, ["all of it", f"{whole:.2f} s"]]) + (
        f"\n\n{METRICS} metrics, {ACCOUNTS:,} accounts, {LONG} weeks: {rows:,} rows, {events} churns, {accepted} accepted. "
        f"Target: {goal} s (10 and one per accepted metric), {'met' if whole <= goal else 'missed'}; memory under 2 GB: "
        f"{peak:,.0f} MB, {'met' if peak < 2048 else 'missed'}."
    )


TABLES = {"speed": speed}
