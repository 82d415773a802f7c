"""Derived fact `usage_weeks`: an account's events in each complete ISO week, everyone's together.

Grain: account, week (its Monday). Input: usage_daily; parameter: as_of. Weeks without usage have no row: who reads
them fills in the zeros, knowing when the account began.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, Trail, day_literal


def _select(inputs: Inputs) -> str:
    as_of = day_literal(inputs.value("as_of"))
    return f"""
        select account_id, cast(date_trunc('week', usage_date) as date) as week,
          cast(sum(coalesce(event_count, 0)) as bigint) as events
        from {inputs.relation("usage_daily")}
        where date_trunc('week', usage_date) + interval 6 day <= {as_of}
        group by account_id, date_trunc('week', usage_date)
        """


FACT = DerivedFact(
    id="usage_weeks",
    says="An account's events in each complete week, Monday to Sunday.",
    grain="one row per account and week with usage",
    key=("account_id", "week"),
    columns={"account_id": "id", "week": "date", "events": "int"},
    needs=("usage_daily",),
    parameters=("as_of",),
    select=_select,
    trail=lambda inputs: Trail("usage_daily", "usage_date", last=inputs.value("as_of")),
)
