"""What stands around the contracts of a generated company: rates, owners, deals, warnings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Rows = dict[str, list[dict[str, Any]]]
Choose = Callable[[Sequence[Any]], Any]

RATES = {"EUR": ["1.25", "1.1", "0.96"], "GBP": ["1.5", "1.275", "1.3"]}
RENEW_METRICS = ["exec_sponsor_unresponsive_days", "missed_operational_reviews", None]
PEOPLE = ["maya", "tom", "jonas"]


def surround(rows: Rows, choose: Choose, currencies: Sequence[str]) -> None:
    """Add every table beside accounts, contracts and lines; no table is left out, some are empty."""
    rows["team_members"] = [
        {"user_id": user, "name": user.title(), "role": "csm"} for user in PEOPLE
    ]
    rows["fx_rates"] = _rates(choose, currencies)
    rows["account_assignments"] = []
    rows["opportunities"] = []
    rows["risk_flags"] = []
    with_history = choose([True, True, False])
    for account in rows["accounts"]:
        name = account["account_id"]
        if with_history:
            rows["account_assignments"] += _owners(name, choose)
        else:
            account["csm_id"] = choose(["maya", "tom", None])
        rows["opportunities"] += _deals(name, choose, currencies)
        rows["risk_flags"] += _flags(name, choose)


def _rates(choose: Choose, currencies: Sequence[str]) -> list[dict[str, Any]]:
    """A rate every week or so, never more than 7 days apart."""
    found = []
    for currency in currencies:
        day = date(2022, 12, 1)
        while currency != "USD" and day < date(2026, 2, 1):
            rate = Decimal(RATES[currency][day.month * day.year % 3])
            found.append(
                {"rate_date": day, "from_currency": currency, "to_currency": "USD", "rate": rate}
            )
            day += timedelta(days=7)
    return found


def _owners(account: str, choose: Choose) -> list[dict[str, Any]]:
    """Nobody, one owner throughout, a hand-over on one day, or one with a gap."""
    change = date(2023, 1, 1) + timedelta(days=choose(range(30, 1000)))
    first, second = choose([("maya", "tom"), ("tom", "maya"), ("jonas", "maya")])

    def owner(user: str, start: date, end: date | None, role: str = "csm") -> dict[str, Any]:
        return {
            "account_id": account,
            "user_id": user,
            "role": role,
            "start_date": start,
            "end_date": end,
        }

    begin = date(2023, 1, 1)
    return choose(
        [
            [owner(first, begin, None)],
            [owner(first, begin, change), owner(second, change, None)],
            [owner(first, begin, change), owner(second, change + timedelta(days=40), None)],
            [owner(first, begin, None), owner(second, change, None, "ae")],
            [],
        ]
    )


def _deals(account: str, choose: Choose, currencies: Sequence[str]) -> list[dict[str, Any]]:
    found = []
    for number in range(choose([0, 1, 2])):
        created = date(2024, 1, 1) + timedelta(days=choose([0, 200, 400, 600]))
        found.append(
            {
                "opportunity_id": f"{account}-o{number}",
                "account_id": account,
                "opportunity_type": choose(["expansion", "expansion", "renewal", "new_business"]),
                "stage": choose(["open", "open", "closed_won"]),
                "is_qualified": choose([True, True, False]),
                "amount_arr": choose([Decimal(5000), Decimal("1234.56")]),
                "probability": choose([Decimal("0.5"), Decimal("0.1"), Decimal(1)]),
                "currency": choose([None, *currencies]),
                "created_date": created,
                "close_date": created + timedelta(days=choose([30, 90, 300])),
            }
        )
    return found


def _flags(account: str, choose: Choose) -> list[dict[str, Any]]:
    found = []
    for number in range(choose([0, 1, 2])):
        raised = date(2024, 1, 1) + timedelta(days=choose([0, 200, 400, 600]))
        found.append(
            {
                "flag_id": f"{account}-f{number}",
                "account_id": account,
                "metric_id": choose([*RENEW_METRICS, "seat_utilization"]),
                "severity": "at_risk",
                "raised_date": raised,
                "cleared_date": choose([None, raised + timedelta(days=100)]),
            }
        )
    return found
