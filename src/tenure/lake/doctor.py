"""The checks of a lake: does everything that was confirmed stand there, once, and can it be read?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenure.facts.connection import connect
from tenure.facts.sql import ident, literal
from tenure.lake import ledger, snapshots
from tenure.lake.damage import (
    Complaint,
    added_files,
    is_whole,
    log_entries,
    mend,
    restore_needed,
    stored_tables,
    wrong_files,
)
from tenure.lake.imports import recover
from tenure.lake.lake import Lake
from tenure.lake.ledger import Entry
from tenure.lake.shape import files_of, shape_of
from tenure.lake.snapshots import Snapshot

RESTORE = "Restore the last backup; the files given since then can be imported again."


def doctor(lake: Lake) -> list[Complaint]:
    """Everything wrong with the lake, and what was mended on the way; empty when it is healthy.

    A damaged newest commit that nobody was told of is set aside, and unfinished imports are finished.

    Raises:
        LakeError: damage that must not be worked around, with the way to restore.
    """
    found = mend(lake)
    for name in stored_tables(lake):
        _require_whole_log(lake, name)
    found += [
        Complaint(
            "import.finished",
            f"Import {one.number} had been interrupted and is finished now.",
            level="notice",
            mended=True,
        )
        for one in recover(lake)
    ]
    newest = snapshots.newest(lake)
    found += _missing_files(lake, newest)
    if not any(complaint.level == "error" for complaint in found):
        found += _ledger_against_tables(lake, newest)
        found += _keys(lake, newest)
    return found


def _require_whole_log(lake: Lake, name: str) -> None:
    entries = log_entries(lake.path(name))
    versions = [int(entry.stem) for entry in entries]
    if versions != list(range(len(versions))):
        raise restore_needed(f"The log of the table `{name}` has a gap.")
    if hurt := [entry for entry in entries if not is_whole(entry)]:
        raise restore_needed(
            f"The log of the table `{name}` is damaged at version {int(hurt[0].stem)}."
        )


def _missing_files(lake: Lake, newest: Snapshot) -> list[Complaint]:
    """Files of the newest snapshot that are gone or have another size than the log says."""
    found = []
    for name, version in newest.versions.items():
        handle = lake.handle(name, version=version)
        if handle is None:
            found.append(Complaint("lake.table_missing", f"The table `{name}` is gone.", RESTORE))
            continue
        needed = set(files_of(handle))
        entries = log_entries(lake.path(name))[: version + 1]
        brought = [file for entry in entries for file in added_files(lake.path(name), entry)]
        wrong = wrong_files([(path, size) for path, size in brought if str(path) in needed])
        found += [
            Complaint(
                "lake.file_damaged",
                f"The file `{path.name}` of the table `{name}` is missing or cut off.",
                RESTORE,
            )
            for path in wrong
        ]
    return found


def _ledger_against_tables(lake: Lake, newest: Snapshot) -> Iterator[Complaint]:
    """Every import that is done has as many rows in each table as it reported (law L1)."""
    done = [entry for entry in ledger.entries(lake).values() if entry.state == "done"]
    for name in _fact_tables(lake, newest):
        rows = dict(_ask(lake, newest, name, "select import_id, count(*) from stored group by 1"))
        for entry in done:
            wanted = _rows_reported(entry, name)
            if rows.pop(entry.import_id, 0) != wanted:
                yield Complaint(
                    "lake.rows",
                    f"Import {entry.number} reported {wanted} rows in `{name}`, and another number is there.",
                    RESTORE,
                )
        for import_id in rows:
            yield Complaint(
                "lake.rows",
                f"Rows of an import `{import_id}` that no ledger knows are in `{name}`.",
                RESTORE,
            )


def _keys(lake: Lake, newest: Snapshot) -> Iterator[Complaint]:
    """No key has two rows where none was replaced, nor two rows from one commit (law L1)."""
    for name in _fact_tables(lake, newest):
        keys = ", ".join(ident(column) for column in lake.table(name).key)
        by = keys + ", commit_no" if newest.tables[name].has_versions else keys
        query = f"select count(*) from (select {by} from stored group by {by} having count(*) > 1)"
        ((doubled,),) = _ask(lake, newest, name, query)
        if doubled:
            yield Complaint(
                "lake.doubled", f"{doubled} keys of the table `{name}` stand there twice.", RESTORE
            )


def _rows_reported(entry: Entry, table: str) -> int:
    counts: dict[str, int] = entry.summary["tables"].get(table, {})
    return sum(counts.get(name, 0) for name in ("new", "replaced", "closed"))


def _fact_tables(lake: Lake, newest: Snapshot) -> list[str]:
    return [name for name in newest.tables if name in lake.declared]


def _ask(lake: Lake, newest: Snapshot, name: str, query: str) -> list[tuple[Any, ...]]:
    """A question to all stored rows of one table, every version of every key."""
    handle = lake.handle(name, version=newest.versions[name])
    files = files_of(handle) if handle is not None else []
    with connect() as connection:
        connection.execute(f"set temp_directory = {literal(str(lake.spill))}")
        connection.execute(f"create view stored as {shape_of(lake.table(name)).scan(files)}")
        found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
    return found
