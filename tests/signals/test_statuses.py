"""Every word a metric can earn, reached by a small case, with its sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_panels import DAYS, QUICK, learned, rng, s2, table

from tenure.kernel.unknown import Unknown
from tenure.signals.thresholds import sentences
from tenure.signals.thresholds.lines import Line


def step(number: int, rows: int, inside: float, outside: float) -> dict[str, list[object]]:
    draws = rng(number)
    x = draws.integers(0, 60, rows)
    return table(draws.random(rows) < np.where(x > 45, inside, outside), x=x)


def counted(events: int, others: int) -> dict[str, list[object]]:
    happened = [1] * events + [0] * others
    return table(happened, x=range(events + others))


@pytest.mark.parametrize("number", [3, 4, 5])
def test_the_example_of_the_sources_is_found_at_20_and_50(number: int) -> None:
    said = {"share": {"unit": "percent", "better": "higher"}}
    found = learned(s2(number, rows=4000), said=said)["share"]

    assert found.status == "accepted"
    assert found.shape == "two_step"
    assert found.at_risk.lines == (Line(20.0, "<"),)
    (healthy,) = found.healthy.lines
    assert (healthy.value, healthy.sign[0]) == (50.0, ">")
    assert found.at.low <= 20 <= found.at.high
    assert found.well.low <= 50 <= found.well.high
    zones = {zone.zone: zone for zone in found.zones.zones}
    assert zones["at_risk"].rate.low < 0.70 < zones["at_risk"].rate.high
    assert zones["healthy"].rate.low < 0.05 < zones["healthy"].rate.high
    assert sum(zone.rows for zone in zones.values()) == 4000
    assert found.sentence.startswith("Accounts below 20 % churned ")
    assert found.sentence.endswith(f"Based on {found.evidence.events} churns among 4,000 accounts.")
    assert found.badge == "not_validated"


def test_a_handful_of_churns_is_early_evidence() -> None:
    found = learned(step(4, 150, 0.45, 0.02), said={"x": {"unit": "days"}})["x"]
    more = 25 - found.evidence.events

    assert 10 <= found.evidence.events < 25
    assert found.status == "provisional"
    assert found.may_flag
    assert found.sentence.startswith(
        f"Early evidence from only {found.evidence.events} churns. The line may lie"
    )
    assert found.sentence.endswith(f"{more} more churns and we can be firmer.")


def test_a_real_but_small_difference_is_a_weak_signal() -> None:
    draws = rng(2)
    x = draws.normal(size=6000)
    found = learned(table(draws.random(6000) < np.where(x < 0, 0.115, 0.085), x=x), "x")["x"]

    assert found.q <= 0.10
    assert found.status == "weak_signal"
    assert (
        found.sentence
        == f"This moves with churn, but too little to be worth an alert (lift {found.zones.lift:.1f})."
    )
    assert found.zones.lift < 1.5
    assert not found.may_flag


def test_nothing_is_said_where_churned_and_retained_look_alike() -> None:
    found = learned(s2(), "noise")["noise"]

    assert found.status == "no_separation"
    a = found.auc
    assert f"look alike on this metric (AUC {a.estimate:.2f}".replace("0.", ".") in found.sentence
    assert found.at_risk.lines == ()


@pytest.mark.parametrize(
    ("events", "others", "sentence"),
    [
        (6, 200, "You have 6 churns with this metric recorded. 4 more give a provisional threshold, 19 more an accepted one."),
        (9, 200, "You have 9 churns with this metric recorded. 1 more gives a provisional threshold, 16 more an accepted one."),
        (12, 20, "You have only 20 retained accounts with this metric recorded. 10 more are needed."),
    ],
)  # fmt: skip
def test_a_refusal_counts_exactly_what_is_missing(events: int, others: int, sentence: str) -> None:
    found = learned(counted(events, others), "x")["x"]

    assert found.status == "insufficient_events"
    assert found.sentence == sentence
    assert found.refused == Unknown("too_little_history", sentence)
    assert found.needed.provisional == max(0, 10 - events)
    assert found.needed.accepted == 25 - events
    assert found.needed.others == max(0, 30 - others)


def test_ten_and_thirty_are_enough_to_be_tested() -> None:
    assert learned(counted(10, 30), "x")["x"].status == "provisional"
    assert learned(counted(9, 30), "x")["x"].status == "insufficient_events"
    assert learned(counted(10, 29), "x")["x"].status == "insufficient_events"


def test_a_metric_that_is_mostly_missing_says_what_happened_where_it_is_missing() -> None:
    happened = [1] * 12 + [0] * 88
    x = [float(i) if i >= 62 else None for i in range(100)]
    found = learned(table(happened, x=x), "x")["x"]

    assert found.status == "insufficient_coverage"
    assert (
        found.sentence
        == "Known for only 38 % of accounts. Where it is missing, 19 % churned (11–31 %)."
    )
    assert isinstance(found.refused, Unknown)
    assert found.refused.reason == "no_data"


def test_a_constant_is_undefined_and_refused_metrics_do_not_count_in_the_family() -> None:
    frame = s2() | {"same": [1.0] * 600}
    run = learned(frame, "share", "same", "noise")

    assert run["same"].status == "constant"
    assert run["same"].sentence == "Every account has the same value."
    assert run.tested == 2


def test_a_declared_side_that_the_data_contradict_is_a_conflict() -> None:
    found = learned(s2(), said={"share": {"better": "lower"}})["share"]

    assert found.status == "direction_conflict"
    assert found.sentence == (
        "You said lower is better; in your data accounts with lower values churned more."
        " Check the definition before using it."
    )


def test_for_growth_the_event_is_good_news() -> None:
    run = learned(s2(), said={"share": {"better": "lower"}}, asked="grow")
    found = run["share"]

    assert found.status == "accepted"
    assert " expanded " in found.sentence
    assert run.question.zones == ("expansion-ready", "in between", "not ready")
    assert learned(s2(), said={"share": {"better": "higher"}}, asked="grow")["share"].status == "direction_conflict"  # fmt: skip


def test_risk_on_both_sides_is_a_band_and_never_one_line() -> None:
    draws = rng(9)
    x = np.round(draws.uniform(0, 100, 1500), 1)
    risk = np.where((x < 20) | (x > 80), 0.40, 0.05)
    found = learned(table(draws.random(1500) < risk, x=x), "x")["x"]

    assert found.shape == "band"
    assert found.status == "accepted"
    low, high = found.at_risk.lines
    assert (low.sign[0], high.sign[0]) == ("<", ">")
    assert low.value == pytest.approx(20, abs=2.5)
    assert high.value == pytest.approx(80, abs=2.5)
    flagged = found.flags(np.array([5.0, 50.0, 95.0, np.nan]))
    assert flagged.tolist() == [True, False, True, False]


def test_a_smooth_rise_has_no_break_and_gets_lines_of_policy() -> None:
    draws = rng(12)
    z = draws.normal(size=3000)
    frame = table(draws.random(3000) < 1 / (1 + np.exp(2.5 + z)), x=60 + 20 * z)
    found = learned(frame, "x")["x"]

    assert found.shape == "gradual"
    assert found.bic_gap > 2
    assert found.at.low <= 36.4 <= found.at.high
    assert found.well.low <= 67.8 <= found.well.high


def test_a_shadow_of_the_cause_is_called_its_proxy() -> None:
    draws = rng(13)
    cause = draws.normal(size=2500)
    shadow = 0.7 * cause + np.sqrt(0.51) * draws.normal(size=2500)
    frame = table(
        draws.random(2500) < np.where(cause < -0.7, 0.35, 0.05), cause=cause, shadow=shadow
    )
    run = learned(frame, "shadow", "cause")

    assert run["cause"].status == "accepted"
    assert run["shadow"].status == "proxy"
    assert run["shadow"].by == "cause"
    assert run["shadow"].sentence == (
        "Moves together with cause. Once cause is known it adds nothing. Alert on cause."
    )
    assert not run["shadow"].may_flag


def test_near_twins_are_one_group_with_one_recommended_member() -> None:
    draws = rng(14)
    cause = draws.normal(size=1500)
    twin = cause + draws.normal(size=1500) * 0.05
    frame = table(draws.random(1500) < np.where(cause < -0.7, 0.35, 0.05), cause=cause, twin=twin, far=draws.normal(size=1500))  # fmt: skip
    run = learned(frame, "twin", "cause", "far")
    group = run["cause"].twins

    assert set(group) == {"cause", "twin"}
    assert run["twin"].twins == group
    assert run["far"].twins == ()
    assert run[group[0]].auc.estimate == max(run[name].auc.estimate for name in group)


def between_segments(number: int) -> dict[str, list[object]]:
    draws = rng(number)
    segment = draws.integers(0, 2, 2000)
    x = np.where(segment == 0, -1.5, 1.5) + draws.normal(size=2000)
    happened = draws.random(2000) < np.where(segment == 0, 0.30, 0.04)
    return table(happened, x=x, segment=[("SMB", "large")[s] for s in segment])


def test_a_difference_between_segments_only_is_confounded() -> None:
    frame = between_segments(15)
    found = learned(frame, "x", segment="segment")["x"]

    assert learned(frame, "x")["x"].status == "accepted"
    assert found.status == "confounded"
    assert found.by == "segment"
    assert found.sentence == (
        "The difference is between segments, not within them: SMB accounts churn more and also have a lower x."
    )


def test_a_weak_signal_that_lies_between_segments_says_so() -> None:
    config = replace(QUICK, min_lift=9.0)
    found = learned(between_segments(15), "x", segment="segment", config=config)["x"]

    assert found.status == "weak_signal"
    assert found.by == "segment"
    assert found.sentence.endswith("The difference is between segments, not within them.")


def quarters(
    number: int, risks: list[tuple[float, float]], rows: int = 400
) -> dict[str, list[object]]:
    """Per landmark the risk above 45 and elsewhere."""
    draws = rng(number)
    x = draws.integers(0, 60, rows * len(risks))
    period = np.repeat(np.arange(len(risks)), rows)
    risk = np.where(x > 45, *np.array(risks)[period].T)
    return table(draws.random(len(x)) < risk, days=[DAYS[p] for p in period], x=x)


def test_a_line_that_holds_on_later_landmarks_is_validated_and_their_rates_are_the_headline() -> (
    None
):
    found = learned(quarters(16, [(0.4, 0.05)] * 4), "x")["x"]

    assert found.holdout is not None
    assert found.holdout.validated
    assert found.badge == ""
    assert found.holdout.from_day == DAYS[3]
    assert found.sentence.endswith("Rates of later data.")
    assert f"churned {round(100 * found.holdout.rate.estimate)} % of the time" in found.sentence


def test_a_line_that_did_not_hold_on_later_data_is_a_weak_signal() -> None:
    found = learned(quarters(17, [(0.5, 0.04), (0.5, 0.04), (0.1, 0.1), (0.1, 0.1)]), "x")["x"]

    assert found.q <= 0.10
    assert found.status == "weak_signal"
    assert "did not hold on later data" in found.sentence


def test_one_landmark_cannot_be_checked_on_later_data() -> None:
    found = learned(s2(), "share")["share"]

    assert found.holdout is not None
    assert found.holdout.verdict is None
    assert (found.badge, found.badge_says) == ("not_validated", "Not yet checked on later data.")


def test_too_few_events_later_are_counted_in_the_badge() -> None:
    found = learned(quarters(21, [(0.4, 0.04), (0.015, 0.003)], rows=500), "x")["x"]

    assert found.status == "accepted"
    assert found.holdout.test_events == 1
    assert found.badge_says == (
        f"Not yet checked on later data: 1 churn from {DAYS[1]} on, 5 are needed."
    )


def test_reviews_and_presets_have_their_sentences() -> None:
    assert sentences.preset("S2") == "Industry starting point, not from your data (S2)."
    assert sentences.recalibrate(0.31, 0.68, "35") == (
        "Still predicts, but the line no longer catches the churns it used to (31 %, was 68 %). Your data now suggest 35."
    )
    assert sentences.decayed(0.09, 0.08) == (
        "Flagged accounts churned no more than others last quarter (9 % against 8 %)."
    )


def test_a_result_is_plain_to_the_last_field() -> None:
    import json

    run = learned(s2() | {"amount": [1000] * 600}, "share", "noise", arr="amount")
    told = json.loads(json.dumps(run.to_dict(), allow_nan=False))

    assert told["ledger"] == {"came": 600, "kept": 600, "excluded": {}}
    first = told["results"][0]
    assert first["evidence"]["stream"] == 7
    assert first["config"]["permutations"] == 199
    assert first["zones"]["zones"][0]["arr"] == str(1000 * first["zones"]["zones"][0]["rows"])
