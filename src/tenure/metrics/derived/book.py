"""Derived fact `book_on_day`: who owned which account on a day (G11).

Grain: one owner per account and day. Inputs: account_assignments, accounts; parameter: day. An account
with a history is owned as that says, a gap is nobody; one without any is owned by accounts.csm_id, which
is only "now" and is therefore marked. Unassigned is a bucket, never spread.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

UNASSIGNED = "unassigned"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One person's ownership of one account, half-open."""

    user_id: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Owners:
    """The CSM assignments per account, newest start first, and today's owner where there is no history."""

    history: Mapping[str, tuple[Assignment, ...]]
    present: Mapping[str, str]

    def owner(self, account_id: str, day: date) -> str:
        """The CSM of the account on `day`, or `unassigned`."""
        own = self.history.get(account_id)
        if own is None:
            return self.present.get(account_id, UNASSIGNED)
        for assignment in own:
            if assignment.start <= day and (assignment.end is None or day < assignment.end):
                return assignment.user_id
        return UNASSIGNED

    def read_at_present(self, accounts: Iterable[str]) -> list[str]:
        """Accounts whose owner is known for today only, so that past owners are assumed."""
        return sorted(a for a in accounts if a not in self.history and a in self.present)


def owners_from(
    assignment_rows: Iterable[Mapping[str, Any]], account_rows: Iterable[Mapping[str, Any]]
) -> Owners:
    """Owners from account_assignments (role csm) and accounts.csm_id; the later start wins an overlap."""
    history: dict[str, list[Assignment]] = defaultdict(list)
    for row in assignment_rows:
        if row["role"] in ("csm", None):
            history[row["account_id"]].append(
                Assignment(row["user_id"], row["start_date"], row["end_date"])
            )
    ordered = {
        account_id: tuple(sorted(own, key=lambda a: (a.start, a.user_id), reverse=True))
        for account_id, own in history.items()
    }
    present = {row["account_id"]: row["csm_id"] for row in account_rows if row["csm_id"]}
    return Owners(ordered, present)
