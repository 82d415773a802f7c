"""Intervals of work added up per person, week and kind of work (metrics 3.4, 6.6; rulings A9)."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from tenure.kernel.days import add_months, month_start

UNCATEGORISED = "uncategorised"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """Somebody at work from `start` up to `end` (instants with a zone), or away from the keyboard."""

    user_id: str
    start: datetime
    end: datetime
    category: str = UNCATEGORISED
    account_id: str = ""
    is_afk: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Total:
    """Whole minutes of one person in one week, cut at month ends: `[week_start, week_end)`."""

    user_id: str
    week_start: date
    week_end: date
    category: str
    account_id: str
    minutes: int


def summarised(intervals: Iterable[Interval], zone: str) -> list[Total]:
    """The totals of `intervals`, sorted; a total below half a minute is none.

    Time away from the keyboard is left out. Of what remains each moment counts once: where intervals of
    a person overlap, it belongs to the one that started last (of several, to the one that ends first,
    then by category and account). So the minutes of all categories add up to the union of the intervals,
    and a category's are its union where it overlaps no other. Days are civil days in `zone`; minutes are
    rounded half-even, once per total.
    """
    by_user: dict[str, list[Interval]] = defaultdict(list)
    for interval in intervals:
        if interval.end > interval.start:
            by_user[interval.user_id].append(interval)
    weeks = _Weeks(zone)
    found = []
    for user_id, own in sorted(by_user.items()):
        spent: dict[tuple[date, date, str, str], int] = defaultdict(int)
        for interval, begin, end in _moments(own):
            for week, length in weeks.cut(begin, end):
                spent[(*week, interval.category, interval.account_id)] += length
        for (start, end_day, category, account), length in spent.items():
            minutes = round(Fraction(length, _MINUTE))
            if minutes:
                found.append(Total(user_id, start, end_day, category, account, minutes))
    return sorted(found)


def week_of(day: date) -> tuple[date, date]:
    """The week that holds `day`, from Monday, cut where a month begins: first day, first day after."""
    monday = day - timedelta(days=day.weekday())
    month = month_start(day)
    return max(monday, month), min(monday + timedelta(days=7), add_months(month, 1))


def _moments(own: list[Interval]) -> Iterator[tuple[Interval, int, int]]:
    """Stretches `[begin, end)` in microseconds with the interval they belong to, in order of time."""
    waiting = sorted(((_at(i.start), _at(i.end), i) for i in own), key=lambda one: one[:2])
    points = sorted({point for start, end, _ in waiting for point in (start, end)})
    running: list[tuple[int, int, int, str, str, int]] = []
    arrived = 0
    for begin, end in pairwise(points):
        while arrived < len(waiting) and waiting[arrived][0] == begin:
            start, stop, one = waiting[arrived]
            away = 0 if one.is_afk else 1  # being away outranks everything
            heapq.heappush(running, (away, -start, stop, one.category, one.account_id, arrived))
            arrived += 1
        while running and running[0][2] <= begin:
            heapq.heappop(running)
        if running and running[0][0]:
            yield waiting[running[0][5]][2], begin, end


def _at(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


class _Weeks:
    """Cuts stretches of time at the weeks of one time zone; the last week is remembered."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._week = (date.min, date.min)
        self._from = self._to = 0

    def cut(self, begin: int, end: int) -> Iterator[tuple[tuple[date, date], int]]:
        """The weeks that `[begin, end)` lies in, with the microseconds spent in each."""
        while begin < end:
            if not self._from <= begin < self._to:
                day = (_EPOCH + begin * _MICROSECOND).astimezone(self._zone).date()
                self._week = week_of(day)
                self._from, self._to = (self._first_instant(one) for one in self._week)
            until = min(end, self._to)
            yield self._week, until - begin
            begin = until

    def _first_instant(self, day: date) -> int:
        # Where the clocks skip midnight, fold=0 gives the instant of the change: the day's first.
        return _at(datetime.combine(day, time(), self._zone))
