"""Whether a number's source had stopped on the day asked about: the number stands, and says so (product C18)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from tenure.facts.table import tables
from tenure.kernel.unknown import Reason
from tenure.lake.freshness import days_of, has_pace, silent_since
from tenure.metrics.asked import Asked, Note
from tenure.metrics.declaration import Metric
from tenure.metrics.derived.tier import TIER
from tenure.metrics.reading import Reading

LATE: Reason = "source_late"
"""What a history holds beside a value whose source had stopped; a value that is Unknown keeps its own reason."""


def late_need(
    metric: Metric, stopped: Mapping[str, date], delivered: Collection[str]
) -> tuple[str, date] | None:
    """The table that the metric cannot do without and whose facts have stopped, with the last day it speaks of.

    Of tables that stand in for one another all that were delivered must have stopped.
    """
    found = None
    for need in metric.needs:
        either = [name for name in need.split(" or ") if name in delivered]
        if either and all(name in stopped for name in either):
            since, name = max((stopped[name], name) for name in either)
            found = name, since
    return found


def late(metric: Metric, reading: Reading, day: date) -> tuple[str, date] | None:
    """As `late_need`, of the facts of a reading as they look on a day."""
    stopped = {}
    for name in pacing(metric):
        if reading.has(name):
            since = silent_since(_days(reading, name), day)
            if since is not None:
                stopped[name] = since
    return late_need(metric, stopped, reading.facts.tables()) if stopped else None


def pacing(metric: Metric) -> list[str]:
    """The tables with a pace of their own that the metric needs."""
    every = tables()
    names = {name for need in metric.needs for name in need.split(" or ")}
    return sorted(name for name in names if name in every and has_pace(every[name]))


def late_days(
    metric: Metric, reading: Reading, questions: Iterable[tuple[date, date]]
) -> frozenset[date]:
    """The as-ofs, of pairs of as-of and the day that its number looks to, on which a source was late."""
    if not pacing(metric):
        return frozenset()
    return frozenset(as_of for as_of, day in questions if late(metric, reading, day) is not None)


def late_note(metric: Metric, asked: Asked, reading: Reading) -> list[Note]:
    """Said with an answer whose source had stopped by its day."""
    found = late(metric, reading, asked.day)
    if found is None:
        return []
    name, since = found
    return [
        Note(
            "warning",
            "source.late",
            f"`{name}` says nothing after {since}, {(asked.day - since).days} days before {asked.day}; "
            "it used to come more often.",
            "Import what is missing; until then the number may tell of the source and not of customers.",
        )
    ]


def _days(reading: Reading, name: str) -> Sequence[date]:
    """The days on which a table has facts, in order, read once; from sums of its days, where these are there already."""
    own = tables()[name]
    sums = [f.id for f in TIER.values() if f.rolled == name and own.happened in f.columns]
    source = next(filter(reading.is_made, sums), name)
    return reading.kept(
        ("days", name), lambda: [day for (day,) in reading.query(days_of(own, source))]
    )
