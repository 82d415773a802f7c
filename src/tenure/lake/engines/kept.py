"""The engine over the history: reads the files that a refresh left, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from types import TracebackType
from typing import Any

from arro3.core import Table as ArrowTable

from tenure.facts.sql import ident, literal
from tenure.kernel.errors import LakeError
from tenure.lake import values
from tenure.lake.engines.fence import fenced
from tenure.lake.lake import Lake
from tenure.lake.refreshes import History, Part

MEMORY_MB = 2048
MOST_DECODED = 4_000_000
"""How many cells of rows read by day are kept decoded; those of the day asked for longest ago go first."""
PLAIN = "hive_partitioning = false"
"""A folder above the lake that is called `csat=1` is no column."""
MOST_LOOKED_AT = 32
"""Of so many files the columns are looked up, once each; of more the plan is told them."""
AT_ONCE = 2
"""How many selects of one question run side by side: planning one keeps a single processor busy."""


class Kept:
    """Rows of one state of the history. Use it from one thread; close it or use `with`."""

    def __init__(self, lake: Lake, history: History) -> None:
        """Opens the files of both tables."""
        self.lake, self.history = lake, history
        self._by_day = self._files(values.BY_DAY, history.by_day)
        self._by_account = self._files(values.BY_ACCOUNT, history.by_account)
        every = [p for own in (self._by_day, self._by_account) for f in own.values() for p in f]
        self._connection = fenced(lake, every, memory_mb=MEMORY_MB)
        self._holds: dict[str, dict[str, str]] = {}
        self._decoded: dict[tuple[str, date], dict[str, Any]] = {}

    def __enter__(self) -> Kept:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give memory and files back."""
        self._connection.close()

    def stream(self, query: str) -> Any:
        """The result of one select as an Arrow stream (typed Any because duckdb ships no complete types)."""
        return self._connection.sql(query)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of one select."""
        return self._connection.execute(query).fetchall()

    def tables(self, queries: Sequence[str]) -> list[ArrowTable]:
        """The results of several selects, asked side by side; each column is one piece of memory, so that two compare."""

        def asked(query: str) -> ArrowTable:
            with self._connection.cursor() as cursor:
                return ArrowTable.from_arrow(cursor.sql(query)).combine_chunks()

        if len(queries) < 2:
            return [asked(query) for query in queries]
        with ThreadPoolExecutor(min(len(queries), AT_ONCE)) as pool:
            return list(pool.map(asked, queries))

    def on_day(self, wanted: Mapping[str, Sequence[str]], day: date) -> list[dict[str, Any]]:
        """Per part its columns as_of, account_id and those wanted, of one as_of by account, each an Arrow column.

        A file of the history never changes, so what was decoded of it is kept and a day asked about again is not read.
        """
        missing = {}
        for name, columns in wanted.items():
            held = self._decoded.pop((name, day), {})
            self._decoded[name, day] = held  # asked for last
            needed = [c for c in ("as_of", "account_id", *columns) if c not in held]
            if needed:
                missing[name] = needed
        queries = [
            f"select {', '.join(map(ident, needed))} from ({self.part(name, [day], needed)}) order by account_id"
            for name, needed in missing.items()
        ]
        for (name, needed), rows in zip(missing.items(), self.tables(queries), strict=True):
            self._decoded[name, day] |= {column: rows[column] for column in needed}
        found = [dict(self._decoded[name, day]) for name in wanted]
        cells = {key: sum(map(len, held.values())) for key, held in self._decoded.items()}
        while sum(cells.values()) > MOST_DECODED:
            oldest = next(iter(self._decoded))
            cells.pop(oldest)
            self._decoded.pop(oldest)
        return found

    def register(self, name: str, arrow: ArrowTable) -> None:
        """Make an Arrow table known to queries."""
        self._connection.register(name, arrow)

    def keep(self, name: str, query: str) -> None:
        """Make the result of one select a table known to queries."""
        self._connection.execute(f"create or replace table {ident(name)} as {query}")

    def part(
        self, name: str, days: Collection[date], columns: Collection[str] | None = None
    ) -> str:
        """SQL for a part's rows on some as-ofs, every one of them as last made; all its columns or some."""
        part = self.history.parts[name]
        paths = [path for day in days for path in self._by_day.get((name, day.isoformat()), ())]
        return self._scan(values.BY_DAY, _only(part, columns), paths)

    def accounts(
        self, name: str, columns: Sequence[str], accounts: Sequence[str], span: tuple[date, date]
    ) -> str:
        """SQL for some accounts' rows of a part between two as-ofs, from the copy sorted by account."""
        part = self.history.parts[name]
        paths = [p for (own, _), found in self._by_account.items() if own == name for p in found]
        runs = {day: run for day, run in part.runs.items() if span[0] <= day <= span[1]}
        wanted = ", ".join(ident(c) for c in ("as_of", "account_id", *columns))
        scanned = self._scan(values.BY_ACCOUNT, _only(part, columns), paths if runs else [])
        among = ", ".join(literal(account) for account in accounts) or "null"
        return (
            f"select {wanted} from ({scanned}) where account_id in ({among}) and {_made_by(runs)}"
        )

    def _scan(self, table: str, columns: Mapping[str, str], paths: Sequence[str]) -> str:
        """SQL for the rows of some files; few files that hold these very columns are planned in half the time."""
        wanted = {**values.OWN, **columns}
        if not 0 < len(paths) <= MOST_LOOKED_AT or any(
            wanted.items() - self._held_by(path).items() for path in paths
        ):
            return values.scan(table, columns, paths)
        listed = ", ".join(literal(path) for path in paths)
        return f"select {', '.join(map(ident, wanted))} from read_parquet([{listed}], {PLAIN})"

    def _held_by(self, path: str) -> dict[str, str]:
        """The columns of a file with their types."""
        if path not in self._holds:
            found = self._connection.execute(
                f"describe from read_parquet({literal(path)}, {PLAIN})"
            )
            self._holds[path] = {name: kind for name, kind, *_ in found.fetchall()}
        return self._holds[path]

    def _files(self, table: str, version: int | None) -> dict[tuple[str, str], list[str]]:
        """Files by part and day (the copy by account has no day)."""
        handle = None if version is None else self.lake.handle(table, version=version)
        if handle is None:
            if version is None:
                return {}
            raise LakeError(
                f"The table `{table}` of the history is missing from `{self.lake.root}`.",
                remedy="Run `tenure refresh --full`.",
                code="lake.table_missing",
            )
        found: dict[tuple[str, str], list[str]] = {}
        for path in values.all_files(handle):
            folders = dict(piece.split("=", 1) for piece in path.split("/") if "=" in piece)
            found.setdefault((folders["part"], folders.get("day", "")), []).append(path)
        return found


def _only(part: Part, columns: Collection[str] | None) -> dict[str, str]:
    """The types of some columns: fewer columns are bound faster."""
    return {n: kind for n, kind in part.columns.items() if columns is None or n in columns}


def _made_by(runs: Mapping[date, int]) -> str:
    """SQL that holds for rows as last made: the copy may hold what an earlier run made of the same as_of."""
    if not runs:
        return "false"
    if len(set(runs.values())) == 1:
        first, last, run = min(runs), max(runs), next(iter(runs.values()))
        return f"run = {run} and as_of between date '{first}' and date '{last}'"
    made = ", ".join(f"(date '{day}', {run})" for day, run in runs.items())
    return f"(as_of, run) in ({made})"


def of_metrics(part: Part, metrics: Collection[str]) -> list[str]:
    """The value columns of some metrics with the columns of their reasons."""
    wanted = [c for m in part.metrics if m in metrics for c in part.metrics[m]]
    return [name for column in wanted for name in (column, column + values.WHY)]
