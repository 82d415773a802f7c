"""Derived fact `usage_days`: one product user's day, all features together.

Grain: account, user, day. Inputs: usage_daily, product_users. Depends on no as_of. What product_users says
of the person stands beside it; a user it does not know is nobody's colleague and has not left. A day without
events is no active day.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, Trail

DEPARTMENT = "nullif(lower(trim(department)), '')"
NOBODY = (
    "select null as product_user_id, false as is_internal, null::date as removed_date, "
    "null as department where false"
)


def people(inputs: Inputs) -> str:
    """SQL for one row per product user: ours or theirs, gone from all products since when, department."""
    if not inputs.has("product_users"):
        return NOBODY
    return f"""
        select product_user_id, bool_or(coalesce(is_internal, false)) as is_internal,
          case when bool_or(removed_date is null) then null else max(removed_date) end as removed_date,
          min({DEPARTMENT}) as department
        from {inputs.relation("product_users")} group by product_user_id
        """


def departments_named(inputs: Inputs) -> str:
    """SQL for every department that `people` may tell, some of them twice."""
    if not inputs.has("product_users"):
        return NOBODY
    return f"select {DEPARTMENT} as department from {inputs.relation('product_users')}"


def _select(inputs: Inputs) -> str:
    return f"""
        select used.account_id, used.product_user_id, used.usage_date as day,
          cast(sum(coalesce(used.event_count, 0)) as bigint) as events,
          sum(used.units) as units, bool_or(coalesce(used.event_count, 0) > 0) as is_active,
          coalesce(any_value(who.is_internal), false) as is_internal,
          any_value(who.removed_date) as removed_date, any_value(who.department) as department
        from {inputs.relation("usage_daily")} as used
        left join ({people(inputs)}) as who on who.product_user_id = used.product_user_id
        group by used.account_id, used.product_user_id, used.usage_date
        """


FACT = DerivedFact(
    id="usage_days",
    says="Each product user's day: events, units, and what is on file about the person.",
    grain="one row per account, product user and day",
    key=("account_id", "product_user_id", "day"),
    columns={
        "account_id": "id",
        "product_user_id": "id",
        "day": "date",
        "events": "int",
        "units": "number",
        "is_active": "bool",
        "is_internal": "bool",
        "removed_date": "date",
        "department": "text",
    },  # fmt: skip
    needs=("usage_daily",),
    reads=("product_users",),
    select=_select,
    trail=lambda _: Trail("usage_daily", "usage_date"),
)
