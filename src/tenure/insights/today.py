"""What a book asks of its people today: a queue, what comes next, what has moved, and who is ready for more.

An account stands in the queue once, with everything that is open on it. A warning belongs to today where the account is
at risk or its decision is near; the others come with the day on which their decision gets near (decision:
what-belongs-to-today).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

from tenure.insights.book import BookRow, Settled, urgency
from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import counted

WINDOW_DAYS, LONG_WINDOW_DAYS = 90, 180
"""How long before a renewal it is decided; an enterprise decides earlier (product: corrections to the sources)."""
LONG_SEGMENTS = frozenset({"enterprise"})
NEW_DAYS = 7
"""Lines are read once a week."""
MOVED_WEEKS = 4
LEAST_STEPS = 6
LEAST_MOVE = 5.0
"""Points of a health score; a smaller change is nobody's news."""
NOISES = 2.0


@dataclass(frozen=True, slots=True)
class Item:
    """An account in the queue. `decided_in` are days to its renewal, `ahead` how long before it a decision is near.

    `due_on` is set for what comes later: the day on which the decision gets near.
    """

    row: BookRow
    reason: str
    decided_in: int | None
    ahead: int
    is_new: bool
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A score that moved beyond its own noise within four weeks: from where to where, and what else is known."""

    row: BookRow
    before: float
    now: float
    cause: str

    @property
    def change(self) -> float:
        """Points; below 0 it fell."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Closed:
    """A flag that closed this week."""

    row: BookRow
    flag: Settled


@dataclass(frozen=True, slots=True)
class Returning:
    """A flag that somebody holds down, with the day on which it may come back."""

    row: BookRow
    flag: Settled
    until: date


@dataclass(frozen=True, slots=True)
class Sums:
    """The four numbers above the queue. Money is a sum of what is known, `unknown` how many accounts it is without."""

    at_stake: Decimal
    at_stake_accounts: int
    at_stake_unknown: int
    renewing: Decimal
    renewing_accounts: int
    renewing_unknown: int
    past_cadence: int
    without_plan: int
    new: int


@dataclass(frozen=True, slots=True)
class Today:
    """Everything on the page, each list in the order in which it is shown."""

    sums: Sums
    queue: Sequence[Item]
    touches: Sequence[Item]
    coming: Sequence[Item]
    returning: Sequence[Returning]
    moved: Sequence[Moved]
    closed: Sequence[Closed]
    growing: Sequence[Item]
    advocates: Sequence[Item]


def today(rows: Iterable[BookRow], day: date, *, held: frozenset[str] = frozenset()) -> Today:
    """The page of a book.

    Args:
        rows: the book's accounts.
        day: today, or the day looked at.
        held: ids of flags that somebody has just put down; the facts follow within the minute.
    """
    here = [row for row in rows if not row.has_left]
    items = [(row, _item(row, day, held)) for row in here]
    queue = [item for row, item in items if item and _is_due(row, item)]
    coming = [_later(item, day) for row, item in items if item and not _is_due(row, item)]
    queued = {item.row.account_id for item in queue}
    touches = [
        _plain(row, day)
        for row in here
        if _days(row, "days_past_cadence") and row.account_id not in queued
    ]
    return Today(
        sums=_sums(here, day),
        queue=sorted(queue, key=lambda item: urgency(item.row)),
        touches=sorted(touches, key=_overdue_money),
        coming=sorted(coming, key=lambda item: (item.due_on or date.max, *urgency(item.row))),
        returning=_returning(here, day),
        moved=_moved(here),
        closed=_closed(here, day),
        growing=_good(here, "grow", day, held),
        advocates=_good(here, "advocate", day, held),
    )


def window(row: BookRow) -> int:
    """How many days before the renewal it is decided."""
    return LONG_WINDOW_DAYS if row.segment in LONG_SEGMENTS else WINDOW_DAYS


def _item(row: BookRow, day: date, held: frozenset[str]) -> Item | None:
    """The account with its open warnings; None without one."""
    warnings = [flag for flag in row.warnings if flag.flag_id not in held]
    if not warnings:
        return None
    newest = max(flag.raised_on for flag in warnings)
    reason = row.reason or f"{warnings[0].reason}."
    return Item(row, reason, _renewal(row), window(row), newest >= day - timedelta(days=NEW_DAYS))


def _plain(row: BookRow, day: date) -> Item:
    del day
    past = _days(row, "days_past_cadence") or 0
    said = f"{counted(past, 'day')} past its planned touch."
    return Item(row, row.reason or said, _renewal(row), window(row), is_new=False)


def _is_due(row: BookRow, item: Item) -> bool:
    near = item.decided_in is not None and item.decided_in <= item.ahead
    return row.zone == "at_risk" or near


def _later(item: Item, day: date) -> Item:
    """With the day on which its decision gets near; without a renewal date nobody knows."""
    if item.decided_in is None:
        return item
    due = day + timedelta(days=item.decided_in - item.ahead)
    return Item(item.row, item.reason, item.decided_in, item.ahead, item.is_new, due)


def _renewal(row: BookRow) -> int | None:
    return _days(row, "days_to_renewal")


def _days(row: BookRow, name: str) -> int | None:
    value: Any = row.numbers.get(name)
    return None if value is None or isinstance(value, Unknown | str) else int(value)


def _known_arr(row: BookRow) -> Decimal:
    return row.arr if isinstance(row.arr, Decimal) else Decimal(0)


def _overdue_money(item: Item) -> tuple[Decimal, int, str]:
    past = _days(item.row, "days_past_cadence") or 0
    return -_known_arr(item.row), -past, item.row.name


def _sums(rows: Sequence[BookRow], day: date) -> Sums:
    staked = [r for r in rows if r.zone == "at_risk" and _near(r, window(r))]
    renewing = [r for r in rows if _near(r, WINDOW_DAYS)]
    planned = [r.numbers.get("days_past_cadence") for r in rows]
    new = day - timedelta(days=NEW_DAYS)
    return Sums(
        at_stake=sum(map(_known_arr, staked), Decimal(0)),
        at_stake_accounts=len(staked),
        at_stake_unknown=_unknown(staked),
        renewing=sum(map(_known_arr, renewing), Decimal(0)),
        renewing_accounts=len(renewing),
        renewing_unknown=_unknown(renewing),
        past_cadence=sum(1 for r in rows if _days(r, "days_past_cadence")),
        without_plan=sum(isinstance(value, Unknown) or value is None for value in planned),
        new=sum(any(flag.raised_on >= new for flag in row.warnings) for row in rows),
    )


def _unknown(rows: Iterable[BookRow]) -> int:
    return sum(not isinstance(row.arr, Decimal) for row in rows)


def _near(row: BookRow, ahead: int) -> bool:
    days = _renewal(row)
    return days is not None and 0 <= days <= ahead


def _returning(rows: Iterable[BookRow], day: date) -> list[Returning]:
    found = [
        Returning(row, flag, flag.until)
        for row in rows
        for flag in row.settled
        if flag.until is not None and flag.until > day
    ]
    return sorted(found, key=lambda one: (one.until, one.row.name))


def _closed(rows: Iterable[BookRow], day: date) -> list[Closed]:
    since = day - timedelta(days=NEW_DAYS)
    found = [Closed(row, flag) for row in rows for flag in row.settled if flag.closed_on >= since]
    return sorted(found, key=lambda one: (-one.flag.closed_on.toordinal(), urgency(one.row)))


def _good(rows: Iterable[BookRow], asked: str, day: date, held: frozenset[str]) -> list[Item]:
    """Accounts with a hint of one kind, the largest first."""
    found = []
    for row in rows:
        own = [f for f in row.good_news if f.question == asked and f.flag_id not in held]
        if own:
            newest = max(flag.raised_on for flag in own)
            is_new = newest >= day - timedelta(days=NEW_DAYS)
            found.append(Item(row, f"{own[0].reason}.", _renewal(row), window(row), is_new))
    return sorted(found, key=lambda item: (-_known_arr(item.row), item.row.name))


def _moved(rows: Iterable[BookRow]) -> list[Moved]:
    found = [one for row in rows if (one := _move(row)) is not None]
    return sorted(found, key=lambda one: (one.change, one.row.name))


def _move(row: BookRow) -> Moved | None:
    """The change over four weeks against what the weeks before did by themselves.

    Noise is 1.4826 times the median distance of weekly changes from their median, times two for four weeks of it.
    """
    weeks = list(row.trend)
    if len(weeks) <= MOVED_WEEKS:
        return None
    now, before = weeks[-1], weeks[-1 - MOVED_WEEKS]
    pairs = pairwise(weeks[:-MOVED_WEEKS])
    steps = [b - a for a, b in pairs if a is not None and b is not None]
    if now is None or before is None or len(steps) < LEAST_STEPS:
        return None
    middle = median(steps)
    noise = 1.4826 * median(abs(step - middle) for step in steps) * MOVED_WEEKS**0.5
    if abs(now - before) < max(LEAST_MOVE, NOISES * noise):
        return None
    return Moved(row, before, now, _cause(row, falls=now < before))


def _cause(row: BookRow, *, falls: bool) -> str:
    """What is known beside the score that goes the same way."""
    usage = row.numbers.get("usage_trend")
    said = []
    if isinstance(usage, int | float) and abs(usage) >= 0.2 and (usage < 0) is falls:  # noqa: PLR2004 - as in attention
        said.append(
            f"usage {'fell' if usage < 0 else 'rose'} by {abs(usage):.0%}".replace("%", " %")
        )
    tickets = row.numbers.get("support_ticket_trend")
    if isinstance(tickets, int | float) and tickets >= 0.5 and falls:  # noqa: PLR2004 - half as many again
        said.append(f"tickets rose by {tickets:.0%}".replace("%", " %"))
    silent = _days(row, "exec_sponsor_unresponsive_days")
    if silent is not None and silent >= 30 and falls:  # noqa: PLR2004 - as in attention
        said.append(f"the sponsor has not answered for {silent} days")
    return ", ".join(said) if said else "nothing else known moved with it"
