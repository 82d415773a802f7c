"""Derived fact `account_days`: an account's usage of a day, everyone's together.

Grain: account, day. Input: usage_daily; depends on no as_of. What has only to be added up by account is added up
from here, so that many readings look at the rows once.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, Trail


def _select(inputs: Inputs) -> str:
    return f"""
        select account_id, usage_date, count(*) as usage_rows,
          cast(sum(coalesce(event_count, 0)) as bigint) as events,
          cast(sum(units) as decimal(28, 6)) as units
        from {inputs.relation("usage_daily")} as used
        group by account_id, usage_date
        """


FACT = DerivedFact(
    id="account_days",
    says="An account's usage of a day: rows, events and units of everyone together.",
    grain="one row per account and day with usage",
    key=("account_id", "usage_date"),
    columns={
        "account_id": "id",
        "usage_date": "date",
        "usage_rows": "int",
        "events": "int",
        "units": "number",
    },
    needs=("usage_daily",),
    select=_select,
    trail=lambda _: Trail("usage_daily", "usage_date"),
    rolled="usage_daily",
    sums={"": "usage_rows", "coalesce(event_count, 0)": "events"},
)
