"""Prints the tables of one subject: `python -m benchmarks.statistics books --runs 200`.

Every module `tables_*` beside this file gives `TABLES`: by subject, a function of runs and first stream.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Callable

import benchmarks.statistics as here

FRESH = 10_001
"""Streams below are for developing, these for reporting."""


def tables() -> dict[str, Callable[[int, int], str]]:
    """All tables by subject."""
    found: dict[str, Callable[[int, int], str]] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(here.__path__)):
        if module.startswith("tables_"):
            found |= importlib.import_module(f"{here.__name__}.{module}").TABLES
    return found


def main() -> None:
    """Reads the subject and prints its table."""
    known = tables()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statistics", description=__doc__)
    parser.add_argument("subject", choices=sorted(known))
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--first-stream", type=int, default=FRESH)
    said = parser.parse_args()
    print(known[said.subject](said.runs, said.first_stream))


if __name__ == "__main__":
    main()
