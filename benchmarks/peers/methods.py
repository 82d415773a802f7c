"""The methods compared. Another one is a module with a function of its name, and a row here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

Run = Callable[[Path, Sequence[date], Path | None, Path], dict[str, Any]]
"""Of a company's folder, the days, a parquet file for the numbers or None, and a folder to spill into: gives `wall`
and `processor` seconds, and if it must prepare something first `setup` seconds, not counted in `wall`."""


class NotHere(Exception):
    """What the method needs is not on this machine; the message says what."""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to come to the numbers. `largest` is the number of events beyond which it is not asked."""

    name: str
    module: str
    says: str
    largest: int | None = None
    gives_numbers: bool = True

    def run(self) -> Run:
        """The function that does the work, imported now and not before."""
        found: Run = getattr(import_module(f"peers.{self.module}"), self.name)
        return found


METHODS = {
    method.name: method
    for method in (
        Method(
            "scan", "tenure_history", "hash-scan of the columns read, once", gives_numbers=False
        ),
        Method("tenure", "tenure_history", "Tenure, all numbers"),
        Method("duckdb", "duckdb_rollup", "DuckDB, hand-written SQL"),
        Method(
            "postgres", "postgres_dates", "PostgreSQL, dates joined with events", largest=12_000_000
        ),
        Method("pandas", "pandas_loop", "pandas, a loop over the days", largest=12_000_000),
    )
}
