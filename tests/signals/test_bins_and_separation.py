"""Bins, the statistic, its draws and the AUC against computations that share nothing with them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from planted_panels import rng
from scipy import stats

from tenure.signals.streams import stream
from tenure.signals.thresholds.bins import counts, grid
from tenure.signals.thresholds.separation import (
    auc,
    auc_within,
    direction,
    draw,
    drawn_counts,
    family_wise,
    separation,
)


def test_few_values_are_cut_between_all_neighbors_and_many_after_their_quantiles() -> None:
    few = grid(np.array([3.0, 1.0, np.nan, 1.0, 8.0]))
    many = grid(np.arange(640.0))

    assert few.cuts.tolist() == [2.0, 5.5]
    assert few.bin.tolist() == [1, 0, -1, 0, 2]
    assert few.whole
    assert len(many.cuts) == 63
    assert many.count().tolist() == [10] * 64
    assert many.cuts[0] == 9.5


def test_a_value_is_at_or_below_a_cut_exactly_when_its_bin_is() -> None:
    values = np.round(rng(1).gamma(1.3, 16, 900))
    values[::50] = np.nan
    found = grid(values)

    for j, cut in enumerate(found.cuts):
        assert ((values <= cut) == ((found.bin <= j) & (found.bin >= 0))).all()


def test_neighboring_floats_are_still_told_apart() -> None:
    a = 1.0
    found = grid(np.array([a, np.nextafter(a, 2)] * 3))

    assert found.count().tolist() == [3, 3]


def by_hand(
    values: np.ndarray, strata: np.ndarray, happened: np.ndarray, cuts: np.ndarray
) -> list[float]:
    """Z(c) from the definition, row by row and without bins."""
    found = []
    for cut in cuts:
        observed = expected = variance = 0.0
        for k in set(strata.tolist()):
            rows = [i for i in range(len(values)) if strata[i] == k and not math.isnan(values[i])]
            t, e = len(rows), sum(bool(happened[i]) for i in rows)
            below = [i for i in rows if values[i] <= cut]
            share = len(below) / t if t else 0.0
            observed += sum(bool(happened[i]) for i in below)
            expected += e * share
            if t > 1:
                variance += e * (t - e) / (t - 1) * share * (1 - share)
        low = sum(v <= cut for v in values)
        enough = low >= 10 and sum(v > cut for v in values) >= 10
        found.append((observed - expected) / math.sqrt(variance) if enough and variance else 0.0)
    return found


def small() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draws = rng(2)
    values = draws.integers(0, 15, 120).astype(float)
    values[draws.random(120) < 0.1] = np.nan
    strata = draws.integers(0, 3, 120)
    strata[:1] = 3
    return values, strata, draws.random(120) < np.where(np.nan_to_num(values) < 5, 0.4, 0.15)


def test_the_statistic_is_the_one_of_its_definition_in_the_data_and_in_every_draw() -> None:
    values, strata, happened = small()
    made = grid(values)
    draws = draw(strata, happened, 25, stream(1))
    found = separation(made, strata, happened, draws, 10)

    z = by_hand(values, strata, happened, made.cuts)
    assert found.statistic == pytest.approx(max(map(abs, z)))
    assert found.low_is_risk == (max(z, key=abs) > 0) == direction(made, strata, happened, 10)
    for one in range(25):
        shuffled = np.zeros(120, dtype=bool)
        shuffled[draws.rows[one]] = True
        z = by_hand(values, strata, shuffled, made.cuts)
        assert found.drawn[one] == pytest.approx(max(map(abs, z)))
    assert found.p == (1 + sum(found.drawn >= found.statistic - 1e-9)) / 26


def test_a_draw_takes_as_many_rows_of_every_stratum_as_it_had_events_and_none_twice() -> None:
    _, strata, happened = small()
    draws = draw(strata, happened, 40, stream(1))

    for rows in draws.rows:
        assert len(set(rows.tolist())) == happened.sum()
        for k in range(4):
            assert (strata[rows] == k).sum() == happened[strata == k].sum()


def test_all_metrics_see_the_same_draws_and_the_largest_gives_the_family_wise_p() -> None:
    values, strata, happened = small()
    other = grid(rng(3).normal(size=120))
    draws = draw(strata, happened, 60, stream(1))
    pair = [separation(g, strata, happened, draws, 10) for g in (grid(values), other)]

    largest = np.maximum(pair[0].drawn, pair[1].drawn)
    for one, p in zip(pair, family_wise(pair), strict=True):
        assert p == (1 + (largest >= one.statistic - 1e-9).sum()) / 61
        assert p >= one.p
    assert family_wise([]) == []


def test_counting_by_draw_equals_counting_rows() -> None:
    values, strata, happened = small()
    made = grid(values)
    draws = draw(strata, happened, 10, stream(1))
    histogram, per_stratum = drawn_counts(made, draws)

    for one in range(10):
        bins = made.bin[draws.rows[one]]
        assert histogram[one].tolist() == [int((bins == b).sum()) for b in range(made.bins)]
        for k in range(4):
            assert per_stratum[one, k] == ((bins >= 0) & (strata[draws.rows[one]] == k)).sum()


def test_auc_is_that_of_mann_and_whitney_and_its_error_that_of_delong() -> None:
    draws = rng(4)
    values = draws.integers(0, 40, 300).astype(float)
    happened = draws.random(300) < np.where(values < 12, 0.5, 0.2)
    found = auc(counts(grid(values), happened, low_is_risk=True))
    x, y = values[happened], values[~happened]

    u = stats.mannwhitneyu(y, x).statistic
    assert found.estimate == pytest.approx(u / (len(x) * len(y)))
    wins = (x[:, None] < y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    variance = wins.mean(axis=1).var(ddof=1) / len(x) + wins.mean(axis=0).var(ddof=1) / len(y)
    assert found.high - found.estimate == pytest.approx(1.959964 * math.sqrt(variance), rel=1e-6)
    turned = auc(counts(grid(values), happened, low_is_risk=False))
    assert turned.estimate == pytest.approx(1 - found.estimate)


def test_p_values_of_noise_are_as_even_as_chance() -> None:
    strata = np.repeat([0, 1], 60)
    happened = rng(5).random(120) < 0.25
    draws = draw(strata, happened, 199, stream(2))
    p = [
        separation(grid(rng(100 + i).normal(size=120)), strata, happened, draws, 10).p
        for i in range(150)
    ]

    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_a_metric_that_drifts_with_the_days_is_held_against_its_own_day_only() -> None:
    draws = rng(7)
    strata = np.repeat([0, 1], 400)
    values = np.where(strata == 0, 10.0, 30.0) + draws.normal(0, 5, 800)
    happened = draws.random(800) < np.where(strata == 0, 0.3, 0.05)
    found = grid(values)
    pooled = auc(counts(found, happened, low_is_risk=True))
    within = auc_within(found, strata, happened, low_is_risk=True)
    assert pooled.low > 0.6, "the early day has low values and most of the events"
    assert within.low < 0.5 < within.high
    assert within.estimate == pytest.approx(
        np.average(
            [
                np.mean(
                    [
                        (found.bin[i] < found.bin[j]) + 0.5 * (found.bin[i] == found.bin[j])
                        for i in np.flatnonzero(happened & (strata == k))
                        for j in np.flatnonzero(~happened & (strata == k))
                    ]
                )
                for k in (0, 1)
            ],
            weights=[np.sum(happened & (strata == k)) for k in (0, 1)],
        )
    )


def test_of_one_day_both_ways_of_counting_agree_to_the_last_digit() -> None:
    draws = rng(8)
    values, happened = draws.integers(0, 20, 300).astype(float), draws.random(300) < 0.2
    found, one = grid(values), np.zeros(300, dtype=np.int64)
    for low in (True, False):
        assert auc_within(found, one, happened, low_is_risk=low) == auc(
            counts(found, happened, low_is_risk=low)
        )
