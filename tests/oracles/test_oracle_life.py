"""The oracle of coverage, health, portfolio and onboarding against cases small enough for a pencil. Nothing of Tenure runs here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from oracles.life_answers import answer, told
from oracles.plain import account, contract
from oracles.plain_life import AS_OF, LONG, Q2, back, contact, life, met, of_a, plan, touch
from oracles.reading import NO_DATA, TOO_LITTLE, UNDEFINED
from oracles.standing import WITHHELD


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({}, True),
        ({"direction": None}, True),
        ({"direction": "two_way"}, True),
        ({"direction": "inbound"}, False),
        ({"direction": "sideways"}, False),
        ({"status": None}, False),
        ({"status": "no_show"}, False),
        ({"is_automated": True}, False),
        ({"activity_type": "fax"}, True),
        ({"activity_type": "note"}, False),
        ({"activity_type": "support_reply"}, False),
        ({"activity_type": "meeting"}, False),
        ({"activity_type": "qbr", "activity_id": "seen"}, True),
        ({"activity_type": "qbr", "activity_id": "invited"}, False),
        ({"user_id": "tom"}, False),
        ({"user_id": "sam"}, True),
        ({"occurred_at": datetime(2025, 7, 1, tzinfo=UTC)}, False),
    ],
)
def test_a_touch_qualifies_when_it_is_ours_done_and_answered_where_that_is_asked(more, counts):
    team = [
        {"account_id": "A", "user_id": "maya", "role": "csm"},
        {"account_id": "A", "user_id": "sam", "role": "support"},
    ]
    spans = [row | {"start_date": LONG[0], "end_date": None} for row in team]
    seen = [met("seen", "c"), met("invited", "c", None), met("invited", "d", False)]
    rows = life(
        activities=[touch(back(3)) | more], activity_contacts=seen, account_assignments=spans
    )
    found = answer("days_since_last_touch", rows, AS_OF)
    assert found["never_touched"] == ([] if counts else ["A"])
    waived = {name: table for name, table in rows.items() if name != "activity_contacts"}
    if more.get("activity_type") == "meeting":
        assert of_a("days_since_last_touch", rows=waived) == 3


def test_where_nobody_is_assigned_that_day_anyone_is_the_account_team():
    span = {"account_id": "A", "user_id": "maya", "role": "csm", "start_date": back(10)}
    rows = life(
        activities=[touch(back(11), user_id="tom"), touch(back(10), name="t2", user_id="tom")],
        account_assignments=[span | {"end_date": None}],
    )
    assert of_a("days_since_last_touch", rows=rows) == 11


def test_a_touch_late_in_the_evening_belongs_to_the_day_of_the_workspace():
    late = touch(back(1), occurred_at=datetime(2025, 6, 29, 23, 59, tzinfo=UTC))
    rows = life(activities=[late])
    assert of_a("days_since_last_touch", rows=rows) == 1
    assert of_a("days_since_last_touch", rows=rows, zone="Asia/Tokyo") == 0


def test_an_account_never_touched_counts_from_its_start_then_from_its_assignment():
    start = [account("A", start_date=back(60)), account("B", start_date=None)]
    span = {"account_id": "B", "user_id": "maya", "role": "ae", "end_date": None}
    rows = life(accounts=start, activities=[], account_assignments=[span | {"start_date": back(5)}])
    found = answer("days_since_last_touch", rows, AS_OF)
    assert (found["by_account"], found["never_touched"]) == ({"A": 60, "B": 5}, ["A", "B"])
    assert found["untouched_60_plus"] == ["A"]
    assert answer("days_since_last_touch", rows, back(1))["untouched_60_plus"] == []
    del rows["account_assignments"]
    assert answer("days_since_last_touch", rows, AS_OF)["by_account"]["B"] == NO_DATA


def test_lists_name_active_accounts_and_maps_leave_out_what_has_not_begun():
    rows = life(
        accounts=[
            account("A"),
            account("B", start_date=back(70)),
            account("C", start_date=back(-1)),
        ],
        activities=[],
    )
    found = answer("days_since_last_touch", rows, AS_OF)
    assert list(found["by_account"]) == ["A", "B"]
    assert found["untouched_60_plus"] == []
    assert found["never_touched"] == ["A", "B"]
    for table in ("contracts", "contract_lines"):
        del rows[table]
    assert answer("days_since_last_touch", rows, AS_OF)["untouched_60_plus"] == ["B"]


def test_three_touches_in_one_slot_attain_one_slot():
    rows = life(
        cadence_plans=[plan(days=30)],
        activities=[touch(date(2025, 4, day), name=f"t{day}") for day in (1, 2, 30)],
    )
    got = of_a("cadence_attainment", period=Q2, rows=rows)
    assert got == {"slots_due": 3, "slots_attained": 1, "value": Fraction(1, 3)}  # to 30 Jun
    assert (
        of_a("cadence_attainment", period=Q2, as_of=date(2025, 6, 28), rows=rows)["slots_due"] == 2
    )
    rows["activities"].append(touch(date(2025, 5, 1), name="next"))
    assert of_a("cadence_attainment", period=Q2, rows=rows)["slots_attained"] == 2


def test_a_slot_counts_in_the_period_that_holds_its_end_and_a_change_closes_the_old_plan():
    rows = life(
        activities=[],
        cadence_plans=[
            plan(days=30, start=date(2025, 3, 2), end_date=date(2025, 4, 20)),
            plan(days=30, start=date(2025, 4, 20)),
        ],
    )
    # The first slot ends on 1 April, which is in Q1 by (start, end]; the second is cut off by the change.
    assert of_a("cadence_attainment", period=Q2, rows=rows)["slots_due"] == 2
    first = (date(2025, 1, 1), Q2[0])
    assert of_a("cadence_attainment", period=first, rows=rows)["slots_due"] == 1


def test_calendar_months_are_whole_months_after_the_start():
    monthly = plan(days=7, start=date(2024, 1, 15), calendar_month=True)
    rows = life(activities=[touch(date(2024, 2, 29))], cadence_plans=[monthly])
    quarter = (date(2024, 1, 1), date(2024, 4, 1))
    got = of_a("cadence_attainment", period=quarter, as_of=date(2024, 3, 31), rows=rows)
    assert (got["slots_due"], got["slots_attained"]) == (2, 1)
    assert of_a("days_past_cadence", as_of=date(2024, 4, 2), rows=rows) == 2


def test_an_account_is_as_covered_as_its_worst_touch_type():
    rows = life(
        accounts=[account("A"), account("B"), account("C")],
        activities=[touch(Q2[0]), touch(date(2025, 5, 20), name="t2")],
        cadence_plans=[
            plan("any", 45),
            plan("email", 30),
            plan("fax", 400),
            plan("any", 45, account_id="B", start=AS_OF),
        ],
    )
    found = answer("cadence_attainment", rows, AS_OF, Q2)
    assert found["by_account"] == {
        "A": {"slots_due": 3, "slots_attained": 2, "value": Fraction(2, 3)},
        "B": UNDEFINED,
        "C": NO_DATA,
    }
    assert (found["accounts_with_due_slots"], found["coverage_rate"]) == (1, 0)
    assert found["value"] == Fraction(2, 3)


def test_days_past_cadence_take_the_plan_furthest_behind():
    rows = life(
        accounts=[account("A", start_date=back(300)), account("B", start_date=back(40))],
        activities=[touch(back(50))],
        cadence_plans=[
            plan("any", 30, start=back(90)),
            plan("call", 30, start=back(70)),
            plan("fax", 1, start=back(200), end_date=AS_OF),
            plan("any", 30, start=AS_OF, account_id="B"),
        ],
    )
    found = answer("days_past_cadence", rows, AS_OF)
    assert found["by_account"] == {"A": 40, "B": 10}
    assert found["overdue_30_plus"] == ["A"]


def test_a_review_is_held_missing_or_not_to_be_asked_for():
    halves = [
        plan("qbr", 90, start=date(2025, 1, 1), end_date=date(2025, 5, 5)),
        plan("qbr", 60, start=date(2025, 5, 5)),
    ]
    rows = life(activities=[], cadence_plans=halves, activity_contacts=[])
    assert of_a("qbr_held", period=Q2, rows=rows) is False
    assert of_a("qbr_held", period=Q2, as_of=back(1), rows=rows) == TOO_LITTLE
    held = rows | {"activities": [touch(back(9), "ebr")]}
    assert of_a("qbr_held", period=Q2, rows=held) is False
    assert of_a("qbr_held", period=Q2, rows=held | {"activity_contacts": [met("t1", "c")]}) is True
    del held["activity_contacts"]
    assert of_a("qbr_held", period=Q2, as_of=back(8), rows=held) is True
    assert of_a("qbr_held", period=Q2, rows=held | {"cadence_plans": halves[1:]}) == UNDEFINED
    assert of_a("qbr_held", period=Q2, rows=held | {"cadence_plans": [plan()]}) == NO_DATA


def test_a_sponsor_who_left_counts_only_for_the_days_before():
    gone = contact("c", is_executive_sponsor=True, active_to=date(2025, 5, 1))
    rows = life(
        contacts=[gone], activity_contacts=[met("t1", "c")], activities=[touch(date(2025, 4, 30))]
    )
    found = answer("exec_sponsor_reached", rows, AS_OF, Q2)
    assert (found["by_account"], found["rate"], found["no_sponsor"]) == ({"A": True}, 1, ["A"])
    rows["activities"] = [touch(date(2025, 5, 1))]
    assert of_a("exec_sponsor_reached", period=Q2, rows=rows) is False
    silent = answer("exec_sponsor_unresponsive_days", rows, AS_OF)
    assert (silent["by_account"], silent["at_risk"]) == ({"A": NO_DATA}, ["A"])


def test_sponsors_are_silent_since_the_last_of_them_answered():
    new = contact("d", is_executive_sponsor=True, active_from=back(10))
    rows = life(
        contacts=[contact("c", is_executive_sponsor=True, active_from=back(99)), new],
        activity_contacts=[met("t1", "c"), met("t2", "d", None)],
        activities=[touch(back(40)), touch(back(2), name="t2")],
    )
    assert of_a("exec_sponsor_unresponsive_days", rows=rows) == 40
    rows["activity_contacts"] = []
    assert of_a("exec_sponsor_unresponsive_days", rows=rows) == 99
    rows["accounts"] = [account("A", start_date=back(30))]
    assert answer("exec_sponsor_unresponsive_days", rows, AS_OF)["at_risk"] == ["A"]
    assert answer("exec_sponsor_unresponsive_days", rows, back(1))["at_risk"] == []


def test_missed_reviews_are_complete_months_in_a_row():
    monthly = plan("operational_review", None, date(2025, 1, 1), calendar_month=True)
    seen = touch(date(2025, 3, 31), "operational_review")
    rows = life(cadence_plans=[monthly], activities=[seen])
    assert of_a("missed_operational_reviews", rows=rows) == 3
    assert of_a("missed_operational_reviews", as_of=back(1), rows=rows) == 2
    assert of_a("missed_operational_reviews", as_of=date(2025, 3, 31), rows=rows) == 0
    changed = monthly | {"end_date": date(2025, 5, 9)}
    rows["cadence_plans"] = [changed]
    assert of_a("missed_operational_reviews", rows=rows) == UNDEFINED
    rows["cadence_plans"] = [changed, plan("operational_review", 30, date(2025, 5, 9))]
    assert of_a("missed_operational_reviews", rows=rows) == 3
    rows["cadence_plans"] = [plan("operational_review", 30, date(2025, 5, 2))]
    assert of_a("missed_operational_reviews", rows=rows) == 1
    assert of_a("missed_operational_reviews", as_of=back(1), rows=rows) == UNDEFINED


def test_strategy_and_threads_look_back_ninety_days_with_both_ends():
    people = [contact(n, email=f"{n[0]}nn@x.example") for n in ("a", "A", "b")] + [contact("z")]
    people[1]["email"], people[2]["active_to"] = "Ann@X.example", AS_OF
    rows = life(
        contacts=people,
        activities=[
            touch(back(89), is_strategic=True),
            touch(back(90), name="t2", is_strategic=True),
            touch(back(1), name="t3", is_strategic=True, direction="inbound"),
        ],
        activity_contacts=[met("t1", who["contact_id"]) for who in people]
        + [met("t2", "z", False)],
    )
    assert of_a("strategic_alignment", rows=rows) == 1  # nobody attended t3
    assert of_a("multi_threading", rows=rows) == 2  # Ann once, z; b has left
    assert of_a("multi_threading", as_of=back(-1), rows=rows) == 0
    rows["activities"] = [touch(back(1))]
    assert of_a("strategic_alignment", rows=rows) == NO_DATA


def test_proactive_work_counts_with_or_without_an_account():
    rows = life(
        activities=[
            touch(Q2[0], user_id="maya", is_proactive=True, account_id=None),
            touch(AS_OF, user_id="maya", is_proactive=True, direction=None),
            touch(AS_OF, is_proactive=True),
            touch(AS_OF, user_id="maya"),
            touch(AS_OF, user_id="maya", is_proactive=True, direction="inbound"),
            touch(AS_OF, "note", user_id="maya", is_proactive=True),
            touch(Q2[1], user_id="maya", is_proactive=True),
        ]
    )
    found = answer("engagement_activity", rows, AS_OF + timedelta(days=40), Q2)
    assert found == {"value": 3, "by_csm": {"maya": 2, "unassigned": 1}}


def test_milestones_are_judged_when_they_are_due():
    def step(name: str, planned: date | None, done: date | None) -> dict[str, Any]:
        dates = {"planned_date": planned, "completed_date": done}
        return {"account_id": "A", "milestone": name} | dates

    rows = life(
        onboarding_milestones=[
            step("kickoff", back(10), back(10)),
            step("go_live", back(10), back(9)),
            step("late", AS_OF, back(-1)),
            step("early", back(-1), back(1)),
            step("unplanned", None, back(1)),
        ]
    )
    found = answer("onboarding_milestone_completion", rows, AS_OF)
    assert (found["due"], found["completed"]) == (3, 2)
    assert (found["completion_rate"], found["on_time_rate"]) == (Fraction(2, 3), Fraction(1, 3))
    assert (found["overdue"], found["completed_early_not_due"]) == (["late"], ["early"])
    assert found["overdue_by_account"] == {"A": ["late"]}


def test_renewals_are_split_by_the_coverage_of_the_quarter_before():
    due = [
        contract(n, date(2024, 5, 1), date(2025, 5, 1), arr, account_id=n, status="ended")
        for n, arr in (("A", 1000), ("B", 600), ("C", 400), ("D", 5000))
    ]
    kept = [
        contract(
            f"{n}2", date(2025, 5, 1), date(2026, 5, 1), 800, account_id=n, renews_contract_id=n
        )
        for n in ("A", "B")
    ]
    plans = [plan(days=90, start=date(2025, 1, 1), account_id=n) for n in ("A", "B", "C")]
    rows = life(*due, *kept, cadence_plans=plans, activities=[touch(date(2025, 2, 1))])
    found = answer("coverage_renewal_delta", rows, AS_OF, Q2)
    assert (found["n_at_cadence"], found["n_below_cadence"]) == (1, 2)
    assert (found["renewal_rate_below_cadence"], found["delta_points"]) == (Fraction(1, 2), 50)
    assert found["dollar_value"] == 500
    money = answer("coverage_renewal_delta", rows, AS_OF, Q2, basis="arr")
    assert money["renewal_rate_at_cadence"] == Fraction(4, 5)
    assert money["renewal_rate_below_cadence"] == Fraction(3, 5)
    assert (
        answer("coverage_renewal_delta", rows, date(2025, 4, 30), Q2)["delta_points"] == UNDEFINED
    )


def test_what_was_never_delivered_is_no_data_and_told_with_its_path():
    parts, reasons = told(answer("qbr_held", life(), AS_OF, Q2))
    assert parts == {"by_account": None, "qbr_held_rate": None, "value": None}
    assert set(reasons.values()) == {"no_data"}
    rows = life(cadence_plans=[plan("qbr", start=AS_OF)], activities=[])
    assert told(answer("qbr_held", rows, AS_OF, Q2))[1]["by_account.A"] == "undefined"


def test_withheld_is_not_empty():
    given = {"survey_type": "onboarding", "user_id": "maya", "scale_min": 0, "scale_max": 10}
    at = datetime(2025, 6, 1, tzinfo=UTC)
    scores = [5, 10, 11]
    rows = life(survey_responses=[given | {"score": s, "responded_at": at} for s in scores])
    found = answer("onboarding_rating", rows, AS_OF, Q2)
    assert (found["by_csm"], found["n"], found["company"]) == (
        {"maya": WITHHELD},
        {"maya": 2},
        WITHHELD,
    )
    assert answer("onboarding_rating", rows, AS_OF, Q2, min_n=2)["company"] == 4
    assert answer("onboarding_rating", rows, date(2025, 5, 1), Q2)["company"] == UNDEFINED
    fives = [given | {"score": Decimal("2.5"), "responded_at": at, "scale_max": 5}]
    assert (
        answer("onboarding_rating", life(survey_responses=fives), AS_OF, Q2, min_n=1)["value"] == 3
    )
