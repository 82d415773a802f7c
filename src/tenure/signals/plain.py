"""Plain tables at the door: a frame of any kind as columns of numpy, with the errors an analyst can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.kernel.errors import UnknownName, UserError

Array = NDArray[Any]


class Plain:
    """Columns by name. Made of a mapping of lists, a pandas frame, or anything with the Arrow capsule."""

    def __init__(self, frame: Any) -> None:
        """Raises UserError where the frame is none of these."""
        self._columns = _columns(frame)

    @property
    def names(self) -> list[str]:
        """The columns, in order."""
        return list(self._columns)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    def column(self, name: str) -> list[Any]:
        """A column's values as they came.

        Raises:
            UnknownName: there is none of that name.
        """
        if name not in self._columns:
            raise UnknownName("column", name, self.names, where="the table")
        return self._columns[name]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as numbers, missing as NaN.

        Raises:
            UserError: a value is no number; it says which, and where.
        """
        values = self.column(name)
        found = np.empty(len(values))
        for row, value in enumerate(values):
            found[row] = _number(value, name, row)
        return found

    def days(self, name: str) -> NDArray[np.datetime64]:
        """A column as days; missing as NaT.

        Raises:
            UserError: a value is no day.
        """
        values = self.column(name)
        try:
            return np.array(
                [
                    np.datetime64("NaT") if _is_missing(v) else np.datetime64(str(v)[:10], "D")
                    for v in values
                ],
                dtype="datetime64[D]",
            )
        except ValueError as error:
            raise UserError(
                f"The column `{name}` holds something that is no day: {error}.",
                remedy="Write days as 2026-03-31.",
                code="table.day",
            ) from error

    def words(self, name: str) -> list[str]:
        """A column as text, missing as the empty word."""
        return ["" if _is_missing(v) else str(v) for v in self.column(name)]


def _columns(frame: Any) -> dict[str, list[Any]]:
    if isinstance(frame, Mapping):
        return _same_length({str(name): list(values) for name, values in frame.items()})
    # First, because pandas offers the capsule too and then asks for pyarrow, which need not be there.
    if hasattr(frame, "to_dict") and hasattr(frame, "columns"):
        return {str(name): list(frame[name]) for name in frame.columns}
    if hasattr(frame, "__arrow_c_stream__"):
        from arro3.core import Table

        table = Table.from_arrow(frame)
        return {name: list(table.column(name).to_pylist()) for name in table.column_names}
    if isinstance(frame, Sequence) and frame and isinstance(frame[0], Mapping):
        names = list(dict.fromkeys(name for row in frame for name in row))
        return {name: [row.get(name) for row in frame] for name in names}
    raise UserError(
        f"A table is wanted, and this is a {type(frame).__name__}.",
        remedy="Give a pandas frame, an Arrow table, a mapping of columns, or a list of rows.",
        code="table.kind",
    )


def _same_length(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise UserError(
            f"The columns have different lengths: {lengths}.",
            remedy="Give every column one value per row.",
            code="table.lengths",
        )
    return columns


def _is_missing(value: Any) -> bool:
    # NaN and NaT are the only values that differ from themselves; pandas' NA refuses to say.
    return value is None or value == "" or type(value).__name__ == "NAType" or bool(value != value)


def _number(value: Any, name: str, row: int) -> float:
    if _is_missing(value):
        return np.nan
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise UserError(
            f"The column `{name}` holds {value!r} in row {row + 1}, which is no number.",
            remedy="Leave out what is not known; write numbers with a point and without a unit.",
            code="table.number",
        ) from error
