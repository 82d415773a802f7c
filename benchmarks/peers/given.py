"""The company's tables as other methods get them: the lake's own parquet files, without Tenure's engine.

Nothing was delivered twice in this company, so that each file's rows are the current ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
from deltalake import DeltaTable

TABLES = {
    "accounts": "account_id, start_date",
    "contract_lines": "account_id, product_id, quantity, unit, start_date, end_date",
    "features": "feature_id, product_id, level",
    "product_users": "account_id, product_user_id, lower(trim(department)) as department, assigned_date, "
    "removed_date, is_internal",
    "usage_daily": "account_id, product_user_id, usage_date, feature_id, event_count, units",
}
"""Each table's columns that the numbers need."""


def files(folder: Path, name: str) -> list[str]:
    """The parquet files of a table of the workspace in the folder."""
    return sorted(DeltaTable(str(folder / "lake" / name)).file_uris())


def connected(
    folder: Path, days: Sequence[date], *, memory: str, spill: Path
) -> duckdb.DuckDBPyConnection:
    """A plain DuckDB with a view per table, and `as_ofs`."""
    connection = duckdb.connect()
    connection.execute(f"set memory_limit = '{memory}'")
    connection.execute(f"set temp_directory = '{spill}'")
    for name, columns in TABLES.items():
        connection.execute(
            f"create view {name} as select {columns} from read_parquet({files(folder, name)!r}, union_by_name = true)"
        )
    connection.execute(
        "create temp table as_ofs as select unnest($days::date[]) as as_of", {"days": list(days)}
    )
    return connection
