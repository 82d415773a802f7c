"""The timeline of an account: events filtered by kind, person, direction and machine help, grouped by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from tenure.insights.happened import KINDS, Event, Person

DIRECTIONS = {"two_way": "both ways", "inbound": "from them", "outbound": "from us"}
MADE = {"ai": "AI-assisted", "automated": "automated", "person": "by a person alone"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a timeline is shown; an empty word takes everything. `made` is a word of `MADE`: touches only."""

    kind: str = ""
    person: str = ""
    direction: str = ""
    made: str = ""

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not (self.kind or self.person or self.direction or self.made)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter with its words and how many events of the whole timeline it takes."""

    value: str
    says: str
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """The events of one day."""

    day: date
    events: Sequence[Event]


def wanted(events: Iterable[Event], asked: Wanted) -> list[Event]:
    """The events that are asked for, in their order."""
    return [
        event
        for event in events
        if asked.kind in ("", event.kind)
        and (not asked.person or any(one.key == asked.person for one in event.people))
        and asked.direction in ("", event.direction)
        and _made(event, asked.made)
    ]


def _made(event: Event, made: str) -> bool:
    if not made:
        return True
    if event.kind != "touch":
        return False
    how = {"ai": event.with_ai, "automated": event.by_machine}
    return how.get(made, not (event.with_ai or event.by_machine))


def kinds(events: Sequence[Event]) -> list[Choice]:
    """The kinds there are."""
    return [
        Choice(kind, says, number)
        for kind, says in KINDS.items()
        if (number := sum(event.kind == kind for event in events))
    ]


def persons(events: Sequence[Event]) -> tuple[list[Choice], list[Choice]]:
    """Contacts and colleagues who appear, each by name."""
    found: dict[str, Person] = {}
    counts: dict[str, int] = {}
    for event in events:
        for key, person in {one.key: one for one in event.people}.items():
            found[key] = person
            counts[key] = counts.get(key, 0) + 1
    listed = sorted(found.values(), key=lambda one: (one.name, one.id))
    theirs = [Choice(one.key, one.name, counts[one.key]) for one in listed if not one.ours]
    ours = [Choice(one.key, one.name, counts[one.key]) for one in listed if one.ours]
    return theirs, ours


def directions(events: Sequence[Event]) -> list[Choice]:
    """The directions there are."""
    return [
        Choice(word, says, number)
        for word, says in DIRECTIONS.items()
        if (number := sum(event.direction == word for event in events))
    ]


def made_by(events: Sequence[Event]) -> list[Choice]:
    """How touches were made, where any had the help of a machine."""
    found = [Choice(word, says, len(wanted(events, Wanted(made=word)))) for word, says in MADE.items()]  # fmt: skip
    return found if any(one.count for one in found[:2]) else []


def days(events: Sequence[Event]) -> list[Day]:
    """Events in their order, day by day."""
    return [Day(day, list(own)) for day, own in groupby(events, key=lambda event: event.day)]
