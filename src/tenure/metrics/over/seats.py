"""Seats given out of seats bought, on many days: seat_utilization."""

from __future__ import annotations

from tenure.metrics.derived.seat_days import SEAT
from tenure.metrics.history.over_days import NUMBERED, THERE, OverDays, Told
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
    held = over.keep(
        "held",
        f"""
        select account_id, product_id, product_user_id,
          coalesce(assigned_date, date '0001-01-01') as start, coalesce(removed_date, date '9999-12-31') as ends
        from {over.relation("product_users")}
        where account_id in (select account_id from {bought})
          and (removed_date is null or removed_date > date '{over.days[0]}')
          and (assigned_date is null or assigned_date <= date '{over.days[-1]}')
          and (assigned_date is null or removed_date is null or assigned_date < removed_date)
        """,
    )
    shares = over.keep("shares", _shares(bought, held))
    return Told(
        f"""
        select as_of, account_id, max(case when not is_unknown then {divided(over, shares, "taken", "seats")} end)
            as "by_account", case when bool_or(is_unknown) then 'no_data' end as "by_account__why"
        from {shares} group by as_of, account_id
        """
    )


def _shares(bought: str, held: str) -> str:
    """Seats taken and seats there, per product or for all together, as whole numbers."""
    each = "(select account_id from whole_and_people where not is_unknown and not is_pooled)"
    own = [f"(select * from {rows} where account_id in {each})" for rows in (bought, held)]
    return f"""
        with whole as (
          select as_of, account_id, bool_or(seats is null) as is_unknown, sum(seats) as seats,
            count(*) filter (where seats <> 0) as products,
            bool_or(product_id is null and seats <> 0) as is_unclear
          from {bought} group by as_of, account_id
        ),
        everyone as ({_counted("account_id", bought, held)}),
        whole_and_people as materialized (
          select as_of, account_id, is_unknown, seats, coalesce(number, 0) as number,
            products = 1 or whole.is_unclear or coalesce(everyone.unclear > 0, false) as is_pooled
          from whole left join everyone using (as_of, account_id) where is_unknown or products > 0
        )
        select as_of, account_id, is_unknown, cast(number as hugeint) * 1000000 as taken, cast(seats as hugeint) as seats
        from whole_and_people where is_unknown or is_pooled
        union all
        select as_of, account_id, false, cast(coalesce(own.number, 0) as hugeint) * 1000000, bought.seats
        from whole_and_people join {bought} as bought using (as_of, account_id)
        left join ({_counted("account_id, product_id", *own)}) as own using ({BY_PRODUCT})
        where not is_unknown and not is_pooled and bought.seats <> 0
        """


def _counted(by: str, bought: str, held: str) -> str:
    """People with a seat on each as_of that has seats bought, each once; `unclear` are seats of no product.

    Somebody comes with the first of their seats and goes with the last of those that touch: two rows a person and not
    one for each as_of. What changes between two as_ofs is added up before it is ordered.
    """
    person = f"partition by {by}, product_user_id order by start, ends"
    several = f"select {by}, product_user_id from named group by all having count(*) > 1"
    stays = f"""
        select {by}, min(start) as start, max(ends) as ends from (
          select *, count(*) filter (where is_new) over ({person} rows unbounded preceding) as stay from (
            select *, coalesce(start > max(ends) over (
                {person} rows between unbounded preceding and 1 preceding), true) as is_new
            from named semi join ({several}) using ({by}, product_user_id)
          )
        ) group by {by}, product_user_id, stay
        union all
        select {by}, min(start), max(ends) from named group by {by}, product_user_id having count(*) = 1
        """
    changes = f"""
        select {by}, start as day, 1 as change, 0 as unclear from stays
        union all select {by}, ends, -1, 0 from stays
        union all select {by}, start, 0, 1 from {held} where product_id is null
        union all select {by}, ends, 0, -1 from {held} where product_id is null
        """
    return f"""
        with named as materialized (select * from {held} where product_user_id is not null),
        stays as materialized ({stays})
        select as_of, {by}, number, unclear from (
          select {by}, as_of, is_asked, sum(change) over so_far as number, sum(unclear) over so_far as unclear from (
            select {by}, seen.as_of, false as is_asked, sum(change) as change, sum(unclear) as unclear
            from ({changes}) as changes asof join {NUMBERED} as seen on changes.day <= seen.as_of
            group by {by}, seen.as_of
            union all select distinct {by}, as_of, true, 0, 0 from {bought}
          )
          window so_far as (partition by {by} order by as_of, is_asked rows unbounded preceding)
        ) where is_asked
        """
