"""The drift alarm: silent on chance, sure of what it sees, and honest about what it cannot."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from tenure.signals.drift import input_drift


def test_two_halves_of_a_small_table_by_pencil() -> None:
    """Baseline: 4 unknown, 6 zeros, 10 ones. Now: 8, 6, 6. Deciles of the ones collapse into one bin."""
    before = [None] * 4 + [0.0] * 6 + [1.0] * 10
    now = [None] * 8 + [0.0] * 6 + [1.0] * 6
    found = input_drift(before, now)
    by_pencil = (0.4 - 0.2) * math.log(0.4 / 0.2) + 0 + (0.3 - 0.5) * math.log(0.3 / 0.5)
    assert found.psi == pytest.approx(by_pencil)
    assert [(b.name, b.before, b.now) for b in found.bins][:2] == [
        ("unknown", 4, 8),
        ("zero", 6, 6),
    ]
    assert found.limit == pytest.approx(stats.chi2.ppf(0.999, 2) * (1 / 20 + 1 / 20))
    assert not found.alarm
    assert "cannot be seen" in found.says


def test_an_empty_bin_counts_as_half_a_row() -> None:
    found = input_drift([1.0] * 10, [None] * 5 + [1.0] * 5)
    by_pencil = (0.5 - 0.05) * math.log(0.5 / 0.05) + (0.5 - 1.0) * math.log(0.5)
    assert found.psi == pytest.approx(by_pencil)


def test_ten_deciles_have_ten_bins_and_every_row_is_in_one() -> None:
    r = np.random.default_rng(4)
    before, now = r.normal(size=500), r.normal(size=300) + 0.5
    found = input_drift(before, now)
    assert len(found.bins) == 10
    assert [b.before for b in found.bins] == [50] * 10
    assert sum(b.now for b in found.bins) == 300
    assert found.alarm
    edges = np.quantile(before, np.arange(0.1, 0.95, 0.1))
    referee = [int(((now > low) & (now <= high)).sum())
               for low, high in zip([-np.inf, *edges], [*edges, np.inf], strict=True)]  # fmt: skip
    assert [b.now for b in found.bins] == referee


def test_values_that_become_unknown_raise_the_alarm_though_the_known_ones_stay() -> None:
    values = np.random.default_rng(5).normal(size=400)
    half = np.where(np.arange(400) % 2 == 0, np.nan, values)
    found = input_drift(values, half)
    assert found.alarm
    assert found.large
    assert "moved far" in found.says
    assert max(found.bins, key=lambda b: b.adds).name == "unknown"


def test_the_same_values_in_another_order_or_unit_are_no_drift_and_give_the_same_index() -> None:
    r = np.random.default_rng(6)
    before, now = r.normal(size=300) + 9, r.normal(size=300) + 9.3
    there = input_drift(before, now)
    back = input_drift(r.permutation(before) * 100, r.permutation(now) * 100)
    assert back.psi == pytest.approx(there.psi)
    assert input_drift(before, r.permutation(before)).psi == 0


def test_chance_alone_is_almost_never_an_alarm_at_any_size() -> None:
    r = np.random.default_rng(7)
    sizes = [(50, 50), (100, 100), (100, 1000), (500, 300)]
    alarms = [input_drift(r.normal(size=n), r.normal(size=m)).alarm for n, m in sizes * 60]
    assert sum(alarms) <= 3
    wolf = [
        (input_drift(r.normal(size=100), r.normal(size=100)).psi or 0) > 0.25 for _ in range(100)
    ]
    assert sum(wolf) > 10


def test_nothing_to_compare_is_refused_with_its_reason() -> None:
    empty, constant = input_drift([], [1.0]), input_drift([2.0] * 9, [2.0] * 9)
    assert empty.refused is not None
    assert empty.refused.reason == "no_data"
    assert constant.refused is not None
    assert constant.refused.reason == "undefined"
    assert constant.to_dict()["psi"] is None
