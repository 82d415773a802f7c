"""Derived fact `user_window`: the customer's own people who used the product in a trailing window.

Grain: account, user. Rests on usage_days; parameters: as_of, window_days. Colleagues of ours, people removed
by as_of and days without events are out. An account none of whose usage names a user has one row without
one: how many people used it is not known there, and that is not zero.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from tenure.metrics.derived.fact import DerivedFact, Inputs, InputsOver, Trail, day_literal
from tenure.metrics.derived.usage_days import people

WEEK = timedelta(days=7)


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


def _select_over(inputs: InputsOver) -> str:
    """Sums by person and week serve every window of whole weeks; other days meet each window they lie in."""
    days, window = inputs.days, inputs.value("window_days")
    weekly = all(later - day == WEEK for day, later in pairwise(days)) and window % WEEK.days == 0
    found = _by_weeks(inputs, window // WEEK.days) if weekly else _by_days(inputs, window)
    return f"""
        {found}
        union all
        select day.as_of, account_id, null, null, null, null
        from (
          select account_id, min(usage_date) as first,
            min(usage_date) filter (where product_user_id is not null) as named
          from {inputs.relation("usage_daily")} group by account_id
        ), ({inputs.as_ofs}) as day
        where first <= day.as_of and (named is null or named > day.as_of)
        """


def _by_days(inputs: InputsOver, window: int) -> str:
    first = min(inputs.days) - timedelta(days=window - 1)
    return f"""
        select seen.as_of, account_id, product_user_id, count(*) as active_days,
          cast(sum(events) as bigint) as events, any_value(department) as department
        from ({_active_days(inputs, first)}) as used
        join ({inputs.as_ofs}) as seen
          on used.day <= seen.as_of and used.day > seen.as_of - {window}
          and (removed_date is null or removed_date > seen.as_of)
        group by seen.as_of, account_id, product_user_id
        """


def _by_weeks(inputs: InputsOver, weeks: int) -> str:
    """Each week of a person speaks for the as-ofs from its own to the one before the next, or the window's end.

    So nobody is counted twice, and no week has to be joined with each as_of that sees it. People get numbers,
    because sorting weeks by number costs a third of sorting them by two names.
    """
    last, span = max(inputs.days), (max(inputs.days) - min(inputs.days)).days // WEEK.days
    as_of = f"{day_literal(last)} - {WEEK.days} * ({span} - said.week)"
    spoken = " union all ".join(
        f"select week + {later} as week, person, days_{weeks - 1 - later} as active_days, "
        f"events_{weeks - 1 - later} as events from framed where next_week is null or next_week > week + {later}"
        for later in range(weeks)
    )
    return f"""
        select {as_of} as as_of, who.account_id, who.product_user_id, cast(active_days as bigint) as active_days,
          cast(events as bigint) as events, who.department
        from (
          with weekly as materialized ({_weekly(inputs, weeks)}),
          persons as materialized (
            select row_number() over () as person, account_id, product_user_id, removed_date, department
            from (select distinct account_id, product_user_id from weekly)
            left join ({people(inputs)}) as known using (product_user_id)
            where not coalesce(is_internal, false)
          ),
          numbered as (
            select person, week, active_days, events from weekly join persons using (account_id, product_user_id)
          ),
          framed as materialized ({_framed(weeks)})
          select said.*, persons.account_id, persons.product_user_id, persons.removed_date, persons.department
          from ({spoken}) as said join persons using (person)
          where said.week between 0 and {span}
        ) as said
        where said.removed_date is null or said.removed_date > {as_of}
        """.replace("who.", "said.")


def _weekly(inputs: InputsOver, weeks: int) -> str:
    """One row per person and week: as-ofs end the weeks 0, 1, 2 and so on."""
    last = max(inputs.days)
    first = min(inputs.days) - timedelta(days=WEEK.days * weeks - 1)
    position = f"(usage_date - {day_literal(first)})"
    return f"""
        select account_id, product_user_id, cast({position} // 7 as integer) - {weeks - 1} as week,
          bit_count(bit_or(1 << cast({position} % 7 as integer))) as active_days,
          cast(sum(event_count) as bigint) as events
        from {inputs.relation("usage_daily")}
        where usage_date between {day_literal(first)} and {day_literal(last)} and event_count > 0
          and product_user_id is not null
        group by account_id, product_user_id, week
        """


def _framed(weeks: int) -> str:
    """Beside each week the sums of as many weeks back as a window holds, and the person's next week."""
    looks = "".join(
        f", lag(week, {b}) over person as week_{b}, lag(active_days, {b}) over person as days_{b}, "
        f"lag(events, {b}) over person as events_{b}"
        for b in range(1, weeks)
    )
    sums = []
    for reach in range(weeks):
        for name, column in (("days", "active_days"), ("events", "events")):
            earlier = "".join(
                f" + case when week_{b} >= week - {reach} then {name}_{b} else 0 end"
                for b in range(1, reach + 1)
            )
            sums.append(f"{column}{earlier} as {name}_{reach}")
    return f"""
        select person, week, next_week, {", ".join(sums)}
        from (
          select person, week, active_days, events, lead(week) over person as next_week{looks}
          from numbered window person as (partition by person order by week)
        )
        """


def _active_days(inputs: InputsOver, first: date) -> str:
    return f"""
        select account_id, product_user_id, day, events, removed_date, department
        from {inputs.relation("usage_days")}
        where day between {day_literal(first)} and {day_literal(max(inputs.days))} and is_active
          and product_user_id is not null and not is_internal
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
    select_over=_select_over,
)
