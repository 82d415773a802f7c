"""The one way to open DuckDB: it draws no progress bar, which it would write among our answers after two seconds."""

from __future__ import annotations

import duckdb


def connect(*, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A connection in memory; `threads` as many as there are cores where nobody says."""
    connection = duckdb.connect(config={} if threads is None else {"threads": threads})
    connection.execute("set enable_progress_bar = false")  # cursors take it over
    return connection
