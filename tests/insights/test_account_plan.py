"""What a plan page says: slots kept and missed, what is over, what was moved, who has left; worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tenure.facts.table import table
from tenure.insights.plan import AccountPlan, account_plan, rhythm_said

DAY = date(2026, 6, 15)
TABLES = (
    "cadence_plans", "activities", "activity_contacts", "onboarding_milestones", "goals", "handoff_records",
    "use_cases", "advocacy_events", "contacts", "contracts",
)  # fmt: skip


def row(of: str, **columns: Any) -> dict[str, Any]:
    return dict.fromkeys(table(of).columns) | columns


def planned(
    touched: dict[str, list[date]] | None = None, moved: dict[str, date] | None = None, **rows: list[dict[str, Any]]
) -> AccountPlan:  # fmt: skip
    found = {
        name: {str(n): row(name) | one for n, one in enumerate(rows.get(name, ()))}
        for name in TABLES
    }
    names = {"p1": "Dana", "p2": "Kim", "d1": "New business d1"}
    return account_plan(found, touched or {}, names, DAY, "Europe/Berlin", moved)


def said(plan: AccountPlan, name: str) -> list[tuple[str, str, str]]:
    return [(item.head, item.says, item.state) for item in plan.lists[name]]


def test_slots_of_a_plan_are_kept_or_missed_and_one_that_runs_is_neither() -> None:
    start = DAY - timedelta(days=35)
    plan = planned(
        {"call": [start + timedelta(days=3), start + timedelta(days=28)], "any": []},
        cadence_plans=[{"touch_type": "call", "interval_days": 14, "start_date": start}],
    ).cadence[0]

    assert plan.says == "call every 14 days"
    assert [slot.touched_on for slot in plan.slots] == [start + timedelta(days=3), None]
    assert (plan.kept, plan.state) == (1, "in force")


def test_plans_in_force_come_first_then_those_to_come_then_those_that_ended() -> None:
    plan = planned(
        cadence_plans=[
            {
                "touch_type": "any",
                "interval_days": 30,
                "start_date": date(2026, 1, 1),
                "end_date": DAY,
            },
            {"touch_type": "any", "interval_days": 7, "start_date": date(2026, 7, 1)},
            {"touch_type": "qbr", "calendar_month": True, "start_date": DAY},
        ]
    )

    assert [(p.says, p.state) for p in plan.cadence] == [
        ("QBR each calendar month", "in force"),
        ("any touch every 7 days", "to come"),
        ("any touch every 30 days", "ended"),
    ]
    assert (
        rhythm_said({"touch_type": "any", "calendar_month": None, "interval_days": 1})
        == "any touch every day"
    )


def test_a_review_says_who_came_or_whose_doing_it_was_on_the_companys_day() -> None:
    late = datetime(2026, 6, 11, 23, 30)  # noqa: DTZ001 - the lake keeps UTC
    plan = planned(
        activities=[
            {"activity_id": "a1", "activity_type": "qbr", "occurred_at": late, "status": "completed"},
            {"activity_id": "a2", "activity_type": "operational_review", "status": "cancelled",
             "occurred_at": datetime(2026, 5, 2, tzinfo=UTC), "cancelled_by": "customer"},
            {"activity_id": "a3", "activity_type": "ebr", "occurred_at": datetime(2026, 7, 1, tzinfo=UTC), "status": "scheduled"},
            {"activity_id": "a4", "activity_type": "call", "occurred_at": late, "status": "completed"},
        ],
        activity_contacts=[
            {"activity_id": "a1", "contact_id": "p1", "attended": True},
            {"activity_id": "a1", "contact_id": "p2", "attended": False},
        ],
    )  # fmt: skip

    assert said(plan, "review") == [
        ("Executive business review", "1 Jul 2026 · planned", "open"),
        ("QBR", "12 Jun 2026 · held with Dana", "done"),
        ("Operational review", "2 May 2026 · cancelled by the customer", "missed"),
    ]


def test_milestones_say_how_late_they_were_and_where_they_stood_first() -> None:
    plan = planned(
        moved={"1": date(2026, 6, 1)},
        onboarding_milestones=[
            {
                "milestone": "kickoff",
                "planned_date": date(2026, 5, 1),
                "completed_date": date(2026, 5, 2),
            },
            {"milestone": "go_live", "planned_date": date(2026, 7, 1)},
            {"milestone": "first_value", "planned_date": date(2026, 6, 14)},
            {"milestone": "Own step"},
        ],
    )

    assert said(plan, "milestone") == [
        ("Kickoff", "reached 2 May 2026, 1 day after its plan", "done"),
        ("First value", "planned for 14 Jun 2026, not reached", "missed"),
        ("Go live", "planned for 1 Jul 2026, first planned for 1 Jun 2026", "open"),
        ("Own step", "no date planned", "open"),
    ]


def test_people_stand_sponsors_first_and_those_who_left_last_but_for_a_sponsor() -> None:
    plan = planned(
        contacts=[
            {"contact_id": "p3", "name": "Abe", "role": "user", "active_to": date(2026, 1, 1)},
            {"contact_id": "p2", "name": "Kim", "role": "champion"},
            {"contact_id": "p1", "name": "Dana", "is_executive_sponsor": True, "active_to": DAY},
        ]
    )

    assert said(plan, "contact") == [
        ("Dana", "sponsor · left 15 Jun 2026", "missed"),
        ("Kim", "champion", "open"),
        ("Abe", "user · left 1 Jan 2026", "open"),
    ]


def test_other_lists_say_what_is_there_and_what_is_not() -> None:
    plan = planned(
        goals=[{"goal_id": "g", "name": "Faster", "target_date": date(2026, 6, 1), "is_first_value": True}],
        handoff_records=[{"handoff_id": "h", "opportunity_id": "d1", "handed_over_date": date(2026, 6, 1)}],
        use_cases=[{"use_case_id": "u", "name": "Reports", "sold_date": date(2026, 6, 1), "status": "sold"}],
        advocacy_events=[{"event_id": "e", "event_type": "cab_meeting", "status": "agreed", "event_date": DAY}],
        contracts=[{"contract_id": "c", "start_date": date(2026, 1, 1), "notice_date": DAY}],
    )  # fmt: skip

    assert said(plan, "goal") == [("Faster", "first value · to be reached by 1 Jun 2026", "missed")]
    assert said(plan, "handoff") == [
        ("New business d1", "passed on 1 Jun 2026 · not received yet · no kickoff yet", "open")
    ]
    assert said(plan, "use-case") == [("Reports", "sold 1 Jun 2026 · not enabled yet", "open")]
    assert said(plan, "advocacy") == [("Advisory board", "agreed 15 Jun 2026", "open")]
    assert said(plan, "notice") == [
        ("1 Jan 2026 to open end", "c · notice given 15 Jun 2026", "missed")
    ]
    assert not planned().cadence
