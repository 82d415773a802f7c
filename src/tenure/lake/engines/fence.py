"""A DuckDB that reads some files of the lake and nothing else, and of which no setting can be changed."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from tenure.facts.sql import literal
from tenure.lake.lake import Lake


def fenced(
    lake: Lake, files: Iterable[str], *, memory_mb: int, threads: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection in memory that can open these files; what does not fit goes to the lake's spill folder."""
    connection = duckdb.connect(config={} if threads is None else {"threads": threads})
    lake.spill.mkdir(exist_ok=True)
    connection.execute(f"set temp_directory = {literal(str(lake.spill))}")
    connection.execute(f"set memory_limit = '{memory_mb}MB'")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set parquet_metadata_cache = true")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    listed = ", ".join(literal(file) for file in files)
    # Exact files: a whole allowed folder would let `copy to` write into the lake.
    connection.execute(f"set allowed_paths = [{listed}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection
