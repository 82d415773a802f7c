"""From which day on a table tells something else than it did in an earlier version."""

from __future__ import annotations

from datetime import date, timedelta

from tenure.facts.sql import ident
from tenure.lake.commit import turn_of
from tenure.lake.engines.duckdb import Engine

DATED = (
    "activities",
    "advocacy_events",
    "feedback",
    "health_scores",
    "survey_responses",
    "tickets",
    "usage_daily",
)
"""Tables whose rows change nothing about days before the one they happened on. A contract, an owner, a plan or
what a user is called may reach back to any day."""


def first_day_changed(engine: Engine, name: str, version: int) -> date | None:
    """The first day of which the table tells something new since `version`; None: any day may differ.

    A row counts from the earliest day it names (solved before it was opened, where files are odd); a corrected one
    with all days it was on before. A moment near midnight may lie on the day before in the workspace's time zone.
    """
    table = engine.lake.table(name)
    before = engine.lake.handle(name, version=version)
    if before is None or name not in DATED:
        return None
    turn, stored = turn_of(before, name), engine.stored(name)
    days_of = [n for n, column in table.columns.items() if column.type in ("date", "timestamp")]
    day = f"min(least({', '.join(f'cast({ident(name)} as date)' for name in days_of)}))"
    found = engine.rows(f"select {day} from ({stored}) where commit_no > {turn}")
    if engine.snapshot.tables[name].has_versions:
        keys = ", ".join(ident(key) for key in table.key)
        found += engine.rows(
            f"select {day} from ({stored}) where ({keys}) in "
            f"(select ({keys}) from ({stored}) where commit_no > {turn})"
        )
    days = [one for (one,) in found if one is not None]
    return min(days) - timedelta(days=1) if days else date.max
