"""Renewals of a book by month, each with the day on which its decision gets near."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tenure.insights.book import BookRow, urgency
from tenure.insights.today import window


@dataclass(frozen=True, slots=True)
class Due:
    """One renewal: when it is, and from when its decision is near."""

    row: BookRow
    renews_on: date
    near_from: date


@dataclass(frozen=True, slots=True)
class Month:
    """A month with its renewals in order of the day; money is the sum of what is known."""

    first: date
    renewals: Sequence[Due]
    deciding: Sequence[Due]
    arr: Decimal
    unknown_arr: int


def renewal_months(rows: Iterable[BookRow], day: date, months: int = 12) -> list[Month]:
    """The month of `day` and those after it, empty ones included; overdue renewals stand in the first.

    Args:
        rows: the book; accounts without a renewal date are left out.
        day: the day they are of.
        months: how many months.
    """
    found = [
        Due(row, row.renews_on, row.renews_on - timedelta(days=window(row)))
        for row in rows
        if row.renews_on is not None and not row.has_left
    ]
    firsts = [_month_after(day.replace(day=1), n) for n in range(months)]
    return [_month(first, found, is_first=first == firsts[0]) for first in firsts]


def _month(first: date, found: Sequence[Due], *, is_first: bool) -> Month:
    end = _month_after(first, 1)
    own = [one for one in found if (is_first or one.renews_on >= first) and one.renews_on < end]
    deciding = [one for one in found if first <= one.near_from < end and one.renews_on >= end]
    known = [one.row.arr for one in own if isinstance(one.row.arr, Decimal)]
    return Month(
        first,
        sorted(own, key=lambda one: (one.renews_on, urgency(one.row))),
        sorted(deciding, key=lambda one: (one.near_from, urgency(one.row))),
        sum(known, Decimal(0)),
        len(own) - len(known),
    )


def _month_after(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
