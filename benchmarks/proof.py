"""What an import left behind, read from its lake by the engine alone, to be held against what was planted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from tenure import Workspace
from tenure.facts.finding import FINDING_COLUMNS
from tenure.lake import snapshots
from tenure.lake.shape import Shape, files_of, shape_of

OF_THE_IMPORT = {"source_line", "import_id", "version_at", "commit_no"}
"""Columns that say when and from where a row came; they differ between two imports of one row."""


def stored(ws: Workspace, name: str) -> str:
    """SQL for all rows that the newest snapshot holds of the table `name`."""
    state = snapshots.newest(ws.lake).tables[name]
    own = {"findings": Shape("findings", FINDING_COLUMNS)}
    shape = own.get(name) or shape_of(ws.lake.table(name))
    return shape.scan(files_of(ws.lake.handle(name, version=state.version)))


def findings_of(ws: Workspace) -> list[tuple[str, int, int | None, str | None, str]]:
    """(file, line, column number, value, rule) of every error and warning."""
    if "findings" not in snapshots.newest(ws.lake).tables:
        return []
    return _rows(
        f"select file, line, column_no, value, rule from ({stored(ws, 'findings')}) "
        "where level in ('error', 'warning')"
    )


def differences(ours: Workspace, theirs: Workspace, table: str) -> tuple[int, int]:
    """How many rows of `table` stand in one lake and not in the other, each way; doubles count."""
    columns = [name for name in ours.lake.table(table).sql_columns() if name not in OF_THE_IMPORT]
    if table != "usage_daily":  # the others carry no recorded_at of their own
        columns.remove("recorded_at")
    listed = ", ".join(columns)
    one, other = (f"select {listed} from ({stored(ws, table)})" for ws in (ours, theirs))
    found = [
        _rows(f"select count(*) from ({a} except all {b})")[0][0]
        for a, b in ((one, other), (other, one))
    ]
    return found[0], found[1]


def lines_of(ws: Workspace, table: str, key: Sequence[str]) -> dict[str, int]:
    """The key's parts -> the line a stored row came from."""
    shown = " || '|' || ".join(f"coalesce({name}::varchar, '')" for name in key)
    return dict(_rows(f"select {shown}, source_line from ({stored(ws, table)})"))


def _rows(query: str) -> list[Any]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(query).fetchall()
