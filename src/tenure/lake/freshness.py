"""Which days the facts of a snapshot speak of, and how fresh they are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from tenure.facts.sql import ident, literal
from tenure.facts.table import Table, tables
from tenure.lake.engines.duckdb import Engine

OURS = "tenure-flags"
"""The source of what we found ourselves and wrote beside the facts."""


@dataclass(frozen=True, slots=True)
class DataSpan:
    """The first and last day of what has happened, and when the newest import ended; None before the first."""

    first: date | None
    last: date | None
    loaded_at: datetime | None


def data_span(engine: Engine, loaded_at: datetime | None) -> DataSpan:
    """The span over all tables whose date cannot lie in the future: a contract that starts next year is no news.

    Neither are flags that we raised ourselves: they may be of a day of which no facts have come yet.
    """
    spans = [
        engine.rows(
            f"select min({ident(t.happened)})::date, max({ident(t.happened)})::date from {ident(t.id)}"
            f" where source is distinct from {literal(OURS)}"
        )[0]
        for t in tables().values()
        if t.id in engine.tables() and t.happened in t.not_in_future
    ]
    return DataSpan(
        min((first for first, _ in spans if first is not None), default=None),
        max((last for _, last in spans if last is not None), default=None),
        loaded_at,
    )


FEWEST_DAYS = 8
"""A table of fewer days has no pace of its own."""
PACE_DAYS = 180
"""The pace of a table is that of the last half year it speaks of."""
WITH_PLANS = ("activities",)
"""Tables of what has happened that hold appointments too; those lie after the day asked about and are not read."""
LATE_FROM, LATE_TIMES = 14, 3
"""A table is late when nothing has come for two weeks and for three times its usual gap (decision: a-late-source)."""


def has_pace(table: Table) -> bool:
    """Whether the table tells what has happened: a plan has no pace."""
    return table.id in WITH_PLANS or table.happened in table.not_in_future


def days_of(table: Table, source: str = "") -> str:
    """SQL for the days on which the table has facts, in order; from a `source` with a row for each of its days."""
    name = ident(table.happened)
    return (
        f"select distinct {name}::date as day from {ident(source or table.id)} "  # noqa: S608 - declared names
        f"where {name} is not null order by day"
    )


def silent_since(days: Sequence[date], as_of: date) -> date | None:
    """The last day a table speaks of, if as seen on `as_of` its facts have stopped; None while they come as usual.

    The usual gap is the 95th percentile of the days between days with facts in the last half year of the table.

    Args:
        days: on which the table has facts, in order; those after `as_of` are not looked at.
        as_of: the day asked about.
    """
    place = bisect_right(days, as_of)
    own = days[max(0, place - PACE_DAYS) : place]
    if not own or (as_of - own[-1]).days <= LATE_FROM:
        return None
    own = [day for day in own if (own[-1] - day).days <= PACE_DAYS]
    if len(own) < FEWEST_DAYS:
        return None
    gaps = sorted((later - day).days for day, later in pairwise(own))
    usual = gaps[min(len(gaps) - 1, int(0.95 * len(gaps)))]
    return own[-1] if (as_of - own[-1]).days > max(LATE_FROM, LATE_TIMES * usual) else None


def late_tables(engine: Engine, as_of: date) -> dict[str, date]:
    """Tables whose facts have stopped, with the last day they speak of."""
    found = {}
    for table in tables().values():
        if table.id in engine.tables() and has_pace(table):
            since = silent_since([day for (day,) in engine.rows(days_of(table))], as_of)
            if since is not None:
                found[table.id] = since
    return found
