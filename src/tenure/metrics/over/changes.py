"""What an account's ARR did, for each run of days that sees it alike: one pass per account over all days.

Between two days on which a span begins, ends, waits no longer or comes to be known, every as_of sees the same
changes; so they are worked out once for each such run, and not for each day.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tenure.metrics.derived.arr_movements import Change, Native, arr_changes
from tenure.metrics.derived.known_spans import Stretch
from tenure.metrics.derived.line_spans import Span
from tenure.metrics.history.over_days import OverDays


@dataclass(frozen=True, slots=True)
class Run:
    """An account's changes and spans as the days with the numbers `first` to `after` - 1 see them."""

    account_id: str
    first: int
    after: int
    changes: tuple[Change, ...]
    spans: tuple[Span, ...]

    @property
    def native(self) -> Native:
        """What is in force, by currency."""
        return self.changes[-1].after if self.changes else {}


def runs(over: OverDays) -> list[Run]:
    """The runs of every account that ever has a line with ARR, in order; made once for a history."""
    grace = over.last.grace_days
    if ("runs", grace) not in over.shared:
        over.shared["runs", grace] = list(_runs(over.reading.stretches(grace), over.days, over))
    found: list[Run] = over.shared["runs", grace]
    return found


def _runs(stretches: Sequence[Stretch], days: Sequence[date], over: OverDays) -> Iterator[Run]:
    priced = {line.line_id for line in over.reading.lines().lines}
    by_account: dict[str, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        if stretch[2].line.line_id in priced:
            by_account[stretch[2].account_id].append(stretch)
    for account_id, own in sorted(by_account.items()):
        turns = sorted({0, *(bisect_left(days, day) for day in _turning_days(own))} - {len(days)})
        for first, after in zip(turns, [*turns[1:], len(days)], strict=True):
            day = days[first]
            spans = tuple(
                span for since, until, span in own if since <= day < until and span.start <= day
            )
            changes = arr_changes(spans, as_of=day).get(account_id, ()) if spans else ()
            yield Run(account_id, first, after, changes, spans)


def _turning_days(stretches: Sequence[Stretch]) -> set[date]:
    """Days from which on an as_of may see something else (see `Span.end_seen_from`, `Span.is_late`)."""
    found: set[date] = set()
    for since, until, span in stretches:
        found |= {since, until, span.start, span.settled_end, span.live_end}
        if span.late_from is not None:
            found.add(span.late_from)
    return found
