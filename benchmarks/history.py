"""The history of usage metrics over a year of weeks, against hash-scanning the same columns once.

    python benchmarks/history.py [--events 10000000] [--folder FOLDER]

Scanned twice: plain Parquet files with the rows a day after the other, as exports bring them; and the lake's own
files, which an import lays down by key and which are read some three times as fast for it. The company is made by
`usage_company.py`; with --folder it is kept and used again. Each number comes from a process of its own; scans and
history take turns. Rewrites its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
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
    "active_user_pct", "burn_rate_forecast", "cross_functional_usage", "feature_adoption_depth", "power_user_pct",
    "seat_utilization", "usage_consistency", "usage_trend",
)  # fmt: skip
"""All usage metrics with a number per account."""
ADDED = "usage_trend"
"""The metric that is added to a history of the others."""
WEEKS = 52
READ = "account_id, product_user_id, usage_date, feature_id, event_count, units"
ADDED_READ = "account_id, usage_date, event_count"
GOAL = 6
WAYS = {
    "scan": "hash-scan of the six columns read, rows as they came",
    "own scan": "hash-scan of the same in the lake's files",
    "full": "history from nothing",
    "again": "the same, sums of the months kept",
    "one": "one as_of more, sums of the months kept",
    "added scan": "hash-scan of the columns of `usage_trend`, rows as they came",
    "added": "`usage_trend` added, sums of the months kept",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--child", choices=list(WAYS))
    said = parser.parse_args()
    if said.child:
        print(json.dumps(told(said.folder, said.child)))
        return 0
    with tempfile.TemporaryDirectory() as spare:
        folder = said.folder or Path(spare) / "company"
        rows = make(folder, Size(said.events)).snapshot.tables["usage_daily"].rows
        as_they_came(folder)
        found: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
        for _ in range(said.times):
            for name, runs in found.items():
                runs.append(child(folder, name))
        text = section(rows, found)
    print(text)
    write_section(text.splitlines()[0], text)
    return 0


def child(folder: Path, name: str) -> dict[str, Any]:
    """What one process tells of itself."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, "--folder", folder],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def as_they_came(folder: Path) -> Path:
    """Plain files with the columns read, a month each and in it a day after the other; made once."""
    target = folder / "as_they_came"
    if (target / "made").exists():
        return target
    target.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"set temp_directory = '{folder / 'spill'}'; set memory_limit = '4GB'")
        for file in sorted((folder / "lake" / "usage_daily").rglob("*.parquet")):
            month = file.parent.name.partition("=")[2]
            connection.execute(
                f"copy (select {READ} from read_parquet('{file}') order by usage_date, source_line) "
                f"to '{target / month}.parquet' (format parquet)"
            )
    (target / "made").touch()
    return target


def scanned(folder: Path, columns: str) -> dict[str, Any]:
    """A hash-scan of the rows as they came, by the engine alone."""
    with duckdb.connect() as connection:
        files = f"read_parquet('{as_they_came(folder)}/*.parquet')"
        connection.sql(f"select count(*) from {files}").fetchall()
        return timed(
            lambda: connection.sql(f"select bit_xor(hash({columns})) from {files}").fetchall()
        )


def opened(folder: Path) -> Any:
    """The facts, all tables open."""
    facts = Workspace.open(folder).facts()
    facts.engine.expect(facts.tables())
    facts.query("select count(*) from usage_daily")
    return facts


def told(folder: Path, way: str) -> dict[str, Any]:
    """One way, measured in this process."""
    if way == "own scan":
        facts = opened(folder)
        return timed(lambda: facts.query(f"select bit_xor(hash({READ})) from usage_daily"))
    if "scan" in way:
        return scanned(folder, READ if way == "scan" else ADDED_READ)
    days = as_ofs("week", LAST - timedelta(days=7 * WEEKS - 1), LAST)
    if way == "full":  # what an earlier run kept is no help
        shutil.rmtree(folder / "rollups", ignore_errors=True)
    return full(
        folder, days[-1:] if way == "one" else days, (ADDED,) if way == "added" else METRICS
    )


def full(
    folder: Path, days: Sequence[date] | None = None, names: Sequence[str] = METRICS
) -> dict[str, Any]:
    """The history of the metrics on the days, a year of weeks by default."""
    ws = Workspace.open(folder)
    facts, computed = ws.facts(), ws.computed()
    facts.engine.expect(facts.tables())
    facts.query("select count(*) from usage_daily")
    chosen = days or as_ofs("week", LAST - timedelta(days=7 * WEEKS - 1), LAST)
    metrics = [ws.catalogue.metrics[name] for name in names]

    def work() -> Any:
        made = history(metrics, chosen, computed, ws.defaults)
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
        "peak_mb": peak_mb(),
        "result": [list(map(str, row)) for row in result],
    }


def peak_mb() -> float:
    """The most memory this program has had; what `getrusage` tells counts its parent's before it began."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def section(rows: int, found: dict[str, list[dict[str, Any]]]) -> str:
    """The section as it stands in RESULTS.md."""
    wall, used = (
        {name: statistics.median(run[what] for run in runs) for name, runs in found.items()}
        for what in ("wall", "processor")
    )
    cells, _, columns = found["full"][0]["result"][0]
    lines = []
    for way, words in WAYS.items():
        against = "added scan" if way == "added" else "scan"
        ratio = f"{wall[way] / wall[against]:.1f} | {used[way] / used[against]:.1f}"
        peak = max(run["peak_mb"] for run in found[way])
        lines.append(
            f"| {words} | {wall[way]:.2f} s | {used[way]:.2f} s | {ratio} | {peak:,.0f} MB |"
        )
    return "\n".join(
        [
            f"{SECTION}, {rows / 1e6:,.0f} M rows",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), "
            f"Python {platform.python_version()}, DuckDB {duckdb.__version__}. "
            f"Redo with `python benchmarks/history.py --events {int(float(f'{rows:.0e}'))}`.",
            "",
            f"{rows:,} rows of daily usage of 10,000 accounts, {WEEKS} weekly readings, from the lake's own files. "
            f"{len(METRICS)} metrics with {columns} numbers per account, {int(cells):,} rows. Medians of "
            f"{len(found['scan'])}, in turns. Ratios are to the scan of the rows as they came (goal {GOAL}; one as_of "
            "more 0.5; a metric added 1.5 times its own scan); against the lake's own files, which are laid down by key, "
            f"the history from nothing is {wall['full'] / wall['own scan']:.0f} times the scan.",
            "",
            "| what | took | processor | ratio | of processor seconds | peak memory |",
            "|---|---|---|---|---|---|",
            *lines,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
