"""The refused rows as a CSV that a person can open, correct, and import as it is."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from tenure.kernel.errors import UserError

EXPLANATIONS = ("tenure_rule", "tenure_says", "tenure_remedy")
"""Columns added to the refused rows; ignored when the file comes back."""

_FORMULA = re.compile(r"\s*'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_LINE = re.compile(r"line ([0-9]{1,12})[,:]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")


def write_fix(rows: Iterable[Mapping[str, Any]], out: TextIO) -> int:
    """The number of rows written to `out`: original columns, then rule, sentence and remedy.

    Args:
        rows: quarantine rows of one file (`QUARANTINE_COLUMNS`), in the order to be written.
        out: a text file opened with newline="".

    A cell that a spreadsheet would run as a formula gets a leading apostrophe, which is taken off again
    when the file comes back with its three columns of explanation.
    """
    held = [(json.loads(row["row"]), row) for row in rows]
    headers = list(dict.fromkeys(header for original, _ in held for header in original))
    writer = csv.writer(out)
    writer.writerow([*headers, *EXPLANATIONS])
    for original, row in held:
        where = f"line {row['line']}"
        if row.get("column_name"):
            where += f", {row['column_name']}"
        told = [row["rule"], f"{where}: {row['says']}", row["remedy"]]
        cells = [original.get(header) for header in headers] + told
        writer.writerow([_guarded(cell) for cell in cells])
    return len(held)


def read_fix(text: str) -> list[tuple[int, dict[str, str]]]:
    """Corrected rows as they come back: each with the line it was refused at, without its explanations.

    Raises:
        UserError: it is not what `write_fix` wrote: a column of explanation is gone.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    header = rows[0] if rows else []
    if not set(EXPLANATIONS) <= set(header):
        raise UserError(
            f"The file lacks the column `{next(n for n in EXPLANATIONS if n not in header)}`.",
            remedy="Download the refused rows, correct them in that file, and keep its last three columns.",
            code="fix.columns",
        )
    found = []
    for number, row in enumerate(rows[1:], start=2):
        cells = dict(zip(header, row, strict=False))
        line = _LINE.match(cells.get("tenure_says", ""))
        if len(row) != len(header) or line is None:
            if not any(row):
                continue
            raise UserError(
                f"Line {number} no longer says which row it was.",
                remedy="Leave the column `tenure_says` as it was downloaded.",
                code="fix.line",
            )
        kept = {name: _unguarded(cell) for name, cell in cells.items() if name not in EXPLANATIONS}
        found.append((int(line[1]), kept))
    return found


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _guarded(cell: str | None) -> str | None:
    if cell and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell


def without_guard(expression: str) -> str:
    """SQL for a cell of a corrected file without the apostrophe that `write_fix` set before it."""
    pattern = "^''\\s*''*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]"
    return (
        f"case when regexp_matches({expression}, '{pattern}') "
        f"then substr({expression}, 2) else {expression} end"
    )
