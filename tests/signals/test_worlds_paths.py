"""Trajectories and lead time in their worlds: few runs, generous limits. The tables are in benchmarks/statistical."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tenure.kernel.unknown import Unknown
from tenure.signals.alerts import judged
from tenure.signals.lines import Line
from tenure.signals.matching import matched
from tenure.signals.separation import separation
from tenure.signals.streams import stream
from tenure.signals.trajectory import classify

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "statistical"))
from worlds_paths import KINDS, w9, w10  # noqa: E402

FOUND = {"declining": 0.87, "step down": 0.89, "rising": 0.66, "spiking": 0.87, "volatile": 0.74, "flat": 0.86, "dormant": 1.0}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_most_planted_patterns_are_named_at_noise_of_fifteen_percent(kind: str) -> None:
    words = np.array(classify(w9(41, kind, 0.15, rows=800)).words())
    assert np.mean(words == ("declining" if kind == "step down" else kind)) >= FOUND[kind]


def lead(number: int, onset: int | None, churns: int) -> int | Unknown:
    values, exits = w10(number, onset, churns)
    groups = matched(np.zeros(len(exits), dtype=int), exits, weeks=104, clear=13, draw=stream(number, "controls"))  # fmt: skip
    return separation(values, groups, low_is_risk=True, leads=26, draw=stream(number)).lead_days


@pytest.mark.parametrize("onset", [28, 63, 91])
def test_the_separation_lead_is_the_planted_onset_to_a_week(onset: int) -> None:
    found = [lead(number, onset, 60) for number in (51, 52, 53)]
    assert abs(float(np.median(found)) - onset) <= 7  # type: ignore[arg-type]


def test_without_a_signal_most_runs_show_no_lead() -> None:
    found = [lead(number, None, 60) for number in range(60, 66)]
    assert sum(days == 0 for days in found) >= 5


def test_an_alert_trails_the_onset_by_its_patience() -> None:
    values, exits = w10(71, 63, 150)
    told = judged(values, exits, Line(35, "<"), horizon=13, patience="2 of 3", draw=stream(71))
    assert told.lead_days.estimate == pytest.approx(42, abs=7)
    assert 0.03 < told.warned_60.estimate < 0.2
    assert 0.05 < told.never_warned.estimate < 0.2
    assert told.cases == 150
    sooner = judged(values, exits, Line(35, "<"), horizon=13, patience="at once", draw=stream(71))
    assert sooner.per_100_accounts_month > told.per_100_accounts_month
