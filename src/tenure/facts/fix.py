"""The refused rows as a CSV that a person can open, correct, and import as it is."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

EXPLANATIONS = ("tenure_rule", "tenure_says", "tenure_remedy")
"""Columns added to the refused rows; ignored when the file comes back."""

_FORMULA = re.compile(r"\s*'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
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
