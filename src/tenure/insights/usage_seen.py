"""The usage and the seats of one account, week by week, and who uses what of the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tenure.metrics.derived.seat_days import SeatSpan, added_up, is_assigned

Row = Mapping[str, Any]
WEEKS = 52
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class UsageWeek:
    """A complete week from its Monday. `events` is None before the first usage that is known at all.

    `seats` were bought and `taken` given out at its end; None where nothing says so.
    """

    monday: date
    events: int | None
    people: int | None
    seats: int | None
    taken: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """A feature or a department: events and people of the last weeks, its share of all events, and the weeks before."""

    name: str
    events: int
    people: int
    before: int
    share: float


@dataclass(frozen=True, slots=True)
class UsageSeen:
    """What the Usage page tells beside the metrics. `first` is the first day of usage of the account."""

    weeks: Sequence[UsageWeek]
    features: Sequence[Part]
    departments: Sequence[Part]
    first: date | None

    @property
    def has_usage(self) -> bool:
        """Whether any week of the year has usage."""
        return any(week.events for week in self.weeks)

    @property
    def has_seats(self) -> bool:
        """Whether seats or people with a seat are known."""
        return any(week.seats is not None or week.taken is not None for week in self.weeks)


def mondays(day: date) -> list[date]:
    """The Mondays of the last 52 weeks that are over by the end of the day, oldest first."""
    last = day - timedelta(days=(day.weekday() + 1) % 7)  # the newest Sunday on or before the day
    return [last - timedelta(days=6) - WEEK * back for back in reversed(range(WEEKS))]


def usage_weeks(
    day: date,
    used: Mapping[date, tuple[int, int]],
    first: date | None,
    seats: tuple[Sequence[SeatSpan], Sequence[Row]],
) -> list[UsageWeek]:
    """The last 52 complete weeks.

    Args:
        day: the last day that counts.
        used: events and people by Monday; a week without a row had none.
        first: the first day of usage that is known of the account.
        seats: its spans of seats, and its product users.
    """
    spans, people = seats
    ours = [row for row in people if not row["is_internal"]]
    found = []
    for monday in mondays(day):
        end = monday + timedelta(days=6)
        events, active = used.get(monday, (0, 0))
        is_told = first is not None and first <= end
        bought = _bought(spans, end, day)
        taken = len({row["product_user_id"] for row in ours if is_assigned(row, end)}) if ours else None  # fmt: skip
        found.append(
            UsageWeek(
                monday, events if is_told else None, active if is_told else None, bought, taken
            )
        )
    return found


def _bought(spans: Iterable[SeatSpan], on: date, as_of: date) -> int | None:
    """Seats in force; None without a line of seats, or where one does not say how many."""
    by_product: dict[str | None, Fraction | None] = added_up(
        (product, number) for span, product, number in spans if span.in_force(on, as_of)
    )
    numbers = list(by_product.values())
    if not numbers or None in numbers:
        return None
    return int(sum(number for number in numbers if number is not None))


def parts(rows: Iterable[tuple[str, int, int, int]]) -> list[Part]:
    """Features or departments, the most used first, each with its share of all events.

    Args:
        rows: name, events now, people now, events of as long a time before.
    """
    listed = [row for row in rows if row[1] or row[3]]
    whole = sum(events for _, events, _, _ in listed)
    made = [Part(n, e, p, b, e / whole if whole else 0.0) for n, e, p, b in listed]
    return sorted(made, key=lambda part: (-part.events, -part.before, part.name))
