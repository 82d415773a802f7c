"""One method in a process of its own: `python -m peers.child METHOD FOLDER --days 52w`, what it took as JSON."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from usage_company import LAST

from peers.numbers import readings

METHODS = {
    "tenure": "tenure_history",
    "scan": "tenure_history",
    "duckdb": "duckdb_rollup",
    "postgres": "postgres_dates",
    "pandas": "pandas_loop",
}
"""Each method's module; it has a function of the method's name."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", default="52w")
    parser.add_argument(
        "--out", type=Path, help="a parquet file for the numbers, written after the clock stopped"
    )
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as spare:
        method = getattr(import_module(f"peers.{METHODS[said.method]}"), said.method)
        told = method(said.folder, readings(said.days, LAST), said.out, Path(spare))
    print(json.dumps(told, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
