"""Two books before and after accounts move between them: what a lead weighs before anybody is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tenure.insights.book import BookRow
from tenure.kernel.unknown import Unknown

RENEWS_SOON = 90
UNTOUCHED = 60


@dataclass(frozen=True, slots=True)
class Load:
    """One book on one day, without accounts that have left.

    `arr` is over the accounts whose ARR is known, `arr_unknown` how many are not. `due` and `made` are planned touches
    of the period that `cadence_attainment` counts, `unplanned` the accounts without a plan.
    """

    accounts: int
    arr: Decimal
    arr_unknown: int
    at_risk: int
    renewing: int
    past_cadence: int
    untouched: int
    due: int
    made: int
    unplanned: int

    @property
    def coverage(self) -> float | Unknown:
        """The share of planned touches that were made, 0 to 1."""
        return self.made / self.due if self.due else Unknown("no_data", "no cadence planned")


@dataclass(frozen=True, slots=True)
class BookMoved:
    """One owner's book before and after."""

    owner_id: str
    owner: str
    before: Load
    after: Load


def load_of(rows: Iterable[BookRow]) -> Load:
    """What a book holds."""
    own = [row for row in rows if not row.has_left]
    known = [row.arr for row in own if not isinstance(row.arr, Unknown)]
    due = [_number(row, "cadence_attainment__slots_due") for row in own]
    made = [_number(row, "cadence_attainment__slots_attained") for row in own]
    return Load(
        accounts=len(own),
        arr=sum(known, Decimal(0)),
        arr_unknown=len(own) - len(known),
        at_risk=sum(row.zone == "at_risk" for row in own),
        renewing=sum(_renews_soon(row) for row in own),
        past_cadence=sum((_number(row, "days_past_cadence") or 0) > 0 for row in own),
        untouched=sum((_number(row, "days_since_last_touch") or 0) >= UNTOUCHED for row in own),
        due=int(sum(one or 0 for one in due)),
        made=int(sum(one or 0 for one in made)),
        unplanned=sum(not one for one in due),
    )


def books_moved(
    rows: Sequence[BookRow], moved: Collection[str], to: tuple[str, str]
) -> list[BookMoved]:
    """Every book that loses accounts, by name, and last the one that gets them.

    Args:
        rows: every account of the day.
        moved: ids of the accounts that move; one that is in the new owner's book already moves nothing.
        to: the new owner's id and name.
    """
    chosen = set(moved)
    owners = {row.owner_id: row.owner for row in rows if row.account_id in chosen}
    owners.pop(to[0], None)
    found = []
    for owner_id, owner in sorted(owners.items(), key=lambda pair: (pair[1], pair[0])):
        own = [row for row in rows if row.owner_id == owner_id]
        left = [row for row in own if row.account_id not in chosen]
        found.append(BookMoved(owner_id, owner, load_of(own), load_of(left)))
    theirs = [row for row in rows if row.owner_id == to[0]]
    gets = [row for row in rows if row.account_id in chosen and row.owner_id != to[0]]
    return [*found, BookMoved(*to, load_of(theirs), load_of([*theirs, *gets]))]


def _renews_soon(row: BookRow) -> bool:
    days = _number(row, "days_to_renewal")
    return days is not None and 0 <= days <= RENEWS_SOON


def _number(row: BookRow, name: str) -> float | None:
    value = row.numbers.get(name)
    return None if value is None or isinstance(value, Unknown) else float(value)
