"""How steadily the product is used: usage_consistency."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tenure.kernel.unknown import Reason
from tenure.metrics.asked import MOST_ROWS, Asked, Result
from tenure.metrics.derived.contract_facts import SourceRow
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
    weeks = last_weeks(asked.as_of, asked.parameters["weeks"])
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
    known = [a for a in chosen if by_account[a] is not None]
    rows, total = _sources(reading, known, (weeks[0], asked.as_of))
    return Result(
        value=None,
        components={"by_account": by_account},
        reasons=reasons,
        n=len(known),
        rows=rows,
        rows_total=total,
    )


def _sources(
    reading: Reading, accounts: Sequence[str], between: tuple[date, date]
) -> tuple[list[SourceRow], int]:
    """The first source rows of these accounts in these days, and how many there are."""
    meant = {"accounts": list(accounts), "first": between[0], "last": between[1]}
    where = "usage_date between $first and $last and account_id in (select unnest($accounts))"
    found = reading.query(
        f"select account_id, source_file, source_line from usage_daily where {where} "  # noqa: S608 - our own words
        f"order by usage_date desc, source_file, source_line limit {MOST_ROWS}",
        **meant,
    )
    total = reading.query(f"select count(*) from usage_daily where {where}", **meant)[0][0]  # noqa: S608 - as above
    return [SourceRow("usage_daily", *row) for row in found], total


def last_weeks(as_of: date, number: int) -> list[date]:
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
    n, whole = len(counts), sum(counts)
    # n x the sum of squares less the square of the sum is n squared times the variance, in whole numbers.
    spread = n * sum(count * count for count in counts) - whole * whole
    return {
        "cv": math.sqrt(spread) / whole if whole else None,
        "active_week_share": float(Fraction(sum(1 for count in counts if count), n)),
    }
