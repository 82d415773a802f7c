"""The back-test against counting by hand: origins behind the embargo, pairs, top lists, the rule to publish."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

import tenure.signals as signals
from tenure.kernel.unknown import Unknown
from tenure.signals.backtesting.compare import Ranking, difference, ranking, resamples
from tenure.signals.backtesting.contenders import BASE, EQUAL, LEARNED, PINNED, SINGLE, TEAM
from tenure.signals.backtesting.measures import Told, brier, calibration, reliability, top
from tenure.signals.backtesting.origins import origins
from tenure.signals.backtesting.verdict import judge

QUARTERS = np.array(
    [f"202{3 + q // 4}-{['03-31', '06-30', '09-30', '12-31'][q % 4]}" for q in range(9)]
)


def frame(accounts: int = 120, *, signal: float = 1.4, number: int = 5) -> dict[str, Any]:
    """Nine quarters of a book; metrics a and b matter, c to f do not; the team knows a little."""
    rng = np.random.default_rng(number)
    rows = accounts * len(QUARTERS)
    x = rng.standard_normal((rows, 6))
    eta = -2.0 + signal * x[:, 0] - signal * 0.7 * x[:, 1]
    y = rng.random(rows) < 1 / (1 + np.exp(-eta))
    days = np.repeat(QUARTERS, accounts)
    late = np.where(np.arange(rows) % 2, 100, 20)
    on = [
        str(np.datetime64(d) + int(n)) if hit else ""
        for d, n, hit in zip(days, late, y, strict=True)
    ]
    return {
        "account": [f"a{i % accounts}" for i in range(rows)],
        "landmark": days.tolist(),
        "outcome": y.astype(int).tolist(),
        "segment": [("smb", "mid")[i % 2] for i in range(rows)],
        "arr": rng.integers(1, 90, rows).tolist(),
        "said": (50 - 10 * x[:, 0] + 20 * rng.standard_normal(rows)).round(1).tolist(),
        "event_on": on,
        **{name: x[:, j].tolist() for j, name in enumerate("abcdef")},
    }


@pytest.fixture(scope="module")
def told() -> Any:
    found = signals.backtest(frame(), horizon_days=180, capacity=10)
    assert not isinstance(found, Unknown)
    return found


def some(p: list[float], y: list[int], **more: Any) -> Told:
    n = len(p)
    nothing = np.full(n, np.nan)
    return Told(
        np.array(p),
        np.array(y, dtype=float),
        more.get("accounts", tuple(map(str, range(n)))),
        np.array(more.get("left", nothing), dtype=float),
        np.array(more.get("arr", nothing), dtype=float),
    )


def test_an_origin_teaches_only_what_was_known_on_its_day() -> None:
    days = np.repeat(QUARTERS.astype("datetime64[D]"), 4)
    y = np.tile([1.0, 0, 0, 1], 9)

    found = origins(days, y, 180)

    assert [str(one.day) for one in found] == [
        "2024-06-30",
        "2024-09-30",
        "2024-12-31",
        "2025-03-31",
    ]
    for one in found:
        assert (days[one.training] + 180 <= one.day).all()
        assert len(np.unique(days[one.training])) >= 4
        assert (days[one.told] == one.day).all()
        assert not (one.training & one.told).any()


def test_origins_are_a_quarter_apart_however_many_landmarks_there_are() -> None:
    days = np.repeat(np.arange("2024-01-01", "2025-06-01", 7, dtype="datetime64[D]"), 4)
    found = origins(days, np.tile([1.0, 0, 0, 1], len(days) // 4), 90)

    gaps = np.diff([one.day for one in found]).astype(int)
    assert len(found) >= 3
    assert gaps.min() >= 85


def test_what_happens_after_an_origin_changes_nothing_told_at_it(told: Any) -> None:
    table = frame()
    cut = [i for i, day in enumerate(table["landmark"]) if day <= told.origins[0]]
    for i, day in enumerate(table["landmark"]):
        if told.origins[0] < day:
            table["outcome"][i], table["a"][i] = 1 - table["outcome"][i], 9.0
    again = signals.backtest(table, horizon_days=180, capacity=10)

    assert len(cut) < len(table["landmark"])
    for name in (LEARNED, SINGLE, EQUAL, BASE):
        first, second = told.line(name, told.origins[0]), again.line(name, told.origins[0])
        assert (first.brier, first.auc.estimate) == (second.brier, second.auc.estimate)
    assert told.line(LEARNED).brier != again.line(LEARNED).brier


def test_every_contender_is_told_of_the_same_rows(told: Any) -> None:
    pooled = [line for line in told.lines if line.when == "all"]

    assert {line.contender for line in pooled} == {LEARNED, SINGLE, EQUAL, BASE, TEAM}
    assert {line.n for line in pooled} == {120 * len(told.origins)}
    assert len({line.events for line in pooled}) == 1
    assert told.line(LEARNED).n == sum(told.line(LEARNED, d).n for d in told.origins)


def test_a_planted_signal_is_published_as_better(told: Any) -> None:
    line = told.line(LEARNED)

    assert told.verdict.publish
    assert (told.verdict.keep, told.verdict.word) == (LEARNED, "better")
    assert line.auc.estimate > told.line(SINGLE).auc.estimate > 0.6
    assert line.skill > 0.1
    assert line.gap.low > 0
    assert 0.6 < line.slope < 1.5
    assert told.line(BASE).skill == 0


def test_noise_is_not_published_and_the_simplest_baseline_stays() -> None:
    found = signals.backtest(frame(signal=0.0), horizon_days=180)

    assert not found.verdict.publish
    assert found.verdict.keep == BASE
    assert "better" not in found.verdict.says


def test_pinned_weights_stand_beside_the_learned_ones() -> None:
    found = signals.backtest(
        frame(60), horizon_days=180, recipe=signals.Recipe(pinned={"c": 2.0, "a": 0.0})
    )

    assert found.line(PINNED).auc.estimate < found.line(LEARNED).auc.estimate
    assert found.verdict.keep != PINNED


def test_thresholds_are_learned_inside_each_origin() -> None:
    asked = []

    def learner(rows: Any) -> list[signals.Input]:  # type: ignore[name-defined]
        asked.append(rows.landmarks.max())
        return [signals.Input("a", "higher", "accepted"), signals.Input("b", "lower", "accepted")]

    found = signals.backtest(frame(60), horizon_days=180, inputs=learner)

    assert len(asked) == len(found.origins) == len(set(asked))
    assert all(day + 180 <= np.datetime64(o) for day, o in zip(asked, found.origins, strict=True))


def test_ranking_counts_pairs_within_an_origin_only() -> None:
    one = some([0.9, 0.2, 0.5], [1, 0, 0], accounts=("x", "y", "z"))
    two = some([0.1, 0.05, 0.1], [1, 0, 0], accounts=("x", "y", "w"))
    found = ranking([one, two], resamples(["x", "y", "z", "w"], np.random.default_rng(1)))

    # First origin 2 of 2 pairs, second 1.5 of 2; pairs across origins would say otherwise.
    assert found.auc == pytest.approx(3.5 / 4)


def test_a_draw_of_accounts_weighs_pairs_as_if_rows_were_repeated() -> None:
    rng = np.random.default_rng(2)
    p, y = rng.random(14).round(1), np.array([1, 0] * 7)
    names = tuple(str(i % 9) for i in range(14))
    drawn = resamples(names, rng, 5)
    found = ranking([some(p.tolist(), y.tolist(), accounts=names)], drawn)

    weights = drawn.weights(names).astype(int)
    for row in range(5):
        rows = np.repeat(np.arange(14), weights[row])
        events, others = p[rows][y[rows] == 1], p[rows][y[rows] == 0]
        won = sum((a > b) + 0.5 * (a == b) for a in events for b in others)
        assert found.drawn_won[row] == pytest.approx(won)
        assert found.drawn_of[row] == len(events) * len(others)


def test_a_score_against_itself_has_no_difference() -> None:
    one = some([0.9, 0.2, 0.5, 0.4], [1, 0, 1, 0])
    drawn = resamples(one.accounts, np.random.default_rng(1), 200)

    gap = difference(ranking([one], drawn), ranking([one], drawn))

    assert (gap.estimate, gap.low, gap.high) == (0, 0, 0)


def test_a_top_list_is_counted_by_hand() -> None:
    one = some(
        [0.9, 0.8, 0.7, 0.1, 0.1],
        [1, 0, 1, 1, 0],
        left=[100, np.nan, 30, 90, np.nan],
        arr=[10, 5, 30, 60, 7],
    )

    found = top([one], 3)

    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 3)
    assert found.lift == pytest.approx((2 / 3) / (3 / 5))
    assert found.recall_early == pytest.approx(1 / 3)
    assert found.arr_recall_share == pytest.approx(40 / 100)


def test_equal_risks_share_the_end_of_the_list_so_that_order_decides_nothing() -> None:
    ties = some([0.5, 0.2, 0.2, 0.2], [0, 1, 0, 0])

    assert ties.picked(2).tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])
    assert top([ties], 2).recall == pytest.approx(1 / 3)
    assert ties.picked(9).sum() == 4


def test_probabilities_are_judged_by_brier_line_and_bins() -> None:
    rng = np.random.default_rng(3)
    eta = rng.normal(-1, 1.2, 20_000)
    y = (rng.random(20_000) < 1 / (1 + np.exp(-eta))).astype(float)
    p = 1 / (1 + np.exp(-eta))

    assert brier(np.array([0.5, 1.0]), np.array([1.0, 1.0])) == 0.125
    assert calibration(p, y) == pytest.approx((0, 1), abs=0.06)
    assert calibration(1 / (1 + np.exp(-2 * eta)), y)[1] == pytest.approx(0.5, abs=0.03)
    assert all(math.isnan(v) for v in calibration(np.full(9, 0.2), np.eye(9)[0]))
    bins = reliability(p, y)
    assert [one.n for one in bins] == [4000] * 5
    assert sum(one.came.low < one.told < one.came.high for one in bins) >= 4
    assert [one.told for one in bins] == sorted(one.told for one in bins)


def made(auc: float, *, spread: float = 0.0) -> Ranking:
    wave = np.linspace(-spread, spread, 500)
    return Ranking(auc, 1.0, auc + wave, np.ones(500))


def test_the_rule_publishes_only_what_is_not_worse_than_the_best_baseline() -> None:
    base = {BASE: made(0.5), SINGLE: made(0.7), EQUAL: made(0.66)}

    better = judge(base | {LEARNED: made(0.75)}, 0.1)
    equal = judge(base | {LEARNED: made(0.695)}, 0.1)
    worse = judge(base | {LEARNED: made(0.68)}, 0.1)
    unsure = judge(base | {LEARNED: made(0.72, spread=0.2)}, 0.1)
    unskilled = judge(base | {LEARNED: made(0.75)}, -0.01)

    assert (better.publish, better.word, better.best_baseline) == (True, "better", SINGLE)
    assert (equal.publish, equal.word) == (True, "not worse")
    assert "better" not in equal.says
    assert (worse.publish, worse.keep) == (False, SINGLE)
    assert not unsure.publish
    assert (unskilled.publish, unskilled.word) == (False, "no skill")


def test_too_short_a_past_is_refused_with_what_is_lacking() -> None:
    table = frame(60)
    short = {name: values[: 60 * 5] for name, values in table.items()}

    found = signals.backtest(short, horizon_days=180)

    assert isinstance(found, Unknown)
    assert found.reason == "too_little_history"
    assert "4 landmarks" in found.says
    few = signals.backtest(frame(6), horizon_days=180)
    assert isinstance(few, Unknown)
    assert "7 events were known to learn from; 13 more are needed" in few.says


def test_everything_told_can_be_written_as_json(told: Any) -> None:
    written = json.loads(json.dumps(told.to_dict(), allow_nan=False))

    assert written["verdict"]["publish"] is True
    assert written["evidence"]["n"] == told.line(LEARNED).n
    assert written["lines"][0]["at_capacity"]["k"] == 10
    assert 0 < told.line(LEARNED).at_tenth.recall_early < told.line(LEARNED).at_tenth.recall
