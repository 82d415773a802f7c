"""The history of usage metrics over a year of weeks, against hash-scanning the same columns once.

    python benchmarks/history.py [--events 10000000] [--folder FOLDER]

The company is made by `usage_company.py`; with --folder it is kept and used again. Each number comes from a
process of its own; scan and history take turns. Rewrites its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
from results import write_section
from usage_company import LAST, Size, make

from tenure.metrics.history.days import as_ofs
from tenure.metrics.history.made import history
from tenure.workspace import Workspace

SECTION = "## History of usage"
METRICS = (
    "active_user_pct", "cross_functional_usage", "feature_adoption_depth", "power_user_pct", "usage_trend",
)  # fmt: skip
"""Those that are declared by measures; functions such as usage_consistency have a benchmark of their own."""
WEEKS = 52
SCAN = "select bit_xor(hash(account_id, product_user_id, usage_date, feature_id, event_count)) from usage_daily"
GOAL = 6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--child", choices=["scan", "history"])
    said = parser.parse_args()
    if said.child:
        print(json.dumps(scan(said.folder) if said.child == "scan" else full(said.folder)))
        return 0
    with tempfile.TemporaryDirectory() as spare:
        folder = said.folder or Path(spare) / "company"
        rows = make(folder, Size(said.events)).snapshot.tables["usage_daily"].rows
        found: dict[str, list[dict[str, Any]]] = {"scan": [], "history": []}
        for _ in range(said.times):
            for name, runs in found.items():
                runs.append(child(folder, name))
        text = section(rows, found)
    print(text)
    write_section(SECTION, text)
    return 0


def child(folder: Path, name: str) -> dict[str, Any]:
    """What one process tells of itself."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, "--folder", folder],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def opened(folder: Path) -> Any:
    """The facts, all tables open."""
    facts = Workspace.open(folder).facts()
    facts.engine.expect(facts.tables())
    facts.query("select count(*) from usage_daily")
    return facts


def scan(folder: Path) -> dict[str, Any]:
    facts = opened(folder)
    return timed(lambda: facts.query(SCAN))


def full(folder: Path) -> dict[str, Any]:
    ws = Workspace.open(folder)
    facts, computed = ws.facts(), ws.computed()
    facts.engine.expect(facts.tables())
    facts.query("select count(*) from usage_daily")
    days = as_ofs("week", LAST - timedelta(days=7 * WEEKS - 1), LAST)
    metrics = [ws.catalogue.metrics[name] for name in METRICS]

    def work() -> Any:
        made = history(metrics, days, computed, ws.defaults)
        return facts.query(
            f"select count(*), bit_xor(hash(made)), {len(made.columns)} from ({made.query}) as made"
        )

    return timed(work)


def timed(work: Any) -> dict[str, Any]:
    """Wall and processor seconds of the work, the peak of this process, and what came out."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    result = work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "wall": time.perf_counter() - began,
        "processor": used,
        "peak_mb": after.ru_maxrss / 1024,
        "result": [list(map(str, row)) for row in result],
    }


def section(rows: int, found: dict[str, list[dict[str, Any]]]) -> str:
    """The section as it stands in RESULTS.md."""
    wall, used = (
        {name: statistics.median(run[what] for run in runs) for name, runs in found.items()}
        for what in ("wall", "processor")
    )
    cells, _, columns = found["history"][0]["result"][0]
    peak = max(run["peak_mb"] for run in found["history"])
    return "\n".join(
        [
            SECTION,
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), "
            f"Python {platform.python_version()}, DuckDB {duckdb.__version__}. "
            "Redo with `python benchmarks/history.py`.",
            "",
            f"{rows:,} rows of daily usage of 10,000 accounts, {WEEKS} weekly readings, from the lake's own files. "
            f"{len(METRICS)} metrics with {columns} numbers per account, {int(cells):,} rows. Medians, in turns.",
            "",
            "| what | took | processor |",
            "|---|---|---|",
            f"| hash-scan of five columns | {wall['scan']:.2f} s | {used['scan']:.2f} s |",
            f"| history | {wall['history']:.2f} s | {used['history']:.2f} s |",
            f"| ratio (goal {GOAL}) | {wall['history'] / wall['scan']:.1f} | {used['history'] / used['scan']:.1f} |",
            f"| peak resident memory | {peak:,.0f} MB | |",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
