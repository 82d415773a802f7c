"""Tables as files that open in a spreadsheet without running anything a customer typed."""

from __future__ import annotations

import csv
import io
import re
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


def sheet(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The table as a workbook: numbers and days stay what they are, texts are texts and never formulas.

    Args:
        title: of the one sheet; at most 31 letters are kept, without what sheets refuse.
        header: the names of the columns, frozen at the top.
        rows: the cells; what is unknown comes as a text that says why.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    page = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", title)[:31] or "Table")
    page.freeze_panes = "A2"

    def put(value: Any, *, bold: bool = False) -> Any:
        plain = _cell(value)
        shown = value if isinstance(value, date | datetime | int | float | Decimal) else plain
        if isinstance(shown, datetime) and shown.tzinfo is not None:
            shown = shown.replace(tzinfo=None)
        cell = WriteOnlyCell(page, value=plain if isinstance(value, bool) else shown)
        if isinstance(cell.value, str):
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", cell.value)
            cell.data_type = "s"  # a text that begins with "=" is no formula
        if bold:
            cell.font = Font(bold=True)
        return cell

    page.append([put(name, bold=True) for name in header])
    for row in rows:
        page.append([put(value) for value in row])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


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
