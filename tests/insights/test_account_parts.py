"""The parts of an account on one day: people, voice, value, usage, score and calls; worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tenure.facts.table import table
from tenure.insights.book import Line
from tenure.insights.happened import Source
from tenure.insights.health_parts import components, made_of, record
from tenure.insights.people_map import people_map
from tenure.insights.usage_seen import UsageSeen, mondays, parts, usage_weeks
from tenure.insights.value import value
from tenure.insights.voice import voice
from tenure.web.account_charts import usage_bars

DAY = date(2026, 6, 15)


def source(**rows: list[dict[str, Any]]) -> Source:
    found = {n: [dict.fromkeys(table(n).columns) | one for one in own] for n, own in rows.items()}
    return Source(found, {"U1": "Maya"}, {"p1": "Dana"}, "UTC")


def at(days_ago: int) -> datetime:
    return datetime(2026, 6, 15, 9, tzinfo=UTC) - timedelta(days=days_ago)


def test_who_is_there_was_met_and_answered_and_a_mail_of_ours_is_no_answer() -> None:
    found = people_map(
        source(
            contacts=[
                {"contact_id": "p1", "name": "Dana", "role": "executive_sponsor", "is_executive_sponsor": True, "department": "Finance"},
                {"contact_id": "p2", "name": "Kim", "role": "champion", "department": "finance "},
                {"contact_id": "p3", "name": "Lee", "active_from": date(2026, 7, 1)},
                {"contact_id": "p4", "name": "Ari", "active_to": date(2026, 6, 15), "department": "IT"},
                {"contact_id": "p5", "name": "Bo", "active_to": date(2026, 6, 16)},
            ],
            activities=[
                {"activity_id": "a", "occurred_at": at(10), "status": "completed", "direction": "outbound"},
                {"activity_id": "b", "occurred_at": at(200), "status": "completed", "direction": "two_way"},
                {"activity_id": "c", "occurred_at": at(1), "status": "no_show", "direction": "two_way"},
                {"activity_id": "d", "occurred_at": at(-1), "status": "completed", "direction": "two_way"},
            ],
            activity_contacts=[
                {"activity_id": id_, "contact_id": "p1", "attended": True} for id_ in "abcd"
            ] + [{"activity_id": "a", "contact_id": "p2", "attended": False}],
            survey_responses=[{"contact_id": "p2", "responded_at": at(3)}],
            product_users=[
                {"product_user_id": "x", "department": "Sales"},
                {"product_user_id": "y", "department": "sales", "removed_date": date(2026, 6, 1)},
                {"product_user_id": "z", "department": "Ours", "is_internal": True},
            ],
        ),
        DAY,
    )  # fmt: skip

    assert [(p.name, p.role, p.is_sponsor) for p in found.here] == [
        ("Dana", "", True),
        ("Bo", "", False),
        ("Kim", "champion", False),
    ]
    assert (found.here[0].met, found.here[0].answered) == (at(10).date(), at(200).date())
    assert (found.here[0].touches, found.here[2].met, found.here[2].answered) == (
        1,
        None,
        at(3).date(),
    )
    assert [(p.name, p.left_on) for p in found.left] == [("Ari", DAY)]
    assert [(d.name, d.people, d.met, d.seats) for d in found.departments] == [
        ("Sales", 0, 0, 1),
        ("Finance", 2, 1, 0),
    ]
    assert (found.met, len(found.sponsors)) == (1, 1)


def test_a_colleague_is_on_the_account_until_the_first_day_without_it() -> None:
    rows = [
        {"user_id": "U1", "role": "csm", "start_date": date(2026, 1, 1), "end_date": DAY},
        {
            "user_id": "U9",
            "role": "ae",
            "start_date": date(2026, 1, 1),
            "end_date": DAY + timedelta(1),
        },
        {"user_id": "U8", "role": "csm", "start_date": DAY + timedelta(1)},
    ]
    found = people_map(source(account_assignments=rows), DAY)

    assert [(c.name, c.role) for c in found.ours] == [("U9", "account executive")]
    assert [(c.name, c.role, c.end) for c in found.before] == [("Maya", "CSM", DAY)]


def test_a_ticket_solved_later_is_open_with_its_age_and_the_oldest_open_one_comes_first() -> None:
    found = voice(
        source(
            tickets=[
                {"ticket_id": "t1", "created_at": at(9), "solved_at": at(-2), "status": "solved", "csat": 5},
                {"ticket_id": "t2", "created_at": at(20), "status": "pending"},
                {"ticket_id": "t3", "created_at": at(5), "solved_at": at(5), "status": "closed", "csat": 2},
                {"ticket_id": "t4", "created_at": at(7), "status": "closed"},
                {"ticket_id": "t5", "created_at": at(-1)},
            ]
        ),
        DAY,
    )  # fmt: skip

    assert [(t.ticket_id, t.state, t.age, t.rated) for t in found.open] == [
        ("t2", "pending", "20 days", ""),
        ("t1", "open", "9 days", ""),
    ]
    assert [(t.ticket_id, t.state, t.age, t.rated) for t in found.solved] == [
        ("t3", "solved", "less than a day", "2 of 5"),
        ("t4", "closed, no day named", "", ""),
    ]


def test_answers_come_with_their_group_and_surveys_without_one_are_counted() -> None:
    nps = {"survey_type": "nps", "scale_min": 0, "scale_max": 10}
    found = voice(
        source(
            survey_responses=[
                nps | {"response_id": "r1", "score": Decimal("6.0"), "responded_at": at(3), "contact_id": "p1"},
                nps | {"response_id": "r2", "score": 9, "responded_at": at(2), "contact_id": "p9"},
                nps | {"response_id": "r3", "score": 9, "responded_at": at(-2)},
                {"response_id": "r4", "survey_type": "nps", "scale_min": 1, "scale_max": 5, "score": 5, "responded_at": at(9)},
            ],
            survey_invitations=[
                {"invitation_id": "i1", "sent_at": at(4), "response_id": "r1"},
                {"invitation_id": "i2", "sent_at": at(4)},
                {"invitation_id": "i3", "sent_at": at(-4)},
                {"invitation_id": "i4", "sent_at": at(1), "response_id": "r3"},
            ],
            feedback=[
                {"feedback_id": "f", "submitted_at": at(1), "kind": "request", "status": "planned", "summary": "Dark mode"},
                {"feedback_id": "g", "submitted_at": at(2), "kind": "bug", "status": "shipped"},
            ],
        ),
        DAY,
    )  # fmt: skip

    assert [(a.score, a.group, a.by) for a in found.answers] == [
        ("9 (0 to 10)", "promoter", "p9"),
        ("6 (0 to 10)", "detractor", "Dana"),
        ("5 (1 to 5)", "", ""),
    ]
    assert found.unanswered == 2
    assert [(s.summary, s.state, s.is_waiting) for s in found.said] == [
        ("Dark mode", "planned", True),
        ("", "shipped", False),
    ]


def test_value_counts_what_was_agreed_and_reached_by_the_day() -> None:
    base = dict.fromkeys(table("goals").columns)
    goals = [
        base | {"name": "A", "set_date": date(2026, 1, 1), "achieved_date": date(2026, 3, 1), "is_first_value": True},
        base | {"name": "B", "set_date": date(2026, 1, 1), "achieved_date": date(2026, 7, 1), "target_date": date(2026, 9, 1)},
        base | {"name": "C", "status": "dropped"},
        base | {"name": "D", "set_date": date(2026, 7, 1)},
        base | {"name": "E"},
    ]  # fmt: skip
    deeds = [
        dict.fromkeys(table("advocacy_events").columns) | {"event_type": "case_study", "status": s, "event_date": on}
        for s, on in (("published", date(2026, 5, 1)), ("declined", DAY), ("published", DAY + timedelta(1)))
    ]  # fmt: skip
    found = value(goals, deeds, DAY)

    assert (found.goals, found.reached, found.next_goal, found.next_on) == (
        3,
        1,
        "B",
        date(2026, 9, 1),
    )
    assert (found.first_value_on, dict(found.deeds), found.last_deed_on) == (
        date(2026, 3, 1),
        {"case study": 1},
        date(2026, 5, 1),
    )
    assert not value([], [], DAY).is_known


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"usage": 60, "support": "80", "ok": true}', {"usage": 60.0}),
        ("[1, 2]", {}),
        ("{broken", {}),
        (None, {}),
        ('{"big": 1e400}', {}),
    ],
)
def test_parts_of_a_score_are_the_numbers_its_source_wrote(
    text: Any, found: dict[str, float]
) -> None:
    assert components(text) == found


def scored(on: date, score: int, parts: str) -> dict[str, Any]:
    return {"score_date": on, "score": Decimal(score), "components": parts}


def test_parts_add_up_where_they_are_shares_or_their_mean_is_the_score_and_else_nobody_says() -> (
    None
):
    shares = made_of([scored(DAY, 70, '{"a": 40, "b": 30}')], DAY, DAY)
    mean = made_of([scored(DAY, 60, '{"a": 40, "b": 80}')], DAY, DAY)
    other = made_of([scored(DAY, 50, '{"a": 40, "b": 80}')], DAY, DAY)
    assert shares is not None
    assert mean is not None
    assert other is not None

    assert [p.points for p in shares.parts] == [30, 40]
    assert [p.points for p in mean.parts] == [20, 40]
    assert (shares.adds_up, mean.adds_up, other.adds_up) == (True, True, False)


def test_a_score_is_compared_with_the_last_one_by_the_day_and_a_later_one_is_not_read() -> None:
    rows = [
        scored(DAY - timedelta(days=n), 50 + n, f'{{"a": {50 + n}}}') for n in (100, 95, 40, 0, -1)
    ]
    found = made_of(rows, DAY, DAY - timedelta(days=90))
    assert found is not None

    assert (found.score, found.on, found.before, found.before_on) == (
        50,
        DAY,
        145,
        DAY - timedelta(days=95),
    )
    assert found.parts[0].before == 145
    assert made_of(rows, DAY - timedelta(days=200), DAY) is None


def test_calls_are_laid_beside_the_score_and_beside_what_came_90_days_later() -> None:
    lines = [Line("at_risk", 50), Line("watch", 70)]
    long_ago = DAY - timedelta(days=120)
    calls = [
        {"on": DAY, "by": "Maya", "zone": "at_risk", "why": "x", "score": 80.0},
        {"on": long_ago, "by": "Maya", "zone": "at_risk", "why": "y", "score": 80.0},
        {"on": long_ago, "by": "Tom", "zone": "healthy", "why": "z", "score": None},
    ]
    scores = {
        long_ago + timedelta(days=88): 40.0,
        long_ago + timedelta(days=95): 90.0,
        long_ago + timedelta(days=60): 90.0,
    }
    found = record(calls, scores, lines, DAY)

    assert [(c.said, c.later, c.differs) for c in found.calls] == [
        ("healthy", "", True),
        ("healthy", "at_risk", True),
        ("unknown", "at_risk", True),
    ]
    assert (found.settled, found.by_person, found.by_score) == (1, 1, 0)


def test_a_year_of_weeks_ends_with_the_last_complete_one_and_begins_to_count_with_the_first_use() -> (
    None
):
    weeks = usage_weeks(
        DAY, {date(2026, 6, 8): (12, 3)}, date(2026, 6, 3), ([], [{"product_user_id": "x", "is_internal": False, "assigned_date": date(2026, 6, 14), "removed_date": None}])
    )  # fmt: skip

    assert (weeks[-1].monday, len(weeks)) == (date(2026, 6, 8), 52)
    assert mondays(date(2026, 6, 14))[-1] == date(2026, 6, 8)
    assert mondays(date(2026, 6, 13))[-1] == date(2026, 6, 1)
    assert [(w.events, w.people) for w in weeks[-3:]] == [(None, None), (0, 0), (12, 3)]
    assert [w.taken for w in weeks[-2:]] == [0, 1]
    drawn = usage_bars(UsageSeen(weeks, [], [], date(2026, 6, 3)))
    assert drawn["usage_said"] == "12 events in 2 weeks. 1 week without use."
    assert "nobody says how many were bought" in drawn["seats_said"]
    assert drawn["seat_bars"] == []


def test_features_are_told_by_use_with_their_share_and_what_was_before() -> None:
    found = parts([("a", 30, 2, 0), ("b", 70, 4, 50), ("c", 0, 0, 9), ("d", 0, 0, 0)])

    assert [(p.name, p.share) for p in found] == [("b", 0.7), ("a", 0.3), ("c", 0.0)]
