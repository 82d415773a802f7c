"""The stored form of a table: its Delta schema, and the SQL that scans a list of its files.

Instants are stored as UTC timestamps (every reader knows those) and read back as plain ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import unquote

from arro3.core import Array, DataType
from arro3.core import Table as ArrowTable
from deltalake import ColumnProperties, DeltaTable, Field, Schema, WriterProperties
from deltalake.schema import PrimitiveType

from tenure.facts.sql import ident, literal
from tenure.facts.table import Table
from tenure.kernel.errors import Bug, LakeError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DELTA_TYPES = {
    "VARCHAR": "string",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "BIGINT": "long",
    "BOOLEAN": "boolean",
    "DOUBLE": "double",
}

DIFFERENCES: dict[str, Literal["DELTA_BYTE_ARRAY", "DELTA_BINARY_PACKED"]] = {
    "VARCHAR": "DELTA_BYTE_ARRAY",
    "BIGINT": "DELTA_BINARY_PACKED",
}
"""DuckDB type -> the Parquet encoding that keeps each value as its difference from the one before."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of one stored table with their DuckDB types, and how its files are cut.

    `cut` is the partition column (`YYYY-MM`) and `cut_by` the date column it is made from; Delta does
    not keep a partition column inside the files, so a scan computes it again. `pruned` columns get
    statistics in the log. `rarely_twice` are columns whose values hardly ever repeat. `parts` are further
    partition columns, which a scan leaves out: who reads them chooses files by them.
    """

    name: str
    columns: dict[str, str]
    cut: str = ""
    cut_by: str = ""
    pruned: tuple[str, ...] = ()
    rarely_twice: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def partition_by(self) -> list[str] | None:
        """The columns whose values are folders."""
        return [*([self.cut] if self.cut else []), *self.parts] or None

    def writing(self) -> WriterProperties:
        """How its files are written: a dictionary of values that do not repeat is half the work, for nothing."""
        return WriterProperties(
            compression="SNAPPY",
            column_properties={
                name: ColumnProperties(
                    dictionary_enabled=False, encoding=DIFFERENCES[self.columns[name]]
                )
                for name in self.rarely_twice
            },
        )

    def schema(self) -> Schema:
        """The Delta schema."""
        return Schema([self.field(name) for name in self.columns])

    def field(self, name: str) -> Field:
        """One column as Delta knows it; every column may be missing."""
        return Field(name, PrimitiveType(_delta_type(self.columns[name])), nullable=True)

    def one_row(self, values: Mapping[str, Any]) -> Any:
        """A row as an Arrow table (typed Any: arro3 ships no complete types), for tables that grow line by line.

        Args:
            values: a value per column: text, a whole number, or an instant with its zone.
        """
        return ArrowTable.from_pydict(
            {name: _cell(values[name], type_) for name, type_ in self.columns.items()}
        )

    def scan(self, files: Sequence[str], *, file_names: bool = False) -> str:
        """SQL for all rows in `files`; a column an old file lacks is NULL; no files: no rows, typed."""
        if not files:
            empty = ", ".join(
                f"null::{kind} as {ident(name)}"
                for name, kind in self.columns.items()
                if name not in self.parts
            )
            return f"select {empty} where false"
        columns = ", ".join(
            self._read_back(name) for name in self.columns if name not in self.parts
        )
        if file_names:
            columns += ", filename"
        inside = ", ".join(
            f"{literal(name)}: {{name: {literal(name)}, type: {literal(kind)}, default_value: NULL}}"
            for name, kind in self.columns.items()
            if name != self.cut and name not in self.parts
        )
        listed = ", ".join(literal(file) for file in files)
        # `schema` maps by name and opens no file; `union_by_name` would open every one of them.
        return f"select {columns} from read_parquet([{listed}], schema=map {{{inside}}}, filename={file_names})"

    def _read_back(self, name: str) -> str:
        if name == self.cut:
            return f"strftime({ident(self.cut_by)}, '%Y-%m') as {ident(name)}"
        return ident(name)


def shape_of(table: Table) -> Shape:
    """How the facts of `table` are stored."""
    return Shape(
        table.id,
        table.sql_columns(),
        table.partition_column,
        table.partition,
        ("recorded_at", "commit_no"),
        ("source_line", *[name for name in table.key if table.columns[name].type == "id"][-1:]),
    )


def files_of(
    handle: DeltaTable, *, months: Sequence[str | None] | None = None, cut: str = ""
) -> list[str]:
    """Absolute paths of the files the handle's version is made of, optionally of some months only.

    Raises:
        LakeError: the table uses deletion vectors, which files alone do not show.
    """
    features = handle.protocol().reader_features or []
    if "deletionVectors" in features:
        raise LakeError(
            f"The table at `{handle.table_uri}` was changed by another program and now uses deletion vectors.",
            remedy="Restore it from a backup; only Tenure may write into its lake.",
            code="lake.deletion_vectors",
        )
    # The library gives URI-encoded paths: a folder called "Client files" comes back as "Client%20files".
    paths = [unquote(uri.removeprefix("file://")) for uri in handle.file_uris()]
    if months is None:
        return paths
    # A missing month stands in a folder with the name that Hive gave it.
    folders = [f"/{cut}={month or '__HIVE_DEFAULT_PARTITION__'}/" for month in months]
    return [path for path in paths if any(folder in path for folder in folders)]


def _delta_type(kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return kind.lower()
    if kind not in DELTA_TYPES:
        raise Bug(f"No stored form is known for the column type `{kind}`.", code="lake.type")
    return DELTA_TYPES[kind]


def _cell(value: Any, type_: str) -> Any:
    if type_ == "TIMESTAMP":
        micros = Array([(value - EPOCH) // timedelta(microseconds=1)], type=DataType.int64())
        return micros.cast(DataType.timestamp("us", tz="UTC"))
    return Array([value], type=DataType.int64() if type_ == "BIGINT" else DataType.string())
