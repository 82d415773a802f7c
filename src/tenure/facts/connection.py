"""The one way to open DuckDB: instants are read in UTC wherever the machine stands, and no progress bar is drawn.

A progress bar would be written among our answers after two seconds.
"""

from __future__ import annotations

import duckdb


def connect(*, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A connection in memory; `threads` as many as there are cores where nobody says."""
    connection = duckdb.connect(config={} if threads is None else {"threads": threads})
    connection.execute("set enable_progress_bar = false")  # cursors take it over
    # Cursors take the time zone over only when it is set for all: else they read instants in the machine's.
    connection.execute("set global TimeZone = 'UTC'")
    return connection
