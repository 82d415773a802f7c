"""Derived fact `person_months`: on which days of a month a person used the product.

Grain: account, user, month. Input: usage_daily; depends on no as_of. The days are bits, the first of the month the
lowest: whether somebody was active in any window, and on how many days, is then a matter of two or three
numbers. `listed` has the days with a row, `used` those with events.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, Trail, day_literal

BIT = "cast(1 as integer) << (cast(day(usage_date) as integer) - 1)"


def _select(inputs: Inputs) -> str:
    # Grouping by a month that is the same for all rows would cost a third more.
    by = "" if inputs.month else ", cast(date_trunc('month', usage_date) as date)"
    month = day_literal(inputs.month) if inputs.month else by.removeprefix(", ")
    return f"""
        select account_id, product_user_id, {month} as month,
          bit_or({BIT}) as listed, bit_or(case when event_count > 0 then {BIT} else 0 end) as used
        from {inputs.relation("usage_daily")} as used
        where product_user_id is not null
        group by account_id, product_user_id{by}
        """


FACT = DerivedFact(
    id="person_months",
    says="The days of a month on which a person is listed and on which they used the product, as bits.",
    grain="one row per account, product user and month with usage",
    key=("account_id", "product_user_id", "month"),
    columns={
        "account_id": "id",
        "product_user_id": "id",
        "month": "date",
        "listed": "int",
        "used": "int",
    },
    needs=("usage_daily",),
    select=_select,
    trail=lambda _: Trail("usage_daily", "usage_date"),
    rolled="usage_daily",
)
