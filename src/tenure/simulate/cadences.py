"""Touches of a world with a law: the cadence of a year is kept in every slot, or missed in at least every other.

So whoever counts slots, in the quarter before a renewal or in the year before it, finds what was
planted. The main plan names its touch (meetings, calls); other touches go on beside it and mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tenure.kernel.days import add_months, month_start
from tenure.simulate.courses import Course
from tenure.simulate.scale import days, some_day
from tenure.simulate.touches import Diary, letters, months, write_plan, write_scheduled

MAIN = {"enterprise": ("meeting", 14), "mid_market": ("meeting", 30), "smb": ("call", 30)}
MAIL_EVERY = {"enterprise": 12, "mid_market": 25, "smb": 45}
REVIEW_DAYS = 91
AFTER_A_MISS = 0.6
"""Where a cadence is not kept: the chance of a touch in a slot whose predecessor was missed."""

OTHER_SLOTS = 0.45
"""Where a cadence is not kept: the chance of each of its reviews."""


def write_kept_and_missed(diary: Diary, course: Course, spans: list[tuple[date, date]]) -> None:
    """The rows of `activities`, `activity_contacts` and `cadence_plans` of an account under a law."""
    end = diary.scale.end
    for year, contract in course.years:
        until = end if contract.outcome.word == "open" else min(year.until, end)
        begin = max(year.start, diary.scale.begin)
        if begin < until:
            _year(diary, (begin, until), kept=year.kept)
    for start, stop in spans:
        _mail(diary, start, stop)
        for month in months(start, stop):
            letters(diary, month, stop)
    write_scheduled(diary, spans)


def _year(diary: Diary, span: tuple[date, date], *, kept: bool) -> None:
    """The plans of one contract year and what became of their slots."""
    begin, until = span
    closed = until if until < diary.scale.end else None
    kind, interval = MAIN[diary.who.segment.name]
    write_plan(diary, kind, begin, closed, interval_days=interval)
    before = True
    for slot in _slots(begin, until, interval):
        before = kept or (not before and diary.draw.random() < AFTER_A_MISS)
        _fill(diary, kind, slot, held=before)
    if diary.who.segment.name == "smb":
        return
    write_plan(diary, "qbr", begin, closed, interval_days=REVIEW_DAYS)
    for slot in _slots(begin, until, REVIEW_DAYS):
        _fill(diary, "qbr", slot, held=kept or diary.draw.random() < OTHER_SLOTS)
    if diary.who.segment.name == "enterprise":
        write_plan(diary, "operational_review", begin, closed, calendar_month=True)
        for slot in _whole_months(begin, until):
            held = kept or diary.draw.random() < OTHER_SLOTS
            _fill(diary, "operational_review", slot, held=held)


def _slots(begin: date, until: date, interval: int) -> Iterator[tuple[date, date]]:
    """The complete slots of a plan that starts on `begin`, as far as they have come."""
    start = begin
    while start + timedelta(days=interval) <= until:
        yield start, start + timedelta(days=interval)
        start += timedelta(days=interval)


def _whole_months(begin: date, until: date) -> Iterator[tuple[date, date]]:
    """The civil months that lie inside the plan from first to last day."""
    month = month_start(begin) if begin.day == 1 else add_months(month_start(begin), 1)
    while add_months(month, 1) <= until:
        yield month, add_months(month, 1)
        month = add_months(month, 1)


def _fill(diary: Diary, kind: str, slot: tuple[date, date], *, held: bool) -> None:
    """A touch in the slot; or none, or one that was called off."""
    draw = diary.draw
    day = some_day(draw, *slot)
    if held:
        diary.touch(kind, day, held=True, is_proactive=True)
    elif draw.random() < 0.35:
        diary.touch(kind, day, status=draw.choice(("cancelled", "no_show")))


def _mail(diary: Diary, start: date, stop: date) -> None:
    """Mails by the owner, and now and then a training or a visit: as often whether a cadence is kept or not."""
    draw, every = diary.draw, MAIL_EVERY[diary.who.segment.name]
    day = start + days(draw.uniform(1, every))
    while day < stop:
        if diary.who.segment.name != "smb" and draw.random() < 0.06:
            diary.touch(draw.choice(("training", "onsite", "ebr")), day)
        else:
            diary.touch("email", day)
        day += days(max(1, draw.gammavariate(2.2, every / 2.2)))
