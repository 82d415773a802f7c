"""What an account's timeline tells: every kind of event on its day, nothing later, filtered by who and how."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tenure.facts.table import table
from tenure.insights.happened import Event, Source, happened
from tenure.insights.timeline import Wanted, days, directions, kinds, made_by, persons, wanted

DAY = date(2026, 6, 15)


def row(of: str, **columns: Any) -> dict[str, Any]:
    return dict.fromkeys(table(of).columns) | columns


def at(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def told(day: date = DAY, **rows: list[dict[str, Any]]) -> list[Event]:
    found = {name: [row(name) | one for one in own] for name, own in rows.items()}
    source = Source(
        found, {"U1": "Maya", "U2": "Tom"}, {"p1": "Dana", "p2": "Kim"}, "Europe/Berlin"
    )
    return happened(source, day)


def said(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.head, event.says) for event in events]


def test_nothing_after_the_day_is_told_and_of_a_ticket_solved_since_only_that_it_was_opened() -> (
    None
):
    ticket = {"ticket_id": "t1", "created_at": at(6, 1), "solved_at": at(6, 4), "category": "bug", "csat": 4}  # fmt: skip
    goal = {"goal_id": "g1", "name": "Faster", "set_date": date(2026, 6, 20)}

    assert said(told(date(2026, 6, 2), tickets=[ticket], goals=[goal])) == [
        ("Ticket opened", "bug")
    ]
    assert said(told(tickets=[ticket], goals=[goal])) == [
        ("Ticket solved", "bug · after 3 days · rated 4 of 5"),
        ("Ticket opened", "bug"),
    ]


def test_the_day_of_a_moment_is_the_companys_and_not_that_of_utc() -> None:
    (event,) = told(activities=[{"activity_id": "a", "activity_type": "call", "occurred_at": at(6, 14, 23), "status": "completed"}])  # fmt: skip

    assert (event.day, event.at and event.at.hour) == (date(2026, 6, 15), 1)
    assert not told(date(2026, 6, 14), activities=[{"activity_id": "a", "activity_type": "call", "occurred_at": at(6, 14, 23), "status": "completed"}])  # fmt: skip


def test_newest_come_first_and_within_a_day_what_has_a_time_before_what_has_none() -> None:
    events = told(
        activities=[
            {"activity_id": "a", "activity_type": "call", "occurred_at": at(6, 10, 8), "status": "completed"},
            {"activity_id": "b", "activity_type": "qbr", "occurred_at": at(6, 10, 9), "status": "no_show"},
        ],
        contracts=[{"contract_id": "c1", "notice_date": date(2026, 6, 10), "exit_reason": "price"}],
        onboarding_milestones=[{"milestone": "go_live", "planned_date": date(2026, 6, 1), "completed_date": date(2026, 6, 11)}],
    )  # fmt: skip

    assert said(events) == [
        ("Milestone reached: go live", "10 days after its plan"),
        ("QBR", "no show"),
        ("Call", ""),
        ("Notice given", "c1 · price"),
    ]
    assert [event.state for event in events] == ["good", "bad", "", "bad"]
    assert [(one.day.day, len(one.events)) for one in days(events)] == [(11, 1), (10, 3)]


def test_an_owner_is_told_with_whom_they_follow_and_an_end_only_where_nobody_follows() -> None:
    events = told(
        account_assignments=[
            {"user_id": "U1", "role": "csm", "start_date": date(2026, 1, 1), "end_date": date(2026, 3, 1)},
            {"user_id": "U2", "role": "csm", "start_date": date(2026, 3, 1), "end_date": date(2026, 5, 1)},
        ]
    )  # fmt: skip

    assert said(events) == [
        ("Tom is CSM no more", "nobody followed that day"),
        ("Tom looks after it as CSM", "after Maya"),
        ("Maya looks after it as CSM", ""),
    ]


def test_a_draft_is_no_contract_and_a_flag_says_why_it_closed() -> None:
    events = told(
        contracts=[{"contract_id": "c1", "status": "draft", "signed_date": date(2026, 6, 1)}],
        risk_flags=[
            {"flag_id": "f", "reason": "No touch", "raised_date": date(2026, 6, 1), "cleared_date": date(2026, 6, 8),
             "ended": "dismissed", "reason_said": "on leave"},
            {"flag_id": "g", "reason": "Seats full", "question": "grow", "raised_date": date(2026, 6, 2)},
        ],
    )  # fmt: skip

    assert said(events) == [
        ("Flag: closed", "No touch · no problem · on leave"),
        ("Ready for more: opened", "Seats full"),
        ("Flag: opened", "No touch"),
    ]


def touched() -> list[Event]:
    base = {"activity_type": "email", "status": "completed", "direction": "outbound"}
    return told(
        activities=[
            base | {"activity_id": "a", "occurred_at": at(6, 1), "user_id": "U1", "is_ai_assisted": True},
            base | {"activity_id": "b", "occurred_at": at(6, 2), "user_id": "U2", "is_automated": True},
            base | {"activity_id": "c", "occurred_at": at(6, 3), "user_id": "U1", "direction": "inbound"},
        ],
        activity_contacts=[{"activity_id": "c", "contact_id": "p1"}],
        survey_responses=[
            {"response_id": "s", "survey_type": "nps", "score": 9, "scale_min": 0, "scale_max": 10,
             "responded_at": at(6, 4), "contact_id": "p1"}
        ],
    )  # fmt: skip


def test_a_timeline_is_filtered_by_kind_person_direction_and_how_a_touch_was_made() -> None:
    events = touched()

    def ids(**asked: str) -> list[str]:
        return [event.id for event in wanted(events, Wanted(**asked))]

    assert ids() == ["s", "c", "b", "a"]
    assert ids(kind="survey") == ["s"]
    assert ids(person="c:p1") == ["s", "c"]
    assert ids(person="u:U1", direction="inbound") == ["c"]
    assert (ids(made="ai"), ids(made="automated"), ids(made="person")) == (["a"], ["b"], ["c"])
    assert Wanted().is_all
    assert not Wanted(made="ai").is_all


def test_filters_offer_what_is_there_with_how_much_of_it() -> None:
    events = touched()
    theirs, ours = persons(events)

    assert [(c.value, c.count) for c in kinds(events)] == [("touch", 3), ("survey", 1)]
    assert [(c.says, c.count) for c in theirs] == [("Dana", 2)]
    assert [(c.says, c.count) for c in ours] == [("Maya", 2), ("Tom", 1)]
    assert [(c.says, c.count) for c in directions(events)] == [("from them", 2), ("from us", 2)]
    assert [c.count for c in made_by(events)] == [1, 1, 1]
    assert made_by([event for event in events if event.id == "c"]) == []


def test_a_survey_answer_says_its_score_and_its_scale() -> None:
    assert touched()[0].head == "NPS answered: 9 (0 to 10)"
