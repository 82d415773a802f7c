"""Derived fact `user_window`: the customer's own people who used the product in a trailing window.

Grain: account, user. Rests on usage_days; parameters: as_of, window_days. Colleagues of ours, people removed
by as_of and days without events are out. An account none of whose usage names a user has one row without
one: how many people used it is not known there, and that is not zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from tenure.kernel.days import month_start
from tenure.metrics.derived.fact import DerivedFact, Inputs, InputsOver, Trail, day_literal
from tenure.metrics.derived.usage_days import departments_named, people


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
    """From the days of each person's months, as bits; with events, from each day of a person."""
    window = inputs.value("window_days")
    found = _by_days(inputs, window) if inputs.wants("events") else _by_months(inputs, window)
    lowest = "bit_count((listed & -listed) - 1)"
    return f"""
        {found}
        union all
        select day.as_of, account_id, null, null, null, null{"" if inputs.wants("events") else ", null"}
        from (
          select account_id, min(usage_date) as first from {inputs.relation("account_days")} group by account_id
        )
        left join (
          select account_id, min(month + cast({lowest} as integer)) as named
          from {inputs.relation("person_months")} group by account_id
        ) using (account_id), ({inputs.as_ofs}) as day
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


def _by_months(inputs: InputsOver, window: int) -> str:
    """A row per person with a column per month; each as_of looks at the few months that its window touches."""
    seen = {as_of: _bits(as_of, window) for as_of in inputs.days}
    months = sorted({month for bits in seen.values() for month in bits})
    place = {month: f"m{number}" for number, month in enumerate(months)}
    by_month: dict[tuple[date, ...], list[date]] = {}
    for as_of, bits in seen.items():
        by_month.setdefault(tuple(bits), []).append(as_of)
    asked = " union all ".join(
        _of_months([place[month] for month in touched], {d: tuple(seen[d].values()) for d in days})
        for touched, days in by_month.items()
    )
    columns = ", ".join(
        f"coalesce(bit_or(used) filter (where month = {day_literal(month)}), 0) as {name}"
        for month, name in place.items()
    )
    departments = inputs.bits("department", departments_named(inputs))
    bit = "department_bit" if departments else "null as department_bit"
    numbered = f"left join {departments} using (department)" if departments else ""
    # In the accounts' order, so that an account's people are counted together.
    return f"""
        select * from (
          with persons as materialized (
            select used.*, removed_date, department, {bit}
            from (
              select account_id, product_user_id, {columns} from {inputs.relation("person_months")}
              where month between {day_literal(months[0])} and {day_literal(months[-1])}
              group by account_id, product_user_id
            ) as used
            left join ({people(inputs)}) as known using (product_user_id) {numbered}
            where not coalesce(is_internal, false)
            order by account_id
          )
          {asked}
        )
        """


def _of_months(columns: list[str], bits: Mapping[date, tuple[int, ...]]) -> str:
    """People active in the windows that touch these months: bits of the window's days for each as_of."""
    names = [f"k{number}" for number in range(len(columns))]
    rows = ", ".join(
        f"({day_literal(as_of)}, {', '.join(map(str, own))})" for as_of, own in bits.items()
    )
    days = "cast(0 as integer) + " + " + ".join(
        f"bit_count({column} & {k})" for column, k in zip(columns, names, strict=True)
    )
    return f"""
        select as_of, account_id, product_user_id, cast({days} as bigint) as active_days,
          cast(null as bigint) as events, department, department_bit
        from persons, (values {rows}) as seen (as_of, {", ".join(names)})
        where {days} > 0 and (removed_date is null or removed_date > as_of)
        """


def _bits(as_of: date, window: int) -> dict[date, int]:
    """The window's days by month, the first of a month the lowest bit."""
    found: dict[date, int] = {}
    for back in range(window - 1, -1, -1):
        day = as_of - timedelta(days=back)
        month = month_start(day)
        found[month] = found.get(month, 0) | 1 << (day.day - 1)
    return found


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
    rests_on=("usage_days", "account_days", "person_months"),
    parameters=("as_of", "window_days"),
    select=_select,
    trail=_days,
    select_over=_select_over,
)
