"""Intervals become weekly totals: held against a count minute by minute, which shares no code with it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from tenure.facts.time_entries.totals import Interval, Total, summarised, week_of

MINUTE = timedelta(minutes=1)
BEGIN = datetime(
    2026, 3, 28, 18, 0, tzinfo=UTC
)  # the clocks change in Berlin, a month ends, a Monday comes
KINDS = ("customer_facing", "internal", "uncategorised")


def minute_by_minute(intervals: list[Interval], zone: str) -> Counter[tuple[str, ...]]:
    """Every minute of the time line asked: who was at work, and at what? One person after the other."""
    found: Counter[tuple[str, ...]] = Counter()
    if not intervals:
        return found
    moment, last = min(i.start for i in intervals), max(i.end for i in intervals)
    while moment < last:
        for person in {i.user_id for i in intervals}:
            running = [i for i in intervals if i.user_id == person and i.start <= moment < i.end]
            if running and not any(i.is_afk for i in running):
                latest = max(i.start for i in running)
                shortest = min(i.end for i in running if i.start == latest)
                owner = min(
                    (i.category, i.account_id)
                    for i in running
                    if i.start == latest and i.end == shortest
                )
                day = moment.astimezone(ZoneInfo(zone)).date()
                while day.weekday() != 0 and day.day != 1:  # walk back to the piece's first day
                    day -= timedelta(days=1)
                found[(person, day.isoformat(), *owner)] += 1
        moment += MINUTE
    return found


def counted(totals: list[Total]) -> Counter[tuple[str, ...]]:
    return Counter(
        {(t.user_id, t.week_start.isoformat(), t.category, t.account_id): t.minutes for t in totals}
    )


def interval(person: str, start: int, length: int, kind: str, account: str, away: bool) -> Interval:
    begin = BEGIN + start * MINUTE
    return Interval(person, begin, begin + length * MINUTE, kind, account, away)


INTERVALS = st.lists(
    st.builds(
        interval,
        st.sampled_from(["u1", "u2"]),
        st.integers(0, 5000),
        st.integers(0, 900),
        st.sampled_from(KINDS),
        st.sampled_from(["", "A-1"]),
        st.sampled_from([False, False, False, True]),
    ),
    max_size=9,
)


@settings(max_examples=60)
@given(
    intervals=INTERVALS,
    zone=st.sampled_from(
        ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Beirut"]
    ),
)
@example(  # Beirut skips midnight on 29 March 2026
    intervals=[interval("u1", 0, 600, "internal", "", False)], zone="Asia/Beirut"
)
def test_totals_are_what_a_count_of_every_minute_gives(
    intervals: list[Interval], zone: str
) -> None:
    assert counted(summarised(intervals, zone)) == minute_by_minute(intervals, zone)


@settings(max_examples=40)
@given(intervals=INTERVALS, seed=st.randoms(use_true_random=False))
def test_order_repeats_and_cuts_of_the_intervals_change_nothing(
    intervals: list[Interval], seed: object
) -> None:
    mixed = [*intervals, *intervals[:3]]
    seed.shuffle(mixed)  # type: ignore[attr-defined]
    assert summarised(mixed, "UTC") == summarised(intervals, "UTC")


@settings(max_examples=40)
@given(intervals=INTERVALS)
def test_categories_add_up_to_the_union_of_all_intervals(intervals: list[Interval]) -> None:
    alike = [Interval(i.user_id, i.start, i.end, "internal", "", i.is_afk) for i in intervals]
    whole = sum(t.minutes for t in summarised(alike, "Europe/Berlin"))
    assert sum(t.minutes for t in summarised(intervals, "Europe/Berlin")) == whole


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def work(start: str, end: str, kind: str = "internal", account: str = "") -> Interval:
    return Interval("maya", at(start), at(end), kind, account)


def test_a_call_inside_a_longer_stretch_counts_once_and_as_the_call() -> None:
    # 9 to 12 in chat, 10 to 11 on a call: metrics 3.4's unions overlap, and each moment counts once
    found = summarised(
        [
            work("2026-03-03T09:00", "2026-03-03T12:00"),
            work("2026-03-03T10:00", "2026-03-03T11:00", "customer_facing"),
        ],
        "UTC",
    )
    assert [(t.category, t.minutes) for t in found] == [("customer_facing", 60), ("internal", 120)]


def test_shares_are_those_of_the_unions_where_categories_do_not_overlap() -> None:
    # union of the category / union of all: 90 of 150 minutes, though its intervals add up to 120
    found = summarised(
        [
            work("2026-03-03T09:00", "2026-03-03T10:00", "customer_facing"),
            work("2026-03-03T09:30", "2026-03-03T10:30", "customer_facing"),
            work("2026-03-03T11:00", "2026-03-03T12:00"),
        ],
        "UTC",
    )
    assert [(t.category, t.minutes) for t in found] == [("customer_facing", 90), ("internal", 60)]


def test_a_week_is_cut_at_midnight_where_a_month_begins() -> None:
    found = summarised([work("2026-03-31T22:00", "2026-04-01T01:00")], "UTC")
    assert [(t.week_start, t.week_end, t.minutes) for t in found] == [
        (date(2026, 3, 30), date(2026, 4, 1), 120),
        (date(2026, 4, 1), date(2026, 4, 6), 60),
    ]
    berlin = summarised([work("2026-03-31T22:00", "2026-04-01T01:00")], "Europe/Berlin")
    assert [(t.week_start, t.minutes) for t in berlin] == [(date(2026, 4, 1), 180)]


@pytest.mark.parametrize(
    ("day", "first", "after"),
    [
        ("2026-03-04", "2026-03-02", "2026-03-09"),
        ("2026-03-01", "2026-03-01", "2026-03-02"),  # a Sunday that is a 1st
        ("2026-03-31", "2026-03-30", "2026-04-01"),
        ("2026-12-31", "2026-12-28", "2027-01-01"),
    ],
)
def test_the_week_of_a_day(day: str, first: str, after: str) -> None:
    found = week_of(date.fromisoformat(day))
    assert found == (date.fromisoformat(first), date.fromisoformat(after))


def test_every_week_is_one_that_the_table_accepts() -> None:
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(800)]
    for first, after in {week_of(day) for day in days}:
        assert first < after <= first + timedelta(days=7)
        assert first.weekday() == 0 or first.day == 1
        assert after.weekday() == 0 or after.day == 1


def test_seconds_are_added_before_they_are_rounded() -> None:
    start = at("2026-03-03T09:00")
    slices = [
        Interval("maya", start + timedelta(seconds=60 * i), start + timedelta(seconds=60 * i + 20))
        for i in range(90)
    ]
    assert [t.minutes for t in summarised(slices, "UTC")] == [30]
    assert summarised(slices[:1], "UTC") == []  # 20 seconds are no minute
