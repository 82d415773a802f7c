"""An import at size: `python benchmarks/import_at_size.py` writes its section of benchmarks/RESULTS.md.

A million clean rows, and a million rows of which every tenth is malformed in one of 40 ways. Each import runs
in a process of its own, in a new workspace; the malformed one is held against what was planted, finding by
finding, and against a clean import of its good rows, row by row. Ends with 1 if anything differs.
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
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from malformed import KINDS, TABLES, Truth, clean, plant
from proof import differences, findings_of, lines_of
from results import write_section

from tenure import Workspace

HERE = Path(__file__).parent
SECTION = "## Import at size"
GOAL = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3, help="imports, each between two readings")
    parser.add_argument("--child", nargs=2, type=Path, metavar=("EXPORTS", "WORKSPACE"))
    said = parser.parse_args()
    if said.child:
        print(json.dumps(import_here(*said.child)))
        return 0
    with tempfile.TemporaryDirectory(prefix="import-at-size-") as folder:
        rows, right = measured(Path(folder), said.rows, said.times)
    text = section(rows, said.rows)
    print(text)
    if said.rows == 1_000_000:
        write_section(SECTION, text)
    return 0 if right else 1


def measured(base: Path, size: int, times: int) -> tuple[list[tuple[str, str, str]], bool]:
    """Lines of the table (what, clean, malformed), and whether everything was as planted."""
    clean(base / "clean" / "exports", rows=size)
    truth = plant(base, rows=size)
    options = {"clean": "", "malformed": FORGIVING}
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in options}
    scans: dict[str, list[tuple[float, float]]] = {name: [] for name in options}
    for number in range(times):  # in turns, so that a busy moment of the machine meets both
        for name, forgiving in options.items():
            scans[name].append(scanned(base / name / "exports", forgiving))
            runs[name].append(imported(base, name, f"ws-{name}-{number}"))
            scans[name].append(scanned(base / name / "exports", forgiving))
    imported(base, "good", "ws-good-0")
    checks, right = verified(base, truth)
    read = {
        name: [statistics.median(part) for part in zip(*scans[name], strict=True)] for name in scans
    }
    took = {name: statistics.median(run["seconds"] for run in runs[name]) for name in runs}
    worked = {name: statistics.median(run["cpu"] for run in runs[name]) for name in runs}
    peak = {name: max(run["peak_mb"] for run in runs[name]) for name in runs}
    told = {name: runs[name][0] for name in runs}
    return [
        *(
            (what, *(value(name) for name in ("clean", "malformed")))
            for what, value in (
                ("rows loaded", lambda name: f"{told[name]['loaded']:,}"),
                ("rows refused", lambda name: f"{told[name]['refused']:,}"),
                ("`duckdb.read_csv` of the same files into tables, all columns",
                 lambda name: f"{read[name][0]:.2f} s"),
                ("import", lambda name: f"{took[name]:.2f} s"),
                (f"ratio (goal {GOAL})", lambda name: f"{took[name] / read[name][0]:.1f}"),
                ("ratio in processor seconds, which other programs disturb less",
                 lambda name: f"{worked[name]:.2f} / {read[name][1]:.2f} = {worked[name] / read[name][1]:.1f}"),
                ("peak resident memory of the importing process", lambda name: f"{peak[name]:.0f} MB"),
            )
        ),
        *(("as planted: " + what, "", figure) for what, figure in checks),
    ], right  # fmt: skip


FORGIVING = ", all_varchar = true, ignore_errors = true, strict_mode = false"
"""Without these read_csv stops at the first malformed row."""


def imported(base: Path, name: str, workspace: str) -> dict[str, Any]:
    """What one import into a new workspace took, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", base / name / "exports", base / workspace],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def import_here(exports: Path, workspace: Path) -> dict[str, Any]:
    """One import in this process, timed from the call to its return."""
    ws = Workspace.create(workspace)
    began, used = time.perf_counter(), processor_seconds()
    summary = ws.import_folder(exports)
    return {
        "seconds": time.perf_counter() - began,
        "cpu": processor_seconds() - used,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "loaded": summary.loaded,
        "refused": summary.refused,
    }


def scanned(exports: Path, options: str) -> tuple[float, float]:
    """Time and processor seconds of reading all files into tables of a new database in memory."""
    began, used = time.perf_counter(), processor_seconds()
    with duckdb.connect() as connection:
        for file in sorted(exports.iterdir()):
            connection.execute(
                f"create table {file.stem} as select * from read_csv('{file}'{options})"
            )
        return time.perf_counter() - began, processor_seconds() - used


def processor_seconds() -> float:
    """What all threads of this process have used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def verified(base: Path, truth: Truth) -> tuple[list[tuple[str, str]], bool]:
    """What was compared, with its figure; and whether nothing differs."""
    ours, theirs = (Workspace.open(base / f"ws-{name}-0") for name in ("malformed", "good"))
    planted, found = Counter(truth.findings), Counter(findings_of(ours))
    missing, extra = (planted - found).total(), (found - planted).total()
    apart = [sum(differences(ours, theirs, table)) for table in TABLES]
    misplaced = 0
    for table, (_, key, _) in TABLES.items():
        expected = {(where, line) for name, where, line in truth.good if name == table}
        misplaced += len(expected ^ set(lines_of(ours, table, key).items()))
    figures = [
        (f"{truth.bad:,} malformed rows of {len(KINDS)} kinds, {planted.total():,} findings with "
         "file:line:column, value and rule", f"{missing} missing, {extra} too many"),
        ("good rows against a clean import of them alone", f"{sum(apart)} differ"),
        (f"lines of the {len(truth.good):,} good rows", f"{misplaced} wrong"),
    ]  # fmt: skip
    return figures, not (missing or extra or sum(apart) or misplaced)


def section(rows: list[tuple[str, str, str]], size: int) -> str:
    """The section as it stands in RESULTS.md."""
    return "\n".join(
        [
            SECTION,
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores (load {os.getloadavg()[1]:.1f}), "
            f"Python {platform.python_version()}, DuckDB {duckdb.__version__}. "
            "Redo with `python benchmarks/import_at_size.py`.",
            "",
            f"Clean: one file of {size:,} rows x 8 columns. Malformed: {size:,} rows in three files, every "
            "tenth malformed. An import is copied, checked, keyed, committed and synced. Imports and "
            "readings take turns in one run of the program; figures are medians.",
            "",
            "| what | clean | malformed |",
            "|---|---|---|",
            *(f"| {what} | {one} | {other} |" for what, one, other in rows),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
