"""The rows of one account, read without touching everybody else's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from tenure.facts.table import table
from tenure.metrics.derived.cadence_slots import ANY
from tenure.metrics.near import SEATS, of_accounts
from tenure.metrics.reading import Reading

Row = Mapping[str, Any]


def rows_of(reading: Reading, table_name: str, account_id: str) -> list[Row]:
    """The account's current rows in a table, with their source file and line; none where the table is missing."""
    if not reading.has(table_name):
        return []
    columns = [*table(table_name).columns, "source_file", "source_line"]
    found = of_accounts(reading, table_name, [account_id], columns)
    return [dict(zip(columns, row, strict=True)) for row in found]


def attendees_of(reading: Reading, account_id: str) -> list[Row]:
    """Who took part in what was held with the account, not who was only written to: `activity_id`, `contact_id`."""
    if not (reading.has("activities") and reading.has(SEATS)):
        return []
    columns = ("activity_id", "status", "is_automated")
    held = of_accounts(reading, "activities", [account_id], columns)
    met = {name for name, status, by_machine in held if status == "completed" and not by_machine}
    seats = of_accounts(reading, SEATS, [account_id], ("activity_id", "contact_id", "attended"))
    return [
        {"activity_id": activity, "contact_id": contact}
        for activity, contact, attended in seats
        if activity in met and attended is not False
    ]


def touch_days_of(reading: Reading, account_id: str) -> dict[str, list[date]]:
    """The days of the account's qualifying touches by type, `any` for all types, in order."""
    found: dict[str, list[date]] = {}
    if not reading.has("activities"):
        return found
    touches = reading.relation("touches", {})
    for kind, day in reading.query(
        f"select distinct activity_type, day from {touches} where account_id = $account_id order by day",  # noqa: S608 - our own name
        account_id=account_id,
    ):
        found.setdefault(kind, []).append(day)
        whole = found.setdefault(ANY, [])
        if not whole or whole[-1] != day:
            whole.append(day)
    return found
