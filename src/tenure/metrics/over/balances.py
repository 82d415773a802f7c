"""ARR in force on many days: arr_in_force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from tenure.kernel.money import ZERO
from tenure.kernel.unknown import Reason
from tenure.metrics.derived.arr_movements import Ledger
from tenure.metrics.derived.rates import ONE, MissingRate
from tenure.metrics.history.over_days import THERE, OverDays, Told
from tenure.metrics.over.changes import Run, runs


def arr_in_force(over: OverDays) -> Told:
    """Each account's balance at its day's rate, and whether it is active, late or gone."""
    pricing = _Pricing(over)
    own = [(run, _status(run, over.days[run.first])) for run in runs(over)]
    rows = [row for run, status in own for row in pricing.rows(run, status)]
    balances = over.runs("balances", {"balance": "DECIMAL(28,6)", "status": "VARCHAR"}, rows)
    return Told(
        f"""
        select as_of, account_id, coalesce(balance, 0) as "arr_by_account", null as "arr_by_account__why",
          status as "status", null as "status__why"
        from {THERE} left join ({balances}) as own using (as_of, account_id)
        """,
        unknown=pricing.missing,
    )


class _Pricing:
    """Balances in the reporting currency. Not frozen: it gathers the days on which a rate is missing."""

    def __init__(self, over: OverDays) -> None:
        self.currency, self.missing = over.last.reporting_currency, dict[date, Reason]()
        self.days = over.days
        self.ledgers = [Ledger({}, over.reading.rate_on(day, self.currency)) for day in over.days]

    def rows(self, run: Run, status: str | None) -> Iterator[tuple[Any, ...]]:
        """Rows of balance and status; in foreign currencies one for each day, as each has its rate."""
        native = run.native
        if native.keys() <= {self.currency}:
            amount = native.get(self.currency, ZERO) * ONE
            yield run.account_id, run.first, run.after, amount, status
            return
        for number in range(run.first, run.after):
            yield run.account_id, number, number + 1, self._priced(native, number), status

    def _priced(self, native: Any, number: int) -> Decimal | None:
        try:
            return self.ledgers[number].worth(native)
        except MissingRate:
            self.missing[self.days[number]] = "no_data"
            return None


def _status(run: Run, day: date) -> str | None:
    """As `answers.balances` says it; None for an account that never had ARR."""
    if not run.changes:
        return None
    if sum(run.native.values(), ZERO) <= 0:
        return "churned"
    is_late = any(span.arr > 0 and span.is_late(day) for span in run.spans)
    return "late_renewal" if is_late else "active"
