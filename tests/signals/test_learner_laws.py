"""Laws of the learner: what must not change its lines, and what must mirror them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_panels import DAYS, QUICK, learned, rng, s2, shared, table

from tenure.signals.thresholds.learned import Learned


def without_evidence_of_names(result: Learned) -> dict[str, object]:
    plain = result.to_dict()
    plain.pop("config")
    return plain


def test_renaming_the_accounts_changes_nothing() -> None:
    frame = s2()
    renamed = frame | {"account": [f"z{hash(a) % 7}{a}" for a in frame["account"]]}

    assert (
        learned(frame, "share", "noise").to_dict() == learned(renamed, "share", "noise").to_dict()
    )


def test_the_order_of_the_rows_changes_nothing() -> None:
    frame = s2()
    order = rng(1).permutation(len(frame["account"]))

    assert learned(frame, "share", "noise").to_dict() == learned(shared(frame, order), "share", "noise").to_dict()  # fmt: skip


def test_the_same_stream_gives_the_same_result_and_another_stream_another_draw() -> None:
    one, again = (learned(s2(), "share", "noise")["noise"] for _ in range(2))
    other = learned(s2(), "share", "noise", stream=8)["noise"]

    assert one == again
    assert other.p != one.p


def test_another_metric_changes_no_interval() -> None:
    frame = s2()
    alone, beside = learned(frame, "share")["share"], learned(frame, "noise", "share")["share"]

    assert alone.at == beside.at
    assert alone.well == beside.well
    assert alone.at_risk == beside.at_risk
    assert alone.second_p == beside.second_p


def test_a_metric_turned_around_has_its_lines_mirrored() -> None:
    draws = rng(5)
    x = draws.integers(0, 60, 800)
    frame = table(draws.random(800) < np.where(x < 20, 0.4, 0.06), x=x, turned=60 - x)
    run = learned(frame, "x", "turned")
    one, other = run["x"], run["turned"]

    assert (one.direction, other.direction) == ("low", "high")
    assert one.shape == other.shape == "step"
    assert one.at.estimate == 60 - other.at.estimate
    flagged, mirrored = one.flags(np.array(frame["x"])), other.flags(np.array(frame["turned"]))
    assert flagged.any()
    assert (flagged == mirrored).all()


@pytest.mark.parametrize("bend", [np.exp, np.sqrt, lambda v: v**3])
def test_a_monotone_bend_of_a_metric_splits_the_same_rows_before_rounding(bend: object) -> None:
    draws = rng(6)
    x = np.round(draws.uniform(1, 9, 700), 3)
    frame = table(draws.random(700) < np.where(x < 3, 0.45, 0.05), x=x, bent=bend(x))  # type: ignore[operator]
    run = learned(frame, "x", "bent")

    assert run["x"].shape == run["bent"].shape == "step"
    split = np.array(frame["x"]) <= run["x"].at.estimate
    assert 0 < split.sum() < 700
    assert (split == (np.array(frame["bent"]) <= run["bent"].at.estimate)).all()


def test_shuffled_outcomes_yield_a_threshold_no_more_often_than_the_stated_rate() -> None:
    frame, accepted, runs = s2(rows=300), 0, 60
    for number in range(runs):
        mixed = rng(number).permutation(frame["churned"]).tolist()
        run = learned(frame | {"churned": mixed}, "share", "noise", stream=number, config=replace(QUICK, permutations=99))  # fmt: skip
        accepted += any(one.status in ("accepted", "provisional") for one in run)

    # q <= .10 on two metrics; 12 of 60 lies three standard errors above a tenth.
    assert accepted <= 12


def test_permutations_stay_inside_their_landmark() -> None:
    """Churn and metric both rise from landmark to landmark and are unrelated inside each."""
    draws = rng(11)
    period = np.repeat(np.arange(4), 200)
    x = period + draws.normal(size=800) * 0.3
    happened = draws.random(800) < np.array([0.02, 0.1, 0.2, 0.4])[period]
    pooled = learned(table(happened, x=x), "x")["x"]
    inside = learned(table(happened, days=[DAYS[p] for p in period], x=x), "x")["x"]

    assert pooled.status == "accepted"
    assert inside.status == "no_separation"


def test_the_smallest_q_can_be_reached_with_any_number_of_metrics() -> None:
    config = replace(QUICK, permutations=None)

    assert config.draws(1) == config.draws(40) == 1999
    assert config.draws(100) == 4999
    assert 100 / (config.draws(100) + 1) <= config.fdr_q
