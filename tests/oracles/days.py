"""Civil days, written out once more so that nothing is shared with the thing under test."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

ONE_DAY = timedelta(days=1)


@cache
def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def each_day(first: date, after: date) -> Iterator[date]:
    """Every day from `first` up to, not including, `after`."""
    while first < after:
        yield first
        first += ONE_DAY


def month_name(day: date) -> str:
    """`YYYY-MM`."""
    return f"{day.year:04d}-{day.month:02d}"


def quarter_name(day: date) -> str:
    """`YYYY-Qn`."""
    return f"{day.year:04d}-Q{(day.month + 2) // 3}"


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


@cache
def whole_months(start: date, end: date) -> int | None:
    """How many months lie exactly between two days, or None."""
    for months in range(1, 121):
        if add_months(start, months) == end:
            return months
    return None
