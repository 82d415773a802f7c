"""Civil days and half-open periods `[start, end)` (metrics G1)."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from tenure.kernel.errors import UserError

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Whole civil days from `start` up to, not including, `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse an empty or backward period."""
        if self.end <= self.start:
            raise UserError(
                f"The period from {self.start} to {self.end} holds no day.",
                remedy="`end` is the first day after the period, so it must be later than `start`.",
                code="period.empty",
            )

    @property
    def opening_day(self) -> date:
        """The day whose closing balance opens the period."""
        return self.start - ONE_DAY

    @property
    def last_day(self) -> date:
        """The last day inside."""
        return self.end - ONE_DAY

    def holds(self, day: date) -> bool:
        """Whether `day` lies inside."""
        return self.start <= day < self.end

    def __str__(self) -> str:
        """Both ends as dates, the second not included."""
        return f"{self.start} to {self.end} (end not included)"


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_start(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)


def quarter_start(day: date) -> date:
    """The first day of the calendar quarter of `day`."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def month_of(day: date) -> str:
    """The month of `day` as `YYYY-MM`."""
    return f"{day.year:04d}-{day.month:02d}"


def quarter_of(day: date) -> str:
    """The calendar quarter of `day` as `YYYY-Qn`."""
    return f"{day.year:04d}-Q{(day.month - 1) // 3 + 1}"


def months_between(first: date, second: date) -> int:
    """Calendar months from the month of `first` to the month of `second`."""
    return (second.year - first.year) * 12 + second.month - first.month


def months_in(period: Period) -> list[Period]:
    """The calendar months that touch `period`, cut to it, in order."""
    cuts = [period.start]
    month = add_months(month_start(period.start), 1)
    while month < period.end:
        cuts.append(month)
        month = add_months(month, 1)
    return [Period(a, b) for a, b in zip(cuts, [*cuts[1:], period.end], strict=True)]


def last_complete_quarter(as_of: date) -> Period:
    """The newest calendar quarter whose last day is on or before `as_of`."""
    end = quarter_start(as_of + ONE_DAY)
    return Period(add_months(end, -3), end)


def trailing_months(as_of: date, months: int = 12) -> Period:
    """The `months` months that end at the last complete month end on or before `as_of`."""
    end = month_start(as_of + ONE_DAY)
    return Period(add_months(end, -months), end)


def parse_day(text: str, *, where: str = "") -> date:
    """An ISO 8601 civil date, `YYYY-MM-DD`; a month or quarter is not a day."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise UserError(
        f"`{text}` is not a day.",
        remedy="Write it as YYYY-MM-DD, for example 2026-03-31.",
        where=where,
        code="day.unreadable",
    )
