"""Caseload: how many accounts a CSM looks after, against the benchmark of their segments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tenure.metrics.answers.cadence import attendance_notes
from tenure.metrics.answers.opening import contracts_unknown_note
from tenure.metrics.asked import Asked, Cut, Result
from tenure.metrics.derived.book import UNASSIGNED
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading

UNTOUCHED_DAYS = 60
"""Days from which on an untouched account is evidence of too large a caseload, whatever the count (S0)."""


def caseload_status(reading: Reading, asked: Asked) -> Result:
    """Accounts, load and status per CSM on as_of, with how many accounts nobody touched for 60 days."""
    as_of = asked.as_of
    books: dict[str, list[str]] = defaultdict(list)
    for account_id in sorted(reading.active_accounts(asked)):
        books[reading.owners().owner(account_id, as_of)].append(account_id)
    unassigned = books.pop(UNASSIGNED, [])
    fte = {row["user_id"]: row["fte"] for row in reading.rows("team_members")}
    untouched = days_untouched(reading, asked) if reading.has("activities") else None
    bounds = asked.parameters["benchmarks"]
    by_csm: dict[str, dict[str, Any]] = {}
    unknown = 0
    for person in sorted(books):
        own = books[person]
        segments = [reading.account_word(a, "segment", as_of) for a in own]
        known = [segment for segment in segments if segment in bounds]
        heads = Fraction(fte[person]) if (fte.get(person) or 0) > 1 else Fraction(1)
        by_csm[person] = _load(known, bounds, heads) | {
            "accounts": len(own),
            "untouched_60_plus": None
            if untouched is None
            else sum(1 for a in own if (untouched.get(a) or 0) >= UNTOUCHED_DAYS),
        }
        unknown += len(own) - len(known)
    reasons = {f"by_csm.{p}.untouched_60_plus": "no_data" for p in by_csm if untouched is None}
    reasons |= {f"by_csm.{p}.status": "undefined" for p in by_csm if by_csm[p]["status"] is None}
    cuts = [Cut(p, own["accounts"], own["accounts"], own) for p, own in by_csm.items()]
    return Result(
        value=None,
        components={
            "by_csm": by_csm,
            "segment_unknown": unknown,
            "unassigned": len(unassigned),
        },
        reasons=reasons,  # type: ignore[arg-type]  # the two words above
        cuts=cuts if asked.by == "csm" else [],
        n=sum(len(own) for own in books.values()),
        notes=[
            *(attendance_notes(reading) if untouched is not None else []),
            *([] if reading.knows_contracts else [contracts_unknown_note()]),
        ],
        rows=_sources(reading, books),
    )


def _load(
    segments: Sequence[str], bounds: Mapping[str, tuple[Any, Any]], heads: Fraction
) -> dict[str, Any]:
    """Load and status of a book; a pool's accounts are divided by its full-time people."""
    low = sum(1 / Fraction(str(bounds[s][0])) for s in segments) / heads if segments else None
    load = (
        sum(1 / Fraction(str(bounds[s][1])) for s in segments) / heads if segments else Fraction(0)
    )
    if low is None:
        return {"load": 0.0, "status": None}
    # One segment: within if minimum <= accounts <= maximum, which is the same two sums against 1.
    status = "over" if load > 1 else "under" if low < 1 else "within"
    return {"load": float(load), "status": status}


def days_untouched(reading: Reading, asked: Asked) -> dict[str, int | None]:
    """Days since the last qualifying touch per account, from its start where there was none."""
    last = last_touches(reading, asked)
    found: dict[str, int | None] = {}
    for account_id in reading.begun_accounts(asked):
        since = last.get(account_id) or reading.began(account_id)
        found[account_id] = None if since is None else (asked.as_of - since).days
    return found


def last_touches(reading: Reading, asked: Asked) -> dict[str, date]:
    """The day of the last qualifying touch by as_of per account."""
    touches = reading.relation("touches", asked.known)
    return dict(
        reading.query(
            f"select account_id, max(day) from {touches} where day <= $as_of group by account_id",  # noqa: S608 - our own name
            as_of=asked.as_of,
        )
    )


def _sources(reading: Reading, books: Mapping[str, Sequence[str]]) -> list[SourceRow]:
    owned = {a for own in books.values() for a in own}
    found = [
        SourceRow("account_assignments", row["account_id"], row["source_file"], row["source_line"])
        for row in reading.rows("account_assignments")
        if row["account_id"] in owned
    ]
    return found or [
        SourceRow("accounts", row["account_id"], row["source_file"], row["source_line"])
        for row in reading.rows("accounts")
        if row["account_id"] in owned
    ]


def share_of(part: Decimal | int, whole: Decimal | int) -> float | None:
    """Part over whole, exact until the end; None where there is nothing to divide by."""
    return float(Fraction(part) / Fraction(whole)) if whole else None
