"""The engine over one snapshot: an in-memory DuckDB that reads the snapshot's own files and nothing else.

Three locks. The engine may open no file but the snapshot's and change no setting. It runs exactly one
statement, a select. And callers compile SQL from declarations; nothing a person types becomes SQL text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import duckdb
from arro3.core import Array, DataType
from arro3.core import Table as ArrowTable

from tenure.facts.finding import FINDING_COLUMNS, QUARANTINE_COLUMNS
from tenure.facts.sql import ident, literal
from tenure.kernel.errors import Bug, LakeError, UnknownName
from tenure.lake.durable import disk_trouble_explained
from tenure.lake.engines.fence import fenced
from tenure.lake.engines.monthly import Select, kept_files, month_queries
from tenure.lake.engines.same import read_as_one
from tenure.lake.engines.views import HEAVIEST, Reading, current_rows
from tenure.lake.identities import SHAPE as IDENTITIES
from tenure.lake.identities import Same, same_in
from tenure.lake.lake import Lake
from tenure.lake.shape import Shape, files_of, shape_of
from tenure.lake.snapshots import Snapshot

_WORDS = re.compile(r"[a-z_][a-z0-9_]*")
_MISSING = re.compile(r"Table with name \"?(\w+)\"? does not exist")

OWN_TABLES = {
    "findings": FINDING_COLUMNS,
    "quarantine": QUARANTINE_COLUMNS,
    IDENTITIES.name: IDENTITIES.columns,
}
"""Tables of Tenure's own that a snapshot may hold; plain lists, without keys or versions."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one engine may take from the machine."""

    memory_mb: int = 2048
    threads: int = 4

    def within_machine(self) -> Limits:
        """At most half the memory and all cores of this machine."""
        half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (2 * 1024 * 1024)
        return Limits(min(self.memory_mb, max(half, 256)), min(self.threads, os.cpu_count() or 1))


class Tree(Protocol):
    """A compiled query that can print itself (a sqlglot expression)."""

    def sql(self, dialect: str) -> str:
        """The query's text."""


class Engine:
    """Answers selects over one snapshot.

    Views are named after tables and show current rows (columns `Table.sql_columns()`). Tables are opened
    when a query first names them: the first question opens what it needs, a later one that needs more opens
    everything, so that a process pays at most twice. Use it from one thread; close it or use `with`.
    Ids that are one (`lake.identities`) are read as one.
    """

    def __init__(
        self,
        lake: Lake,
        snapshot: Snapshot,
        *,
        reading: Reading | None = None,
        limits: Limits | None = None,
        same: Same | None = None,
    ) -> None:
        """Opens nothing yet, but the list of ids that are one, where there is any.

        `same`: what is to be read as one in place of that list, to see what a merge would do.
        """
        self.lake, self.snapshot = lake, snapshot
        self.reading = reading or Reading()
        self.same = same_in(lake, snapshot) if same is None else same
        self.limits = (limits or Limits()).within_machine()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._files: dict[str, list[str]] = {}
        self._viewed: set[str] = set()
        self._registered: dict[str, tuple[ArrowTable, str]] = {}
        self._selected: dict[str, str] = {}
        self._rolled: dict[str, str] = {}

    def __enter__(self) -> Engine:
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
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._viewed.clear()

    def tables(self) -> frozenset[str]:
        """The fact tables the snapshot holds. One with no rows is here; one never given is not."""
        return frozenset(name for name in self.snapshot.tables if name in self.lake.declared)

    def expect(self, names: Iterable[str]) -> None:
        """Say which tables the next questions will name, so that they are opened together."""
        words = {word for name in names for word in name.split(" or ")}
        if self._connection is None:
            self._open_for(frozenset(words & set(self.snapshot.tables)))

    def rows(
        self, query: str | Tree, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """The result of one select.

        Args:
            query: text in DuckDB's dialect, or a tree. Nothing but one select is accepted.
            parameters: values for `$name`.

        Raises:
            UnknownName: the query names a table that the snapshot does not hold.
            LakeError: not one select; or the spill folder's disk is full.
        """
        return self._ask(query, parameters)[1]

    def stream(self, query: str) -> Any:
        """The result of one select as an Arrow stream, for a writer (typed Any: duckdb ships no complete types)."""
        with self._explained(query), disk_trouble_explained(self.lake.spill):
            connection = self._open_for(self._named_in(query))
            _require_one_select(connection, query)
            return connection.sql(query)

    def columns(
        self, query: str | Tree, parameters: Mapping[str, object] | None = None
    ) -> dict[str, str]:
        """The result's column names with their DuckDB types, without its rows."""
        text = query if isinstance(query, str) else query.sql(dialect="duckdb")
        return self._ask(f"select * from ({text}) limit 0", parameters)[0]

    def files(self, name: str) -> list[str]:
        """The files that the snapshot's version of a table is made of."""
        self._open_for(frozenset({name}))
        return list(self._files[name])

    def stored(self, name: str) -> str:
        """SQL for every stored row of a table, with all versions of a key."""
        return self.scan(name, self.files(name))

    def scan(self, name: str, files: Sequence[str]) -> str:
        """SQL for every row in some files of a table, with ids that are one as one."""
        table = self.lake.table(name)
        rows = shape_of(table).scan(files)
        return read_as_one(table, rows, self.same) if self.same else rows

    def describe(self, table: str) -> dict[str, str]:
        """The columns of one view with their DuckDB types."""
        return self.columns(f"select * from {ident(table)}")

    def register(
        self,
        name: str,
        columns: Mapping[str, Sequence[Any]],
        *,
        types: Mapping[str, str] | None = None,
    ) -> None:
        """Make a small table of Python lists known to queries, now and until the engine is gone.

        Args:
            name: its name; must not be a table of the snapshot.
            columns: name -> values, all of one length. None is missing.
            types: DuckDB types; where absent they follow the first value that is not None (text if all are).
        """
        if name in self.snapshot.tables:
            raise Bug(f"`{name}` is a table of the snapshot; a registered one would hide it.")
        kinds = {
            column: (types or {}).get(column) or _kind_of(values)
            for column, values in columns.items()
        }
        # Text for everything: arro3 has no date and decimal arrays, and DuckDB casts text exactly.
        arrow = ArrowTable.from_pydict(
            {
                column: Array(_texts(values), type=DataType.string())
                for column, values in columns.items()
            }
        )
        casts = ", ".join(f"{ident(c)}::{kind} as {ident(c)}" for c, kind in kinds.items())
        self._registered[name] = (arrow, casts)
        if self._connection is not None:
            self._add(self._connection, name)

    def keep(self, name: str, text: str) -> None:
        """Make the result of one select a table known to queries, now and until it is dropped.

        Args:
            name: its name; must not be a table of the snapshot.
            text: one select in DuckDB's dialect, over tables of the snapshot and tables made before.
        """
        if name in self.snapshot.tables:
            raise Bug(f"`{name}` is a table of the snapshot; a kept one would hide it.")
        with self._explained(text), disk_trouble_explained(self.lake.spill):
            connection = self._open_for(self._named_in(text))
            _require_one_select(connection, text)
            connection.execute(f"create or replace table {ident(name)} as {text}")
        self._selected[name] = text

    def roll(self, name: str, table: str, select: Select) -> None:
        """Make sums of a table by month known to queries; months whose files have not changed are read, not added up.

        Args:
            name: its name; must not be a table of the snapshot.
            table: the table added up, which is stored by month.
            select: the query of the sums, given a relation with the table's rows and the month, if it is one month's.
        """
        self._open_for(frozenset({table}))
        declared, has_versions = self.lake.table(table), self.snapshot.tables[table].has_versions
        queries = month_queries(
            declared, self._files[table], select, has_versions=has_versions, same=self.same
        )
        is_now = self.reading.as_known_on is None
        if not queries or not is_now:
            self.keep(name, select(ident(table), None))
            return
        try:
            files = kept_files(self.lake, name, queries, memory_mb=self.limits.memory_mb)
        except (OSError, duckdb.IOException):
            # No place to keep them: made in memory, for as long as this engine lives.
            self.keep(name, " union all ".join(text for text, _ in queries.values()))
            return
        listed = ", ".join(literal(file) for file in files)
        self._rolled[name] = f"select * from read_parquet([{listed}], hive_partitioning = false)"
        if self._connection is not None:
            self._connection.execute(
                f"create or replace view {ident(name)} as {self._rolled[name]}"
            )

    def drop(self, name: str) -> None:
        """Forget a table made by `keep` or `register`."""
        self._selected.pop(name, None)
        self._registered.pop(name, None)
        if self._connection is not None:
            self._connection.execute(f"drop table if exists {ident(name)}")

    def _ask(
        self, query: str | Tree, parameters: Mapping[str, object] | None
    ) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
        """Column types and rows of the one select."""
        text = query if isinstance(query, str) else query.sql(dialect="duckdb")
        with self._explained(text), disk_trouble_explained(self.lake.spill):
            connection = self._open_for(self._named_in(text))
            _require_one_select(connection, text)
            # One cursor per question: a half-read result blocks its connection.
            cursor = connection.cursor().execute(text, dict(parameters) if parameters else None)
            kinds = {name: str(kind) for name, kind, *_ in cursor.description or ()}
            return kinds, cursor.fetchall()

    @contextmanager
    def _explained(self, text: str) -> Iterator[None]:
        """Turn what the engine says into our errors; compiled SQL that does not run is our own mistake."""
        try:
            yield
        except duckdb.PermissionException as error:
            raise LakeError(
                "The engine reads the files of its snapshot and nothing else.",
                remedy="Nothing was run.",
                code="engine.fenced",
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise LakeError(
                "The question needs more memory than the engine may take.",
                remedy="Raise the memory limit, or ask for fewer accounts or a shorter time.",
                code="engine.memory",
            ) from error
        except duckdb.Error as error:
            missing = _MISSING.search(str(error))
            if missing and missing[1] in self.lake.declared:
                known = self.snapshot.tables
                raise UnknownName("table", missing[1], known, where="the snapshot") from error
            raise Bug(
                f"The engine refused a query: {error}", where=text[:2000], code="engine.query"
            ) from error

    def _named_in(self, text: str) -> frozenset[str]:
        """Snapshot tables whose name stands anywhere in the text; one too many does no harm."""
        return frozenset(_WORDS.findall(text.casefold())) & frozenset(self.snapshot.tables)

    def _open_for(self, needed: frozenset[str]) -> duckdb.DuckDBPyConnection:
        if self._connection is None or not needed <= self._files.keys():
            wanted = needed if self._connection is None else self.snapshot.tables.keys()
            self.close()
            self._open_files(wanted - self._files.keys())
            self._connection = self._fenced()
            for name in self._registered:
                self._add(self._connection, name)
            for name, text in self._rolled.items():
                self._connection.execute(f"create view {ident(name)} as {text}")
            for name, text in self._selected.items():
                self._show(self._connection, self._named_in(text))
                self._connection.execute(f"create table {ident(name)} as {text}")
        self._show(self._connection, needed)
        return self._connection

    def _show(self, connection: duckdb.DuckDBPyConnection, names: frozenset[str]) -> None:
        """Make views of tables whose files are open."""
        for name in names - self._viewed:
            view = self._view(name, self._files[name])
            # Of a few accounts the rows are few, and they will be asked for again and again.
            is_small = name == HEAVIEST and self.reading.within is not None
            kind = "table" if is_small else "view"
            connection.execute(f"create {kind} {ident(name)} as {view}")
            self._viewed.add(name)

    def _fenced(self) -> duckdb.DuckDBPyConnection:
        """A connection that can open the files of the tables opened so far, and no others."""
        files = [file for own in self._files.values() for file in own]
        limits = self.limits
        return fenced(
            self.lake, files, memory_mb=limits.memory_mb, threads=limits.threads, rollups=True
        )

    def _open_files(self, names: Iterable[str]) -> None:
        ordered = sorted(names)
        with ThreadPoolExecutor(
            4
        ) as pool:  # a log takes 2 ms to read, and the library lets others run
            opened = list(pool.map(self._files_of, ordered))
        self._files |= dict(zip(ordered, opened, strict=True))

    def _files_of(self, name: str) -> list[str]:
        handle = self.lake.handle(name, version=self.snapshot.tables[name].version)
        if handle is None:
            raise LakeError(
                f"The table `{name}` of snapshot {self.snapshot.number} is missing from `{self.lake.root}`.",
                remedy="Run `tenure doctor`, or restore the last backup.",
                code="lake.table_missing",
            )
        files = files_of(handle)
        if not all(Path(file).is_file() for file in files):
            raise LakeError(
                f"Files of snapshot {self.snapshot.number} are gone: cleaned up by compaction, or damaged.",
                remedy="Use a newer snapshot; if this is the newest, run `tenure doctor`.",
                code="snapshot.cleaned",
            )
        return files

    def _view(self, name: str, files: Sequence[str]) -> str:
        if name in OWN_TABLES:
            return Shape(name, OWN_TABLES[name]).scan(files)
        has_versions = self.snapshot.tables[name].has_versions
        return current_rows(
            self.lake.table(name),
            files,
            has_versions=has_versions,
            reading=self.reading,
            same=self.same,
        )

    def _add(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        arrow, casts = self._registered[name]
        connection.register("registered_now", arrow)
        connection.execute(
            f"create or replace table {ident(name)} as select {casts} from registered_now"
        )
        connection.unregister("registered_now")


def _require_one_select(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    statements = connection.extract_statements(text)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise LakeError(
            "The engine runs exactly one select.",
            remedy="Nothing was run.",
            code="engine.not_a_select",
        )


def _kind_of(values: Sequence[Any]) -> str:
    value = next((value for value in values if value is not None), None)
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "BOOLEAN"),
        (int, "BIGINT"),
        (Decimal, "DECIMAL(38,10)"),
        (float, "DOUBLE"),
        (datetime, "TIMESTAMP"),
        (date, "DATE"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "VARCHAR")


def _texts(values: Sequence[Any]) -> list[str | None]:
    """Each value as text; of a column of one plain type in one go."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds <= {str}:
        return list(values)
    if kinds in ({date}, {int}, {bool}, {Decimal}):
        return [None if value is None else str(value) for value in values]
    return [_text(value) for value in values]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return (value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value).isoformat(
            sep=" "
        )
    if isinstance(value, float):
        return repr(value)
    return str(value)
