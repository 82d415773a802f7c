"""The only writer of tables: look and write through one handle, then put it on disk.

Two application transactions travel with every commit. `import:<id>` says the import is in, so that a
replay writes nothing. `table:<name>` counts the commits of the table: two writers that looked at the same
state both carry n+1 and Delta refuses the second, which then looks again. Without it, plain appends never
conflict and both would append the same key. `versions:<name>` is set by the first commit that gives some
key a second row, so that readers of older versions may skip looking for the newest row of each key.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError

from tenure.facts.sql import ident
from tenure.kernel.errors import Bug, LakeError
from tenure.kernel.points import point
from tenure.lake import classify as classes
from tenure.lake.classify import Batch, classify
from tenure.lake.durable import SyncFailed, disk_trouble_explained, set_aside, sync
from tenure.lake.lake import NO_HOOKS, Lake
from tenure.lake.reused import note_closed, note_reused, start_notes
from tenure.lake.shape import Shape, shape_of

TRIES = 20
CHECKPOINT_EVERY = 20


@dataclass(frozen=True, slots=True)
class TableCounts:
    """What became of the rows prepared for one table. `closed` keys are not rows of the file."""

    new: int = 0
    replaced: int = 0
    repeats: int = 0
    refused: int = 0
    closed: int = 0

    def __add__(self, other: TableCounts) -> TableCounts:
        """Both together."""
        return TableCounts(*(a + b for a, b in zip(_numbers(self), _numbers(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Committed:
    """What one import did to the tables.

    `versions` has the version each touched table must have to show it. `findings` and `refused` are
    DuckDB tables of the connection: ids used twice, closed keys (FINDING and QUARANTINE columns).
    """

    counts: dict[str, TableCounts]
    by_file: dict[str, dict[str, TableCounts]]
    versions: dict[str, int]
    findings: str = "lake_findings"
    refused: str = "lake_refused"


@dataclass(frozen=True, slots=True)
class Written:
    """One commit that is in the table: its version and what it said about itself."""

    version: int
    details: dict[str, Any] = field(default_factory=dict)


def commit(
    lake: Lake,
    connection: Any,
    prepared_tables: Mapping[str, str],
    *,
    import_id: str,
    loaded_at: datetime,
    extra: Mapping[str, str] | None = None,
    closing: Collection[str] = (),
    unsure: Collection[str] = (),
    corrects: Collection[str] = (),
    withdrawing: bool = False,
) -> Committed:
    """Every prepared row in its table, or recognised as a repeat, or refused; the counts say which.

    Args:
        lake: where to.
        connection: the DuckDB connection that holds the prepared tables.
        prepared_tables: canonical table -> name of its DuckDB table (columns `Table.sql_columns()`).
        import_id: a second call with the same id writes nothing and gives the first call's counts, if the first
            wrote anything; one that changed nothing leaves no mark here, and the import ledger knows it is done.
        loaded_at: when the import was claimed.
        extra: further words for the commit's metadata.
        closing: tables given as complete exports; keys of their sources that are absent get closed.
        unsure: tables of which rows were refused: nothing of them is closed for being absent from a group.
        corrects: ids of imports whose rows these replace, and close where they lack them.
        withdrawing: the rows are taken back: nothing is written but their closing.

    Raises:
        LakeError: no space, a failed sync, or other writers won 20 times in a row.
    """
    start_notes(connection)
    counts: dict[str, TableCounts] = {}
    by_file: dict[str, dict[str, TableCounts]] = {}
    versions: dict[str, int] = {}
    for name, prepared in prepared_tables.items():
        table = lake.table(name)
        batch = Batch(
            connection,
            table,
            prepared,
            import_id,
            loaded_at,
            name in closing,
            name in unsure,
            tuple(sorted(corrects)),
            withdrawing,
        )
        with disk_trouble_explained(lake.root):
            versions[name], files = _commit_table(lake, batch, extra or {})
        by_file |= {file: by_file.get(file, {}) | {name: files[file]} for file in files}
        counts[name] = sum(files.values(), TableCounts())
    return Committed(counts, by_file, versions)


def _commit_table(
    lake: Lake, batch: Batch, extra: Mapping[str, str]
) -> tuple[int, dict[str, TableCounts]]:
    shape = shape_of(batch.table)
    for attempt in range(TRIES):
        handle = lake.ready(shape)
        done = find_commit(handle, shape.name, f"import:{batch.import_id}")
        if done is not None:
            return _replayed(lake, batch, handle, done)
        classify(batch, handle)
        files = counted(batch)
        point("keys_checked")
        if not any(count.new or count.replaced or count.closed for count in files.values()):
            _note(batch, files)
            return handle.version(), files
        turn = turn_of(handle, shape.name) + 1
        rows = batch.connection.sql(classes.rows_to_write(batch, commit_no=turn))
        details = dict(extra) | {"files": {file: asdict(count) for file, count in files.items()}}
        grows = any(count.replaced or count.closed for count in files.values())
        marks = [f"import:{batch.import_id}"] + ([f"versions:{shape.name}"] if grows else [])
        version = append(lake, handle, shape, rows, marks=marks, details=details)
        if version is not None:
            _note(batch, files)
            settle(lake, shape, version)
            return version, files
        back_off(attempt)
    raise _crowded(shape.name)


def commit_list(lake: Lake, connection: Any, shape: Shape, rows: str, *, import_id: str) -> int:
    """The version in which a list without keys (findings, quarantine) holds the import's `rows`.

    `rows` is SQL in `connection`. An import without any leaves the list as it is.
    """
    mark = f"import:{import_id}"
    for attempt in range(TRIES):
        handle = lake.ready(shape)
        done = find_commit(handle, shape.name, mark)
        if done is not None:
            settle(lake, shape, done.version)
            return done.version
        ((count,),) = connection.execute(f"select count(*) from ({rows})").fetchall()
        if not count:
            return handle.version()
        stored = classes.stored_form(shape.columns, {name: ident(name) for name in shape.columns})
        relation = connection.sql(f"select {stored} from ({rows})")
        version = append(lake, handle, shape, relation, marks=[mark], details={})
        if version is not None:
            settle(lake, shape, version)
            return version
        back_off(attempt)
    raise _crowded(shape.name)


def append(
    lake: Lake,
    handle: DeltaTable,
    shape: Shape,
    rows: Any,
    *,
    marks: list[str],
    details: Mapping[str, Any],
) -> int | None:
    """The version that holds `rows`; None when another writer was first and we must look again.

    `rows` is anything with an Arrow stream (typed Any: a DuckDB relation ships no complete types). The write goes through the very handle that was looked at.
    """
    looked_at, turn = handle.version(), turn_of(handle, shape.name) + 1
    transactions = [Transaction(mark, 1) for mark in marks] + [
        Transaction(f"table:{shape.name}", turn)
    ]
    properties = CommitProperties(
        custom_metadata={"tenure": json.dumps({"marks": marks, "turn": turn, **details})},
        app_transactions=transactions,
        max_commit_retries=0,  # so that the version after the one we looked at is ours
    )
    point("lake.before_commit")
    try:
        with disk_trouble_explained(lake.root):
            write_deltalake(
                handle,
                rows,
                mode="append",
                partition_by=shape.partition_by,
                writer_properties=shape.writing(),
                commit_properties=properties,
                post_commithook_properties=NO_HOOKS,
            )
    except CommitFailedError:
        return None
    point("lake.after_commit")
    return looked_at + 1


def settle(lake: Lake, shape: Shape, version: int) -> None:
    """Put the commit that made `version` on disk: data files, log entry, folders.

    Raises:
        LakeError: the disk did not confirm; the commit is taken back, so that a replay writes it anew.
    """
    root = lake.path(shape.name)
    entry = log_entry(root, version)
    try:
        sync(_written_files(root, entry))
    except SyncFailed:
        set_aside(entry, lake.set_aside / shape.name)
        raise
    point("lake.after_sync")
    if version % CHECKPOINT_EVERY == 0:
        _checkpoint(lake, shape, version)


def find_commit(handle: DeltaTable, name: str, mark: str) -> Written | None:
    """The commit that carried the application transaction `mark`, or None when it is not in the table."""
    if handle.transaction_version(mark) is None:
        return None
    for entry in handle.history():
        details = json.loads(entry.get("tenure", "{}"))
        if mark in details.get("marks", ()):
            return Written(int(entry["version"]), details)
    raise LakeError(
        f"The log of the table `{name}` no longer tells when `{mark}` was written.",
        remedy="Run `tenure doctor`; if it finds damage, restore the last backup.",
        code="lake.log",
    )


def turn_of(handle: DeltaTable, name: str) -> int:
    """How many commits the table has had; also the number of the newest one."""
    return handle.transaction_version(f"table:{name}") or 0


def log_entry(root: Path, version: int) -> Path:
    """The log file of one version."""
    return root / "_delta_log" / f"{version:020d}.json"


def back_off(attempt: int) -> None:
    """Wait a little, by chance, so that writers that met once do not meet again."""
    ceiling_ms = min(20 * 2 ** min(attempt, 4), 250)
    time.sleep((5 + secrets.randbelow(ceiling_ms)) / 1000)


def _written_files(root: Path, entry: Path) -> list[Path]:
    """New data files, their log entry, and every folder that got a new name."""
    added = [
        root / json.loads(line)["add"]["path"]
        for line in entry.read_text(encoding="utf-8").splitlines()
        if line.startswith('{"add"')
    ]
    folders = {path.parent for path in added} | {root, root.parent}
    return [*added, entry, *sorted(folders), entry.parent]


def _checkpoint(lake: Lake, shape: Shape, version: int) -> None:
    """Let readers start from `version` instead of the first entry. Losing it loses nothing."""
    handle = lake.handle(shape.name, version=version)
    if handle is None:
        raise Bug(f"The table `{shape.name}` vanished.")
    point("checkpoint.before")
    handle.create_checkpoint()
    point("checkpoint.after")
    log = lake.path(shape.name) / "_delta_log"
    sync([log / f"{version:020d}.checkpoint.parquet", log / "_last_checkpoint", log])


def counted(batch: Batch) -> dict[str, TableCounts]:
    """Counts by file; a file whose rows were all refused before is not here."""
    found: dict[str, TableCounts] = {}
    names = {"new": "new", "replaced": "replaced", "repeat": "repeats", "id.reused": "refused"}
    rows = batch.connection.execute(
        "select file, class, count(*) from lake_classes group by all order by all"
    ).fetchall()
    ((closed,),) = batch.connection.execute("select count(*) from lake_closing").fetchall()
    for file, word, count in rows:
        found[file] = found.get(file, TableCounts()) + TableCounts(**{names[word]: count})
    if closed:
        first = next(iter(found), "")  # a correction may close what it feeds no more
        found[first] = found.get(first, TableCounts()) + TableCounts(closed=closed)
    return found


def _replayed(
    lake: Lake, batch: Batch, handle: DeltaTable, done: Written
) -> tuple[int, dict[str, TableCounts]]:
    """The counts the commit itself recorded; the table now would call every row a repeat."""
    classify(batch, handle, before=done.details["turn"])
    files = {file: TableCounts(**count) for file, count in done.details["files"].items()}
    _note(batch, files)
    settle(lake, shape_of(batch.table), done.version)
    return done.version, files


def _note(batch: Batch, files: Mapping[str, TableCounts]) -> None:
    """Keep what the classes say beyond this table, if the counts tell of any: ids used twice, closed keys."""
    if any(count.refused for count in files.values()):
        note_reused(batch)
    if any(count.closed for count in files.values()):
        note_closed(batch)


def _numbers(counts: TableCounts) -> tuple[int, ...]:
    return (counts.new, counts.replaced, counts.repeats, counts.refused, counts.closed)


def _crowded(name: str) -> LakeError:
    return LakeError(
        f"Other writers changed the table `{name}` {TRIES} times in a row.",
        remedy="Try again in a moment; nothing was changed.",
        code="lake.crowded",
    )
