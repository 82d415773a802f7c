"""Seats given out of seats bought, on many days: seat_utilization."""

from __future__ import annotations

from tenure.metrics.derived.seat_days import SEAT
from tenure.metrics.history.over_days import THERE, OverDays, Told
from tenure.metrics.history.quotients import divided, scaled

BY_PRODUCT = "as_of, account_id, product_id"


def seat_utilization(over: OverDays) -> Told:
    """Assigned over purchased seats; of several products the fullest, or all together (see `utilization`)."""
    bought = over.keep(
        "bought",
        f"""
        select {BY_PRODUCT}, case when count(quantity) = count(*) then {scaled("sum(quantity)")} end as seats
        from {over.relation("lines_in_force")} join {THERE} as there using (as_of, account_id)
        where unit = '{SEAT}' and is_recurring and is_begun group by {BY_PRODUCT}
        """,
    )
    people = over.keep(
        "people",
        f"""
        select there.as_of, account_id, product_id, product_user_id
        from (select distinct as_of, account_id from {bought}) as there
        join {over.relation("product_users")} as users using (account_id)
        where (assigned_date is null or assigned_date <= as_of) and (removed_date is null or as_of < removed_date)
        """,
    )
    shares = over.keep("shares", _shares(bought, people))
    return Told(
        f"""
        select as_of, account_id, max(case when not is_unknown then {divided(over, shares, "taken", "seats")} end)
            as "by_account", case when bool_or(is_unknown) then 'no_data' end as "by_account__why"
        from {shares} group by as_of, account_id
        """
    )


def _shares(bought: str, people: str) -> str:
    """Seats taken and seats there, per product or for all together, as whole numbers."""
    return f"""
        with whole as (
          select as_of, account_id, bool_or(seats is null) as is_unknown, sum(seats) as seats,
            count(*) filter (where seats <> 0) as products,
            bool_or(product_id is null and seats <> 0) as is_unclear
          from {bought} group by as_of, account_id
        ),
        everyone as (
          select as_of, account_id, count(distinct product_user_id) as number, bool_or(product_id is null) as is_unclear
          from {people} group by as_of, account_id
        ),
        whole_and_people as (
          select as_of, account_id, is_unknown, seats, coalesce(number, 0) as number,
            products = 1 or whole.is_unclear or coalesce(everyone.is_unclear, false) as is_pooled
          from whole left join everyone using (as_of, account_id) where is_unknown or products > 0
        )
        select as_of, account_id, is_unknown, cast(number as hugeint) * 1000000 as taken, cast(seats as hugeint) as seats
        from whole_and_people where is_unknown or is_pooled
        union all
        select as_of, account_id, false, cast(coalesce(own.number, 0) as hugeint) * 1000000, bought.seats
        from whole_and_people join {bought} as bought using (as_of, account_id)
        left join (
          select {BY_PRODUCT}, count(distinct product_user_id) as number from {people} group by {BY_PRODUCT}
        ) as own using ({BY_PRODUCT})
        where not is_unknown and not is_pooled and bought.seats <> 0
        """
