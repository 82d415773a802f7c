"""The health score's laws: the fit, its penalty, its frozen scale, and an explanation that adds up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from tenure.signals.health_score.columns import scale
from tenure.signals.health_score.fit import HEAVIEST, fit, folds, penalised
from tenure.signals.health_score.inputs import Input, auc, choose, stage
from tenure.signals.health_score.learn import Learned, Recipe, Training, learn
from tenure.signals.health_score.model import whole


def rows(count: int = 600, *, number: int = 3, base: float = -2.0) -> Training:
    """Four metrics of which the first two matter, one the other way round; four landmarks."""
    rng = np.random.default_rng(number)
    x = rng.standard_normal((count, 4))
    y = (rng.random(count) < 1 / (1 + np.exp(-(base + x[:, 0] - 0.7 * x[:, 1])))).astype(float)
    days = np.datetime64("2025-01-01") + 90 * (np.arange(count) % 4)
    return Training(
        {n: x[:, j] for j, n in enumerate("abcd")}, y, list(map(str, range(count))), days
    )


def learned(training: Training, **wanted: object) -> Learned:
    return learn(training, [Input(name) for name in training.values], Recipe(**wanted))  # type: ignore[arg-type]


def test_the_gradient_agrees_with_finite_differences() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((80, 5)), (rng.random(80) < 0.3).astype(float)
    beta, step = np.abs(rng.standard_normal(6)), 1e-6

    _, slope = penalised(beta, x, y, 3.0)

    for j in range(6):
        far, near = beta.copy(), beta.copy()
        far[j] += step
        near[j] -= step
        by_hand = (penalised(far, x, y, 3.0)[0] - penalised(near, x, y, 3.0)[0]) / (2 * step)
        assert slope[j] == pytest.approx(by_hand, rel=1e-5, abs=1e-5)


def test_an_endless_penalty_leaves_the_base_rate_alone() -> None:
    data = rows()
    x = np.column_stack(list(data.values.values()))

    beta = fit(x, data.y, 1e7)

    assert beta[1:] == pytest.approx(np.zeros(4), abs=1e-8)
    assert 1 / (1 + math.exp(-beta[0])) == pytest.approx(data.y.mean(), abs=1e-5)


@given(st.integers(0, 10_000), st.sampled_from([0.5, 3.0, 24.0]))
@settings(max_examples=25, deadline=None)
def test_no_weight_is_ever_negative_or_above_the_ceiling(number: int, lam: float) -> None:
    rng = np.random.default_rng(number)
    x, y = rng.standard_normal((60, 4)), (rng.random(60) < 0.3).astype(float)
    y[:2] = [0, 1]

    weights = fit(x, y, lam)[1:]

    assert ((weights >= 0) & (weights <= HEAVIEST)).all()


@pytest.mark.parametrize("lam", [1.0, 12.0])
@pytest.mark.parametrize("number", range(4))
def test_the_fit_is_the_minimum_that_scipys_bounded_quasi_newton_finds(
    number: int, lam: float
) -> None:
    rng = np.random.default_rng(number)
    x = rng.standard_normal((200, 8))
    x[:, 1] = x[:, 0] + 0.2 * x[:, 1]
    y = (rng.random(200) < 1 / (1 + np.exp(3 - 6 * (number % 2) * x[:, 0] - x[:, 2]))).astype(float)
    pinned = [None] * 7 + [0.8]
    bounds = [(None, None)] + [(0, HEAVIEST)] * 7 + [(0.8, 0.8)]

    ours = fit(x, y, lam, pinned)
    theirs = minimize(
        penalised,
        np.r_[np.zeros(8), 0.8],
        args=(x, y, lam),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-15, "gtol": 1e-9},
    )

    assert penalised(ours, x, y, lam)[0] <= theirs.fun + 1e-7
    assert ours == pytest.approx(theirs.x, abs=1e-4)


def test_the_fit_stands_where_no_direction_leads_down() -> None:
    data = rows()
    x = np.column_stack([data.values["a"], -data.values["b"], data.values["c"]])

    beta = fit(x, data.y, 3.0)
    _, slope = penalised(beta, x, data.y, 3.0)

    assert slope[0] == pytest.approx(0, abs=1e-2)
    free = (beta[1:] > 0) & (beta[1:] < HEAVIEST)
    assert free.sum() >= 2
    assert slope[1:][free] == pytest.approx(np.zeros(free.sum()), abs=1e-2)
    assert (slope[1:][beta[1:] == 0] >= 0).all()


def test_planted_metrics_carry_the_weight_whichever_way_round_they_are() -> None:
    found = learned(rows(2000)).model
    weight = {row["metric"]: row["weight"] for row in found.weight_table()}

    assert weight["a"] > 0.6
    assert weight["b"] > 0.4
    assert max(weight["c"], weight["d"]) < 0.15
    assert {s.metric: s.sign for s in found.scales}["b"] == -1


@given(st.integers(0, 500), st.booleans())
@settings(max_examples=20, deadline=None)
def test_points_and_the_healthy_score_add_up_to_the_score(number: int, few: bool) -> None:
    data = rows(200, number=number, base=-4.5 if few else -1.0)
    found = learned(data).model
    x = found.columns(data.values, len(data))
    shared = 0
    for row, score in zip(x[:60], found.score(x[:60]).tolist(), strict=True):
        parts = found.explain(row)
        away = found.inner(row[None, :])[0] - found.inner(found.healthy[None, :])[0]
        assert sum(part.log_odds for part in parts) == pytest.approx(away, abs=1e-9)
        if parts and parts[0].points is not None:
            shared += 1
            assert found.healthy_score + sum(part.points or 0 for part in parts) == score
        else:
            assert abs(away) < 0.1 + 1e-9
    assert shared > 20


@given(st.lists(st.floats(-80, 80), min_size=1, max_size=9))
def test_whole_parts_keep_the_total_and_stay_within_a_point(parts: list[float]) -> None:
    total = round(sum(parts))
    parts = [part + (total - sum(parts)) / len(parts) for part in parts]

    found = whole(parts, total)

    assert sum(found) == total
    assert all(abs(a - b) < 1 + 1e-9 for a, b in zip(found, parts, strict=True))


def test_the_score_falls_as_the_risk_rises_and_the_reference_book_averages_fifty() -> None:
    data = rows()
    found = learned(data).model
    x = found.columns(data.values, len(data))
    order = np.argsort(found.probability(x))

    assert (np.diff(found.score(x)[order]) <= 0).all()
    assert found.score(x).mean() == pytest.approx(50, abs=1)
    assert found.score(x).min() <= 1


def test_the_scale_does_not_move_when_the_book_does() -> None:
    data = rows()
    found = learned(data).model
    some = np.arange(len(data)) < 5
    alone = found.score(found.columns(data.rows(some).values, 5)).tolist()

    assert alone == found.score(found.columns(data.values, len(data)))[:5].tolist()


def test_colours_follow_the_risk_and_not_the_rank() -> None:
    found = learned(rows()).model
    base = found.base

    assert found.colour(2 * base, 99) == "red"
    assert found.colour(1.99 * base, 1) == "amber"
    assert found.colour(base, 1) == "amber"
    assert found.colour(0.99 * base, 1) == "green"


def test_an_opinion_has_no_probability_and_no_colour_until_bands_are_set() -> None:
    data = rows(120, base=-4.0)
    assert data.events < 20
    found = learned(data, weights={"a": 2.0}).model
    x = found.columns(data.values, len(data))

    assert found.stage.label == "opinion, unvalidated"
    assert np.isnan(found.probability(x)).all()
    assert found.colour(math.nan, 10) == ""
    assert found.colour(math.nan, 10, (25, 50)) == "red"
    assert {row["metric"]: row["weight"] for row in found.weight_table()}["a"] == 2.0


def test_the_ladder_steps_at_twenty_fifty_and_two_hundred_events() -> None:
    words = [stage(k).word for k in (19, 20, 49, 50, 199, 200)]

    assert words == ["opinion", "provisional", "provisional", "learned", "learned", "zoned"]
    assert stage(12).more == 8
    assert stage(34).most_metrics == 6
    assert stage(34).lambdas == (3.0, 6.0, 12.0, 24.0)


def test_metrics_enter_by_the_word_they_earned() -> None:
    rng = np.random.default_rng(5)
    words = [
        "accepted",
        "proxy",
        "no_separation",
        "confounded",
        "direction_conflict",
        "insufficient_events",
    ]
    values = {word: rng.standard_normal(300) for word in words} | {"still": np.ones(300)}
    values["hollow"] = np.where(np.arange(300) % 5 > 0, np.nan, values["proxy"])
    events = np.arange(300) % 3 == 0
    inputs = [Input(word, "higher", word) for word in words]  # type: ignore[arg-type]
    inputs += [Input("still"), Input("hollow")]

    few, left = choose(inputs, values, events, stage(60))
    many, _ = choose(inputs, values, events, stage(100))

    assert [one.metric for one in few] == ["accepted", "proxy"]
    assert [one.metric for one in many] == ["accepted", "no_separation", "proxy"]
    assert left["still"] == "constant"
    assert left["hollow"] == "insufficient_coverage"
    assert left["confounded"] == "confounded"


def test_below_fifty_events_the_best_metrics_alone_enter() -> None:
    data = rows(180)
    assert 25 <= data.events < 30
    noise = np.random.default_rng(0).standard_normal((180, 6))
    more = {f"n{j}": noise[:, j] for j in range(6)}
    wide = Training({**more, **data.values}, data.y, data.accounts, data.landmarks)
    found = learned(wide)

    assert len(found.inputs) == 5
    assert {"a", "b"} <= {one.metric for one in found.inputs}
    assert set(found.left_out.values()) == {"too_few_events_for_so_many_metrics"}
    assert found.model.lam in (3.0, 6.0, 12.0, 24.0)


def test_a_missing_value_is_average_and_being_missing_is_a_column_of_its_own() -> None:
    values = np.random.default_rng(2).standard_normal(100)
    values[:6] = np.nan

    found = scale(Input("a", "lower", "accepted", -1.0, 1.0), values, zones=True)
    told = found.columns(np.array([np.nan, -2.0, 0.0, 2.0]))

    assert found.kinds == ("value", "missing", "at_risk", "beyond_healthy")
    assert told[0].tolist() == [0, 1, 0, 0]
    assert told[1, 1:].tolist() == [0, 1, 1]
    assert told[2, 1:].tolist() == [0, 0, 1]
    assert told[3, 1:].tolist() == [0, 0, 0]
    assert told[1, 0] > told[2, 0] > told[3, 0]
    assert scale(Input("a", "lower"), values[6:], zones=True).kinds == ("value",)


def test_the_lines_become_columns_from_two_hundred_events() -> None:
    data = rows(3000)
    assert data.events >= 200
    inputs = [Input(n, "higher", "accepted", 1.0, 0.0) for n in data.values]
    kinds = [row["column"] for row in learn(data, inputs).model.weight_table()]

    assert kinds.count("at_risk") == kinds.count("beyond_healthy") == 4
    without = learn(data, inputs, Recipe(zones=False)).model.weight_table()
    assert {row["column"] for row in without} == {"value"}


def test_a_pinned_weight_stays_as_a_person_set_it() -> None:
    table = learned(rows(), pinned={"d": 0.9}).model.weight_table()
    weight = {row["metric"]: row["weight"] for row in table}

    assert weight["d"] == pytest.approx(0.9)
    assert weight["a"] > 0.5


def test_a_metric_on_trial_stays_only_if_it_helps_on_rows_held_out() -> None:
    data = rows(900)

    assert "a" in {one.metric for one in learned(data, trial="a").inputs}
    told = learned(data, trial="d")
    assert told.left_out["d"] == "no_better_on_rows_held_out"
    assert {one.metric for one in told.inputs} == set("abc")


def test_an_account_stays_in_one_fold_and_every_fold_has_events() -> None:
    accounts = [str(i // 4) for i in range(400)]
    y = (np.arange(400) % 10 == 0).astype(float)

    fold = folds(accounts, y, np.random.default_rng(0))

    for name in set(accounts):
        assert len({f for f, a in zip(fold.tolist(), accounts, strict=True) if a == name}) == 1
    events = np.bincount(fold, weights=y, minlength=5)
    assert events.min() >= 0.8 * events.max()


def test_the_same_rows_and_stream_give_the_same_model() -> None:
    assert learned(rows()).model.version == learned(rows()).model.version
    assert learned(rows(), stream=1).model.version != learned(rows(number=4)).model.version


def test_auc_is_the_share_of_pairs() -> None:
    rng = np.random.default_rng(9)
    v, y = rng.integers(0, 6, 50).astype(float), rng.random(50) < 0.4
    pairs = [(a > b) + 0.5 * (a == b) for a in v[y] for b in v[~y]]

    assert auc(v, y) == pytest.approx(np.mean(pairs))
    assert math.isnan(auc(v, np.zeros(50, dtype=bool)))
