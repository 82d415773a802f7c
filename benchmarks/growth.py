"""How the time of a full history grows with events, accounts and days read.

    python benchmarks/growth.py [--full] [--folder FOLDER] [--times 1] [--limit 900]

Modest: events 0.2, 1 and 5 M; accounts and readings at 1 M. Full: events 1, 5, 10 and 50 M; accounts and readings at
5 M. Rewrites its section of RESULTS.md and of README.md, and growth.svg. With --folder the companies are kept.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
from peers.methods import METHODS
from peers.plot import Panel, short, svg
from peers.turns import Taken, asked, company, in_turns
from results import HERE, command, write_section
from usage_company import Size

SECTION = "## Growth"
PICTURE = "growth.svg"
NAMES = ("tenure", "duckdb", "scan")
MODEST = ((200_000, 1_000_000, 5_000_000), 1_000_000)
FULL = ((1_000_000, 5_000_000, 10_000_000, 50_000_000), 5_000_000)
ACCOUNTS = (1_000, 10_000, 50_000)
READINGS = {"13w": 13, "26w": 26, "52w": 52, "104d": 104}
"""The company's 420 days hold 60 Sundays, so that the most readings are days."""


@dataclass(frozen=True, slots=True)
class Point:
    """One company and the days read of it."""

    size: Size
    days: str = "52w"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="to 50 million events")
    parser.add_argument("--events", type=int, nargs="+")
    parser.add_argument("--base", type=int, help="events where something else grows")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--times", type=int, help="runs of each; 3 with --full, else 1")
    parser.add_argument(
        "--limit", type=float, default=900, help="seconds after which a method is stopped"
    )
    said = parser.parse_args()
    events, base = FULL if said.full else MODEST
    events, base, times = (
        said.events or events,
        said.base or base,
        said.times or (3 if said.full else 1),
    )
    axes = {
        "events (10 k accounts, 52 weeks)": {count: Point(Size(count)) for count in events},
        f"accounts ({short(base)} events, 52 weeks)": {
            count: Point(Size(base, count)) for count in ACCOUNTS
        },
        f"readings ({short(base)} events, 10 k accounts)": {
            n: Point(Size(base), days) for days, n in READINGS.items()
        },
    }
    found: dict[Point, list[Taken]] = {}
    with nullcontext(said.folder) if said.folder else tempfile.TemporaryDirectory() as root:
        for point in dict.fromkeys(point for axis in axes.values() for point in axis.values()):
            of = company(Path(root), point.size)
            names = asked(point.size.events, NAMES)
            found[point] = in_turns(
                of, names, days=point.days, times=times, limit=said.limit, silent={}
            )
            print(
                point,
                {t.method: t.words or t.median("wall") for t in found[point]},
                file=sys.stderr,
                flush=True,
            )
    text = section(axes, found, times)
    print(text)
    for page in ("RESULTS.md", "README.md"):
        write_section(SECTION, text, HERE / page)
    (HERE / PICTURE).write_text(picture(axes, found), encoding="utf-8")
    return 0


def section(axes: dict[str, dict[int, Point]], found: dict[Point, list[Taken]], times: int) -> str:
    """The section as it stands in RESULTS.md and README.md."""
    runs = f"Medians of {times} runs" if times > 1 else "One run each"
    lines = [
        SECTION,
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}. {runs}, wall seconds "
        f"(processor seconds). Readings are Sundays, the 104 days in a row. Redo with `{command()}`.",
        "",
        f"![Seconds against events, accounts and readings, both axes logarithmic]({PICTURE})",
        "",
    ]
    for title, axis in axes.items():
        lines += [
            f"| {title} | {' | '.join(METHODS[n].says for n in NAMES)} | peak of Tenure |",
            "|---|---|---|---|---|",
        ]
        for count, point in axis.items():
            cells = [cell(taken) for taken in found[point]]
            peak = found[point][NAMES.index("tenure")].median("peak_mb")
            lines.append(
                f"| {count:,} | {' | '.join(cells)} | {'' if peak is None else f'{peak:,.0f} MB'} |"
            )
        lines.append("")
    return "\n".join(lines)


def cell(taken: Taken) -> str:
    """Seconds, or why there are none."""
    wall, processor = taken.median("wall"), taken.median("processor")
    return taken.words if taken.words or wall is None else f"{wall:.2f} s ({processor:.2f})"


def picture(axes: dict[str, dict[int, Point]], found: dict[Point, list[Taken]]) -> str:
    """The three panels; what did not finish has no point."""
    panels = [
        Panel(title, {name: _points(axis, found, number) for number, name in enumerate(NAMES)})
        for title, axis in axes.items()
    ]
    kept = [
        Panel(p.title, {name: points for name, points in p.lines.items() if points}) for p in panels
    ]
    return svg("Seconds for a full history", kept, {name: METHODS[name].says for name in NAMES})


def _points(
    axis: dict[int, Point], found: dict[Point, list[Taken]], number: int
) -> Sequence[tuple[float, float]]:
    medians = [(count, found[point][number].median("wall")) for count, point in axis.items()]
    return [(count, wall) for count, wall in medians if wall]


if __name__ == "__main__":
    sys.exit(main())
