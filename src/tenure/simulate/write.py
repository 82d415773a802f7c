"""The files of a simulated company: one CSV per canonical table, written row by row."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TextIO

from tenure.facts.table import tables
from tenure.kernel.errors import Bug

Cell = object
BUFFER = 1 << 16


class Sheets:
    """Open files, one per canonical table; nothing is kept but the number of rows.

    Use as a context manager. The same rows give the same bytes: no times and no names of the machine
    go in, not even in the compressed file.
    """

    def __init__(self, folder: Path, *, packed: frozenset[str] = frozenset()) -> None:
        """Create `folder` and the files; tables in `packed` are compressed."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.files: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.columns: dict[str, tuple[str, ...]] = {}
        self._known: dict[str, frozenset[str]] = {}
        self._open = ExitStack()
        self._streams: dict[str, TextIO] = {}
        self._write_row: dict[str, Callable[[list[str]], object]] = {}
        for name, table in tables().items():
            self.files[name] = f"{name}.csv.gz" if name in packed else f"{name}.csv"
            self.counts[name] = 0
            self.columns[name] = tuple(table.columns)
            self._known[name] = frozenset(table.columns)
            self._streams[name] = self._stream(folder / self.files[name], packed=name in packed)
            self._write_row[name] = csv.writer(self._streams[name], lineterminator="\n").writerow
            self._write_row[name](list(self.columns[name]))

    def _stream(self, file: Path, *, packed: bool) -> TextIO:
        raw = self._open.enter_context(file.open("wb", buffering=BUFFER))
        if not packed:
            return self._open.enter_context(io.TextIOWrapper(raw, encoding="utf-8", newline=""))
        zipped = gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=5, mtime=0)
        self._open.enter_context(zipped)
        return self._open.enter_context(io.TextIOWrapper(zipped, encoding="utf-8", newline=""))

    def row(self, table: str, cells: Mapping[str, Cell]) -> None:
        """Write one row; columns that are not named stay empty.

        Raises:
            Bug: a column the table does not have.
        """
        columns = self.columns[table]
        if not cells.keys() <= self._known[table]:
            raise Bug(f"{sorted(cells.keys() - self._known[table])} are no columns of `{table}`.")
        self._write_row[table]([_text(cells.get(column)) for column in columns])
        self.counts[table] += 1

    def block(self, table: str, columns: tuple[str, ...], lines: list[str]) -> None:
        """Write finished lines, each ending in a newline, whose order of columns is `columns`.

        Raises:
            Bug: the table's columns are others, or in another order.
        """
        if columns != self.columns[table]:
            raise Bug(f"The lines for `{table}` are made for other columns: {columns}.")
        self._streams[table].write("".join(lines))
        self.counts[table] += len(lines)

    def __enter__(self) -> Sheets:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if cell is True or cell is False:
        return "true" if cell else "false"
    return str(cell)


def money(cents: int) -> str:
    """An amount in hundredths as text; money is counted in whole hundredths, never in floats."""
    sign, rest = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{rest // 100}.{rest % 100:02d}"
