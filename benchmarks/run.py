"""Benchmarks, as one table: `make bench` (about five minutes on two cores) rewrites benchmarks/RESULTS.md."""

from __future__ import annotations

import csv
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from tenure import Workspace
from tenure.simulate import simulate

HERE = Path(__file__).parent
AS_OF = "2026-09-30"
MONEY = [
    "accounts",
    "contracts",
    "contract_lines",
    "fx_rates",
    "account_assignments",
    "team_members",
    "opportunities",
    "risk_flags",
]


def main() -> None:
    rows: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        rows += importing(base)
        for accounts in (1_000, 10_000):
            rows += asking(base, accounts)
        rows += starting(base / "ws-1000")
    lines = [
        "# Benchmarks",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"DuckDB {duckdb.__version__}. Redo with `make bench`.",
        "",
        "| what | figure |",
        "|---|---|",
        *(f"| {name} | {figure} |" for name, figure in rows),
        "",
    ]
    file = HERE / "RESULTS.md"
    # Sections are written by other programs; the table at the top is ours.
    _, begun, others = file.read_text(encoding="utf-8").partition("\n## ")
    file.write_text("\n".join(lines) + begun + others, encoding="utf-8")
    print("\n".join(lines))


def timed(work: object, times: int = 3) -> float:
    """The median of some runs, in seconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()  # type: ignore[operator]
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def importing(base: Path) -> list[tuple[str, str]]:
    """A million clean usage rows, against what reading the same file alone takes."""
    folder = base / "usage"
    folder.mkdir()
    file = folder / "usage_daily.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(
            [
                "account_id",
                "product_user_id",
                "usage_date",
                "feature_id",
                "event_count",
                "source_row_id",
            ]
        )
        for number in range(1_000_000):
            day = f"2026-{1 + number % 9:02d}-{1 + number % 28:02d}"
            writer.writerow(
                [
                    f"A{number % 1000}",
                    f"U{number % 9000}",
                    day,
                    f"f{number % 40}",
                    number % 17,
                    number,
                ]
            )
    scan = timed(
        lambda: duckdb.connect().execute(f"create table t as select * from read_csv('{file}')")
    )
    ws = Workspace.create(base / "ws-usage")
    began = time.perf_counter()
    summary = ws.import_folder(folder)
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert summary.loaded == 1_000_000
    return [
        ("reading a 1 M row CSV with duckdb.read_csv", f"{scan:.2f} s"),
        (
            "importing it: checked, keyed, committed, synced",
            f"{took:.1f} s, {took / scan:.0f}x the reading",
        ),
        ("peak memory of the process so far", f"{peak:.0f} MB"),
    ]


def asking(base: Path, accounts: int) -> list[tuple[str, str]]:
    """Every metric once on a fresh process's first reading, then again."""
    folder = base / f"company-{accounts}"
    simulate(folder, accounts=accounts, months=24, seed=3, users_per_account=0.2, active_days=0.2)
    money = folder / "money"
    money.mkdir()
    for name in MONEY:
        (folder / f"{name}.csv").rename(money / f"{name}.csv")
    ws = Workspace.create(base / f"ws-{accounts}", gross_margin=0.8)
    began = time.perf_counter()
    summary = ws.import_folder(money)
    imported = time.perf_counter() - began
    ws = Workspace.open(base / f"ws-{accounts}")
    names = [metric.id for metric in ws.metrics() if "line" not in metric.parameters]
    began = time.perf_counter()
    ws.metric("nrr", as_of=AS_OF)
    first = time.perf_counter() - began
    began = time.perf_counter()
    for name in names:
        ws.metric(name, as_of=AS_OF)
    warm = time.perf_counter() - began
    return [
        (
            f"{accounts:,} accounts: importing {summary.rows:,} rows of money tables",
            f"{imported:.1f} s",
        ),
        (f"{accounts:,} accounts: NRR, first question", f"{first:.2f} s"),
        (f"{accounts:,} accounts: all {len(names)} metrics after it", f"{warm:.2f} s"),
    ]


def starting(workspace: Path) -> list[tuple[str, str]]:
    """Whole commands, process start included."""
    found = []
    for words in (
        ["--help"],
        ["metrics"],
        ["metric", "nrr", "--as-of", AS_OF, "--workspace", str(workspace)],
    ):
        command = [sys.executable, "-m", "tenure", *words]
        seconds = timed(
            lambda command=command: subprocess.run(command, capture_output=True, check=True), 5
        )
        found.append((f"`tenure {' '.join(words[:2])}`, whole command", f"{seconds:.2f} s"))
    return found


if __name__ == "__main__":
    main()
