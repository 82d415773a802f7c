"""Did the accounts of a book renew as such accounts do? The renewals of a year, each with who looked after it when it was due.

What the accounts let expect is fitted on all books but the one judged (`csm_funnel`); the answer names one book and no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tenure.insights.portfolio import Book, Funnel, csm_funnel
from tenure.insights.renewals import renewal_table
from tenure.insights.sight import Sight
from tenure.kernel.days import ONE_DAY
from tenure.kernel.unknown import Unknown
from tenure.metrics.derived.book import UNASSIGNED
from tenure.metrics.reading import Reading

MONTHS = 12


@dataclass(frozen=True, slots=True)
class BookOutcome:
    """How the renewals of one book went in the 12 months up to `until`, against what such a book could expect.

    `book` is None where nothing of it was due; then `says` says so.
    """

    until: date
    says: str
    book: Book | None = None
    refused: Unknown | None = None


def outcomes_by_book(reading: Reading, as_of: date) -> Funnel:
    """Renewals that did not come, by the person who looked after the account the day before it was due."""
    owners = reading.owners()
    rows = [
        row
        for row in renewal_table(reading, as_of=as_of, months=MONTHS).rows
        if row["renewed"] is not None
    ]
    table: dict[str, list[Any]] = {
        "csm": [_owner(owners.owner(row["account_id"], row["due"] - ONE_DAY)) for row in rows],
        "churned": [not row["renewed"] for row in rows],
        "segment": [row["segment"] or "" for row in rows],
        "size": [float(row["arr"]) for row in rows],
        "health": [None if row["health"] is None else float(row["health"]) for row in rows],
    }
    return csm_funnel(
        table, csm="csm", churned="churned", segment="segment", size="size", health="health"
    )


def outcome_of(found: Funnel, member: str, as_of: date, sight: Sight) -> BookOutcome | None:
    """One book's part of it; None where the book is not for this viewer."""
    if not sight.opens(member):
        return None
    if found.refused is not None:
        return BookOutcome(as_of, found.refused.says, refused=found.refused)
    own = next((book for book in found.books if book.csm == member), None)
    if own is None:
        return BookOutcome(as_of, "No renewal of this book was due in the last 12 months.")
    return BookOutcome(as_of, own.says, own, own.withheld)


def _owner(member: str) -> str:
    return "" if member == UNASSIGNED else member
