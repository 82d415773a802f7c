"""Tables as files that open in a spreadsheet without running anything a customer typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

STARTS = tuple("=+-@\t\r\n\0＝＋－＠")
"""A text that begins so is a formula to some spreadsheet (reliability 6.3)."""


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The table as CSV, with a mark in front that tells spreadsheets its encoding.

    Numbers stay numbers; a text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow([_cell(name) for name in header])
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return "\ufeff" + held.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value).replace("\0", "")
    return (
        f"'{text}" if text.lstrip(" ").startswith(STARTS) or str(value).startswith("\0") else text
    )
