"""Touches: what was planned, what was held, who came, and what machines sent meanwhile."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from tenure.kernel.days import add_months, month_start
from tenure.simulate.accounts import Account, choose
from tenure.simulate.contacts import Contact
from tenure.simulate.mood import Mood
from tenure.simulate.scale import Scale, days
from tenure.simulate.write import Sheets

KINDS = {
    "enterprise": (
        ("meeting", 0.4),
        ("email", 0.32),
        ("call", 0.18),
        ("onsite", 0.05),
        ("training", 0.05),
    ),
    "mid_market": (("email", 0.45), ("meeting", 0.3), ("call", 0.2), ("training", 0.05)),
    "smb": (("email", 0.6), ("call", 0.25), ("meeting", 0.15)),
}
TOGETHER = {"meeting", "call", "onsite", "training", "qbr", "ebr", "operational_review", "kickoff"}
STATUSES = (("completed", 0.88), ("no_show", 0.05), ("cancelled", 0.07))
PURPOSES = (
    ("goals", 0.3),
    ("support", 0.2),
    ("risk", 0.15),
    ("expansion", 0.15),
    ("loyalty", 0.1),
    ("renewal", 0.1),
)
SLOTS_PER_TOUCH = 0.62
"""A CSM who keeps a plan fully writes this much more often than the plan asks."""


@dataclass(slots=True)
class Diary:
    """Writes the activities of one account; `stand_in` acts where nobody owns it that day.

    `prefix` keeps the ids of several diaries of one account apart.
    """

    sheets: Sheets
    scale: Scale
    who: Account
    people: tuple[Contact, ...]
    mood: Mood
    stand_in: str
    draw: Random
    prefix: str = "T"
    count: int = 0

    def touch(
        self, kind: str, day: date, *, status: str = "", held: bool = False, **more: object
    ) -> None:
        """One activity by the owner of the day, with those who came or answered.

        `held`: it took place, and somebody of the customer was there.
        """
        draw = self.draw
        self.count += 1
        status = "completed" if held else status or choose(draw, STATUSES)
        together = kind in TOGETHER
        cells: dict[str, object] = {
            "activity_id": f"{self.prefix}{self.who.number:06d}-{self.count}",
            "account_id": self.who.id,
            "user_id": self.who.owner(day) or self.stand_in,
            "activity_type": kind,
            "occurred_at": moment(draw, day),
            "direction": "two_way" if together else "outbound",
            "status": status if together else "completed",
            "is_proactive": draw.random() < 0.8,
            "is_automated": False,
            "is_ai_assisted": not together and draw.random() < 0.25,
            "is_strategic": kind in ("qbr", "ebr") and draw.random() < 0.7,
            "purpose": choose(draw, PURPOSES),
            "documented": draw.random() < 0.75,
            "duration_s": draw.choice((900, 1800, 2700, 3600)) if together else None,
        }
        if cells["status"] in ("cancelled", "no_show"):
            cells["cancelled_by"] = "customer" if draw.random() < 0.7 else "us"
            cells["duration_s"] = None
        elif cells["status"] == "completed" and draw.random() < 0.4:
            felt = 0.25 + 0.28 * self.mood.on(day) + draw.gauss(0, 0.25)
            cells["sentiment"] = f"{max(-1.0, min(1.0, felt)):.2f}"
            cells |= self._news(felt)
        self.sheets.row("activities", cells | more)
        if "is_automated" not in more and kind != "note":
            self._attend(cells, day, together=together, held=held)

    def _news(self, felt: float) -> dict[str, object]:
        """Now and then a touch is news for the leaders."""
        if self.draw.random() > 0.06:
            return {}
        word = "win" if felt > 0.35 else "escalation" if felt < -0.2 else "shift"
        says = {
            "win": "Rolled out to a further team",
            "escalation": "Sponsor unhappy",
            "shift": "New strategy",
        }
        return {"tags": word, "summary": says[word]}

    def _attend(self, cells: dict[str, object], day: date, *, together: bool, held: bool) -> None:
        """Meetings gather people; a mail has one reader, who may answer."""
        draw = self.draw
        there = [contact for contact in self.people if contact.there(day)]
        if not there:
            return
        felt = self.mood.on(day)
        grand = cells["activity_type"] in ("qbr", "ebr")
        asked = [c for c in there if c.sponsors == grand or draw.random() < 0.3] or there[:1]
        asked = asked[: draw.randint(1, 4)] if together else [draw.choice(there)]
        came = []
        for contact in asked:
            likely = 1.4 + 0.8 * felt if together else -0.5 + 0.8 * felt
            likely -= 0.5 if contact.sponsors else 0
            there_too = draw.random() < 1 / (1 + math.exp(-likely)) if _completed(cells) else False
            came.append(there_too)
        if held and not any(came):
            came[0] = True
        for contact, was_there in zip(asked, came, strict=True):
            row = {"activity_id": cells["activity_id"], "contact_id": contact.id}
            self.sheets.row("activity_contacts", row | {"attended": was_there})


def _completed(cells: dict[str, object]) -> bool:
    return cells["status"] == "completed"


def moment(draw: Random, day: date) -> datetime:
    """A time in working hours."""
    return datetime.combine(day, time(8)) + timedelta(minutes=draw.randrange(600))


def write_touches(diary: Diary, spans: list[tuple[date, date]]) -> None:
    """The rows of `activities`, `activity_contacts` and `cadence_plans` for the days it was a customer."""
    who, draw = diary.who, diary.draw
    for start, end in spans:
        _plans(diary, start, end)
        for day in _own_touches(diary, start, end):
            diary.touch(choose(draw, KINDS[who.segment.name]), day)
        for month in months(start, end):
            letters(diary, month, end)
            _reviews(diary, month, end)
    write_scheduled(diary, spans)


def write_scheduled(diary: Diary, spans: list[tuple[date, date]]) -> None:
    """Up to two meetings that lie ahead of a customer who is still there."""
    if spans and spans[-1][1] == diary.scale.end:
        for ahead in range(diary.draw.randint(0, 2)):
            diary.touch("meeting", diary.scale.end + days(3 + 9 * ahead), status="scheduled")


def _plans(diary: Diary, start: date, end: date) -> None:
    """What is owed: one plan for any touch, sometimes changed halfway, and reviews for the larger ones."""
    scale, who, draw = diary.scale, diary.who, diary.draw
    closed = end if end < scale.end else None
    wanted = who.segment.touch_days
    if draw.random() < 0.12 and (end - start).days > 200:
        changed = start + days(draw.uniform(80, (end - start).days - 60))
        write_plan(diary, "any", start, changed, interval_days=wanted * 2)
        write_plan(diary, "any", changed, closed, interval_days=wanted)
    elif draw.random() < 0.93:
        write_plan(diary, "any", start, closed, interval_days=wanted)
    if who.segment.name != "smb":
        write_plan(diary, "qbr", start, closed, interval_days=91)
    if who.segment.name == "enterprise":
        write_plan(diary, "operational_review", start, closed, calendar_month=True)


def write_plan(diary: Diary, kind: str, start: date, end: date | None, **slots: object) -> None:
    """One row of `cadence_plans`; `end` is the first day without the plan."""
    span: dict[str, object] = {"start_date": start, "end_date": end}
    diary.sheets.row(
        "cadence_plans", {"account_id": diary.who.id, "touch_type": kind, **span, **slots}
    )


def _own_touches(diary: Diary, start: date, end: date) -> Iterator[date]:
    """Days on which the CSM reached out: as often as the desk's care allows, in uneven steps."""
    mean = diary.who.segment.touch_days * SLOTS_PER_TOUCH / diary.who.care**1.6
    day = start + days(diary.draw.uniform(1, mean))
    while day < end:
        yield day
        day += days(max(1, diary.draw.gammavariate(2.2, mean / 2.2)))


def months(start: date, end: date) -> Iterator[date]:
    """First days of the civil months that begin inside the span."""
    month = add_months(month_start(start), 1)
    while month < end:
        yield month
        month = add_months(month, 1)


def letters(diary: Diary, month: date, end: date) -> None:
    """A newsletter by machine, and often a mail from the customer."""
    draw = diary.draw
    room = min((end - month).days, 28)
    letter = month + days(min(1, room - 1))
    diary.touch("email", letter, is_automated=True, is_proactive=False, direction="outbound")
    if draw.random() < 0.35 + 0.12 * diary.mood.on(month):
        day = month + days(draw.randrange(room))
        diary.touch("email", day, direction="inbound", is_proactive=False)


def _reviews(diary: Diary, month: date, end: date) -> None:
    """The reviews that are due in a month, if it is a whole one."""
    who, draw = diary.who, diary.draw
    room = min((end - month).days, 28)
    if who.segment.name == "smb" or room < 28:
        return
    felt = diary.mood.on(month)
    if month.month % 3 == 2 and draw.random() < 0.25 + 0.7 * who.care:
        kind = "ebr" if draw.random() < 0.25 else "qbr"
        diary.touch(kind, month + days(draw.randrange(27)), status=_kept(draw, felt))
    if who.segment.name == "enterprise" and draw.random() < 0.4 + 0.58 * who.care:
        diary.touch(
            "operational_review", month + days(draw.randrange(27)), status=_kept(draw, felt)
        )


def _kept(draw: Random, felt: float) -> str:
    """Reviews are missed more often by those who are about to go."""
    if draw.random() < 1 / (1 + math.exp(-(2.3 + 1.1 * felt))):
        return "completed"
    return draw.choice(("cancelled", "no_show"))
