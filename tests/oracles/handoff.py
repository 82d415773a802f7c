"""Handoff (metrics 3.4): what was won and what became of it, counted by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from oracles.reading import TOO_LITTLE
from oracles.renewals import share
from oracles.standing import Life, Row

Found = dict[str, Any]


def handoff_failures(
    life: Life, *, late_days: int = 14, enablement_sla_days: int = 90, kickoff_sla_days: int = 14
) -> Found:
    """Won new business that was handed over late, without a kickoff, or not enabled."""
    by_deal = {
        row["opportunity_id"]: handoff(life, row, late_days, enablement_sla_days, kickoff_sla_days)
        for row in life.table("opportunities")
        if row["opportunity_type"] == "new_business"
        and row["stage"] == "closed_won"
        and row["close_date"] is not None
        and row["close_date"] <= life.as_of
    }
    sold = sold_not_enabled(life, enablement_sla_days=enablement_sla_days)
    failed = sum(deal["failed"] for deal in by_deal.values())
    return {
        "by_deal": by_deal,
        "deals_evaluated": len(by_deal),
        "late_first_touch_rate": share(
            sum(deal["late_first_touch"] for deal in by_deal.values()), len(by_deal)
        ),
        "failure_rate": share(failed, len(by_deal)),
        "use_cases_not_enabled": sold["use_cases_not_enabled"],
        "use_cases_not_enabled_past_sla": sold["use_cases_not_enabled_past_sla"],
        "value": failed,
    }


def handoff(life: Life, deal: Row, late_days: int, enablement_sla: int, kickoff_sla: int) -> Found:
    """One deal: first touch, kickoff, use cases."""
    close, account = deal["close_date"], deal["account_id"]
    early = close - timedelta(days=30)
    days = [day for day, _ in life.touches(account)]
    waited = (life.as_of - close).days
    lags = [max(0, (day - close).days) for day in days if day >= early]
    late = (min(lags) if lags else waited) >= late_days
    held = any(
        row["account_id"] == account
        and row["activity_type"] == "kickoff"
        and row["documented"]
        and day >= early
        for day, row in life.completed()
    )
    missing = not held and waited > kickoff_sla
    behind = any(
        row["opportunity_id"] == deal["opportunity_id"] and past_sla(life, row, enablement_sla)
        for row in life.table("use_cases")
    )
    return {
        "first_touch_lag_days": min(lags) if lags else TOO_LITTLE,
        "late_first_touch": late,
        "kickoff_missing": missing,
        "days_waiting": min(lags) if lags else waited,
        "failed": late or missing or behind,
    }


def was_sold(life: Life, use_case: Row) -> bool:
    """Sold by as_of and not given up."""
    sold = use_case["sold_date"]
    return sold is not None and sold <= life.as_of and use_case["status"] != "cancelled"


def is_enabled(life: Life, use_case: Row) -> bool:
    """Enabled by as_of; what the status says does not matter."""
    return use_case["enabled_date"] is not None and use_case["enabled_date"] <= life.as_of


def past_sla(life: Life, use_case: Row, sla_days: int) -> bool:
    """Sold, not enabled, and as long ago as was promised."""
    if not was_sold(life, use_case) or is_enabled(life, use_case):
        return False
    return bool((life.as_of - use_case["sold_date"]).days >= sla_days)


def sold_not_enabled(life: Life, *, enablement_sla_days: int = 90) -> Found:
    """Sold use cases that the customer cannot use yet."""
    sold = [row for row in life.table("use_cases") if was_sold(life, row)]
    not_yet = [row for row in sold if not is_enabled(life, row)]
    late = [row for row in not_yet if past_sla(life, row, enablement_sla_days)]
    return {
        "use_cases_sold": len(sold),
        "use_cases_not_enabled": len(not_yet),
        "use_cases_not_enabled_past_sla": len(late),
        "enablement_rate": share(len(sold) - len(not_yet), len(sold)),
        "value": len(not_yet),
    }
