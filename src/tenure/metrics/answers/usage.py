"""How steadily the product is used: usage_consistency."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tenure.kernel.unknown import Reason
from tenure.metrics.asked import Asked, Result
from tenure.metrics.reading import Reading

WEEK = timedelta(days=7)
FEWEST_WEEKS = 4


def usage_consistency(reading: Reading, asked: Asked) -> Result:
    """Swing of weekly events over the last complete weeks, and in how many of them there was any use."""
    chosen = reading.begun_accounts(asked)
    made = reading.relation("usage_weeks", asked.known)
    events: dict[str, dict[date, int]] = defaultdict(dict)
    for account_id, week, count in reading.query(f"select account_id, week, events from {made}"):  # noqa: S608 - our own name
        events[account_id][week] = count
    weeks = _last_weeks(asked.as_of, asked.parameters["weeks"])
    by_account: dict[str, dict[str, Any] | None] = {}
    reasons: dict[str, Reason] = {}
    first_row, first_use = _first_days(reading, asked.as_of)
    for account_id in chosen:
        row = reading.accounts().get(account_id)
        start = (row["start_date"] if row else None) or first_use.get(account_id)
        if account_id not in first_row or start is None:
            by_account[account_id], reasons[f"by_account.{account_id}"] = None, "no_data"
            continue
        own = [week for week in weeks if week >= start]
        if len(own) < FEWEST_WEEKS:
            by_account[account_id], reasons[f"by_account.{account_id}"] = None, "too_little_history"
            continue
        counts = [events[account_id].get(week, 0) for week in own]
        by_account[account_id] = _swing(counts)
        if not any(counts):
            reasons[f"by_account.{account_id}.cv"] = "undefined"
    return Result(
        value=None,
        components={"by_account": by_account},
        reasons=reasons,
        n=sum(1 for found in by_account.values() if found is not None),
    )


def _last_weeks(as_of: date, number: int) -> list[date]:
    """The Mondays of the last complete weeks, oldest first."""
    last = as_of + timedelta(days=1)
    monday = last - timedelta(days=last.weekday()) - WEEK
    return [monday - WEEK * back for back in reversed(range(number))]


def _first_days(reading: Reading, as_of: date) -> tuple[dict[str, date], dict[str, date]]:
    """The first day with a row, and the first day something was used, per account."""
    rows = reading.query(
        "select account_id, min(usage_date), min(usage_date) filter (where event_count > 0 or units > 0) "
        "from usage_daily where usage_date <= $as_of group by account_id",
        as_of=as_of,
    )
    return {a: row for a, row, _ in rows}, {a: use for a, _, use in rows if use is not None}


def _swing(counts: Sequence[int]) -> dict[str, Any]:
    """Population standard deviation over mean, and the share of weeks with any events."""
    n = len(counts)
    mean = Fraction(sum(counts), n)
    spread = sum((count - mean) ** 2 for count in counts) / n
    return {
        "cv": math.sqrt(spread / mean**2) if mean else None,
        "active_week_share": float(Fraction(sum(1 for count in counts if count), n)),
    }
