"""What a derived fact is: the second tier, between the tables and the metrics (rulings A11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from tenure.facts.sql import literal
from tenure.facts.table import ColumnType


class Inputs(Protocol):
    """What a derived fact may read: tables, derived facts below it, and its parameters' values."""

    @property
    def time_zone(self) -> str:
        """The workspace's time zone, in which a moment has its civil day."""
        ...

    @property
    def month(self) -> date | None:
        """For sums made month by month: the first day of the only month there is among the rows."""
        ...

    def has(self, table_name: str) -> bool:
        """Whether the table has been delivered; an empty one has."""
        ...

    def relation(self, name: str) -> str:
        """The name by which a query reads a table, or a derived fact with this one's parameters."""
        ...

    def value(self, parameter: str) -> Any:
        """The value of one of its parameters."""
        ...


class InputsOver(Inputs, Protocol):
    """What a derived fact over many days may read; relations of facts of a day carry the column `as_of`."""

    @property
    def days(self) -> tuple[date, ...]:
        """The as-ofs, in order."""
        ...

    @property
    def as_ofs(self) -> str:
        """The as-ofs as a SELECT of one column `as_of`."""
        ...

    def keep(self, name: str, text: str) -> str:
        """The result of a SELECT as a relation of its own: where it is read twice, or the engine would misjudge it."""
        ...

    def wants(self, column: str) -> bool:
        """Whether anybody asks for the column; what nobody asks for may be left NULL."""
        ...

    def bits(self, column: str, text: str) -> str:
        """A relation of a column's few values in a SELECT, each with a bit of its own in `<column>_bit`.

        A fact that then has this column too lets different values be counted by bits, which takes half the time.
        Empty where there are too many values.
        """
        ...


@dataclass(frozen=True, slots=True)
class Trail:
    """The rows that a derived fact of sums adds up: the table, the column of their day, and the days read."""

    table: str
    day: str
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class DerivedFact:
    """One derived fact: header, and how it is made.

    `key` tells its rows apart. `parameters` are what it depends on beside the facts; without any it is the
    same for every question. `select` makes it as one SELECT in DuckDB's dialect, `rows` as Python tuples in
    the order of `columns`. `leads_to` is the table whose rows `source_key`, `source_file` and `source_line`
    name, empty where its rows are sums; then `trail` selects the rows that were added up, with the table's name.
    `select_over` makes the rows of many days in one SELECT, each with its `as_of`; where it is absent they are
    made day by day.
    `rolled` is the table that `select` adds up by itself and by civil day or month, so that each month's sums can
    be made alone and kept. `sums` are its columns that hold what a measure counts or adds up in that table: the
    measure's column (empty: its rows) -> the column of the sum. The day's column has the table's name for it.
    """

    id: str
    says: str
    grain: str
    key: tuple[str, ...]
    columns: Mapping[str, ColumnType]
    needs: tuple[str, ...]
    reads: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    leads_to: str = ""
    select: Callable[[Inputs], str] | None = None
    rows: Callable[[Any, Mapping[str, Any]], Iterable[tuple[Any, ...]]] | None = None
    trail: Callable[[Inputs], Trail] | None = None
    select_over: Callable[[InputsOver], str] | None = None
    rolled: str = ""
    sums: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_of_a_day(self) -> bool:
        """Whether it must be made anew for another as_of."""
        return "as_of" in self.parameters


def civil_day(column: str, zone: str) -> str:
    """SQL for the civil day of a moment stored as UTC."""
    if zone == "UTC":
        return f"cast({column} as date)"
    return f"cast(timezone({literal(zone)}, timezone('UTC', {column})) as date)"


def day_literal(day: date) -> str:
    """SQL for a day."""
    return f"date '{day.isoformat()}'"
