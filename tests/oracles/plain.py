"""Rows for hand-made companies: only what a case is about is said, the rest is plain."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
TABLES = (
    "accounts",
    "contracts",
    "contract_lines",
    "fx_rates",
    "account_assignments",
    "opportunities",
    "risk_flags",
    "team_members",
)


def rows_of(*contracts: Row, **tables: list[Row]) -> dict[str, list[Row]]:
    """A company of these contracts; each brings its lines under `lines`."""
    found: dict[str, list[Row]] = {table: list(tables.get(table, [])) for table in TABLES}
    for contract in contracts:
        row = dict(contract)
        found["contract_lines"] += row.pop("lines")
        found["contracts"].append(row)
    for name in dict.fromkeys(row["account_id"] for row in found["contracts"]):
        if name not in {row["account_id"] for row in found["accounts"]}:
            found["accounts"].append(account(name))
    return found


def account(name: str, **more: Any) -> Row:
    """One account."""
    return {"account_id": name, "name": name, "segment": "smb", "currency": "USD"} | more


def contract(name: str, start: date, end: date | None, *arrs: int | str, **more: Any) -> Row:
    """One contract of account `A` (or `account_id`) with a line per yearly amount."""
    row = {
        "contract_id": name,
        "account_id": "A",
        "signed_date": None,
        "start_date": start,
        "end_date": end,
        "renews_contract_id": None,
        "auto_renew": None,
        "currency": None,
        "status": "active",
        "notice_date": None,
    } | more
    row["lines"] = [line(f"{name}-l{number}", name, arr) for number, arr in enumerate(arrs, 1)]
    return row


def line(name: str, contract_id: str | None, arr: int | str, **more: Any) -> Row:
    """One recurring line; without dates of its own it lasts as long as its contract."""
    return {
        "line_id": name,
        "contract_id": contract_id,
        "account_id": None,
        "product_id": None,
        "kind": None,
        "amount": None,
        "interval_months": None,
        "arr": Decimal(arr),
        "currency": None,
        "is_trial": None,
        "start_date": None,
        "end_date": None,
        "reason": None,
    } | more
