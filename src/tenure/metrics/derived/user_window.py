"""Derived fact `user_window`: the customer's own people who used the product in a trailing window.

Grain: account, user. Rests on usage_days; parameters: as_of, window_days. Colleagues of ours, people removed
by as_of and days without events are out. An account none of whose usage names a user has one row without
one: how many people used it is not known there, and that is not zero.
"""

from __future__ import annotations

from datetime import timedelta

from tenure.metrics.derived.fact import DerivedFact, Inputs, Trail, day_literal


def _days(inputs: Inputs) -> Trail:
    as_of = inputs.value("as_of")
    first = as_of - timedelta(days=inputs.value("window_days") - 1)
    return Trail("usage_daily", "usage_date", first, as_of)


def _select(inputs: Inputs) -> str:
    as_of = inputs.value("as_of")
    first = as_of - timedelta(days=inputs.value("window_days") - 1)
    days = inputs.relation("usage_days")
    return f"""
        select account_id, product_user_id, count(*) as active_days,
          cast(sum(events) as bigint) as events, any_value(department) as department
        from {days}
        where day between {day_literal(first)} and {day_literal(as_of)} and is_active
          and product_user_id is not null and not is_internal
          and (removed_date is null or removed_date > {day_literal(as_of)})
        group by account_id, product_user_id
        union all
        select account_id, null, null, null, null from {days}
        where day <= {day_literal(as_of)} group by account_id having count(product_user_id) = 0
        """


FACT = DerivedFact(
    id="user_window",
    says="The customer's people who used the product in the last days asked for, with their active days.",
    grain="one row per account and product user",
    key=("account_id", "product_user_id"),
    columns={
        "account_id": "id",
        "product_user_id": "id",
        "active_days": "int",
        "events": "int",
        "department": "text",
    },  # fmt: skip
    needs=("usage_daily",),
    reads=("product_users",),
    rests_on=("usage_days",),
    parameters=("as_of", "window_days"),
    select=_select,
    trail=_days,
)
