"""Tenure's usage numbers against other ways to come to them, on the same company, in the same run.

    python benchmarks/against.py [--full] [--events 200000 10000000] [--folder FOLDER] [--times 5] [--limit 900]

At every size each method's numbers are first held against Tenure's, account by account and week by week; a
difference is an error. Then the methods take turns, each run in a process of its own. Rewrites its section of
RESULTS.md and of README.md. With --folder the companies are kept and used again.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
from peers.duckdb_rollup import MEMORY
from peers.methods import METHODS
from peers.numbers import NUMBERS, metrics
from peers.turns import ONCE_FROM, Company, Taken, agreement, asked, company, in_turns
from results import HERE, command, write_section
from usage_company import Size

SECTION = "## Against other ways"
DAYS = "52w"
MODEST = (200_000, 10_000_000)
FULL = (1_000_000, 10_000_000, 50_000_000)
DEAREST = 10
LARGE = 20_000_000
"""From so many events on three runs are enough, unless --times says otherwise."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="1, 10 and 50 million events")
    parser.add_argument("--events", type=int, nargs="+")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--times", type=int)
    parser.add_argument(
        "--limit", type=float, default=900, help="seconds after which a method is stopped"
    )
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    said = parser.parse_args()
    tables = []
    with nullcontext(said.folder) if said.folder else tempfile.TemporaryDirectory() as root:
        for events in said.events or (FULL if said.full else MODEST):
            # What PostgreSQL and pandas can finish has fewer accounts, each with as much usage as the large ones.
            of = company(Path(root), Size(events, min(10_000, max(events // 1_000, 10))))
            names, times = asked(events, said.methods), said.times or (3 if events >= LARGE else 5)
            held, silent = agreement(of, names, DAYS, said.limit)
            print(
                f"{of.rows:,} events: the methods agree on {sum(held.values()):,} values",
                file=sys.stderr,
            )
            found = in_turns(of, names, days=DAYS, times=times, limit=said.limit, silent=silent)
            tables.append(table(of, found, times, held))
    text = section(tables)
    print(text)
    for page in ("RESULTS.md", "README.md"):
        write_section(SECTION, text, HERE / page)
    return 0


def section(tables: list[str]) -> str:
    """The section as it stands in RESULTS.md and README.md."""
    return "\n".join(
        [
            SECTION,
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), {memory()}, "
            f"Python {platform.python_version()}, DuckDB {duckdb.__version__}. "
            f"Redo with `{command()}`.",
            "",
            f"{len(NUMBERS)} numbers of {len(metrics())} metrics for every account on 52 Sundays. Wall and processor seconds "
            f"are medians (shortest and longest run in brackets; what takes {ONCE_FROM:.0f} s ran once); reading or loading beforehand is told apart. Peak is the "
            f"largest resident memory of one process. Hand-written SQL may use {MEMORY}, then disk.",
            "",
            *tables,
        ]
    )


def memory() -> str:
    """The machine's memory in words."""
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"


def table(of: Company, found: list[Taken], times: int, held: dict[str, int]) -> str:
    """One size: a row per method, and where PostgreSQL was asked what each of its metrics cost."""
    by_name = {taken.method: taken for taken in found}
    scan, own = (by_name[n].median("wall") if n in by_name else None for n in ("scan", "tenure"))
    lines = [
        f"### {of.rows:,} events, {of.size.accounts:,} accounts, {times} runs each",
        "",
        "| method | wall | processor | before | peak | x scan | x Tenure | ms per number and M events |",
        "|---|---|---|---|---|---|---|---|",
        *(row(taken, of, scan, own) for taken in found),
        "",
    ]
    if held:
        least, most = min(held.values()), max(held.values())
        lines += [
            f"All methods with numbers agree: {least:,} to {most:,} known values of each number are equal, "
            "and what is unknown is unknown to all.",
            "",
        ]
    if "postgres" in by_name and by_name["postgres"].runs:
        lines += costs(by_name["postgres"], of)
    return "\n".join(lines)


def row(taken: Taken, of: Company, scan: float | None, own: float | None) -> str:
    """A method's row; words where it has no figures."""
    says, wall = METHODS[taken.method].says, taken.median("wall")
    if wall is None or taken.words:
        return f"| {says} | {taken.words} | | | | | | |"
    shortest, longest = taken.spread()
    setup, peak, processor = (
        taken.median("setup"),
        taken.median("peak_mb"),
        taken.median("processor"),
    )
    each = wall * 1000 / len(NUMBERS) / (of.rows / 1_000_000)
    cells = [
        says,
        f"{wall:.2f} s ({shortest:.2f} to {longest:.2f})",
        "" if processor is None else f"{processor:.2f} s",
        "" if setup is None else f"{setup:.1f} s",
        "" if peak is None else f"{peak:,.0f} MB",
        "" if scan is None else f"{wall / scan:,.1f}",
        "" if own is None else f"{wall / own:,.2f}",
        f"{each:,.1f}" if METHODS[taken.method].gives_numbers else "",
    ]
    return f"| {' | '.join(cells)} |"


def costs(taken: Taken, of: Company) -> list[str]:
    """What each PostgreSQL statement cost, dearest first."""
    parts = {name: [run["parts"][name] for run in taken.runs] for name in taken.runs[0]["parts"]}
    each = {name: sorted(times)[len(times) // 2] for name, times in parts.items()}
    dearest = sorted(each, key=lambda name: -each[name])
    shown = [(name, each[name]) for name in dearest[:DEAREST]]
    shown.append(
        (f"the other {len(each) - DEAREST} together", sum(each[name] for name in dearest[DEAREST:]))
    )
    return [
        f"PostgreSQL {taken.runs[0]['version']}, one insert per metric; its processor seconds include loading. "
        "In brackets: a step that serves other metrics.",
        "",
        "| metric | took | per M events |",
        "|---|---|---|",
        *(
            f"| {name} | {took:.2f} s | {took / of.rows * 1_000_000:.2f} s |"
            for name, took in shown
        ),
        "",
    ]


if __name__ == "__main__":
    sys.exit(main())
