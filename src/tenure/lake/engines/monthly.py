"""Sums of a table by civil month, kept beside the lake: a month is added up anew only when its files changed.

A kept file's name says what it was made of: the month, the query and the data files, which never change. So it
needs no ledger: it is there and right, or it is made. Whoever removes the folder loses time and nothing else.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from tenure.facts.sql import literal
from tenure.facts.table import Table
from tenure.kernel.points import point
from tenure.lake.durable import sync
from tenure.lake.engines.fence import fenced
from tenure.lake.engines.views import Reading, current_rows
from tenure.lake.identities import NOTHING, Same
from tenure.lake.lake import Lake

Select = Callable[[str, date | None], str]
"""The query of sums, given a relation with rows of the table, and the month if all are of one."""


def by_month(table: Table, files: Sequence[str]) -> dict[str, list[str]]:
    """A table's data files by the folder of their month."""
    found: dict[str, list[str]] = {}
    for file in files:
        months = [part for part in file.split("/") if part.startswith(f"{table.partition_column}=")]
        found.setdefault(months[0].partition("=")[2] if months else "", []).append(file)
    return dict(sorted(found.items()))


def month_queries(
    table: Table,
    files: Sequence[str],
    select: Select,
    *,
    has_versions: bool,
    same: Same = NOTHING,
) -> dict[str, tuple[str, list[str]]]:
    """Per month the query of its sums and the files it reads.

    A month is read by itself because its people fit in the processor's memory when a year's do not.
    """
    now = Reading()
    return {
        month: (
            select(
                f"({current_rows(table, own, has_versions=has_versions, reading=now, same=same)})",
                date.fromisoformat(f"{month}-01") if month[:4].isdigit() else None,
            ),
            own,
        )
        for month, own in by_month(table, files).items()
    }


def kept_files(
    lake: Lake, name: str, queries: Mapping[str, tuple[str, list[str]]], *, memory_mb: int
) -> list[str]:
    """Parquet files with the sums of every month; those not there yet are made.

    Raises:
        OSError, duckdb.IOException: the folder cannot be written, or the disk is full.
    """
    folder = lake.rollups / name
    paths = {
        month: folder / f"{month}-{_digest(lake, text)}.parquet"
        for month, (text, _) in queries.items()
    }
    missing = [month for month, path in paths.items() if not path.exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        _make(lake, {paths[m]: queries[m] for m in missing}, memory_mb)
    for path in paths.values():
        os.utime(path)  # when it was last of use: compaction removes what no longer is
    return [str(path) for path in paths.values()]


def _digest(lake: Lake, text: str) -> str:
    """Of the query with its files, wherever the workspace lies now."""
    return hashlib.sha256(text.replace(str(lake.root), "").encode()).hexdigest()[:24]


def _make(lake: Lake, wanted: Mapping[Path, tuple[str, list[str]]], memory_mb: int) -> None:
    """Make kept files, as many at once as there are processors: a month by itself keeps no more than one busy."""
    # Another process may make the same file: each writes its own and renames it, the same to the last row.
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in wanted}
    at_once = min(len(wanted), os.cpu_count() or 1)
    shares = [list(wanted)[number::at_once] for number in range(at_once)]
    try:
        with ThreadPoolExecutor(at_once) as pool:
            done = [
                pool.submit(_make_some, lake, own, wanted, beside, at_once, memory_mb)
                for own in shares
            ]
        for one in done:
            one.result()
        sync([path.parent for path in list(wanted)[:1]])
    finally:
        point("rollup.tidy_before")
        for left in beside.values():
            left.unlink(missing_ok=True)
        point("rollup.tidy_after")


def _make_some(
    lake: Lake,
    paths: Sequence[Path],
    wanted: Mapping[Path, tuple[str, list[str]]],
    beside: Mapping[Path, Path],
    at_once: int,
    memory_mb: int,
) -> None:
    """One connection's share of the files, with its share of memory and processors."""
    readable = [file for path in paths for file in (*wanted[path][1], str(beside[path]))]
    threads = max(1, (os.cpu_count() or 1) // at_once)
    with fenced(lake, readable, memory_mb=memory_mb // at_once, threads=threads) as connection:
        for path in paths:
            target = literal(str(beside[path]))
            connection.execute(
                f"copy ({wanted[path][0]}) to {target} (format parquet, use_tmp_file false)"
            )
            sync([beside[path]])
            point("rollup.before")
            beside[path].replace(path)
            point("rollup.after")
