"""Derived fact `account_usage_days`: an account's day of usage, all people and features together.

Grain: account, day. Input: usage_daily. Depends on no as_of. Colleagues of ours who used it are in: this is how
much the product was used, not by how many. A day that was delivered without any use is there, with no events.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, Trail


def _select(inputs: Inputs) -> str:
    return f"""
        select account_id, usage_date as day, cast(coalesce(sum(event_count), 0) as bigint) as events,
          sum(units) as units, bool_or(event_count > 0 or units > 0) as is_used
        from {inputs.relation("usage_daily")} group by account_id, usage_date
        """


FACT = DerivedFact(
    id="account_usage_days",
    says="An account's day of usage: events and units of all people and features together.",
    grain="one row per account and day",
    key=("account_id", "day"),
    columns={
        "account_id": "id",
        "day": "date",
        "events": "int",
        "units": "number",
        "is_used": "bool",
    },
    needs=("usage_daily",),
    select=_select,
    trail=lambda _: Trail("usage_daily", "usage_date"),
)
