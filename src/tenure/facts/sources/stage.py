"""The stage: a file's rows as text columns with their physical line, in a DuckDB table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from tenure.facts.finding import Finding, RefusedRow
from tenure.facts.sql import append, ident

BATCH_ROWS = 50_000
BATCH_CELLS = 600_000
CELL_LIMIT = 10_000
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
"""Control characters that no text needs; tab, line ends, vertical tab and form feed are blanks."""


@dataclass(slots=True)
class Staged:
    """One file on the stage.

    `headers` are the file's own column names in order; column i (0 = first) is the stage's `c{i}`,
    all text, beside `line`. `rows` counts the data rows found, `refused` those of them that did not
    fit the stage. Findings so far are about bytes and cells, not about meaning.
    """

    name: str
    table: str
    headers: list[str] = field(default_factory=list)
    rows: int = 0
    encoding: str = ""
    encoding_guessed: bool = False
    delimiter: str = ""
    findings: list[Finding] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)

    def column(self, header: str) -> str:
        """The stage's column for `header`, ready for SQL."""
        return ident(f"c{self.headers.index(header)}")

    def refuse(self, finding: Finding, row: str) -> None:
        """Note a row that stays outside, with its text."""
        self.findings.append(finding)
        self.refused.append(RefusedRow(finding, row))


class StageWriter:
    """Writes rows to the stage in batches, so that memory does not grow with the file.

    In a `with` its rows count together or not at all, and many small batches are also faster so.
    """

    def __init__(self, connection: Any, staged: Staged, *, create: bool = True) -> None:
        """Create the stage table with the columns known so far, or add to the one that is there."""
        self._connection, self._staged = connection, staged
        self._lines: list[int] = []
        self._rows: list[Sequence[str | None]] = []
        columns = "".join(f", c{i} varchar" for i in range(len(staged.headers)))
        if create:
            connection.execute(f"create or replace table {staged.table} (line bigint{columns})")
        self._width = len(staged.headers)
        self._batch = min(BATCH_ROWS, BATCH_CELLS // max(1, self._width))

    def __enter__(self) -> Self:
        """Begin."""
        self._connection.execute("begin")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: object) -> None:
        """Write what waits, unless something went wrong."""
        if kind is None:
            self.flush()
        self._connection.execute("commit" if kind is None else "rollback")

    def add(self, line: int, row: Sequence[str | None]) -> None:
        """One row, as wide as the headers are now."""
        self._lines.append(line)
        self._rows.append(row)
        if len(self._rows) >= self._batch:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._rows:
            return
        width = len(self._staged.headers)
        for number in range(self._width, width):
            self._connection.execute(
                f"alter table {self._staged.table} add column c{number} varchar"
            )
        self._width = width
        rows = self._rows
        if any(len(row) != width for row in rows):
            rows = [(*row, *[None] * (width - len(row))) for row in rows]
        columns: dict[str, Sequence[Any]] = {"line": self._lines}
        columns |= {f"c{i}": cells for i, cells in enumerate(zip(*rows, strict=True))}
        append(self._connection, self._staged.table, columns)
        self._lines, self._rows = [], []


def clean_cells(
    staged: Staged, line: int, row: list[str | None], *, first_column: int = 1
) -> list[str | None]:
    """`row` with control characters as U+FFFD, each value counted as cleaned."""
    cleaned = list(row)
    for position, cell in enumerate(row):
        if cell is not None and CONTROL.search(cell):
            cleaned[position] = CONTROL.sub("\ufffd", cell)
            staged.findings.append(
                Finding(
                    rule="text.control",
                    level="warning",
                    outcome="cleaned",
                    file=staged.name,
                    line=line,
                    column_no=position + first_column,
                    column_name=staged.headers[position],
                    value=cell,
                    says="holds control characters, which were replaced by U+FFFD",
                    remedy="correct the text in the source, if it matters",
                )
            )
    return cleaned
