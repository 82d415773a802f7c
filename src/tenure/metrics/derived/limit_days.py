"""Derived fact `limit_days`: the days on which use reached a share of what a plan allows.

Grain: one row per crossing. Key: account_id, limit_name, start_date, day. Inputs: usage_limits, usage_daily;
parameters: on_day, limit_threshold. Use is what was used in the limit's last days, or in the civil month so far; it
is looked at on days of usage and on the limit's first day, since only then it can rise. Limits of seats are not
here: they are counted from product_users.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, day_literal


def _select(inputs: Inputs) -> str:
    last, share = day_literal(inputs.value("on_day")), str(inputs.value("limit_threshold"))
    key = "account_id, limit_name, start_date"
    return f"""
        with bound as (
          select {key}, measure, feature_id, cast(amount * {share} as decimal(18,6)) as line,
            cast(coalesce(window_days, 1) as integer) as width, window_days is null as is_monthly,
            coalesce(end_date, {last} + 1) as end_date
          from {inputs.relation("usage_limits")}
          where measure in ('events', 'units') and amount > 0 and start_date <= {last}
        ),
        used as (
          select {key}, day, sum(amount) as amount from (
            select bound.account_id, bound.limit_name, bound.start_date, usage.usage_date as day,
              coalesce(case when bound.measure = 'units' then usage.units else usage.event_count end, 0)
                as amount
            from bound join {inputs.relation("usage_daily")} as usage
              on usage.account_id = bound.account_id
              and (bound.feature_id is null or usage.feature_id = bound.feature_id)
            where usage.usage_date <= {last}
            union all select {key}, start_date, 0 from bound
          ) group by {key}, day
        ),
        running as (
          select used.*, line, end_date, is_monthly,
            case when is_monthly then sum(amount) over so_far else sum(amount) over wide end as used_now,
            case when used.day = used.start_date then 0
              when is_monthly then sum(amount) over so_far - amount
              else coalesce(sum(amount) over before, 0) end as used_before
          from used join bound using ({key})
          window so_far as (partition by {key}, date_trunc('month', used.day) order by used.day),
            wide as (partition by {key} order by used.day
              range between to_days(width - 1) preceding and current row),
            before as (partition by {key} order by used.day
              range between to_days(width) preceding and to_days(1) preceding)
        )
        select {key}, day from running
        where used_now >= line and used_before < line and day >= start_date and day < end_date
        """


FACT = DerivedFact(
    id="limit_days",
    says="The days on which use reached the share asked for of what a plan allows.",
    grain="one row per crossing",
    key=("account_id", "limit_name", "start_date", "day"),
    columns={"account_id": "id", "limit_name": "text", "start_date": "date", "day": "date"},
    needs=("usage_limits", "usage_daily"),
    parameters=("on_day", "limit_threshold"),
    select=_select,
)
