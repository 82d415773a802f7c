"""Expansion of each day's quarter, on many days: quarterly_expansion_revenue and expansion_revenue_by_account."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from tenure.kernel.days import Period
from tenure.kernel.money import ZERO
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.growth import expansion_of
from tenure.metrics.derived.arr_movements import Ledger
from tenure.metrics.derived.rates import MissingRate
from tenure.metrics.history.arithmetic import Unwritten
from tenure.metrics.history.over_days import OverDays, Told
from tenure.metrics.over.changes import Run, runs


def quarterly_expansion_revenue(over: OverDays) -> Told:
    """The sum view, by account."""
    if over.parameter("view") != "sum":
        raise Unwritten
    return _expansion(over)


def expansion_revenue_by_account(over: OverDays) -> Told:
    """The sum of the movements; the comparison of a period's two ends is asked day by day."""
    if over.parameter("method") != "gross_flows":
        raise Unwritten
    return _expansion(over)


def _expansion(over: OverDays) -> Told:
    """Amounts of accounts with any; on a day that lacks the rate of a movement there are none at all."""
    periods = [
        (period, [number for number, _ in own])
        for period, own in groupby(
            ((number, question.period) for number, question in enumerate(over.questions)),
            key=lambda pair: pair[1],
        )
    ]
    rows: list[tuple[Any, ...]] = []
    unknown: dict[date, Reason] = {}
    for period, numbers in periods:
        currency = over.last.reporting_currency
        ledger = Ledger({}, over.reading.rate_on(period.opening_day, currency))
        for run in runs(over):
            first, after = max(run.first, numbers[0]), min(run.after, numbers[-1] + 1)
            if first >= after or not any(period.holds(change.day) for change in run.changes):
                continue
            try:
                amount = _amount(run, period, ledger, include_ramp=over.parameter("include_ramp"))
            except MissingRate:
                unknown |= dict.fromkeys(over.days[first:after], "no_data")
                continue
            if amount:
                rows.append((run.account_id, first, after, amount))
    query = over.runs("expansion", {"by_account": "DECIMAL(28,6)"}, rows)
    return Told(f"select *, null as by_account__why from ({query})", unknown=unknown)


def _amount(run: Run, period: Period, ledger: Ledger, *, include_ramp: bool) -> Decimal:
    ledger.changes = {run.account_id: run.changes}
    found = expansion_of(ledger.moves(run.account_id, period), include_ramp=include_ramp)
    return sum((amount for _, amount in found), ZERO)
