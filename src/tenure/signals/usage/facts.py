"""Daily use and commitments from the facts: what the plain-table doors are given of a workspace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from tenure.metrics.asked import GRACE_DAYS
from tenure.metrics.derived.consumption_terms import CREDIT
from tenure.metrics.derived.contract_facts import Line
from tenure.metrics.derived.rates import MissingRate
from tenure.metrics.reading import Reading
from tenure.signals.trajectory import WEEKS
from tenure.signals.usage.daily import Daily, laid_out
from tenure.signals.usage.terms import Term

USE = "usage_daily"
METRICS = {
    "events": "sum(event_count)",
    "units": "sum(units)",
    "people": "count(distinct case when event_count > 0 or units > 0 then product_user_id end)",
}
"""What is watched for odd days, and how a day's rows add up to it."""
DAYS_A_YEAR = 365
CENT = Decimal("0.01")


def terms_in_force(reading: Reading, as_of: date) -> dict[str, Term]:
    """The credits each account has bought and runs on, several lines pooled; what they cost where all are priced."""
    values = {"as_of": as_of, "renewal_grace_days": GRACE_DAYS}
    prices = _prices(reading, as_of)
    found = {}
    for row in reading.derived("consumption_terms", values):
        account = row["account_id"]
        committed, start, end = row["committed"], row["start_date"], row["end_date"]
        segment = (reading.accounts().get(account) or {}).get("segment") or ""
        found[account] = Term(
            None if committed is None else float(committed),
            start,
            end,
            prices.get(account),
            segment,
        )
    return found


def units_by_day(
    reading: Reading, accounts: Collection[str], as_of: date, since: date
) -> Daily | None:
    """Units used per day by these accounts; one that used nothing yet has a row without a known day."""
    last = last_day(reading, as_of)
    if last is None or not accounts:
        return None
    rows = reading.query(
        f"select account_id, usage_date, sum(units) from {USE} where units is not null "
        "and usage_date between $since and $last and account_id in (select unnest($accounts)) "
        "group by account_id, usage_date",
        since=since,
        last=last,
        accounts=sorted(accounts),
    )
    if not rows:
        return None
    return _daily(rows, 2, last, accounts)


def use_by_metric(reading: Reading, as_of: date, days: int) -> dict[str, Daily]:
    """Events, units and people per account and day, so far back as odd days and steps look; empty metrics are left out."""
    last = last_day(reading, as_of)
    if last is None:
        return {}
    sums = ", ".join(METRICS.values())
    rows = reading.query(
        f"select account_id, usage_date, {sums} from {USE} where usage_date between $since and $last "
        "group by account_id, usage_date",
        since=last - timedelta(days=7 * WEEKS + days),
        last=last,
    )
    found = {}
    for place, name in enumerate(METRICS, start=2):
        used = [row for row in rows if row[place] is not None]
        if any(row[place] for row in used):
            found[name] = _daily(used, place, last)
    return found


def last_day(reading: Reading, as_of: date) -> date | None:
    """The last day with any use, up to `as_of`; None where there is none."""
    if not reading.has(USE):
        return None
    ((last,),) = reading.query(
        f"select max(usage_date) from {USE} where usage_date <= $as_of", as_of=as_of
    )
    return last if isinstance(last, date) else None


def _daily(
    rows: Sequence[tuple[object, ...]], place: int, last: date, more: Collection[str] = ()
) -> Daily:
    names = [str(row[0]) for row in rows]
    days = np.array([row[1] for row in rows], dtype="datetime64[D]")
    numbers = np.array([row[place] for row in rows], dtype=float)
    return laid_out(names, days, numbers, last=last, more=more)


def _prices(reading: Reading, as_of: date) -> dict[str, Decimal]:
    """What the credit lines in force cost over their terms, in the reporting currency, where every line has a price."""
    priced = {line.line_id: line for line in reading.lines().lines}
    rate = reading.rate_on(as_of, reading.reporting_currency)
    found: dict[str, Decimal] = defaultdict(Decimal)
    lacking = set()
    values = {"as_of": as_of, "renewal_grace_days": GRACE_DAYS}
    for row in reading.derived("lines_in_force", values):
        if row["unit"] == CREDIT:
            paid = _paid(priced.get(row["line_id"]), rate)
            if paid is None:
                lacking.add(row["account_id"])
            else:
                found[row["account_id"]] += paid
    return {a: paid.quantize(CENT) for a, paid in found.items() if a not in lacking}


def _paid(line: Line | None, rate: Callable[[str], Decimal]) -> Decimal | None:
    """What a line costs from its first to its last day; None without a price, an end or a rate of exchange."""
    if line is None or line.end is None:
        return None
    try:
        return line.arr * (line.end - line.start).days / DAYS_A_YEAR * rate(line.currency)
    except MissingRate:
        return None
