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
