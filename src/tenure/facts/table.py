"""The canonical tables, read from `tables/*.toml`: what a fact is, column by column."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Literal

from tenure.kernel.declare import read
from tenure.kernel.errors import UnknownName

ColumnType = Literal[
    "id", "text", "word", "date", "timestamp", "money", "number", "rate", "int", "bool", "json"
]

SQL_TYPES: dict[ColumnType, str] = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "word": "VARCHAR",
    "json": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "money": "DECIMAL(18,4)",
    "number": "DECIMAL(18,6)",
    "rate": "DECIMAL(18,10)",
    "int": "BIGINT",
    "bool": "BOOLEAN",
}

PROVENANCE: dict[str, str] = {
    "recorded_at": "TIMESTAMP",  # when the fact became known: the load time unless the file says
    "version_at": "TIMESTAMP",  # orders versions of one key: declared updated_at, else the load time
    "source": "VARCHAR",  # the source's name; whether its history is trusted is asked once per source
    "source_file": "VARCHAR",
    "source_line": "BIGINT",  # physical line, header = 1
    "import_id": "VARCHAR",
    "commit_no": "BIGINT",  # arrival order of the commit in this table
    "is_closed": "BOOLEAN",  # true: a later export said to be complete no longer holds the key
}
"""Columns every fact table carries beside its declared ones, with their DuckDB types."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, meaning, and what may be missing.

    `words` maps each canonical word to the spellings accepted for it (compared without case, spaces,
    dashes and underscores); a canonical word is always accepted for itself.
    """

    type: ColumnType
    says: str
    required: bool = False
    unit: str = ""
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    refers_to: str = ""
    minimum: int | None = None
    maximum: int | None = None
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition a whole row must meet, in the engine's SQL over canonical columns; else it is refused."""

    name: str
    holds: str
    says: str
    remedy: str
    column: str
    level: Literal["error", "warning", "notice"] = "error"


@dataclass(frozen=True, slots=True)
class Table:
    """One canonical table.

    `kind`: a `state` row may be corrected by a later one of the same key; of an `event` with an id the
    first stays. `happened` is the column that dates the fact; `backfill_trusted` whether a row loaded
    late counts as known from that day (rulings A6). `parent` columns refer to other tables' keys.
    `replaces` names columns of a group: a delivery that holds rows of a group is all of that group, and
    what its source had said of it before is closed (rulings A9).
    """

    id: str
    title: str
    says: str
    group: Literal["who", "money", "touches", "onboarding", "signals", "programme"]
    kind: Literal["state", "event"]
    key: tuple[str, ...]
    columns: dict[str, Column]
    happened: str = ""
    backfill_trusted: bool = False
    not_in_future: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    partition: str = ""
    replaces: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()

    def sql_columns(self) -> dict[str, str]:
        """Every stored column with its DuckDB type: the declared ones, then provenance."""
        declared = {name: SQL_TYPES[column.type] for name, column in self.columns.items()}
        cut = {self.partition_column: "VARCHAR"} if self.partition else {}
        return declared | cut | PROVENANCE

    @property
    def partition_column(self) -> str:
        """The stored month a partitioned table is cut by, `YYYY-MM` of the column `partition`."""
        return f"{self.partition}_month" if self.partition else ""


@cache
def tables() -> dict[str, Table]:
    """All canonical tables by id, in reading order (who, money, touches, onboarding, signals, programme)."""
    order = ("who", "money", "touches", "onboarding", "signals", "programme")
    found = _declared("tables")
    return {table.id: table for table in sorted(found, key=lambda t: (order.index(t.group), t.id))}


@cache
def shapes() -> dict[str, Table]:
    """Shapes of rows that an import takes and turns into rows of a table; they are never stored."""
    return {shape.id: shape for shape in sorted(_declared("shapes"), key=lambda s: s.id)}


def _declared(folder: str) -> list[Table]:
    return [
        read(
            Table,
            entry.read_text(encoding="utf-8"),
            name=f"facts/{folder}/{entry.name}",
            id=entry.name[:-5],
        )
        for entry in (resources.files("tenure.facts") / folder).iterdir()
        if entry.name.endswith(".toml")
    ]


def table(name: str) -> Table:
    """The canonical table, or import shape, called `name`.

    Raises:
        UnknownName: no such table; near misses are listed.
    """
    known = tables() | shapes()
    if name not in known:
        raise UnknownName("table", name, known)
    return known[name]
