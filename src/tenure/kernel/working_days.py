"""Working days: Monday to Friday in a time zone, without the days on which somebody is away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tenure.kernel.days import ONE_DAY, Period

SATURDAY = 5
FARTHEST = timedelta(days=3660)
"""Whoever is away for ten years is not waited for."""


def after_working_days(
    start: datetime, days: int, *, away: Iterable[Period] = (), zone: str = "UTC"
) -> datetime:
    """The instant `days` working days after `start`, at the same time of day; a pause never makes it earlier.

    What starts on a day that is none begins with the next one at midnight.

    Args:
        start: an aware instant.
        days: how many working days must pass.
        away: half-open periods that do not count.
        zone: where a day begins and ends.
    """
    spans = list(away)
    local = start.astimezone(ZoneInfo(zone))
    day, clock = local.date(), local.time()
    last = day + FARTHEST
    if not _counts(day, spans):
        day, clock = _next(day, spans, last), time()
    for _ in range(days):
        day = _next(day, spans, last)
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(start.tzinfo)


def closed_week(today: date) -> Period:
    """The newest week, Monday to Monday, that lies wholly before `today`."""
    end = today - timedelta(days=today.weekday())
    return Period(end - timedelta(days=7), end)


def _counts(day: date, away: list[Period]) -> bool:
    return day.weekday() < SATURDAY and not any(span.holds(day) for span in away)


def _next(day: date, away: list[Period], last: date) -> date:
    day += ONE_DAY
    while day < last and not _counts(day, away):
        day += ONE_DAY
    return day
