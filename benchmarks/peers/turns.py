"""Methods taking turns on one company, each run in a process of its own, and what the median run took."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from usage_company import Size, make

from peers.agreement import agree
from peers.measured import run
from peers.methods import METHODS

ONCE_FROM = 100.0
"""Seconds of a run from which on a method is asked once only: its runs differ by less than it stands behind."""


@dataclass(slots=True)
class Taken:
    """What one method took. Not frozen: runs are added; `words` says why there are none, or no more."""

    method: str
    runs: list[dict[str, Any]] = field(default_factory=list)
    words: str = ""

    def median(self, what: str) -> float | None:
        """Of the runs that told it."""
        known = [run[what] for run in self.runs if run.get(what) is not None]
        return statistics.median(known) if known else None

    def spread(self) -> tuple[float, float]:
        """The shortest and the longest run."""
        walls = [run["wall"] for run in self.runs]
        return min(walls), max(walls)

    def add(self, told: dict[str, Any]) -> None:
        """One more run, or why there is none."""
        if "stopped" in told:
            self.words = f"did not finish in {told['stopped']:,.0f} s"
        elif told.get("missing") or told.get("failed"):
            self.words = told.get("missing") or told["failed"]
        else:
            self.runs.append(told)


@dataclass(frozen=True, slots=True)
class Company:
    """A company that was made, and its rows of usage."""

    folder: Path
    size: Size
    rows: int


def company(root: Path, size: Size) -> Company:
    """The company of that size below the root, made unless it is there: `c10` has 10 M events of 10,000 accounts."""
    name = f"c{size.events / 1_000_000:g}" + (
        "" if size.accounts == Size(0).accounts else f"-{size.accounts}"
    )
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    return Company(folder, size, make(folder, size).snapshot.tables["usage_daily"].rows)


def agreement(
    of: Company, methods: Iterable[str], days: str, limit: float
) -> tuple[dict[str, int], dict[str, str]]:
    """Known values per number on which all methods agree, and the words of those that gave none.

    Raises:
        Disagreement: two methods differ.
    """
    held: dict[str, int] = {}
    silent: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as spare:
        files = []
        for name in methods:
            if not METHODS[name].gives_numbers:
                continue
            file, taken = Path(spare) / f"{name}.parquet", Taken(name)
            taken.add(run([name, str(of.folder), "--days", days, "--out", str(file)], limit))
            if taken.words:
                silent[name] = taken.words
            else:
                files.append(file)
        for other in files[1:]:
            held = agree(files[0], other)
    return held, silent


def in_turns(
    of: Company,
    methods: Sequence[str],
    *,
    days: str,
    times: int,
    limit: float,
    silent: dict[str, str],
) -> list[Taken]:
    """Each method's runs; one that was stopped is not tried again, nor one that takes as long as `ONCE_FROM`."""
    found = [Taken(name, words=silent.get(name, "")) for name in methods]
    for _ in range(times):
        for taken in found:
            is_long = any(run["wall"] >= ONCE_FROM for run in taken.runs)
            if not taken.words and not is_long:
                taken.add(run([taken.method, str(of.folder), "--days", days], limit))
    return found


def asked(events: int, methods: Iterable[str]) -> list[str]:
    """Those of the methods that are asked about so many events."""
    return [name for name in methods if (METHODS[name].largest or events) >= events]
