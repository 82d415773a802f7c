"""The history of usage metrics on Spark: what a core gets through, and what Spark costs before it begins.

    python benchmarks/spark.py [--events 1000000 4000000] [--folder FOLDER]

Needs the extra `[spark]` and a Java. Each number comes from a process of its own. Two sizes tell what is paid once
from what is paid by row. Processor seconds are of this process and all it started, executors included. Rewrites its
section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
from history import METRICS, WEEKS
from results import command, write_section
from usage_company import LAST, Size, make

from tenure.metrics.history.days import as_ofs
from tenure.metrics.history.made import history
from tenure.workspace import Workspace
from tenure.workspace.engines import Chosen

SECTION = "## History of usage on Spark"
MASTERS = ("local[1]", "local[2]", "local-cluster[2,1,1024]")
ACCOUNTS = 2_000
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 4_000_000])
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--masters", nargs="+", default=list(MASTERS))
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--child", help="a master, or `duckdb`")
    said = parser.parse_args()
    if said.child:
        print(json.dumps(measured(said.folder, said.child)))
        return 0
    with tempfile.TemporaryDirectory() as spare:
        found: dict[str, list[dict[str, Any]]] = {}
        for events in said.events:
            folder = (said.folder or Path(spare)) / str(events)
            folder.mkdir(parents=True, exist_ok=True)
            rows = make(folder, Size(events, said.accounts)).snapshot.tables["usage_daily"].rows
            for master in ("duckdb", *said.masters):
                run = {"rows": rows, **child(folder, master)}
                found.setdefault(master, []).append(run)
                print(master, run, file=sys.stderr)
        text = section(found, said.accounts)
    print(text)
    write_section(SECTION, text)
    return 0


def child(folder: Path, master: str) -> dict[str, Any]:
    """What one process tells of itself."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", master, "--folder", folder],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measured(folder: Path, master: str) -> dict[str, Any]:
    """Wall and processor seconds of starting, and of making the history."""
    shutil.rmtree(folder / "rollups", ignore_errors=True)  # Spark keeps no sums of months either
    ws = Workspace.open(folder)
    chosen = Chosen() if master == "duckdb" else Chosen("spark", master)
    computed, facts = ws.computed(), ws.facts()
    facts.engine.expect(facts.tables())
    days = as_ofs("week", LAST - timedelta(days=7 * WEEKS - 1), LAST)
    metrics = [ws.catalogue.metrics[name] for name in METRICS]
    began = time.perf_counter()
    with chosen.over(computed, facts) as over:
        source: Any = over.source
        if master != "duckdb":
            source.engine.session.range(1_000_000).count()  # both executors are up
        started, used = time.perf_counter(), processor()
        made = history(metrics, days, over, ws.defaults)
        source.keep("made", made.query)
        ((rows, known),) = source.engine.rows("select count(*), count(active_user_pct) from made")
        return {
            "start": started - began,
            "wall": time.perf_counter() - started,
            "processor": processor() - used,
            "result": [rows, known],
        }


def processor() -> float:
    """Processor seconds of this process and of all it started that still run."""
    stats = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = place.read_text().partition(" (")
        except OSError:
            continue
        words = rest.rpartition(") ")[2].split()
        stats[int(number)] = (int(words[1]), sum(map(int, words[11:15])))
    ours, more = set(), {os.getpid()}
    while more:
        ours |= more
        more = {pid for pid, (parent, _) in stats.items() if parent in ours} - ours
    return sum(stats[pid][1] for pid in ours if pid in stats) / TICKS


def section(found: dict[str, list[dict[str, Any]]], accounts: int) -> str:
    results = {json.dumps(own[size]["result"]) for own in found.values() for size in (0,)}
    assert len(results) == 1, f"engines disagree: {results}"
    lines = [
        SECTION,
        "",
        f"{datetime.now(UTC).date()}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, PySpark {pyspark_version()}. "
        f"Redo with `{command()}`.",
        "",
        f"{len(METRICS)} compiled metrics of usage, {accounts:,} accounts, {WEEKS} weekly readings. *Start*: until Spark "
        "has run its first job. *By row*: processor seconds that a million rows more cost, from the two sizes; *once*: "
        "what is left at no rows.",
        "",
        "| engine | rows | start | history | processor | by million rows | once |",
        "|---|---|---|---|---|---|---|",
    ]
    for master, runs in found.items():
        least, most = runs[0], runs[-1]
        grown = (most["rows"] - least["rows"]) / 1e6
        by_row = (most["processor"] - least["processor"]) / grown if grown else float("nan")
        once = least["processor"] - by_row * least["rows"] / 1e6
        for run in runs:
            tail = f"{by_row:.1f} s | {once:.0f} s" if run is most else " | "
            lines.append(
                f"| {master} | {run['rows']:,} | {run['start']:.0f} s | {run['wall']:.0f} s | "
                f"{run['processor']:.0f} s | {tail} |"
            )
    return "\n".join([*lines, ""])


def pyspark_version() -> str:
    from importlib.metadata import version

    return version("pyspark")


if __name__ == "__main__":
    sys.exit(main())
