"""Rows of a few accounts, found without reading everybody's: tables laid by account, for a reading that answers many pages.

What is laid says what its table says; where nothing is laid the table is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenure.facts.sql import ident
from tenure.facts.table import table
from tenure.lake.engines.current import CurrentRows
from tenure.lake.engines.laid import laid
from tenure.metrics.reading import Reading

SEATS = "activity_contacts"
ASKED = (
    "accounts", "account_assignments", "activities", SEATS, "advocacy_events", "cadence_plans", "contacts",
    "contract_lines", "contracts", "feedback", "goals", "handoff_records", "onboarding_milestones", "opportunities",
    "product_users", "risk_flags", "survey_invitations", "survey_responses", "tickets", "use_cases",
)  # fmt: skip
"""What pages read of one account. Usage is too much to be laid, and is summed up by query."""
FROM = ("source", "source_file", "source_line")
MOST_ROWS = 2_000_000
"""Rows of a table that is laid, at most: a few seconds of laying and 400 MB."""


def lay_near(reading: Reading) -> None:
    """Lay every table that pages ask, once; half a million rows take a second."""
    facts = reading.facts
    assert isinstance(facts, CurrentRows)  # noqa: S101 - only rows of a lake are laid
    for name in ASKED:
        if not reading.has(name) or name in reading.laid or _is_large(reading, name):
            continue
        if name == SEATS and not reading.has("activities"):
            continue
        listed = ", ".join(ident(column) for column in _columns(name))
        text = f"select {listed} from {_with_account(name)} order by account_id"  # noqa: S608 - declared names
        reading.laid[name] = laid(facts.engine.stream(text))


def of_accounts(
    reading: Reading, table_name: str, accounts: Sequence[str | None], columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    """These columns of the current rows of some accounts; a seat at an activity is of the activity's account.

    Args:
        reading: everybody's; the table has been delivered.
        table_name: of a table with accounts, or who took part.
        accounts: whose; None: rows that name no account.
        columns: columns of the table, `account_id`, and where a row came from.
    """
    found = reading.laid.get(table_name)
    if found is not None:
        return [row for account in accounts for row in found.of(account, columns)]
    listed = ", ".join(ident(column) for column in columns)
    named = [account for account in accounts if account is not None]
    unnamed = " or account_id is null" if None in accounts else ""
    return reading.query(
        f"select {listed} from {_with_account(table_name)} "  # noqa: S608 - declared names
        f"where account_id in (select unnest($accounts)){unnamed}",
        accounts=named or [""],
    )


def _columns(name: str) -> list[str]:
    return list(dict.fromkeys((*table(name).columns, "account_id", *FROM)))


def _with_account(name: str) -> str:
    if name != SEATS:
        return ident(name)
    return f"(select seat.*, held.account_id from {SEATS} seat join activities held using (activity_id))"


def _is_large(reading: Reading, name: str) -> bool:
    ((number,),) = reading.query(f"select count(*) from {ident(name)}")  # noqa: S608 - a declared name
    return bool(number > MOST_ROWS)
