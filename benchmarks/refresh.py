"""What a refresh costs when little has changed, against making the whole history.

    python benchmarks/refresh.py [--events 2000000] [--accounts 2000] [--folder FOLDER]

The company is made by `usage_company.py`, with a history of 52 weeks of every metric it has facts for. Then come one
more day of events; late events on 100 old days, of a few accounts and of all; and a correction of one account.
Each refresh is a process of its own. Rewrites its section of RESULTS.md.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
from arro3.core import Table as ArrowTable
from history import timed
from results import write_section
from usage_company import LAST, Size, deliver, make

from tenure.workspace import Workspace

SECTION = "## Refreshing a history"
SUNDAY = LAST + timedelta(days=6 - LAST.weekday())
SINCE = SUNDAY - timedelta(days=7 * 52)
OLD = SUNDAY - timedelta(days=250)
"""The first of 100 days on which something comes late."""
GOAL = 3
LATE = """
    select account_id, product_user_id, usage_date, 'feature_late' as feature_id, null::varchar as source_row_id,
      3::bigint as event_count, null::decimal(28, 6) as units, row_number() over () as source_line
    from (select distinct account_id, product_user_id from known where hash(account_id) % {share} = 0),
      (select date '{first}' + d::int as usage_date from range(0, {days}) days(d))
    where hash(product_user_id, usage_date) % {thin} = 0
    """


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--child", action="store_true")
    said = parser.parse_args()
    if said.child:
        print(json.dumps(refreshed(said.folder)))
        return 0
    with tempfile.TemporaryDirectory() as spare:
        base = (said.folder or Path(spare)) / "company"
        rows = make(base, Size(said.events, said.accounts)).snapshot.tables["usage_daily"].rows
        found = {"all of it, for the first time": child(base)}
        cases: dict[str, dict[str, Any]] = {
            "one more day of events, a Sunday, with a reading of everything": {"share": 1, "first": SUNDAY, "days": 1, "thin": 3},
            "one more day of events, any other day of the week": {"share": 1, "first": LAST + timedelta(days=1), "days": 1, "thin": 3},
            "late: 100 old days, 1 % of accounts": {"share": 100, "first": OLD, "days": 100, "thin": 10},
            "late: 100 old days, everybody": {"share": 1, "first": OLD, "days": 100, "thin": 200},
        }  # fmt: skip
        for name, late in cases.items():
            folder = Path(spare) / "case"
            shutil.copytree(base, folder)
            bring(folder, late)
            found[name] = child(folder)
            shutil.rmtree(folder)
        text = section(rows, said.accounts, found)
    print(text)
    write_section(SECTION, text)
    return 0


def bring(folder: Path, late: dict[str, Any]) -> None:
    """Deliver more events of people who are known."""
    ws = Workspace.open(folder)
    with duckdb.connect() as connection:
        people = ws.facts().engine.stream("select account_id, product_user_id from product_users")
        connection.register("known", ArrowTable.from_arrow(people))
        deliver(ws.lake, connection, LATE.format(**late), "late")


def child(folder: Path) -> dict[str, Any]:
    """What one process tells of its refresh."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", "--folder", folder],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def refreshed(folder: Path) -> dict[str, Any]:
    ws = Workspace.open(folder)
    told: dict[str, Any] = {}

    def work() -> Any:
        done = ws.refresh(since=SINCE)
        told.update(
            looked_at=done.looked_at,
            whole=done.whole,
            made=sum(len(days) for days in done.made.values()),
            days=len({day for days in done.made.values() for day in days}),
        )
        return []

    return timed(work) | told


def section(rows: int, accounts: int, found: dict[str, dict[str, Any]]) -> str:
    """The section as it stands in RESULTS.md."""
    whole = next(iter(found.values()))
    lines = [
        f"| {name} | {one['wall']:.1f} s | {one['processor']:.1f} s | {one['processor'] / whole['processor']:.1%} "
        f"| {one['looked_at']:,} of {one['whole']:,} | {one['days']} |"
        for name, one in found.items()
    ]
    return "\n".join(
        [
            SECTION,
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), "
            f"Python {platform.python_version()}, DuckDB {duckdb.__version__}. "
            "Redo with `python benchmarks/refresh.py`.",
            "",
            f"{rows:,} rows of daily usage of {accounts:,} accounts, weekly readings over a year of every metric. "
            f"Goal: one more day for at most {GOAL} % of the whole.",
            "",
            "| what came | took | processor | of the whole | numbers made (of all accounts on a day) | as-ofs written |",
            "|---|---|---|---|---|---|",
            *lines,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
