"""The door of the health score: refusals, late sources, opinions beside it, slopes, presets, recalibration."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import tenure.signals as signals
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.metrics.declaration import built_in
from tenure.metrics.models.model import business_models
from tenure.signals.health_score.opinion import differences
from tenure.signals.health_score.preset import presets
from tenure.signals.health_score.recalibrate import line, recalibrate
from tenure.signals.health_score.sample_size import riley


def frame(count: int = 500, *, base: float = -1.8, book: int = 4) -> dict[str, Any]:
    """Two landmarks with outcomes and a last one without; usage matters, tickets do not."""
    rng = np.random.default_rng(8)
    usage, tickets = rng.standard_normal(count), rng.standard_normal(count)
    y: list[Any] = (
        (rng.random(count) < 1 / (1 + np.exp(-(base - 1.3 * usage)))).astype(int).tolist()
    )
    days = ["2025-03-31" if i % 2 else "2025-06-30" for i in range(count)]
    y[:book], days[:book] = [""] * book, ["2026-01-31"] * book
    return {
        "account": [f"a{i}" for i in range(count)],
        "landmark": days,
        "outcome": y,
        "usage": usage.tolist(),
        "tickets": tickets.tolist(),
    }


def found(**wanted: Any) -> Any:
    told = signals.health(frame(), **wanted)
    assert not isinstance(told, Unknown)
    return told


def test_the_rows_without_an_outcome_are_scored_and_the_others_learned_from() -> None:
    told = found()

    assert [each.account for each in told.accounts] == ["a0", "a1", "a2", "a3"]
    assert told.evidence.n == 496
    assert told.evidence.events == sum(1 for y in frame()["outcome"] if y == 1)
    assert (told.evidence.first, told.evidence.last) == ("2025-03-31", "2025-06-30")
    assert "Learned from" in told.says
    for each in told.accounts:
        assert isinstance(each.p, float)
        assert isinstance(each.score, int)
        if each.parts[0].points is not None:
            assert each.healthy_score + sum(part.points or 0 for part in each.parts) == each.score


def test_everything_told_can_be_written_as_json() -> None:
    told = json.loads(json.dumps(found().to_dict(), allow_nan=False))

    assert told["stage"] == "learned"
    assert {row["metric"] for row in told["weights"]} == {"usage", "tickets"}
    opinion = signals.health(frame(100, base=-4.5)).to_dict()
    told = json.loads(json.dumps(opinion, allow_nan=False))
    assert told["accounts"][0]["p"]["unknown"] == "too_little_history"
    assert told["base_rate"] is None


def test_few_events_make_an_opinion_that_says_how_many_more_it_needs() -> None:
    told = signals.health(frame(100, base=-4.5))
    events = sum(1 for y in frame(100, base=-4.5)["outcome"] if y == 1)

    assert told.model.stage.label == "opinion, unvalidated"
    assert f"{20 - events} more" in told.says
    assert isinstance(told.accounts[0].p, Unknown)
    assert isinstance(told.accounts[0].score, int)


def test_without_any_outcome_or_metric_there_is_no_score() -> None:
    blank = frame() | {"outcome": [""] * 500}
    still = frame() | {"usage": [1] * 500, "tickets": [2] * 500}

    assert isinstance(signals.health(blank), Unknown)
    assert isinstance(signals.health(still), Unknown)


def test_a_late_source_holds_the_last_score_and_says_so() -> None:
    table = frame() | {"previous": [63, "", 10, 20] + [""] * 496}
    told = signals.health(table, late=["usage"])

    first, second = told.accounts[:2]
    assert (first.score, first.holds, first.late, first.parts) == (63, True, ("usage",), ())
    assert isinstance(second.score, Unknown)
    assert second.score.reason == "source_late"
    assert isinstance(first.p, Unknown)
    assert first.colour == ""


def test_a_late_source_that_weighs_nothing_holds_nothing() -> None:
    inputs = [signals.Input("usage", "lower"), signals.Input("tickets", "lower")]
    told = found(inputs=inputs, recipe=signals.Recipe(pinned={"tickets": 0.0}), late=["tickets"])

    assert all(not each.late and isinstance(each.p, float) for each in told.accounts)


def test_the_teams_opinion_stands_beside_the_score_and_changes_no_digit_of_it() -> None:
    said = ["green", "red", "", "amber"] + [""] * 496
    told, alone = signals.health(frame() | {"said": said}), found()

    assert [e.score for e in told.accounts] == [e.score for e in alone.accounts]
    assert [e.said for e in told.accounts] == ["green", "red", "", "amber"]
    assert told.accounts[2].difference == ""
    assert alone.accounts[0].difference == ""


def test_an_opinion_differs_by_colour_or_by_rank_in_the_book() -> None:
    scores = np.array([10.0, 30.0, 60.0, 90.0])
    colours = ["red", "amber", "green", "green"]

    assert differences(["Green", "amber", "red", "?"], scores, colours) == [
        "team sees less risk",
        "agree",
        "team sees more risk",
        "",
    ]
    # On the team's own scale everything is above 70; only the order is compared.
    assert differences(["71", "72", "73", "74"], scores, colours) == ["agree"] * 4
    assert differences(["74", "72", "73", "71"], scores, colours)[0] == "team sees less risk"


def test_without_the_learners_word_the_result_says_that_everything_was_taken_in() -> None:
    assert any("every column" in note for note in found().notes)
    given = found(inputs=[signals.Input("usage", "lower", "accepted")])
    assert not any("every column" in note for note in given.notes)
    assert [one.metric for one in given.learned.inputs] == ["usage"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"outcome": [2] * 500}, "score.outcome"),
        ({"account": ["a"] * 500}, "score.twice"),
        ({"account": [""] * 500}, "score.row"),
    ],
)
def test_a_table_that_cannot_be_read_says_which_row(change: dict[str, Any], code: str) -> None:
    with pytest.raises(UserError, match="row|Row") as error:
        signals.health(frame() | change)
    assert error.value.code == code


def test_a_falling_score_must_fall_by_more_than_its_noise_and_ten_points() -> None:
    quiet = [80.0 - w for w in range(13)]
    noisy = [80.0 - w + (12 if w % 2 else -12) for w in range(13)]
    small = [80.0 - 0.6 * w for w in range(13)]

    assert signals.slope(quiet).word == "falling"
    assert signals.slope(quiet).change == pytest.approx(-12)
    assert (signals.slope(noisy).word, signals.slope(noisy).within_noise) == ("stable", True)
    assert signals.slope(small).word == "stable"
    assert signals.slope([100 - x for x in quiet]).word == "rising"
    assert not signals.slope([50.0] * 13).within_noise
    few: list[float | None] = [50.0] * 7 + [None] * 6
    assert signals.slope(few) == Unknown(
        "too_little_history", "7 of the last 13 weekly scores are known; 8 are needed."
    )


def test_one_outlying_week_does_not_make_a_slope() -> None:
    assert signals.slope([70.0] * 12 + [10.0]).word == "stable"
    assert signals.slope([70.0] * 12 + [10.0]).plain == "falling"


def test_a_restless_history_widens_the_noise() -> None:
    steady = [80.0 - w for w in range(13)]
    restless = [60.0, 95.0] * 13

    assert signals.slope(steady, baseline=restless).word == "stable"
    assert signals.slope(steady, baseline=[80.0] * 26).word == "falling"


def test_presets_name_metrics_that_exist_and_begin_with_what_the_source_puts_first() -> None:
    known = built_in().metrics
    for name, model in business_models().items():
        told = presets()[name]
        metrics = [each.metric for each in told.inputs]
        assert set(metrics) <= set(known)
        assert len(set(metrics)) == len(metrics)
        assert [m for m in metrics if m in {p.metric for p in model.priority}] == [
            p.metric for p in model.priority
        ]
        for each in told.inputs:
            better = known[each.metric].better
            assert better in ("none", {"lower": "up", "higher": "down"}[each.riskier])
            assert not each.part or each.part in json.dumps(
                [known[each.metric].components, known[each.metric].gives], default=str
            )


def test_a_preset_scores_a_book_before_anything_was_learned() -> None:
    table = frame(100, base=-4.5)
    table["usage_trend"], table["active_user_pct"] = table.pop("usage"), table.pop("tickets")
    seats = signals.preset("seat_based")
    inputs = seats.read(table)
    told = signals.health(table, inputs=inputs, recipe=signals.Recipe(weights=seats.weights()))

    assert [one.metric for one in inputs] == ["active_user_pct"]
    assert told.model.weight_table() == [
        {"metric": "active_user_pct", "column": "value", "weight": 2.0}
    ]


def test_rileys_sample_size_agrees_with_the_published_arithmetic() -> None:
    """Riley et al. 2019, the pre-eclampsia-like example: 5 % events, R2 = .0489 of .3265 at most, 20 columns."""
    largest = 1 - (0.05**0.05 * 0.95**0.95) ** 2
    by_hand = 20 / (-0.1 * math.log(1 - 0.15 * largest / 0.9))

    assert largest == pytest.approx(0.328, abs=0.001)
    assert riley(20, 0.05) == math.ceil(by_hand)
    assert riley(40, 0.05) == pytest.approx(2 * riley(20, 0.05), abs=1)


def test_recalibration_goes_only_as_far_as_the_new_events_allow() -> None:
    rng = np.random.default_rng(4)
    p = 1 / (1 + np.exp(-rng.normal(-1.5, 1, 4000)))
    y = (rng.random(4000) < np.minimum(1.6 * p, 0.98)).astype(float)

    kinds = []
    for rows in (10, 90, 400, 4000):
        found = recalibrate(p[:rows], y[:rows])
        kinds.append(found.kind)
        if found.kind != "none":
            assert found.apply(p[:rows]).mean() == pytest.approx(y[:rows].mean(), abs=0.003)
            order = np.argsort(p[:rows])
            assert (np.diff(found.apply(p[:rows])[order]) >= -1e-12).all()
    assert kinds == ["none", "intercept", "slope", "isotonic"]


def test_a_calibration_line_finds_a_planted_shift_and_slope() -> None:
    rng = np.random.default_rng(6)
    eta = rng.normal(-1, 1, 40_000)
    y = (rng.random(40_000) < 1 / (1 + np.exp(-(0.4 + 0.7 * eta)))).astype(float)

    a, b = line(1 / (1 + np.exp(-eta)), y, slope=True)

    assert (a, b) == (pytest.approx(0.4, abs=0.06), pytest.approx(0.7, abs=0.05))


def test_naming_the_signals_loads_no_array_library() -> None:
    probe = "import sys, tenure.signals; print([n for n in ('numpy', 'scipy', 'pandas') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
    assert callable(signals.forecast)
    assert callable(signals.backtest)
