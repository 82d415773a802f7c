"""The second half of the pencil cases: health, portfolio, time, handoff and onboarding."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from oracles.life_answers import answer
from oracles.plain import account, contract
from oracles.plain_life import AS_OF, LONG, Q2, back, life, of_a, touch
from oracles.reading import NO_DATA, TOO_LITTLE, UNDEFINED
from oracles.standing import WITHHELD

SMB = {"smb": [2, 3], "enterprise": [1, 2]}


def score(days: int, points: float | str, model: str | None = "v1", name: str = "A") -> Any:
    row = {"account_id": name, "score_date": back(days), "score": Decimal(str(points))}
    return row | {"model_version": model}


def test_a_score_is_stale_the_day_after_thirty():
    rows = life(
        health_scores=[score(30, 40), score(200, 90)], accounts=[account("A"), account("B")]
    )
    found = answer("health_score", rows, AS_OF)
    assert (found["by_account"], found["stale"]) == ({"A": 40, "B": NO_DATA}, [])
    assert found["unscored"] == []  # B has no ARR
    assert answer("health_score", rows, back(-1))["stale"] == ["A"]


def test_ninety_days_ago_is_carried_forward_under_the_same_model():
    rows = life(health_scores=[score(120, 80), score(90, 70), score(5, 64)])
    assert of_a("health_score_delta_90d", rows=rows) == -6
    assert of_a("health_score_delta_90d", as_of=back(1), rows=rows) == -16
    assert of_a("health_score_delta_90d", as_of=back(60), rows=rows) == TOO_LITTLE
    rows["health_scores"][-1]["model_version"] = None
    assert of_a("health_score_delta_90d", rows=rows) == TOO_LITTLE
    assert of_a("health_score_delta_90d", as_of=back(121), rows=rows) == NO_DATA


@pytest.mark.parametrize(
    ("scores", "direction"),
    [
        ([score(90, 60), score(0, 55)], "flat"),
        ([score(90, 60), score(0, 54.9)], "falling"),
        ([score(30, 60), score(0, 61.7)], "rising"),
        ([score(29, 60), score(0, 90)], TOO_LITTLE),
        ([score(91, 60), score(0, 90)], TOO_LITTLE),
        ([score(90, 60), score(0, 90, "v2")], TOO_LITTLE),
        ([score(90, 10, "v1"), score(60, 50, "v2"), score(0, 50, "v2")], "flat"),
        ([score(60, 60), score(30, 66), score(0, 60)], "flat"),
        ([], NO_DATA),
    ],
)
def test_the_slope_is_fitted_to_one_model_over_thirty_days_or_more(scores, direction):
    got = of_a("health_score_slope_90d", rows=life(health_scores=scores))
    assert (got["direction"] if isinstance(got, dict) else got) == direction


def test_the_slope_is_the_least_squares_one():
    rows = life(health_scores=[score(90, 50), score(60, 40), score(0, 44)])
    got = of_a("health_score_slope_90d", rows=rows)
    # Days 0, 30, 90 about 40; points 50, 40, 44 about 44 2/3: (-40 x 16/3 + 10 x 14/3 - 50 x 2/3) / 4200.
    assert got["slope_per_day"] == Fraction(-200, 4200)
    assert got["fitted_change_90d"] == Fraction(-30, 7)


def test_falling_before_renewal_has_both_edges_of_its_window():
    falling = [score(60, 80), score(0, 20)]
    for days, flagged in ((90, ["A"]), (91, []), (1, ["A"])):
        agreed = contract("one", date(2024, 1, 1), back(-days), 1000)
        found = answer("falling_before_renewal", life(agreed, health_scores=falling), AS_OF)
        assert (found["days_to_renewal"], found["flagged"]) == ({"A": days}, flagged)
    late = life(contract("one", date(2024, 1, 1), back(1), 1000), health_scores=falling)
    assert answer("falling_before_renewal", late, AS_OF)["flagged"] == []
    near = life(contract("one", date(2024, 1, 1), back(-9), 1000), health_scores=falling[:1])
    assert answer("falling_before_renewal", near, AS_OF)["unknown_slope"] == ["A"]


def test_sentiment_is_the_mean_of_all_signals():
    at = datetime(2025, 6, 1, tzinfo=UTC)
    ticket = {"account_id": "A", "created_at": at, "sentiment": Decimal("-0.5")}
    rows = life(
        activities=[
            touch(back(89), sentiment=Decimal(1), status=None, direction="inbound"),
            touch(back(90), sentiment=Decimal(-1)),
            touch(back(3), sentiment=Decimal(-1), status="no_show"),
        ],
        tickets=[ticket, ticket | {"sentiment": None}],
        feedback=[{"account_id": "A", "submitted_at": at, "sentiment": Decimal(0)}],
    )
    found = answer("sentiment", rows, AS_OF)
    assert (found["by_account"], found["n"]) == ({"A": Fraction(1, 6)}, {"A": 3})
    assert of_a("sentiment", as_of=date(2024, 6, 1), rows=rows) == NO_DATA


def test_strategic_health_is_weighted_by_arr():
    names = {"A": 3000, "B": 1000, "C": 500, "D": 0}
    agreed = [contract(n, *LONG, arr, account_id=n) for n, arr in names.items()]
    who = [account("A", segment="enterprise"), account("B", tier="strategic"), account("E")]
    who += [account(n, segment="enterprise") for n in "CD"]
    scores = [score(400, 80), score(1, 40, name="B"), score(1, 10, name="D")]
    found = answer(
        "strategic_account_health", life(*agreed, accounts=who, health_scores=scores), AS_OF
    )
    assert found == {"value": 70, "scored_accounts": 2, "unscored": ["C"]}


def book(count: int, segment: str | None = "smb", fte: Any = None) -> dict[str, Any]:
    """So many active accounts of one owner."""
    names = [f"A{n}" for n in range(count)]
    agreed = [contract(n, *LONG, 100, account_id=n) for n in names]
    who = [account(n, segment=segment, csm_id="maya") for n in names]
    return life(
        *agreed, accounts=who, team_members=[{"user_id": "maya", "fte": fte}], activities=[]
    )


@pytest.mark.parametrize(
    ("count", "fte", "word"),
    [(1, None, "under"), (2, None, "within"), (3, None, "within"), (4, None, "over")]
    + [(4, Decimal(2), "within"), (7, Decimal(2), "over"), (4, Decimal("0.5"), "over")],
)
def test_a_caseload_is_judged_by_its_segment_and_by_head_in_a_pool(count, fte, word):
    found = answer("caseload_status", book(count, fte=fte), AS_OF, benchmarks=SMB)["by_csm"]["maya"]
    people = 2 if fte == 2 else 1
    assert found == {
        "accounts": count,
        "load": Fraction(count, 3 * people),
        "status": word,
        "untouched_60_plus": 0,
    }


def test_a_mixed_book_is_judged_by_its_load_and_unknown_segments_stay_out():
    rows = book(3)
    rows["accounts"][0]["segment"], rows["accounts"][1]["segment"] = "enterprise", "giant"
    rows["accounts"].append(account("none", csm_id="maya"))
    found = answer("caseload_status", rows, AS_OF, benchmarks=SMB)
    assert found["by_csm"]["maya"]["load"] == Fraction(1, 2) + Fraction(1, 3)
    assert (found["by_csm"]["maya"]["status"], found["segment_unknown"]) == ("within", 1)
    rows["accounts"][2]["csm_id"] = None
    assert answer("caseload_status", rows, AS_OF, benchmarks=SMB)["unassigned"] == 1
    for row in rows["accounts"]:
        row |= {"segment": None, "start_date": back(60)}
    alone = answer("caseload_status", rows, AS_OF)["by_csm"]["maya"]
    assert (alone["status"], alone["load"], alone["untouched_60_plus"]) == (UNDEFINED, 0, 2)


def week(start: date, minutes: int, word: str = "customer_facing", **more: Any) -> dict[str, Any]:
    end = more.pop("week_end", start + timedelta(days=7))
    row = {"user_id": "maya", "week_start": start, "week_end": end, "category": word}
    return row | {"account_id": None, "minutes": Decimal(minutes)} | more


def test_time_counts_in_whole_weeks_of_the_period_that_are_over():
    tail = week(date(2025, 6, 30), 30, "golf", week_end=date(2025, 7, 1))
    rows = life(
        time_totals=[
            week(date(2025, 3, 31), 999, week_end=date(2025, 4, 1)),
            week(date(2025, 4, 1), 60, week_end=date(2025, 4, 7)),
            week(date(2025, 6, 2), 30, "internal", user_id="tom"),
            week(date(2025, 6, 28), 999),
            tail,
        ]
    )
    found = answer("time_allocation_shares", rows, AS_OF, Q2)
    assert found["total_hours"] == 2
    assert (found["shares"]["customer_facing"], found["shares"]["uncategorised"]) == (
        Fraction(1, 2),
        Fraction(1, 4),
    )
    assert found["shares"]["qbr_prep"] == 0
    assert answer("time_allocation_shares", rows, back(1), Q2)["total_hours"] == Fraction(3, 2)
    less = answer("time_allocation_shares", rows, AS_OF, Q2, min_hours=3)
    assert (less["shares"], less["total_hours"]) == (WITHHELD, 2)
    change = answer("customer_facing_share_qoq", rows, AS_OF, Q2)
    assert change["team"] == {"previous": 1, "current": Fraction(1, 2), "change_pp": -50}
    assert (change["direction"], change["by_csm"]["tom"]["change_pp"]) == ("shrinking", NO_DATA)


def test_attention_is_compared_with_arr_and_risk_excuses_neglect():
    names = {"A": 100, "B": 100, "C": 100, "D": 100}
    agreed = [contract(n, *LONG, arr, account_id=n) for n, arr in names.items()]
    flag = {"account_id": "C", "raised_date": back(5), "cleared_date": None, "metric_id": None}
    rows = life(
        *agreed,
        activities=[touch(back(60), account_id=n, name=n) for n in "ABC"],
        time_totals=[
            week(Q2[0], 60, account_id="A"),
            week(Q2[0], 20, account_id="B"),
            week(Q2[0], 30, user_id="tom"),
        ],
        risk_flags=[flag, flag | {"account_id": "D", "metric_id": "seat_utilization"}],
    )
    found = answer("portfolio_attention_gap", rows, AS_OF, Q2)
    assert found["gap"] == {"A": Fraction(1, 2), "B": 0, "C": Fraction(-1, 4), "D": Fraction(-1, 4)}
    assert (found["no_time_accounts"], found["neglected"]) == (["C", "D"], ["A", "B", "D"])
    assert (found["top3_time_share"], found["unattributed_hours"]) == (1, Fraction(1, 2))
    assert answer("portfolio_attention_gap", rows, back(1), Q2)["neglected"] == ["D"]


def deal(days: int, **more: Any) -> dict[str, Any]:
    row = {"opportunity_id": "d", "account_id": "A", "opportunity_type": "new_business"}
    return row | {"stage": "closed_won", "close_date": back(days)} | more


@pytest.mark.parametrize(
    ("closed", "touched", "lag", "late", "missing"),
    [
        (20, 7, 13, False, True),
        (20, 6, 14, True, True),
        (13, None, TOO_LITTLE, False, False),
        (14, None, TOO_LITTLE, True, False),
        (15, None, TOO_LITTLE, True, True),
        (20, 50, 0, False, True),
        (20, 51, TOO_LITTLE, True, True),
    ],
)
def test_a_handoff_is_late_on_the_fourteenth_day(closed, touched, lag, late, missing):
    touches = [] if touched is None else [touch(back(touched))]
    rows = life(opportunities=[deal(closed)], activities=touches, use_cases=[])
    found = answer("handoff_failures", rows, AS_OF)["by_deal"]["d"]
    waiting = lag if isinstance(lag, int) else closed
    assert found == {
        "first_touch_lag_days": lag,
        "late_first_touch": late,
        "kickoff_missing": missing,
        "days_waiting": waiting,
        "failed": late or missing,
    }


def test_a_kickoff_needs_notes_and_a_deal_needs_its_use_cases():
    held = touch(back(19), "kickoff", documented=True)
    sold = {"opportunity_id": "d", "sold_date": back(90), "enabled_date": None, "status": "enabled"}
    rows = life(opportunities=[deal(20)], activities=[held], use_cases=[sold])
    found = answer("handoff_failures", rows, AS_OF)
    assert (found["by_deal"]["d"]["kickoff_missing"], found["failure_rate"]) == (False, 1)
    assert found["use_cases_not_enabled_past_sla"] == 1
    assert answer("handoff_failures", rows, back(1))["failure_rate"] == 0
    rows["activities"][0]["documented"] = None
    assert answer("handoff_failures", rows, back(1))["by_deal"]["d"]["kickoff_missing"] is True
    others = [deal(20, opportunity_type="renewal"), deal(20, stage="open"), deal(-1)]
    none = answer("handoff_failures", rows | {"opportunities": others}, AS_OF)
    assert (none["deals_evaluated"], none["failure_rate"]) == (0, UNDEFINED)


def test_sold_use_cases_are_enabled_by_their_date_and_not_by_their_word():
    sold = {"sold_date": back(90), "enabled_date": None, "status": None}
    rows = life(
        use_cases=[
            sold,
            sold | {"sold_date": back(89), "status": "enabled"},
            sold | {"enabled_date": AS_OF},
            sold | {"enabled_date": back(-1)},
            sold | {"status": "cancelled"},
            sold | {"sold_date": None},
            sold | {"sold_date": back(-1)},
        ]
    )
    found = answer("sold_not_enabled", rows, AS_OF)
    assert (found["use_cases_sold"], found["value"], found["enablement_rate"]) == (
        4,
        3,
        Fraction(1, 4),
    )
    assert found["use_cases_not_enabled_past_sla"] == 2


def steps(**days: tuple[int | None, int | None]) -> list[dict[str, Any]]:
    """Days back of onboarding start and first value, per account."""
    return [
        {"account_id": name, "milestone": word, "planned_date": None, "completed_date": back(day)}
        for name, pair in days.items()
        for word, day in zip(("onboarding_start", "first_value"), pair, strict=True)
        if day is not None
    ]


def test_first_value_is_averaged_over_those_who_got_there():
    rows = life(
        onboarding_milestones=steps(
            A=(50, 40), B=(40, 0), C=(30, None), D=(30, 30), E=(20, 30), F=(None, 5), G=(5, -1)
        )
    )
    found = answer("avg_time_to_first_value", rows, AS_OF, Q2)
    assert found == {"value": Fraction(50, 3), "n": 3, "median": 10, "open_accounts": 2}
    early = answer("avg_time_to_first_value", rows, back(36), Q2)
    assert (early["n"], early["median"], early["open_accounts"]) == (1, 10, 1)


@pytest.mark.parametrize(
    ("then", "now", "word"),
    [(100, 98, "stable"), (100, 97, "improving"), (100, 103, "declining"), (0, 0, "stable")]
    + [(0, 1, "declining")],
)
def test_a_shorter_way_to_value_is_better_beyond_two_percent(then, now, word):
    rows = life(onboarding_milestones=steps(A=(95 + then, 95), B=(1 + now, 1)))
    assert answer("avg_time_to_first_value_trend", rows, AS_OF, Q2)["trend"] == word
    # The quarter before begins on 1 January: the last day of the old year is in neither.
    rows["onboarding_milestones"] = steps(A=(190, 181), B=(1 + now, 1))
    assert answer("avg_time_to_first_value_trend", rows, AS_OF, Q2)["trend"] == UNDEFINED


def test_time_to_value_starts_with_the_first_signature():
    agreed = [
        contract("draft", *LONG, signed_date=back(300), status="draft"),
        contract("one", *LONG, 10, signed_date=back(100)),
        contract("two", *LONG, 10, signed_date=back(120)),
        contract("b", *LONG, 10, account_id="B"),
    ]
    rows = life(*agreed, onboarding_milestones=steps(A=(None, 20), B=(None, 20)))
    assert answer("time_to_value", rows, AS_OF, Q2) == {"value": 100, "n": 1}


def test_an_account_is_active_when_its_own_people_used_the_feature_often_enough():
    def user(name: str, days: int | None, internal: bool | None = None) -> dict[str, Any]:
        given = None if days is None else back(days)
        return {
            "product_user_id": name,
            "account_id": "A",
            "assigned_date": given,
            "is_internal": internal,
        }

    def used(name: str, days: int, count: int, feature: str = "F1") -> dict[str, Any]:
        row = {"account_id": "A", "product_user_id": name, "usage_date": back(days)}
        return row | {"feature_id": feature, "event_count": count}

    rows = life(
        accounts=[account("A"), account("B")],
        product_users=[user("u", 60), user("v", 40), user("us", 90, True), user("w", None)],
        usage_daily=[used("us", 80, 9), used("u", 50, 1), used("v", 30, 1), used("v", 10, 1, "F2")],
    )
    found = answer("time_to_activation", rows, AS_OF, activation_feature="F1", min_events=2)
    assert (found["by_account"], found["activation_rate"]) == ({"A": 30, "B": NO_DATA}, 1)
    more = answer("time_to_activation", rows, AS_OF, activation_feature="F1, F2", min_events=3)
    assert (more["average"], more["activation_rate"]) == (50, 1)
    less = answer("time_to_activation", rows, AS_OF, activation_feature="F2", min_events=3)
    assert (less["by_account"]["A"], less["average"]) == (TOO_LITTLE, UNDEFINED)
    assert less["activation_rate"] == 0
    assert answer("time_to_activation", rows, AS_OF)["value"] == NO_DATA


def test_a_team_that_was_never_planned_does_not_complete_a_roll_out():
    def team(seats: int | None, days: int | None, name: str = "A") -> dict[str, Any]:
        live = None if days is None else back(days)
        return {"account_id": name, "planned_seats": seats, "live_date": live}

    rows = life(
        accounts=[account("A"), account("B"), account("C")],
        deployments=[team(10, 0), team(30, -1), team(None, 9), team(None, 9, "B")],
    )
    found = answer("deployment_completeness", rows, AS_OF)
    assert (found["value"], found["seat_weighted"]) == (Fraction(2, 3), Fraction(1, 4))
    assert found["by_account"] == {"A": Fraction(1, 2), "B": 1, "C": NO_DATA}
