"""The lines of the Book's table, each written once while its row is shown: fifty people look at the same rows.

A line depends on its row and on what the key says, and on nothing of the reader beside whether they may tick it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString

from tenure.insights.book import BookRow
from tenure.web.book_table import Column
from tenure.workspace.present import Present

MOST = 20_000
"""Lines kept, about two kilobytes each."""

_written: OrderedDict[tuple[Hashable, ...], tuple[BookRow, SafeString]] = OrderedDict()
_lock = threading.Lock()


def book_line(
    row: BookRow,
    present: Present,
    columns: Sequence[Column],
    *,
    is_past: bool = False,
    picks: bool = False,
    may_pick: bool = False,
    in_bubbles: bool = False,
) -> SafeString:
    """The `<tr>` of one account.

    Args:
        row: the account; another row of the same account is written anew.
        present: the rows it is one of: their currency and, in the past, their day.
        columns: the cells.
        is_past: its links lead to the day looked at.
        picks: the table has a column of boxes to tick.
        may_pick: so has this line.
        in_bubbles: it is the twin of a bubble, by which it is found.
    """
    day = present.day if is_past else None
    names = tuple(column.name for column in columns)
    key = (row.account_id, day, present.currency, names, picks, may_pick, in_bubbles)
    with _lock:
        kept = _written.get(key)
        if kept is not None and kept[0] is row:
            _written.move_to_end(key)
            return kept[1]
    said: dict[str, Any] = {
        "row": row, "present": present, "columns": columns, "is_past": is_past, "picks": picks,
        "may_pick": may_pick, "in_bubbles": in_bubbles,
    }  # fmt: skip
    text: SafeString = _template().render(said)
    with _lock:
        _written[key] = (row, text)
        while len(_written) > MOST:
            _written.popitem(last=False)
    return text


@cache
def _template() -> Any:
    """The template, found once (typed Any: Django ships no types of its backends)."""
    return get_template("book/_line.html")
