"""The history of metric values: wide, a folder per part and as_of; and a copy sorted by account.

A part is a group of metrics that are computed together; its rows hold its columns and leave the others
empty, so that a metric added later touches no row of the others. Which rows count is said by the ledger of
refreshes (`lake/refreshes.py`): a version of each table, and per part and as_of the run that made the rows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError

from tenure.facts.sql import ident, literal
from tenure.kernel.errors import LakeError
from tenure.kernel.points import point
from tenure.lake.commit import settle, turn_of
from tenure.lake.durable import disk_trouble_explained
from tenure.lake.lake import NO_HOOKS, Lake
from tenure.lake.shape import Shape, files_of

BY_DAY, BY_ACCOUNT = "metric_values", "metric_values_by_account"
OWN = {"as_of": "DATE", "account_id": "VARCHAR", "run": "BIGINT"}
PART, DAY = "part", "day"
WHY = "__why"
"""What a column's name ends in that holds the reason of an Unknown."""
ROWS_TOGETHER = 65_536
"""Rows of a row group: what a reader of one account looks through. Of fewer there are more to plan with (measured)."""


def shape(table: str, columns: Mapping[str, str]) -> Shape:
    """The stored form of either table with these value columns."""
    parts = {PART: "VARCHAR"} | ({DAY: "VARCHAR"} if table == BY_DAY else {})
    return Shape(table, {**OWN, **columns, **parts}, pruned=("account_id",), parts=tuple(parts))


def replace(
    lake: Lake,
    part: str,
    days: Sequence[date],
    rows: Any,
    columns: Mapping[str, str],
) -> int:
    """The version of the table by day in which `rows` are all there is of the part on these days.

    Args:
        lake: where to.
        part: whose rows they are.
        days: the as-ofs that are replaced, whether or not there are rows for them.
        rows: an Arrow stream with as_of, account_id, run, part, day and the value columns.
        columns: the value columns with their types.

    Raises:
        LakeError: no space; the disk did not confirm; or another program wrote into the table.
    """
    listed = ", ".join(literal(day.isoformat()) for day in days)
    predicate = f"{PART} = {literal(part)} and {DAY} in ({listed})"
    return _write(lake, shape(BY_DAY, columns), rows, predicate)


def replace_by_account(lake: Lake, part: str, rows: Any, columns: Mapping[str, str]) -> int:
    """The version of the copy in which `rows`, sorted by account, are all there is of the part."""
    return _write(lake, shape(BY_ACCOUNT, columns), rows, f"{PART} = {literal(part)}")


def add_by_account(lake: Lake, rows: Any, columns: Mapping[str, str]) -> int:
    """The version of the copy that has `rows` beside what it had."""
    return _write(lake, shape(BY_ACCOUNT, columns), rows, None)


def _write(lake: Lake, form: Shape, rows: Any, predicate: str | None) -> int:
    handle = lake.ready(form)
    before, turn = handle.version(), turn_of(handle, form.name) + 1
    properties = CommitProperties(
        custom_metadata={"tenure": json.dumps({"turn": turn})},
        app_transactions=[Transaction(f"table:{form.name}", turn)],
        max_commit_retries=0,
    )
    point("values.before_commit")
    try:
        with disk_trouble_explained(lake.root):
            how: dict[str, Any] = {
                "schema_mode": "merge",
                "partition_by": form.partition_by,
                "writer_properties": WriterProperties(
                    compression="SNAPPY", max_row_group_size=ROWS_TOGETHER
                ),
                "commit_properties": properties,
                "post_commithook_properties": NO_HOOKS,
            }
            if predicate is None:
                write_deltalake(handle, rows, mode="append", **how)
            else:
                write_deltalake(handle, rows, mode="overwrite", predicate=predicate, **how)
    except CommitFailedError as error:
        raise LakeError(
            f"Another program wrote into `{form.name}` at the same moment.",
            remedy="Run `tenure refresh` again.",
            code="lake.crowded",
        ) from error
    point("values.after_commit")
    settle(lake, form, before + 1)
    return before + 1


def go_back(lake: Lake, table: str, version: int | None) -> None:
    """Undo what a refresh that died has written: the table as it was at `version` (None: empty)."""
    handle = lake.handle(table)
    if handle is None or handle.version() == version:
        return
    point("values.before_undo")
    if version is None:
        handle.delete(post_commithook_properties=NO_HOOKS)
    else:
        handle.restore(version)
    point("values.after_undo")
    settle(lake, Shape(table, {}), handle.version())


def all_files(handle: DeltaTable) -> list[str]:
    """The files of the handle's version; their folders say part and day."""
    return files_of(handle)


def scan(table: str, columns: Mapping[str, str], paths: Sequence[str]) -> str:
    """SQL for the rows of some files: as_of, account_id, run and the value columns."""
    return shape(table, columns).scan(paths)


def listed(columns: Collection[str]) -> str:
    """The own columns and these, for a select."""
    return ", ".join(ident(name) for name in (*OWN, *columns))
