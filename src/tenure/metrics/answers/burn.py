"""When bought units run out: burn_rate_forecast."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tenure.kernel.money import ZERO
from tenure.kernel.unknown import Reason
from tenure.metrics.asked import Asked, Result
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.expressions import final
from tenure.metrics.reading import Reading, Row


def burn_rate_forecast(reading: Reading, asked: Asked) -> Result:
    """Units used, daily burn, the day they run out, and how much of the commitment the term will use."""
    chosen = reading.begun_accounts(asked)
    terms = {row["account_id"]: row for row in reading.derived("consumption_terms", asked.known)}
    used = _units(reading, asked, terms)
    by_account: dict[str, dict[str, Any] | None] = {}
    reasons: dict[str, Reason] = {}
    for account_id in chosen:
        term = terms.get(account_id)
        if term is None or term["committed"] is None or term["start_date"] is None:
            by_account[account_id], reasons[f"by_account.{account_id}"] = None, "undefined"
            continue
        entry = _forecast(term, *used.get(account_id, (Fraction(0), Fraction(0))), asked)
        by_account[account_id] = {name: final(value) for name, value in entry.items()}
        reasons |= {
            f"by_account.{account_id}.{n}": "undefined" for n, v in entry.items() if v is None
        }
    known = [a for a in chosen if by_account[a] is not None]
    return Result(
        value=None,
        components={"by_account": by_account},
        reasons=reasons,
        n=len(known),
        rows=[
            SourceRow(
                "contract_lines",
                terms[a]["source_key"],
                terms[a]["source_file"],
                terms[a]["source_line"],
            )
            for a in known
        ],
    )


def _units(
    reading: Reading, asked: Asked, terms: Mapping[str, Row]
) -> dict[str, tuple[Fraction, Fraction]]:
    """Per account the units used since its term began, and those of the last days.

    Whoever used them: units count as the table says, so nobody's days have to be told apart first.
    """
    found: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    first_late = asked.as_of - timedelta(days=asked.parameters["window_days"] - 1)
    wanted = {a: term["start_date"] for a, term in terms.items() if term["start_date"] is not None}
    for account_id, day, units in reading.query(
        "select account_id, usage_date, sum(units) from usage_daily where units is not null "
        "and usage_date between $first and $as_of and account_id in (select unnest($accounts)) "
        "group by account_id, usage_date",
        first=min(wanted.values(), default=asked.as_of),
        as_of=asked.as_of,
        accounts=sorted(wanted),
    ):
        if day < wanted[account_id]:
            continue
        found[account_id][0] += units
        if day >= first_late:
            found[account_id][1] += units
    return {a: (Fraction(since), Fraction(lately)) for a, (since, lately) in found.items()}


def _forecast(term: Row, used: Fraction, lately: Fraction, asked: Asked) -> dict[str, Any]:
    committed, as_of = Fraction(term["committed"]), asked.as_of
    since: date = term["start_date"]
    days = min(asked.parameters["window_days"], (as_of - since).days + 1)
    burn = lately / days
    left = max(committed - used, Fraction(0))
    to_go = left / burn if burn else (Fraction(0) if not left else None)
    end: date | None = term["end_date"]
    projected = None if end is None else used + burn * max((end - as_of).days - 1, 0)
    share = None if projected is None or not committed else projected / committed
    return {
        "consumed": _plain(used),
        "daily_burn": burn,
        "days_to_exhaustion": to_go,
        "exhaustion_date": None if to_go is None else _days_after(as_of, math.ceil(to_go)),
        "projected_consumption": projected,
        "projected_utilization": share,
        "signal": None if share is None else _signal(share, asked),
    }


def _days_after(as_of: date, days: int) -> date | None:
    """The day so many days on; None where no calendar holds it."""
    return as_of + timedelta(days=days) if days <= (date.max - as_of).days else None


def _plain(amount: Fraction) -> Decimal:
    """Units as stored: a decimal, since sums of decimals are."""
    return Decimal(amount.numerator) / Decimal(amount.denominator)


def _signal(share: Fraction, asked: Asked) -> str:
    if share > Fraction(str(asked.parameters["over"])):
        return "over"
    return "under" if share < Fraction(str(asked.parameters["under"])) else "on_track"
