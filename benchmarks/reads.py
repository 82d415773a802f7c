"""Reading a kept history: everybody's numbers on a day, and one account's numbers over two years.

    python benchmarks/reads.py [--accounts 10000] [--folder FOLDER]

The company is simulated, imported and refreshed as anybody would do it; with --folder it is kept and used again.
*First*: a day that this process has not read yet, another one each time. *Again*: one that it has. Of accounts another
one is read each time. Medians of so many runs as the table says, after one that is not counted: files are open and
their footers known, as in a server that has been asked before. Rewrites its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
from load import run
from results import command, write_section

from tenure.workspace import Workspace

SECTION = "## Reading the history"
EIGHT = (
    "active_user_pct", "seat_utilization", "usage_trend", "cadence_attainment", "csat", "sentiment",
    "health_score_delta_90d", "usage_consistency",
)  # fmt: skip
GOALS = {"portfolio": 15, "account": 20}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--folder", type=Path)
    said = parser.parse_args()
    with nullcontext(said.folder) if said.folder else tempfile.TemporaryDirectory() as spare:
        folder = Path(spare) / "ws"
        if not (folder / "tenure.toml").exists():
            made(folder, said.accounts)
        text = section(Workspace.open(folder))
    print(text)
    write_section(SECTION, text)
    return 0


def made(folder: Path, accounts: int) -> None:
    """A company with its history."""
    exports = folder.parent / "exports"
    run("simulate", str(exports), "--accounts", str(accounts), "--months", "14", "--seed", "3")
    run("init", str(folder), "--title", "Read company", "--gross-margin", "0.8")
    run("import", str(exports), "--workspace", str(folder))
    run("refresh", "--workspace", str(folder))


def section(ws: Workspace) -> str:
    """The section as it stands in RESULTS.md."""
    kept = ws.kept.parts.values()
    every = [metric for part in kept for metric in part.metrics]
    days = sorted({day for part in kept for day in part.runs})
    accounts = [row["account_id"] for row in ws.portfolio(metrics=["csat"])]
    sets = {"2 metrics": EIGHT[:2], "8 metrics": EIGHT, f"all {len(every)} metrics": every}
    lines = []
    for number, (name, wanted) in enumerate(sets.items()):
        own = days[5 + number :: 5][:16]  # another day for each, so that none has been read
        first = taken(own, lambda day, wanted=wanted: ws.portfolio(day, wanted))
        again = taken(own[-1:] * 30, lambda day, wanted=wanted: ws.portfolio(day, wanted))
        lines.append(line(f"portfolio of a day, {name}, first", first, GOALS["portfolio"]))
        lines.append(line(f"portfolio of a day, {name}, again", again, GOALS["portfolio"]))
    for number, (name, wanted) in enumerate(sets.items()):
        own = accounts[7 + number :: 97][:30]
        over = taken(own, lambda account, wanted=wanted: ws.history(wanted, [account]))
        lines.append(line(f"an account over {len(days)} weeks, {name}", over, GOALS["account"]))
    return "\n".join(
        [
            SECTION,
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), "
            f"Python {platform.python_version()}, DuckDB {duckdb.__version__}. Redo with `{command()}`.",
            "",
            f"{len(accounts):,} accounts, {len(every)} metrics with their reasons, {len(days)} weeks, from the lake's files. "
            "*First*: a day that this process has not read before.",
            "",
            "| what | median | longest | runs | goal |",
            "|---|---|---|---|---|",
            *lines,
            "",
        ]
    )


def taken(things: list[Any], read: Callable[[Any], Any]) -> list[float]:
    """Milliseconds of each reading but the first."""
    found = []
    for thing in things:
        began = time.perf_counter()
        assert len(read(thing))
        found.append((time.perf_counter() - began) * 1000)
    return found[1:]


def line(name: str, times: list[float], goal: int) -> str:
    return f"| {name} | {statistics.median(times):.1f} ms | {max(times):.1f} ms | {len(times)} | {goal} ms |"


if __name__ == "__main__":
    sys.exit(main())
