"""What each source delivers and how fresh it is: its last import against its rhythm, what waits, what depends on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Protocol
from zoneinfo import ZoneInfo

from tenure.kernel import clock
from tenure.lake import ledger
from tenure.lake.freshness import OURS, late_tables
from tenure.lake.ledger import Entry
from tenure.lake.summary import ImportSummary
from tenure.metrics.declaration import Metric
from tenure.workspace.history import Door as HistoryDoor
from tenure.workspace.importing import Door as ImportDoor
from tenure.workspace.sources import sources_of

FEWEST_DELIVERIES = 4
"""A source that delivered on fewer days has no rhythm of its own (decision: a-source-has-a-rhythm)."""
LATE_TIMES = 2


class Door(HistoryDoor, ImportDoor, Protocol):
    """What feeds need of a workspace."""

    def waiting(self) -> dict[int, dict[str, int]]:
        """Refused rows that wait."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One source as it stands today.

    `age` counts days since the last import that ended; `rhythm` the usual days between two, None where too few came
    to tell; `is_declared`: the rhythm is what the settings say. `silent` are tables it feeds whose facts have stopped,
    with the last day they speak of. `metrics` are the ids of those that read a table it feeds.
    """

    name: str
    last_success: datetime | None
    age: int | None
    rhythm: int | None
    is_declared: bool
    rows: int
    refused: int
    tables: tuple[str, ...]
    metrics: tuple[str, ...]
    silent: Mapping[str, date]
    imports: tuple[ImportSummary, ...]

    @property
    def is_late(self) -> bool:
        """Whether more time has passed than its rhythm allows: a declared one to the day, a learned one twice over."""
        if self.age is None or self.rhythm is None:
            return False
        return self.age > (self.rhythm if self.is_declared else LATE_TIMES * self.rhythm)

    @property
    def trouble(self) -> tuple[bool, bool, int]:
        """What orders feeds: late ones first, then those with rows that wait."""
        return (self.is_late or bool(self.silent), self.refused > 0, self.refused)


class WithFeeds:
    """The part of a workspace that knows how its sources keep time."""

    __slots__ = ()

    def feeds(self: Door) -> list[Feed]:
        """Every source that ever delivered, latest trouble first, then by name; our own flags are none."""
        return feeds_of(self)

    def source_of_import(self: Door, number: int) -> str:
        """The source an import's rows were given; empty where nobody knows."""
        names = _sources_by_import(self)
        found = next((e for e in ledger.entries(self.lake).values() if e.number == number), None)
        return "" if found is None else _named(found, names)


def feeds_of(door: Door) -> list[Feed]:
    """As `Workspace.feeds`."""
    known = {source.name: source for source in sources_of(door)}
    names, waiting = _sources_by_import(door), door.waiting()
    held: dict[str, list[ImportSummary]] = {name: [] for name in known}
    for entry in ledger.entries(door.lake).values():
        if entry.state == "done" and (name := _named(entry, names)) and name != OURS:
            held.setdefault(name, []).append(ImportSummary.from_dict(entry.summary))
    late = late_tables(door.facts().engine, door.defaults.today)
    catalogue = list(door.catalogue)
    found = []
    for name, done in held.items():
        fed = known.get(name)
        tables = fed.tables if fed else ()
        said = door.settings.sources.get(name)
        every = said.every_days if said else None
        days = [_day(door, one.loaded_at) for one in done]
        found.append(
            Feed(
                name,
                max((one.loaded_at for one in done), default=fed.last_import if fed else None),
                (_day(door, clock.now()) - max(days)).days if days else None,
                every or rhythm_of(days),
                every is not None,
                fed.rows if fed else 0,
                sum(sum(waiting.get(one.number, {}).values()) for one in done),
                tables,
                tuple(metric.id for metric in catalogue if reads(metric, tables)),
                {table: day for table, day in late.items() if table in tables},
                tuple(reversed(done)),
            )
        )
    return sorted(sorted(found, key=lambda f: f.name), key=lambda f: f.trouble, reverse=True)


def reads(metric: Metric, tables: Iterable[str]) -> bool:
    """Whether the metric reads any of these tables."""
    return bool({*metric.needs, *metric.reads} & set(tables))


def rhythm_of(days: Sequence[date]) -> int | None:
    """The usual days between two days of delivery; None where it came on too few of them."""
    apart = sorted(set(days))
    if len(apart) < FEWEST_DELIVERIES:
        return None
    return max(
        1, round(median((later - day) / timedelta(days=1) for day, later in pairwise(apart)))
    )


def _named(entry: Entry, by_rows: Mapping[str, str]) -> str:
    """The import's source: as it was told, else as its rows have it."""
    told = entry.how.get("settings", {}).get("source", "")
    return str(told) or by_rows.get(entry.import_id, "")


def _sources_by_import(door: Door) -> dict[str, str]:
    """Import id -> source, by the rows that are current: for imports that did not tell."""
    untold = [e for e in ledger.entries(door.lake).values() if e.state == "done" and not e.how]
    if not untold:
        return {}
    facts, found = door.facts(), dict[str, str]()
    for name in sorted(facts.tables()):
        rows = facts.query(f'select distinct import_id, source from "{name}"')  # noqa: S608 - declared names
        found |= {import_id: source or "" for import_id, source in rows}
    return found


def _day(door: Door, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(door.settings.time_zone)).date()
