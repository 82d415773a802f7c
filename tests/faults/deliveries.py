"""Small deliveries for lake tests: four declared tables, and rows put into the form `prepare` gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tenure.facts import connection as opened
from tenure.facts.table import Column, Table
from tenure.lake.commit import Committed, commit
from tenure.lake.lake import Lake
from tenure.lake.snapshots import publish

DAY_ONE = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def _table(
    name: str, kind: str, key: Sequence[str], columns: Mapping[str, str], **more: Any
) -> Table:
    declared = {c: Column(type=t, says=c) for c, t in columns.items()}  # type: ignore[arg-type]
    return Table(
        id=name,
        title=name.capitalize(),
        says=name,
        group="who",
        kind=kind,  # type: ignore[arg-type]
        key=tuple(key),
        columns=declared,
        **more,
    )


ACCOUNTS = _table(
    "accounts", "state", ["account_id"], {"account_id": "id", "name": "text", "arr": "money"}
)
LINES = _table(
    "lines",
    "state",
    ["account_id", "line_no"],
    {"account_id": "id", "line_no": "id", "amount": "money", "start_date": "date"},
    happened="start_date",
)
ANSWERS = _table(
    "answers",
    "event",
    ["answer_id"],
    {"answer_id": "id", "score": "int", "answered_on": "date"},
    happened="answered_on",
    backfill_trusted=True,
)
USAGE = _table(
    "usage",
    "state",
    ["account_id", "user_id", "day"],
    {"account_id": "id", "user_id": "id", "day": "date", "events": "int"},
    happened="day",
    backfill_trusted=True,
    partition="day",
)
DECLARED = {table.id: table for table in (ACCOUNTS, LINES, ANSWERS, USAGE)}


@dataclass(frozen=True)
class Delivery:
    """Rows by table, for one import."""

    import_id: str
    rows: dict[str, list[dict[str, Any]]]
    loaded_at: datetime = DAY_ONE
    closing: tuple[str, ...] = ()


def prepared(
    connection: Any,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    import_id: str,
    loaded_at: datetime,
    file: str | None = None,
) -> str:
    """A DuckDB table as `prepare` would leave it; a row may carry provenance columns of its own."""
    name = f"prepared_{table.id}"
    body = ", ".join(f'"{c}" {kind}' for c, kind in table.sql_columns().items())
    connection.execute(f"create or replace table {name} ({body})")
    for line, row in enumerate(rows, start=2):
        full = {
            "recorded_at": loaded_at.replace(tzinfo=None),
            "version_at": loaded_at.replace(tzinfo=None),
            "source": "crm",
            "source_file": file or f"{table.id}.csv",
            "source_line": line,
            "import_id": import_id,
            "is_closed": False,
        } | dict(row)
        if table.partition and row.get(table.partition) is not None:
            full[table.partition_column] = str(row[table.partition])[:7]
        names = ", ".join(f'"{c}"' for c in full)
        connection.execute(
            f"insert into {name} ({names}) values ({', '.join('?' * len(full))})",
            list(full.values()),
        )
    return name


def connect() -> Any:
    return opened.connect(threads=1)


def write(lake: Lake, delivery: Delivery, *, snapshot: bool = True) -> Committed:
    """Commit a delivery and publish it."""
    with connect() as connection:
        names = {
            name: prepared(
                connection,
                lake.table(name),
                rows,
                import_id=delivery.import_id,
                loaded_at=delivery.loaded_at,
            )
            for name, rows in delivery.rows.items()
        }
        done = commit(
            lake,
            connection,
            names,
            import_id=delivery.import_id,
            loaded_at=delivery.loaded_at,
            closing=delivery.closing,
        )
        notes = {
            t: connection.execute(f"from {t}").fetchall() for t in (done.findings, done.refused)
        }
    if snapshot:
        publish(lake, done.versions, import_id=delivery.import_id)
    NOTES[delivery.import_id] = notes
    return done


NOTES: dict[str, dict[str, list[tuple[Any, ...]]]] = {}
