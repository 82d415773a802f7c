"""Where identifiers and constants become SQL text; the only place in `facts` that quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from arro3.core import Array, DataType, Table

BLANKS = " \t\r\n\v\f\u00a0\u2007\u202f\ufeff"
"""What is trimmed around a value: blanks of every kind that exports leave behind."""


def ident(name: str) -> str:
    """`name` as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | None) -> str:
    """`value` as a text constant, or null."""
    return "null" if value is None else "'" + value.replace("'", "''") + "'"


def trimmed(expression: str) -> str:
    """The text without blanks around it; an empty one is missing, never 0."""
    # Trimming blanks of every kind costs more than all checks; most cells begin and end with a sign.
    return (
        f"case when {begins_and_ends(expression)} then {expression} "
        f"else nullif(trim({expression}, {literal(BLANKS)}), '') end"
    )


def begins_and_ends(expression: str) -> str:
    """SQL that holds where the text begins and ends with a visible sign of ASCII."""
    return f"{expression} >= '!' and {expression} < '\x7f' and right({expression}, 1) between '!' and '~'"


def words_in(values: Sequence[str]) -> str:
    """A list of text constants for `in (...)`."""
    return "(" + ", ".join(literal(value) for value in values) + ")"


def append(connection: Any, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Append columns of equal length, text or whole numbers, to the DuckDB table `table` by name.

    `connection` is a duckdb connection; typed Any because duckdb ships no complete types.
    """
    arrays: dict[str, Any] = {
        name: Array(list(values), type=_arrow_type(values)) for name, values in columns.items()
    }
    names = ", ".join(ident(name) for name in columns)
    # DuckDB finds the batch by the variable's name. A registered view would outlive its end here: in an
    # open transaction the dropped view keeps its batch in memory until the commit.
    tenure_batch = Table.from_pydict(arrays)  # noqa: F841
    connection.execute(f"insert into {table} ({names}) select {names} from tenure_batch")


def _arrow_type(values: Sequence[Any]) -> DataType:
    for value in values:
        if value is not None:
            return DataType.int64() if isinstance(value, int) else DataType.string()
    return DataType.string()
