"""Every metric of a simulated company for one day: cold, again, and for the day before.

    python benchmarks/all_metrics.py [--accounts 1000]

Cold: a new process and workspace object, nothing read yet. Again: the same questions in the same process; no answer
is kept, only what was read and derived. The day before: the same process, another day, so that what depends on the
day is derived anew. The company has every table, usage in its default detail. Rewrites its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
from results import write_section

HERE = Path(__file__).parent
SECTION = "## Every metric for one day"
PASSES = {
    "cold": ("2026-09-30", 10),
    "again": ("2026-09-30", 3),
    "the day before": ("2026-09-29", None),
}
"""What each pass is called, the day it asks for, and its goal in seconds."""

CALIBRATED = "seat_utilization"
"""A calibration asks another metric on hundreds of days, so it stands apart; in the passes it names none."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--child", type=Path, metavar="WORKSPACE")
    said = parser.parse_args()
    if said.child:
        print(json.dumps(asked_here(said.child)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        rows, tables = company(base, said.accounts)
        done = subprocess.run(
            [sys.executable, __file__, "--child", str(base / "ws")], capture_output=True, check=True
        )
    found = json.loads(done.stdout)
    text = section(found, f"{said.accounts:,} accounts, {rows:,} rows in {tables} tables")
    print(text)
    write_section(SECTION, text)
    missed = [name for name, (_, goal) in PASSES.items() if goal and found[name]["wall"] > goal]
    return 1 if missed else 0


def company(base: Path, accounts: int) -> tuple[int, int]:
    """A simulated company with all its tables, imported; its rows and tables."""
    from tenure import Workspace
    from tenure.simulate import simulate

    simulate(base / "exports", accounts=accounts, months=30, seed=7)
    ws = Workspace.create(base / "ws", gross_margin=0.8)
    summary = ws.import_folder(base / "exports")
    return summary.loaded, len(ws.facts().tables())


def asked_here(workspace: Path) -> dict[str, Any]:
    """Seconds of each pass in this process, with its slowest metrics; the import of the program counts as cold."""
    began, worked = time.perf_counter(), time.process_time()
    from tenure import Workspace

    ws = Workspace.open(workspace)
    ids = [metric.id for metric in ws.metrics()]
    line = ws.facts().rows("contract_lines", ["line_id"])[0][0]
    more = {
        "co_term_proration": {"line": line},
        "time_to_activation": {"activation_feature": "reports"},
    }
    found: dict[str, Any] = {"metrics": len(ids)}
    for name, (day, _) in PASSES.items():
        slow = []
        for metric in ids:
            one = time.perf_counter()
            ws.metric(metric, as_of=day, **more.get(metric, {}))
            slow.append((time.perf_counter() - one, metric))
        found[name] = {
            "wall": time.perf_counter() - began,
            "processor": time.process_time() - worked,
            "slowest": sorted(slow)[:-6:-1],
        }
        began, worked = time.perf_counter(), time.process_time()
    began = time.perf_counter()
    ws.metric("threshold_calibration", as_of=PASSES["cold"][0], metric=CALIBRATED)
    found["calibration"] = time.perf_counter() - began
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def section(found: dict[str, Any], what: str) -> str:
    """The section as it stands in RESULTS.md."""
    lines = []
    for name, (_, goal) in PASSES.items():
        own = found[name]
        slowest = ", ".join(f"{metric} {took:.2f}" for took, metric in own["slowest"])
        aim = f"{goal} s" if goal else ""
        lines.append(
            f"| {name} | {own['wall']:.2f} s | {own['processor']:.2f} s | {aim} | {slowest} |"
        )
    return "\n".join(
        [
            SECTION,
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), "
            f"Python {platform.python_version()}, DuckDB {duckdb.__version__}. "
            "Redo with `python benchmarks/all_metrics.py`.",
            "",
            f"A simulated company of {what}; all {found['metrics']} metrics, one after the other, in one process. "
            "Cold: nothing read yet, the start of the program included. Again: the same questions; no answer is "
            "kept, only what was read and derived. The processor's seconds are disturbed less by other programs.",
            "",
            "| pass | took | processor | goal | slowest, in seconds |",
            "|---|---|---|---|---|",
            *lines,
            "",
            f"Apart from these, as it asks another metric on hundreds of days: threshold_calibration of {CALIBRATED} "
            f"took {found['calibration']:.1f} s.",
            "",
            f"Peak resident memory {found['peak']:,.0f} MB.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
