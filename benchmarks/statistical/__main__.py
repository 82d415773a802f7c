"""`python -m benchmarks.statistical TABLE --runs N [--stream S]`: a table of measured figures beside the targets.

Every module `tables_*.py` of this folder offers its tables in `TABLES`: name to a function of runs and first stream.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import time
from collections.abc import Callable

import benchmarks.statistical as here

Table = Callable[[int, int], str]
REPORT = 10_001
"""Streams from here on are for reports only; develop below."""


def tables() -> dict[str, Table]:
    """Every table there is, by name."""
    found: dict[str, Table] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(here.__path__)):
        if module.startswith("tables_"):
            for name, table in importlib.import_module(f"{here.__name__}.{module}").TABLES.items():
                if name in found:
                    raise SystemExit(f"Two modules offer the table `{name}`.")
                found[name] = table
    return found


def main() -> None:
    offered = tables()
    asked = argparse.ArgumentParser(prog="python -m benchmarks.statistical")
    asked.add_argument("table", choices=[*offered, "all"])
    asked.add_argument("--runs", type=int, default=20)
    asked.add_argument("--stream", "--from", dest="stream", type=int, default=REPORT)
    given = asked.parse_args()
    for name in offered if given.table == "all" else [given.table]:
        start = time.process_time()
        print(f"## {name}: {given.runs} runs from stream {given.stream}\n")
        print(offered[name](given.runs, given.stream))
        print(f"\n{time.process_time() - start:.1f} s of processor time\n")


if __name__ == "__main__":
    main()
