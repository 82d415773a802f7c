"""A DuckDB that reads some files of the lake and nothing else, and of which no setting can be changed."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from tenure.facts.connection import connect
from tenure.facts.sql import literal
from tenure.lake.lake import Lake

GUESSED = ("join_order", "build_side_probe_side", "common_subplan")
"""Steps of DuckDB's optimizer (2.0) that are left out; our queries are written in the order they should run.

Files whose schema is given are not opened to plan a query and count as one row each, so the first two put 50 million
rows of usage into memory and looked up a list of features in them. The third gave two parts of a query that read one
table the rows of a single scan, without the filters of either. Ten times slower, both.
"""


def fenced(
    lake: Lake,
    files: Iterable[str],
    *,
    memory_mb: int,
    threads: int | None = None,
    rollups: bool = False,
) -> duckdb.DuckDBPyConnection:
    """A connection in memory that can open these files; what does not fit goes to the lake's spill folder.

    With `rollups` it can also open kept sums, whichever are made while it lives.
    """
    connection = connect(threads=threads)
    lake.spill.mkdir(exist_ok=True)
    connection.execute(f"set temp_directory = {literal(str(lake.spill))}")
    connection.execute(f"set memory_limit = '{memory_mb}MB'")
    # Global, so that cursors, on which questions are asked, have it too.
    connection.execute("set global parquet_metadata_cache = true")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute(f"set disabled_optimizers = '{','.join(GUESSED)}'")
    listed = ", ".join(literal(file) for file in files)
    # Exact files: a whole allowed folder would let `copy to` write into the lake.
    connection.execute(f"set allowed_paths = [{listed}]")
    if rollups:
        connection.execute(f"set allowed_directories = [{literal(str(lake.rollups))}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection
