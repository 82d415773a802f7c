"""The renewal clock on many days: days_to_renewal."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, timedelta

from tenure.metrics.answers.clock import Clock, turning_days
from tenure.metrics.derived.known_spans import Books, View
from tenure.metrics.history.over_days import OverDays, Told


def days_to_renewal(over: OverDays) -> Told:
    """Days to the nearest end of an active contract that is not renewed yet."""
    return Told(
        f"select as_of, account_id, days as by_account, null as by_account__why from ({clock(over)})"
    )


def clock(over: OverDays) -> str:
    """SQL for as_of, account_id and the days to the next end, for accounts that have one."""
    ends = over.runs("ends", {"next_end": "DATE"}, _ends(over))
    return f"select as_of, account_id, date_diff('day', as_of, next_end) as days from ({ends})"


def _ends(over: OverDays) -> Iterator[tuple[str, int, int, date]]:
    """Each account's next end for runs of days; it can only change on days on which something turns."""
    grace = timedelta(days=over.last.grace_days)
    with_lines = {row["contract_id"] for row in over.reading.rows("contract_lines")}
    days = over.days
    for books, views in over.reading.views(over.last.grace_days):
        account_id = next((c.account_id for c in books.contracts.values()), None)
        if account_id is None:
            continue
        turns = {bisect_left(days, day) for day in _turning_days(books, views, days[-1], grace)}
        places = sorted({0, *turns} - {len(days)})
        for first, after in zip(places, [*places[1:], len(days)], strict=True):
            day = days[first]
            view = next(view for view in views if view.since <= day < view.until)
            paying = {s.line.contract_id for s in view.spans if s.arr > 0 and s.in_force(day, day)}
            seen = Clock(books.contracts, view.links, paying, with_lines, grace)
            found = seen.next_end(day)
            if found is not None:
                yield account_id, first, after, found.end


def _turning_days(books: Books, views: list[View], until: date, grace: timedelta) -> set[date]:
    own = {day for contract in books.contracts.values() for day in turning_days(contract, until)}
    found = {view.since for view in views} | own | {day + grace for day in own if day <= until}
    for view in views:
        for span in view.spans:
            found |= {span.start, span.settled_end, span.live_end}
    return found
