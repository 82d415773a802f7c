"""Rows for hand-made lives around hand-made contracts: only what a case is about is said."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from oracles.life_answers import answer
from oracles.plain import contract, rows_of

AS_OF = date(2025, 6, 30)
Q2 = (date(2025, 4, 1), date(2025, 7, 1))
LONG = (date(2024, 1, 1), date(2027, 1, 1))
BLANK = {
    "activities": dict.fromkeys(
        ("user_id", "is_proactive", "is_automated", "is_strategic", "documented", "sentiment")
    ),
    "contacts": dict.fromkeys(("email", "is_executive_sponsor", "active_from", "active_to")),
    "cadence_plans": dict.fromkeys(("interval_days", "calendar_month", "end_date")),
}


def back(days: int) -> date:
    """So many days before as_of."""
    return AS_OF - timedelta(days=days)


def touch(day: date, kind: str = "email", name: str = "t1", **more: Any) -> dict[str, Any]:
    row = {"activity_id": name, "account_id": "A", "activity_type": kind, "status": "completed"}
    at = datetime.combine(day, time(12), UTC)
    return BLANK["activities"] | row | {"occurred_at": at, "direction": "outbound"} | more


def plan(kind: str = "any", days: int | None = 30, start: date = Q2[0], **more: Any) -> Any:
    row = {"account_id": "A", "touch_type": kind, "interval_days": days, "start_date": start}
    return BLANK["cadence_plans"] | row | more


def contact(name: str, **more: Any) -> dict[str, Any]:
    return BLANK["contacts"] | {"contact_id": name, "account_id": "A"} | more


def met(activity: str, person: str, attended: bool | None = True) -> dict[str, Any]:
    return {"activity_id": activity, "contact_id": person, "attended": attended}


def life(*contracts: dict[str, Any], **tables: Any) -> dict[str, list[dict[str, Any]]]:
    """An active account `A` and these tables; only what is named was ever delivered."""
    rows = rows_of(*(contracts or (contract("one", *LONG, 1000),)), **tables)
    del rows["account_assignments"]
    return rows | tables


def of_a(metric: str, part: str = "by_account", as_of: date = AS_OF, period: Any = None, **more):
    """What a metric says of account A."""
    rows, given = more.pop("rows"), more
    return answer(metric, rows, as_of, period, **given)[part]["A"]
