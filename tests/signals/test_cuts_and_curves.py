"""Fits on bins against brute force and general optimizers."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from planted_panels import rng
from scipy import optimize

from tenure.signals.thresholds.bins import Counts, counts, grid
from tenure.signals.thresholds.config import Config
from tenure.signals.thresholds.cut_interval import intervals
from tenure.signals.thresholds.cuts import one_cut, two_cuts
from tenure.signals.thresholds.gradual import best_curve, fitted, policy_line, scales, target
from tenure.signals.thresholds.objectives import isotonic
from tenure.signals.thresholds.second_cut import second_cut_p, zone_rates

CONFIG = Config(bootstrap_cut=120, bootstrap_second=99)


def stepped(number: int, rows: int, *rates: float, low_is_risk: bool = True) -> Counts:
    """Whole values 0 to 23 in as many equal parts as rates."""
    draws = rng(number)
    x = draws.integers(0, 24, rows)
    happened = draws.random(rows) < np.array(rates)[x * len(rates) // 24]
    return counts(grid(x.astype(float)), happened, low_is_risk=low_is_risk)


def told(events: int, rows: int) -> float:
    """The log likelihood of so many events at their own rate."""
    return sum(k * math.log(k / rows) for k in (events, rows - events) if k)


def zones(found: Counts, *cuts: int) -> list[tuple[int, int]]:
    edges = [0, *(c + 1 for c in cuts), len(found.rows)]
    return [
        (int(found.events[a:b].sum()), int(found.rows[a:b].sum()))
        for a, b in zip(edges, edges[1:], strict=False)
    ]


def allowed(parts: list[tuple[int, int]]) -> bool:
    falls = all(e * m > f * n for (e, n), (f, m) in zip(parts, parts[1:], strict=False))
    return all(n >= 10 for _, n in parts) and parts[0][0] >= 4 and falls


@pytest.mark.parametrize("number", range(6))
def test_one_and_two_cuts_are_those_of_brute_force(number: int) -> None:
    found = stepped(number, 260, 0.45, 0.2, 0.05)
    events, rows = found.events[None, :].astype(float), found.rows.astype(float)
    single, double = one_cut(events, rows, CONFIG), two_cuts(events, rows, CONFIG)

    def fit(*cuts: int) -> float:
        parts = zones(found, *cuts)
        return sum(told(e, n) for e, n in parts) if allowed(parts) else -math.inf

    places = range(len(found.rows) - 1)
    assert single.profile[0].tolist() == pytest.approx([fit(c) for c in places])
    pairs = {pair: fit(*pair) for pair in combinations(places, 2)}
    best = max(pairs, key=lambda pair: pairs[pair])
    assert double.best[0] == pytest.approx(pairs[best])
    assert tuple(int(v[0]) for v in double.at) == best
    for a in places:
        assert double.first[0, a] == pytest.approx(max((v for p, v in pairs.items() if p[0] == a), default=-math.inf))  # fmt: skip


def test_a_second_break_is_significant_where_there_is_one_and_rarely_where_there_is_none() -> None:
    def p(number: int, *rates: float) -> float:
        found = stepped(number, 900, *rates)
        at = int(
            one_cut(found.events[None, :].astype(float), found.rows.astype(float), CONFIG).at[0]
        )
        return second_cut_p(found, at, CONFIG, rng(number))

    assert [p(n, 0.6, 0.25, 0.03) <= 0.05 for n in range(5)] == [True] * 5
    assert sum(p(n, 0.4, 0.05) <= 0.05 for n in range(20)) <= 4


@pytest.mark.parametrize("low_is_risk", [True, False])
def test_the_interval_of_a_cut_covers_the_true_one_as_often_as_it_says(low_is_risk: bool) -> None:
    covered, widths, runs = 0, [], 40
    for number in range(runs):
        rates = (0.35, 0.06) if low_is_risk else (0.06, 0.35)
        found = stepped(number, 400, *rates, low_is_risk=low_is_risk)
        at = int(
            one_cut(found.events[None, :].astype(float), found.rows.astype(float), CONFIG).at[0]
        )
        (cut,) = intervals(found, (at,), CONFIG, rng(number))
        assert cut.low <= cut.value <= cut.high
        covered += cut.low <= 11.5 <= cut.high
        widths.append(cut.high - cut.low)

    assert covered >= 36  # .95 less two standard errors of 40 runs is .88
    assert np.median(widths) <= 6


def test_zone_rates_are_events_over_rows_of_their_zone() -> None:
    found = stepped(1, 240, 0.4, 0.1)
    rates = zone_rates(found, (5,))

    assert rates[:6].tolist() == [found.events[:6].sum() / found.rows[:6].sum()] * 6
    assert len(set(rates[6:].tolist())) == 1
    soft = zone_rates(found, (5,), soft=True)
    assert soft[0] == (found.events[:6].sum() + 0.25) / (found.rows[:6].sum() + 0.5)


def smooth(number: int, rows: int = 1200) -> Counts:
    draws = rng(number)
    z = draws.normal(size=rows)
    return counts(
        grid(60 + 20 * z), draws.random(rows) < 1 / (1 + np.exp(2.5 + z)), low_is_risk=True
    )


def test_the_curve_is_the_one_a_general_optimizer_finds() -> None:
    found = smooth(1)
    for scale in scales(found):
        curve = fitted(
            found.events[None, :].astype(float), found.rows[None, :].astype(float), scale
        )

        def loss(beta: np.ndarray, z: np.ndarray = scale.z) -> float:
            eta = beta[0] + beta[1] * z
            return float(
                (found.rows * np.logaddexp(0, eta) - found.events * eta).sum()
                + 0.0005 * beta[1] ** 2
            )

        best = optimize.minimize(loss, [0.0, 0.0], method="BFGS", options={"gtol": 1e-8})
        assert [curve.intercept[0], curve.slope[0]] == pytest.approx(best.x.tolist(), abs=1e-4)


def test_the_policy_line_is_where_the_curve_reaches_twice_the_base_rate() -> None:
    found = smooth(2)
    curve = best_curve(found)
    line = policy_line(found, curve, 2.0, CONFIG, rng(3))
    x = np.log1p(line.value) if curve.scale.log else line.value
    z = (x - curve.scale.mean) / curve.scale.deviation

    assert 1 / (1 + math.exp(-(curve.intercept[0] + curve.slope[0] * z))) == pytest.approx(
        2 * found.base
    )
    assert line.low < line.value < line.high


def test_a_high_base_rate_is_doubled_in_odds_and_no_target_reaches_certainty() -> None:
    assert target(np.array([0.1]), 2.0)[0] == pytest.approx(0.2)
    assert target(np.array([0.4]), 2.0)[0] == pytest.approx(0.8 / 1.4)
    assert target(np.array([0.99]), 2.0)[0] == 0.95


def test_perfect_separation_leaves_the_curve_finite() -> None:
    x = np.arange(200.0)
    found = counts(grid(x), x < 60, low_is_risk=True)
    curve = best_curve(found)

    assert np.isfinite(curve.slope[0])
    assert np.isfinite(curve.likelihood[0])


def test_the_isotonic_risk_is_that_of_scipy() -> None:
    found = stepped(8, 300, 0.4, 0.1)
    rates = found.events / found.rows

    other = optimize.isotonic_regression(rates, weights=found.rows, increasing=False).x
    assert isotonic(found).tolist() == pytest.approx(other.tolist())
