"""The people of an account: who of them is there, met and answering; who left; and who of us looked after it when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tenure.insights.happened import ROLES, Source
from tenure.insights.plan import name_of

Row = Mapping[str, Any]
RECENT_DAYS = 90
ANSWERS = frozenset({"inbound", "two_way"})


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact. `met` and `answered` are days of the last touch they took part in, and of their last answer to us.

    A survey answer is an answer; a mail of ours is none.
    """

    contact_id: str
    name: str
    title: str
    department: str
    role: str
    is_sponsor: bool
    since: date | None
    left_on: date | None
    met: date | None
    answered: date | None
    touches: int


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the customer: people known, met lately, and how many of its people hold a seat."""

    name: str
    people: int
    met: int
    seats: int

    @property
    def is_covered(self) -> bool:
        """Whether anybody there was met lately."""
        return self.met > 0


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of us on the account in one role, half-open."""

    name: str
    role: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class PeopleMap:
    """Everybody on an account on one day."""

    here: Sequence[Contact]
    left: Sequence[Contact]
    departments: Sequence[Department]
    ours: Sequence[Colleague]
    before: Sequence[Colleague]

    @property
    def met(self) -> int:
        """How many of those who are there were met lately."""
        return sum(one.met is not None for one in self.here)

    @property
    def sponsors(self) -> Sequence[Contact]:
        """Sponsors who are there."""
        return [one for one in self.here if one.is_sponsor]


def people_map(source: Source, day: date) -> PeopleMap:
    """The map as it stood at the end of the day."""
    met, answered, touches = _seen(source, day)
    here: list[Contact] = []
    left: list[Contact] = []
    for row in source.table("contacts"):
        if row["active_from"] is not None and row["active_from"] > day:
            continue
        gone = row["active_to"] is not None and row["active_to"] <= day
        id_ = row["contact_id"]
        one = Contact(
            contact_id=id_,
            name=row["name"] or id_,
            title=row["title"] or "",
            department=row["department"] or "",
            role="" if row["role"] == "executive_sponsor" else name_of(row["role"]),
            is_sponsor=bool(row["is_executive_sponsor"]),
            since=row["active_from"],
            left_on=row["active_to"] if gone else None,
            met=met.get(id_),
            answered=answered.get(id_),
            touches=touches.get(id_, 0),
        )
        (left if gone else here).append(one)
    here.sort(key=lambda p: (not p.is_sponsor, -(p.met or date.min).toordinal(), p.name))
    left.sort(key=lambda p: (-(p.left_on or date.min).toordinal(), p.name))
    ours, before = _ours(source, day)
    return PeopleMap(here, left, _departments(source, here, day), ours, before)


def _seen(source: Source, day: date) -> tuple[dict[str, date], dict[str, date], dict[str, int]]:
    """By contact: the last time they took part, the last time they said something to us, touches in 90 days."""
    acts = {}
    for row in source.table("activities"):
        on = source.moment(row["occurred_at"]).date()
        if on <= day and row["status"] == "completed" and not row["is_automated"]:
            acts[row["activity_id"]] = (on, row["direction"] in ANSWERS)
    met: dict[str, date] = {}
    answered: dict[str, date] = {}
    touches: dict[str, int] = {}
    since = day - timedelta(days=RECENT_DAYS)
    for seat in source.table("activity_contacts"):
        if seat["activity_id"] not in acts or seat["attended"] is False:
            continue
        id_, (on, is_answer) = seat["contact_id"], acts[seat["activity_id"]]
        met[id_] = max(on, met.get(id_, on))
        touches[id_] = touches.get(id_, 0) + (on > since)
        if is_answer:
            answered[id_] = max(on, answered.get(id_, on))
    for row in source.table("survey_responses"):
        if row["contact_id"] and row["responded_at"] is not None:
            on = source.moment(row["responded_at"]).date()
            if on <= day:
                answered[row["contact_id"]] = max(on, answered.get(row["contact_id"], on))
    return met, answered, touches


def _departments(source: Source, here: Iterable[Contact], day: date) -> list[Department]:
    """Departments of those who are there and of people with a seat, uncovered ones first."""
    people: dict[str, list[Contact]] = {}
    names: dict[str, str] = {}
    for one in here:
        if one.department.strip():
            key = one.department.strip().casefold()
            names.setdefault(key, one.department.strip())
            people.setdefault(key, []).append(one)
    seats: dict[str, set[str]] = {}
    for row in source.table("product_users"):
        name = (row["department"] or "").strip()
        start, end = row["assigned_date"], row["removed_date"]
        is_here = (start is None or start <= day) and (end is None or day < end)
        if name and is_here and not row["is_internal"]:
            names.setdefault(name.casefold(), name)
            seats.setdefault(name.casefold(), set()).add(row["product_user_id"])
    since = day - timedelta(days=RECENT_DAYS)
    found = [
        Department(
            name,
            len(people.get(key, ())),
            sum(p.met is not None and p.met > since for p in people.get(key, ())),
            len(seats.get(key, ())),
        )
        for key, name in names.items()
    ]
    return sorted(found, key=lambda d: (d.is_covered, -d.seats, -d.people, d.name))


def _ours(source: Source, day: date) -> tuple[list[Colleague], list[Colleague]]:
    now: list[Colleague] = []
    before: list[Colleague] = []
    for row in source.table("account_assignments"):
        if row["start_date"] > day:
            continue
        ended = row["end_date"] is not None and row["end_date"] <= day
        role = ROLES.get(row["role"] or "csm", name_of(row["role"]))
        name = source.members.get(row["user_id"], row["user_id"])
        (before if ended else now).append(Colleague(name, role, row["start_date"], row["end_date"]))
    now.sort(key=lambda one: (one.role != ROLES["csm"], one.role, one.start))
    before.sort(key=lambda one: (one.end or day, one.start), reverse=True)
    return now, before
