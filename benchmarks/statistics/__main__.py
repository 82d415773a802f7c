"""`python -m benchmarks.statistics TABLE --runs N --from STREAM`: a table of section 16 beside its targets."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path


def tables() -> dict[str, Callable[[int, int], str]]:
    """Every table of every `tables_*.py` beside this file."""
    found: dict[str, Callable[[int, int], str]] = {}
    for file in sorted(Path(__file__).parent.glob("tables_*.py")):
        found |= importlib.import_module(f"benchmarks.statistics.{file.stem}").TABLES
    return found


if __name__ == "__main__":
    known = tables()
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("table", choices=sorted(known))
    asked.add_argument("--runs", type=int, default=8)
    asked.add_argument("--from", dest="first", type=int, default=10_001, metavar="STREAM")
    given = asked.parse_args()
    print(known[given.table](given.runs, given.first))
