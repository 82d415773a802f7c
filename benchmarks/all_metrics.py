"""Every metric of a simulated company for one day: cold, again, and for the day before.

    python benchmarks/all_metrics.py [--accounts 1000]

Cold: a new process and workspace object, nothing read yet. Again: the same questions in the same process; no answer
is kept, only what was read and derived. The day before: the same process, another day, so that what depends on the
day is derived anew. Goals: 10 s cold, 3 s again.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DAYS = ("2026-09-30", "2026-09-30", "2026-09-29")
NAMES = ("cold", "again", "the day before")


def main(accounts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        from tenure import Workspace
        from tenure.simulate import simulate

        volume = simulate(Path(folder) / "exports", accounts=accounts, months=30, seed=7)
        ws = Workspace.create(Path(folder) / "ws", gross_margin=0.8)
        ws.import_folder(Path(folder) / "exports")
        rows = sum(volume.rows.values()) if hasattr(volume, "rows") else 0
        sys.stdout.write(f"{accounts:,} accounts, {rows:,} rows\n")
        subprocess.run(
            [sys.executable, __file__, "--workspace", str(Path(folder) / "ws")], check=True
        )


def measure(workspace: str) -> None:
    start = time.perf_counter()
    from tenure import Workspace

    ws = Workspace.open(workspace)
    ids = [metric.id for metric in ws.metrics()]
    line = ws.facts().rows("contract_lines", ["line_id"])[0][0]
    asked = {
        "co_term_proration": {"line": line},
        "time_to_activation": {"activation_feature": "reports"},
    }
    for name, day in zip(NAMES, DAYS, strict=True):
        slow = []
        for metric in ids:
            one = time.perf_counter()
            ws.metric(metric, as_of=day, **asked.get(metric, {}))
            slow.append((time.perf_counter() - one, metric))
        worst = ", ".join(f"{metric} {took:.2f}" for took, metric in sorted(slow)[:-4:-1])
        sys.stdout.write(
            f"{name:<16} {len(ids)} metrics {time.perf_counter() - start:6.2f} s   slowest: {worst}\n"
        )
        start = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"peak memory {peak:,.0f} MB\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--workspace", default="")
    given = parser.parse_args()
    measure(given.workspace) if given.workspace else main(given.accounts)
