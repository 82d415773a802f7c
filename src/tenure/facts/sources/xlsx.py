"""XLSX: one sheet as text with its row numbers; what a spreadsheet hides or leaves open is said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from openpyxl.utils import get_column_letter, range_boundaries

from tenure.facts.finding import Finding, Stopped
from tenure.facts.given import Given, file_digest
from tenure.facts.reading import Reading
from tenure.facts.sources.content import still_written
from tenure.facts.sources.stage import CONTROL, Staged, StageWriter, clean_cells
from tenure.facts.sources.workbook import Book, Cell, Sheet, opened, widths

RANGES_NAMED = 5


def sheets_of(given: Given) -> list[Sheet]:
    """The worksheets of a workbook, hidden ones included.

    Raises:
        Stopped: it cannot be opened.
    """
    with opened(given.file, name=given.name) as book:
        return book.sheets


def headers_of(given: Given) -> list[str]:
    """The texts of the sheet's header row.

    Raises:
        Stopped: the workbook cannot be read.
    """
    with opened(given.file, name=given.name) as book:
        rows = (row for _, row in book.rows(_chosen(book, given)) if widths(row))
        return [cell.text for cell in next(rows, []) if cell.text]


def stage_xlsx(connection: Any, given: Given, reading: Reading, *, table: str) -> Staged:
    """The sheet on the stage `table`; `line` is the row's number in the sheet.

    The header is the first row that holds anything. A row with an error in a cell, or with a formula
    whose result was never stored, is refused: nobody knows its value.

    Raises:
        Stopped: the workbook cannot be read, has no such sheet, or the sheet is empty.
    """
    del reading  # a workbook says itself what its bytes mean
    with opened(given.file, name=given.name) as book:
        staged = Staged(given.name, table, encoding="xlsx")
        _copy(connection, book, _chosen(book, given), staged)
    if given.digest and not given.is_of(file_digest(given.file)):
        raise still_written(given.name)
    return staged


def _chosen(book: Book, given: Given) -> Sheet:
    """The sheet that is meant: the one named, else the first visible one."""
    wanted = [sheet for sheet in book.sheets if sheet.name == given.sheet]
    if given.sheet and not wanted:
        raise still_written(given.name)
    return next(iter(wanted or [s for s in book.sheets if not s.hidden] or book.sheets))


def _copy(connection: Any, book: Book, sheet: Sheet, staged: Staged) -> None:
    """The sheet's rows to the stage, or to the refused rows."""
    rows = book.rows(sheet)
    header = next(((number, row) for number, row in rows if widths(row)), None)
    if header is None:
        raise Stopped(
            "The sheet is empty.", code="file.empty", file=staged.name,
            remedy="Fill it, or delete it from the workbook.",
        )  # fmt: skip
    top, cells = header
    staged.headers = _headers(cells, staged.name, top)
    last, blank = top, []
    with StageWriter(connection, staged) as writer:
        for number, row in rows:
            width = widths(row)
            if not width:
                continue
            blank += [last + 1] if number > last + 1 else []
            last = number
            staged.rows += 1
            _row(row, width, number, staged, writer)
    _say_blank(staged, blank)
    _say_merged(staged, book.merged, top, last)


def _headers(cells: Sequence[Cell], name: str, line: int) -> list[str]:
    """The header row's texts; a column without one is named after its place."""
    found = _placed(cells, widths(cells))
    headers = [
        (text or "").strip() or f"(column {number})" for number, text in enumerate(found, start=1)
    ]
    twice = next((header for header in headers if headers.count(header) > 1), None)
    if twice is not None:
        letters = [get_column_letter(i + 1) for i, header in enumerate(headers) if header == twice]
        raise Stopped(
            f"The columns {' and '.join(letters)} are both called `{twice}`.", code="header.twice",
            file=name, line=line, remedy="Rename or remove one of them.",
        )  # fmt: skip
    return headers


def _placed(cells: Sequence[Cell], width: int) -> list[str | None]:
    """The texts by column, errors included as they are shown."""
    row: list[str | None] = [None] * width
    for cell in cells:
        if cell.column <= width:
            row[cell.column - 1] = cell.text if not cell.error else cell.error
    return row


def _row(
    cells: Sequence[Cell], width: int, number: int, staged: Staged, writer: StageWriter
) -> None:
    """One row to the stage, as wide as the header or wider; refused where a cell has no value."""
    while len(staged.headers) < width:
        staged.headers.append(f"(column {len(staged.headers) + 1})")
    row = _placed(cells, len(staged.headers))
    wrong = next((cell for cell in cells if cell.error), None)
    if wrong is not None:
        named = dict(zip(staged.headers, row, strict=True))
        staged.refuse(_wrong(wrong, number, staged), json.dumps(named, ensure_ascii=False))
        return
    if any(text is not None and CONTROL.search(text) for text in row):
        row = clean_cells(staged, number, row)
    writer.add(number, row)


def _wrong(cell: Cell, line: int, staged: Staged) -> Finding:
    """Why a cell has no value, at its own address."""
    address = f"{get_column_letter(cell.column)}{line}"
    header = staged.headers[cell.column - 1]
    if cell.error == "uncalculated":
        return Finding(
            rule="cell.uncalculated", file=staged.name, line=line, column_no=cell.column,
            column_name=header,
            says=f"the cell {address} holds a formula whose result was never stored",
            remedy="open the workbook in a spreadsheet program and save it, or paste values over formulas",
        )  # fmt: skip
    return Finding(
        rule="cell.error", file=staged.name, line=line, column_no=cell.column, column_name=header,
        value=cell.error, says=f"stands in the cell {address} instead of a value",
        remedy="mend the formula, or delete the column if nobody needs it",
    )  # fmt: skip


def _say_blank(staged: Staged, blank: Sequence[int]) -> None:
    if not blank:
        return
    places = len(blank)
    more = f", and {places - 1} more times further down" if places > 1 else ""
    staged.findings.append(
        Finding(
            rule="sheet.blank_rows",
            level="notice",
            outcome="notice",
            file=staged.name,
            line=blank[0],
            says=f"rows without any value begin here{more}; they were passed over",
            remedy="nothing, if the table goes on below them",
        )  # fmt: skip
    )


def _say_merged(staged: Staged, ranges: Sequence[str], top: int, last: int) -> None:
    """Ranges merged in the header or below it: only their first cell holds the value."""
    inside = []
    for shown in ranges:
        _, first_row, _, last_row = range_boundaries(shown)
        if first_row <= last and last_row >= top:
            inside.append((first_row, shown))
    if not inside:
        return
    inside.sort()
    named = ", ".join(shown for _, shown in inside[:RANGES_NAMED])
    more = f" and {len(inside) - RANGES_NAMED} more" if len(inside) > RANGES_NAMED else ""
    header = " The header row is among them." if inside[0][0] <= top else ""
    staged.findings.append(
        Finding(
            rule="cell.merged",
            level="warning",
            outcome="warning",
            file=staged.name,
            line=max(inside[0][0], top),
            value=named + more,
            says=f"are merged cells: only the first of each holds its value, the others are read as empty.{header}",
            remedy="unmerge them and fill every cell, if the others mean the same",
        )  # fmt: skip
    )
