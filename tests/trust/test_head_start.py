"""Own view first, over whole histories: whatever a lead can read, the person could read already."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.insights.person import Figure, FigureWeek, figures_of
from tenure.insights.sight import HeadStart, Sight, Told, leads_of, released_until
from tenure.kernel.days import Period
from tenure.kernel.working_days import after_working_days, closed_week

MONDAY = datetime(2026, 11, 9, 9, 30, tzinfo=UTC)


def at(hours: int) -> datetime:
    return MONDAY + timedelta(hours=hours)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Told], HeadStart, datetime]:
    """Up to four weeks, each told on its Monday or later, opened or released at some time or never."""
    hours = st.integers(0, 24 * 40)
    opened = draw(st.lists(hours, max_size=3))
    released = draw(st.lists(hours, max_size=2))
    weeks = []
    for number in range(draw(st.integers(1, 4))):
        told = at(24 * 7 * number + draw(st.integers(0, 60)))
        seen = min((at(h) for h in opened if at(h) >= told), default=None)
        free = min((at(h) for h in released if at(h) >= told), default=None)
        audience = draw(st.sampled_from(["on", "on", "own"]))
        weeks.append(Told((told - timedelta(days=1)).date(), told, seen, free, audience))
    away = [
        Period(first := MONDAY.date() + timedelta(days=start), first + timedelta(days=length))
        for start, length in draw(
            st.lists(st.tuples(st.integers(-5, 30), st.integers(1, 12)), max_size=2)
        )
    ]
    zone = draw(st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland", "America/New_York"]))
    return weeks, HeadStart(draw(st.integers(1, 10)), zone, away), at(draw(hours))


def known_by(weeks: list[Told], now: datetime) -> list[Told]:
    """The history as it stood at an instant: what comes later has not happened."""
    return [
        Told(
            w.through,
            w.told_at,
            w.seen_at if w.seen_at and w.seen_at <= now else None,
            w.released_at if w.released_at and w.released_at <= now else None,
            w.audience,
        )
        for w in weeks
        if w.told_at <= now
    ]


def read_by(sight: Sight, weeks: list[Told]) -> set[date]:
    found = {w.through for w in weeks if sight.holds("U1", w.through, w.audience)}
    newest = figures_of(
        [FigureWeek("U1", w.through, (Figure("m", 1, "", 1),), w.audience) for w in weeks],
        "U1",
        sight,
    )
    assert (newest.through if newest else None) == max(found, default=None)
    return found


@given(histories(), st.booleans())
def test_what_a_lead_can_read_the_person_could_read_already(
    history: tuple[list[Told], HeadStart, datetime], leads_now: bool
) -> None:
    weeks, start, now = history
    stood = known_by(weeks, now)
    until = released_until(stood, start, now)
    led = frozenset({"U1"}) if leads_now else frozenset()
    lead = Sight("U9", led, {} if until is None else {"U1": until}, "on")

    persons = read_by(Sight("U1", figures="on"), stood)
    leads = read_by(lead, stood)

    assert leads <= persons == {w.through for w in stood}
    assert leads_now or not leads
    assert all(w.audience == "on" for w in stood if w.through in leads)
    for week in stood:
        if week.through in leads:
            acts = [t for t in (week.seen_at, week.released_at) if t]
            assert acts or working_days_between(week.told_at, now, start) >= start.days


def working_days_between(told: datetime, now: datetime, start: HeadStart) -> int:
    """Counted the long way round: whole days after the day of telling that were neither weekend nor away."""
    zone = ZoneInfo(start.zone)
    day, last = told.astimezone(zone).date(), now.astimezone(zone).date()
    counted = 0
    while day < last:
        day += timedelta(days=1)
        counted += day.weekday() < 5 and not any(span.holds(day) for span in start.away)
    return counted


@given(histories())
def test_days_away_never_bring_the_release_forward_and_a_longer_head_start_neither(
    history: tuple[list[Told], HeadStart, datetime],
) -> None:
    weeks, start, _ = history
    for week in weeks:
        alone = HeadStart(start.days, start.zone)
        assert start.ends(week) >= alone.ends(week) > week.told_at
        assert HeadStart(start.days + 1, start.zone, start.away).ends(week) > start.ends(week)


@pytest.mark.parametrize("setting", ["off", "own"])
def test_a_lead_reads_nothing_while_the_setting_says_so(setting: str) -> None:
    sight = Sight("U9", frozenset({"U1"}), {"U1": date(2026, 11, 8)}, setting)  # type: ignore[arg-type]

    assert not sight.holds("U1", date(2026, 11, 1))


@pytest.mark.parametrize(
    ("told", "days", "away", "ends"),
    [
        ("2026-11-09T09:30", 3, [], "2026-11-12T09:30"),
        ("2026-11-06T15:00", 1, [], "2026-11-09T15:00"),
        ("2026-11-07T15:00", 1, [], "2026-11-10T00:00"),
        ("2026-11-09T09:30", 3, [("2026-11-10", "2026-11-12")], "2026-11-16T09:30"),
        ("2026-11-09T09:30", 3, [("2026-11-09", "2026-11-14")], "2026-11-19T00:00"),
        ("2026-10-23T09:30", 1, [], "2026-10-26T09:30"),
    ],
    ids=[
        "midweek",
        "over a weekend",
        "told on a Saturday",
        "away in between",
        "away from the start",
        "clocks change",
    ],
)
def test_a_head_start_counts_working_days_where_the_company_is(
    told: str, days: int, away: list[tuple[str, str]], ends: str
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = datetime.fromisoformat(told).replace(tzinfo=zone).astimezone(UTC)
    spans = [Period(date.fromisoformat(a), date.fromisoformat(b)) for a, b in away]

    found = after_working_days(start, days, away=spans, zone="Europe/Berlin")

    assert found.astimezone(zone).replace(tzinfo=None) == datetime.fromisoformat(ends)


def test_a_week_closes_on_its_sunday() -> None:
    sunday, monday = date(2026, 11, 15), date(2026, 11, 16)

    assert closed_week(sunday).last_day == date(2026, 11, 8)
    assert closed_week(monday).last_day == sunday


def test_nobody_leads_themselves_and_a_lead_of_leads_does_not_lead_their_people() -> None:
    rows = [
        {"user_id": "head", "manager_id": "head"},
        {"user_id": "lead", "manager_id": "head"},
        {"user_id": "csm", "manager_id": "lead"},
        {"user_id": "free", "manager_id": None},
    ]

    assert leads_of(rows) == {"head": {"lead"}, "lead": {"csm"}}
