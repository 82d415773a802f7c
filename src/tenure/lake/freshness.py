"""Which days the facts of a snapshot speak of, and how fresh they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tenure.facts.sql import ident, literal
from tenure.facts.table import tables
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


def late_tables(engine: Engine, as_of: date) -> dict[str, date]:
    """Tables whose facts have stopped, with the last day they speak of.

    Only tables of what has happened, since a plan has no pace. The usual gap is the 95th percentile of the days between
    days with facts in the last half year of the table.
    """
    found = {}
    for table in tables().values():
        if table.id not in engine.tables() or not (
            table.id in WITH_PLANS or table.happened in table.not_in_future
        ):
            continue
        name = ident(table.happened)
        days = [
            row[0]
            for row in engine.rows(
                f"select distinct {name}::date as day from {ident(table.id)} "  # noqa: S608 - declared names
                f"where {name}::date <= date '{as_of.isoformat()}' order by day desc limit {PACE_DAYS}"
            )
        ]
        days = [day for day in days if (days[0] - day).days <= PACE_DAYS]
        if len(days) < FEWEST_DAYS:
            continue
        gaps = sorted((later - day).days for later, day in zip(days, days[1:], strict=False))
        usual = gaps[min(len(gaps) - 1, int(0.95 * len(gaps)))]
        if (as_of - days[0]).days > max(LATE_FROM, LATE_TIMES * usual):
            found[table.id] = days[0]
    return found
