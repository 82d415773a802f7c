"""DuckDB SQL as an able analyst writes it: rollups by day, windows exploded, distinct people counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from peers.given import connected
from peers.measured import timed

SCRIPT = Path(__file__).with_suffix(".sql")
MEMORY = "4GB"


def duckdb(folder: Path, days: Sequence[date], out: Path | None, spare: Path) -> dict[str, Any]:
    """Run the script beside this file; what does not fit in memory goes to disk."""
    connection = connected(folder, days, memory=MEMORY, spill=spare)
    script = SCRIPT.read_text(encoding="utf-8")

    def work() -> Any:
        connection.execute(script)
        return connection.execute("select count(*), bit_xor(hash(numbers)) from numbers").fetchall()

    told = timed(work)
    if out:
        connection.execute(f"copy numbers to '{out}' (format parquet)")
    return told
