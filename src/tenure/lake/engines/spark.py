"""The engine on Spark: what is made of a snapshot's tables is made by Spark's executors, over the snapshot's own files.

The files are those of the snapshot's list, read by Spark's Parquet reader with the types declared; statements are the
very ones that DuckDB runs, in Spark's dialect. What Python itself works with (whole small tables, single answers) is
still read by DuckDB on this machine. Results come back in pieces, as Arrow.

Does not promise to be faster: starting Spark and planning forty statements takes longer than DuckDB takes for a
million rows. It is for facts that one machine cannot hold or wait for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlglot

from tenure.facts.sql import ident
from tenure.kernel.errors import Bug, UnknownName
from tenure.lake.engines.duckdb import OWN_TABLES, Engine, Tree
from tenure.lake.engines.monthly import Select
from tenure.lake.engines.same import read_as_one
from tenure.lake.engines.spark_form import Step, spark_sql, steps
from tenure.lake.engines.spark_session import explained, require_spark, start
from tenure.lake.engines.views import Reading, current_of
from tenure.lake.lake import Lake
from tenure.lake.shape import Shape, shape_of
from tenure.lake.snapshots import Snapshot

SPARK_TYPE = {"VARCHAR": "string", "TIMESTAMP": "timestamp"}
DUCKDB_TYPE = {"string": "VARCHAR", "void": "NULL", "timestamp": "TIMESTAMP"}
LISTS = ("array", "map", "struct")
STORED = "stored_"
SMALL = 8_000_000
"""Bytes below which a registered table is part of the plan."""
_PATTERN = "{}[]*?\\"


class SparkEngine(Engine):
    """Answers selects over one snapshot; `keep`, `stream` and whatever rests on a kept table run on Spark.

    Spark is started when the first table is made, and stopped by `close` if it was started here.
    """

    def __init__(
        self,
        lake: Lake,
        snapshot: Snapshot,
        *,
        master: str | None = None,
        files_at: str | None = None,
        reading: Reading | None = None,
    ) -> None:
        """Starts nothing yet.

        Args:
            lake: where the tables are.
            snapshot: what is read.
            master: where Spark runs: `local[*]` (default), `local-cluster[2,1,1024]`, `spark://HOST:PORT`,
                `yarn`, `k8s://…`. None: Spark that runs in this process already, if there is any.
            files_at: where executors find the lake's files, if not in the same folder; any address that Spark reads.
            reading: how facts are read.

        Raises:
            UserError: PySpark or Java is missing.
        """
        super().__init__(lake, snapshot, reading=reading)
        require_spark()
        self.master = master
        self.files_at = files_at
        self._session: Any = None
        self._is_ours = False
        self._frames: dict[str, Any] = {}
        self._types: dict[str, dict[str, str]] = {}
        self._made: set[str] = set()

    def close(self) -> None:
        """Give memory, files and the cluster back."""
        super().close()
        for frame in self._frames.values():
            frame.unpersist()
        self._frames.clear()
        self._types.clear()
        self._made.clear()
        if self._session is not None and self._is_ours:
            self._session.stop()
        self._session = None

    @property
    def session(self) -> Any:
        """The running session, started at first (typed Any: PySpark may be absent)."""
        if self._session is None:
            self._session, self._is_ours = start(self.master)
        return self._session

    def keep(self, name: str, text: str) -> None:
        """Make the result of one select a table, worked out at once and kept on the executors.

        Left until somebody reads it, a history of forty such tables would be one plan, which takes longer to think
        through than to run, and more memory than a driver has. A checkpoint also forgets how the rows came about, which
        Spark else writes down again for every statement that reads them; should an executor die, the refresh fails.
        """
        self._refuse(name)
        self._forget(name)
        with explained(text):
            frame, before = self._frame(text, name)
            self._present(name, frame.localCheckpoint())
        self._made.add(name)
        for step in before:
            self._forget(step)

    def register(
        self,
        name: str,
        columns: Mapping[str, Sequence[Any]],
        *,
        types: Mapping[str, str] | None = None,
    ) -> None:
        """Make a small table of Python lists known to queries; DuckDB types it, Spark gets it as Arrow."""
        import pyarrow as pa

        super().register(name, columns, types=types)
        self._forget(name)
        with explained(name):
            rows = pa.table(super().stream(f"select * from {ident(name)}"))
            frame = self.session.createDataFrame(rows)
            # A small one travels with each statement; keeping it would cost a job and save nothing.
            self._present(name, frame if rows.nbytes < SMALL else frame.persist())
        self._made.add(name)

    def roll(self, name: str, table: str, select: Select) -> None:
        """Make sums of a table by month known to queries; nothing is kept of them beyond this engine's life."""
        self.keep(name, select(ident(table), None))

    def drop(self, name: str) -> None:
        """Forget a table made by `keep` or `register`."""
        super().drop(name)
        self._forget(name)
        self._made.discard(name)

    def stream(self, query: str) -> Any:
        """The result of one select as an Arrow stream; of the executors' parts one at a time is held here."""
        import pyarrow as pa

        with explained(query):
            frame, before = self._frame(query, "streamed")
            frame = frame.persist()
            frame.count()  # what can fail fails here, where it can be explained
            shown = [name for name, _ in frame.dtypes]
            schema = _nullable(frame.limit(0).toArrow().schema)
            parts = frame.rdd.getNumPartitions()

        def batches() -> Iterator[Any]:
            from pyspark.sql import functions

            try:
                with explained(query):
                    for part in range(parts):
                        own = frame.where(functions.spark_partition_id() == part).toArrow()
                        yield from own.select(shown).cast(schema).to_batches()
            finally:
                frame.unpersist()
                for step in before:
                    self._forget(step)

        return pa.RecordBatchReader.from_batches(schema, batches())

    def rows(
        self, query: str | Tree, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """The result of one select: from Spark where it reads a table made here, else from DuckDB."""
        text = query if isinstance(query, str) else query.sql(dialect="duckdb")
        named = sqlglot.parse_one(text, dialect="duckdb").find_all(sqlglot.exp.Table)
        if not self._made & {table.name for table in named}:
            return super().rows(query, parameters)
        with explained(text):
            frame, before = self._frame(text, "asked", parameters)
            found = frame.toArrow()
        for step in before:
            self._forget(step)
        columns = [[_plain(value) for value in column.to_pylist()] for column in found.columns]
        return list(zip(*columns, strict=True))

    def _refuse(self, name: str) -> None:
        if name in self.snapshot.tables:
            raise Bug(f"`{name}` is a table of the snapshot; a kept one would hide it.")

    def _frame(
        self, text: str, name: str, parameters: Mapping[str, object] | None = None
    ) -> tuple[Any, list[str]]:
        """The last step's frame, and the names of the steps before it, which are there until forgotten."""
        *before, last = steps(text, name, parameters)
        for step in before:
            frame = self._planned(step)
            self._present(step.name, frame.localCheckpoint() if step.is_kept else frame)
        return self._planned(last), [step.name for step in before]

    def _planned(self, step: Step) -> Any:
        for table in sorted(step.tables):
            self._open(table)
        known = {table: self._types[table] for table in step.tables if table in self._types}
        return self.session.sql(spark_sql(step.tree, known))

    def _present(self, name: str, frame: Any) -> None:
        frame.createOrReplaceTempView(f"`{name}`")
        self._frames[name] = frame
        self._types[name] = {column: _duckdb_type(kind) for column, kind in frame.dtypes}

    def _forget(self, name: str) -> None:
        frame = self._frames.pop(name, None)
        if frame is not None:
            self._types.pop(name, None)
            frame.unpersist()
            self.session.catalog.dropTempView(f"`{name}`")

    def _open(self, name: str) -> None:
        """Make the current rows of a snapshot's table a view, unless they are one."""
        if name in self._frames:
            return
        if name not in self.snapshot.tables:
            if name in self.lake.declared:
                raise UnknownName("table", name, self.snapshot.tables, where="the snapshot")
            return  # Spark says what it does not know
        is_own = name in OWN_TABLES
        shape = Shape(name, OWN_TABLES[name]) if is_own else shape_of(self.lake.table(name))
        stored = f"{STORED}{name}"
        self._present(stored, self._stored(shape, self._files_of(name)))
        rows = f"select {', '.join(map(ident, shape.columns))} from {stored}"
        if not is_own:
            has_versions = self.snapshot.tables[name].has_versions
            rows = current_of(
                self.lake.table(name),
                rows,
                has_versions=has_versions,
                reading=self.reading,
                same=self.same,
            )
        frame, _ = self._frame(rows, name)
        self._present(name, frame)

    def scan(self, name: str, files: Sequence[str]) -> str:
        """SQL for every row in some files of a table; the files are opened by Spark and not named in the statement."""
        table = self.lake.table(name)
        shape = shape_of(table)
        seen = f"{STORED}{name}_{hashlib.sha256(repr(sorted(files)).encode()).hexdigest()[:16]}"
        if seen not in self._frames:
            self._present(seen, self._stored(shape, files))
        rows = f"select {', '.join(map(ident, shape.columns))} from {seen}"
        return read_as_one(table, rows, self.same) if self.same else rows

    def _stored(self, shape: Shape, files: Sequence[str]) -> Any:
        """All rows of some files; a column an old file lacks is NULL, the folder's column is worked out again."""
        kinds = {c: SPARK_TYPE.get(k, k.lower()) for c, k in shape.columns.items()}
        inside = ", ".join(f"`{c}` {kind}" for c, kind in kinds.items() if c != shape.cut)
        if not files:
            # Not from an empty Python list: that would ask for Python on the executors.
            empty = [
                f"cast(null as {kind}) as `{c}`" for c, kind in kinds.items() if c != shape.cut
            ]
            frame = self.session.range(0).selectExpr(*empty)
        else:
            paths = [self._address(file) for file in files]
            frame = self.session.read.schema(inside).parquet(*paths)
        if shape.cut:
            frame = frame.selectExpr(
                "*", f"date_format(`{shape.cut_by}`, 'yyyy-MM') as `{shape.cut}`"
            )
        return frame

    def _address(self, file: str) -> str:
        """Where executors find a file: named as a pattern that matches it alone."""
        if self.files_at is None:
            found = f"file://{file}"
        else:
            own = Path(file).relative_to(self.lake.root.resolve())
            found = f"{self.files_at.rstrip('/')}/{own.as_posix()}"
        return "".join(f"\\{sign}" if sign in _PATTERN else sign for sign in found)


def _nullable(schema: Any) -> Any:
    """The schema as a stored table has it: every column may be missing."""
    import pyarrow as pa

    return pa.schema([pa.field(one.name, one.type, nullable=True) for one in schema])


def _duckdb_type(kind: str) -> str:
    """A Spark type in DuckDB's words; no rule asks what a list holds."""
    return "VARCHAR" if kind.startswith(LISTS) else DUCKDB_TYPE.get(kind, kind)


def _plain(value: Any) -> Any:
    """A moment as DuckDB gives it: UTC without saying so."""
    return value.replace(tzinfo=None) if getattr(value, "tzinfo", None) is not None else value
