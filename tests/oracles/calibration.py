"""A company large enough to ask which line told who would leave: plain contracts, use that says something."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from oracles.company import Choose, seeded
from oracles.days import add_months
from oracles.plain import account, contract, line, rows_of

Row = dict[str, Any]
AS_OF = date(2025, 9, 30)
BEGIN = date(2023, 1, 1)


def leavers_and_stayers(
    seed: int, *, leavers: int = 12, stayers: int = 12, months: tuple[int, ...] = (5,)
) -> dict[str, list[Row]]:
    """So many accounts that left in one of these months of 2025 and so many that renewed; leavers used less, mostly."""
    choose = seeded(seed)
    contracts, accounts, use = [], [], []
    for number in range(leavers + stayers):
        name = f"{'L' if number < leavers else 'S'}{number:02d}"
        accounts.append(account(name))
        day = date(2025, choose(months), 1)
        first = contract(f"{name}-1", BEGIN, day, account_id=name, status="active")
        first["lines"] = [_seats(f"{name}-1")]
        if number < leavers:
            first["status"] = choose(["ended", "cancelled"])
        else:
            renewal = contract(
                f"{name}-2",
                day,
                add_months(day, 12),
                account_id=name,
                renews_contract_id=f"{name}-1",
            )
            renewal["lines"] = [_seats(f"{name}-2")]
            contracts.append(renewal)
        contracts.append(first)
        use += _use(name, day, choose, heavy=number >= leavers)
    return rows_of(*contracts, accounts=accounts) | {"usage_daily": use, "product_users": []}


def _seats(contract_id: str) -> Row:
    return line(f"{contract_id}-seats", contract_id, 1200) | {
        "quantity": Decimal(10),
        "unit": "seat",
        "product_id": "suite",
    }


def _use(name: str, day: date, choose: Choose, *, heavy: bool) -> list[Row]:
    """A few users, each on some days of the half year before the outcome; one account in six has none."""
    people = choose([4, 5, 7] if heavy else [0, 1, 2, 5])
    return [
        {
            "account_id": name,
            "product_user_id": f"{name}-u{person}",
            "usage_date": day - timedelta(days=back + person),
            "feature_id": None,
            "source_row_id": None,
            "event_count": choose([1, 2, 9]),
            "units": None,
        }
        for person in range(people)
        for back in range(choose([1, 5, -2]), 180, choose([7, 13, 28]))
    ]
