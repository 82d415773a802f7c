"""The sources of a workspace by name: what each has brought, and whether its dates are trusted.

A source is the name that an import gave its rows: the folder's, the mapping's, or the one said with `--source`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from tenure.facts.sql import ident
from tenure.facts.table import Table, table
from tenure.kernel.settings import FILE, section_of
from tenure.lake.freshness import OURS
from tenure.workspace.history import Door

Trust = Literal["yes", "no", "not said"]
SAYS: dict[Trust, str] = {
    "yes": "its rows count as known from the day they speak of",
    "no": "its rows count as known from the day they were loaded",
    "not said": "each table decides: what happened on a day is known from that day, what can be changed later "
    "(accounts, contracts and their lines) from the day it was loaded",
}
"""What an answer to `backfill_trusted` means."""


@dataclass(frozen=True, slots=True)
class Source:
    """One source: its current rows, the days they speak of, when it last brought any, and to which tables.

    `backfill_trusted` is what the settings say of it. `hidden` names the tables whose rows count as known only from
    their load, though they speak of earlier days: to the past they are not there.
    """

    name: str
    rows: int
    first: date | None
    last: date | None
    last_import: datetime | None
    tables: tuple[str, ...]
    backfill_trusted: Trust
    hidden: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """What its `backfill_trusted` means."""
        return SAYS[self.backfill_trusted]

    @property
    def lines(self) -> str:
        """The lines of the settings file that say its dates can be trusted."""
        return f"{section_of(self.name)}\nbackfill_trusted = true"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, days as ISO text."""
        days = {"first": self.first, "last": self.last, "last_import": self.last_import}
        return {
            "name": self.name,
            "rows": self.rows,
            **{name: None if day is None else day.isoformat() for name, day in days.items()},
            "tables": list(self.tables),
            "backfill_trusted": self.backfill_trusted,
            "says": self.says,
            "hidden": list(self.hidden),
            "lines": self.lines if self.hidden else None,
        }


class WithSources:
    """The part of a workspace that knows where its facts come from."""

    __slots__ = ()

    def sources(self: Door) -> list[Source]:
        """Every source that has brought rows, by name; flags that we raised ourselves are no source."""
        return sources_of(self)


def sources_of(door: Door) -> list[Source]:
    """As `Workspace.sources`."""
    facts, found = door.facts(), dict[str, list[_Fed]]()
    for name in sorted(facts.tables()):
        for fed in _fed(facts, table(name), door.defaults.today):
            if fed.source != OURS:
                found.setdefault(fed.source, []).append(fed)
    return [_source(door, name, own) for name, own in sorted(found.items())]


@dataclass(frozen=True, slots=True)
class _Fed:
    """What a source gave one table; `late` rows speak of a day before the one they were loaded on."""

    source: str
    table: str
    rows: int
    first: date | None
    last: date | None
    loaded: datetime | None
    late: int


def _fed(facts: Any, of: Table, today: date) -> Iterable[_Fed]:
    """What has happened by today; a contract that starts next year is counted, and no day of it is named."""
    day = f"{ident(of.happened)}::date" if of.happened else "null::date"
    for row in facts.query(
        f"select source, count(*), min({day}) filter (where {day} <= $today), "
        f"max({day}) filter (where {day} <= $today), max(recorded_at), "  # noqa: S608 - declared names
        f"count(*) filter (where {day} < recorded_at::date) from {ident(of.id)} group by source",
        {"today": today},
    ):
        source, *told = row
        yield _Fed(source or "", of.id, *told)


def _source(door: Door, name: str, own: Sequence[_Fed]) -> Source:
    said = door.settings.sources.get(name)
    trust: Trust = "not said"
    if said is not None and said.backfill_trusted is not None:
        trust = "yes" if said.backfill_trusted else "no"
    first = [one.first for one in own if one.first is not None]
    last = [one.last for one in own if one.last is not None]
    hidden = tuple(one.table for one in own if one.late and _is_hidden(table(one.table), trust))
    return Source(
        name,
        sum(one.rows for one in own),
        min(first, default=None),
        max(last, default=None),
        max((one.loaded for one in own if one.loaded is not None), default=None),
        tuple(one.table for one in own),
        trust,
        hidden,
    )


def _is_hidden(of: Table, trust: Trust) -> bool:
    return trust == "no" or (trust == "not said" and not of.backfill_trusted)


def how_to_trust(door: Door) -> str:
    """Which sources' rows are not there for the past, and the lines of the settings file that change it."""
    concerned = [one for one in sources_of(door) if one.hidden]
    named = " and ".join(f"`{one.name}`" for one in concerned)
    if not concerned:
        return "Look at `tenure sources`: it lists every source and since when its rows are known."
    lines = "\n\n".join(one.lines for one in concerned)
    several = len(concerned) > 1
    refused = [f"`{one.name}`" for one in concerned if one.backfill_trusted == "no"]
    instead = f" (in place of what it says of {' and '.join(refused)})" if refused else ""
    return (
        f"They came from {named}. If the dates in {'these sources' if several else 'this source'} can be trusted, "
        f"write into `{FILE}` of the workspace{instead}:\n\n{lines}\n\n"
        "`tenure sources` lists every source and what that means."
    )
