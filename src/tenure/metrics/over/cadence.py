"""Touch rhythm on many days: cadence_attainment and days_past_cadence."""

from __future__ import annotations

from tenure.metrics.derived.cadence_slots import ANY
from tenure.metrics.history.over_days import THERE, OverDays, Told


def cadence_attainment(over: OverDays) -> Told:
    """Slots attained of those due in each day's period, of the touch type kept worst."""
    periods = over.by_day(
        "periods",
        {"start": "DATE", "until": "DATE"},
        ((question.period.start, question.period.end) for question in over.questions),
    )
    # Whether a slot is attained shows by its end, so the last day sees of every slot what each day saw.
    kinds = f"""
        select as_of, account_id, touch_type, count(*) as due, count(*) filter (where is_attained) as attained
        from {over.on_last_day("cadence_slots")} join {periods}
          on slot_end > start and slot_end <= least(until, as_of + 1)
        group by as_of, account_id, touch_type
        """
    worst = f"""
        select as_of, account_id, due, attained, attained / due as share from ({kinds})
        qualify row_number() over (partition by as_of, account_id order by share, due desc, touch_type) = 1
        """
    planned = (
        f"select distinct account_id, true as is_planned from {over.relation('cadence_plans')}"
    )
    why = "case when due is null and is_planned then 'undefined' end"
    return Told(
        f"""
        select as_of, account_id, share as "by_account.value", {why} as "by_account.value__why",
          due as "by_account.slots_due", {why} as "by_account.slots_due__why",
          attained as "by_account.slots_attained", {why} as "by_account.slots_attained__why"
        from {THERE} left join ({planned}) as planned using (account_id)
        left join ({worst}) as worst using (as_of, account_id) where is_begun
        """,
        otherwise="no_data",
    )


def days_past_cadence(over: OverDays) -> Told:
    """Days since the last touch of the planned type beyond the plan's interval; the worst plan in force."""
    touches = over.on_last_day("touches")
    days = over.keep(
        "touched",
        f"""
        select distinct account_id, activity_type as kind, day from {touches}
        union select distinct account_id, '{ANY}', day from {touches}
        """,
    )
    plans = over.keep(
        "plans",
        f"""
        select as_of, account_id, touch_type as kind, interval_days, coalesce(calendar_month, false) as is_monthly,
          case when touch_type = '{ANY}' then account_start
            else greatest(coalesce(account_start, start_date), start_date) end as from_start
        from {THERE} as there join {over.relation("cadence_plans")} as plan using (account_id)
        where is_begun and start_date <= as_of and (end_date is null or end_date > as_of)
        """,
    )
    since = f"""
        select plans.*, coalesce(touched.day, from_start) as since from {plans} as plans
        asof left join {days} as touched
          on touched.account_id = plans.account_id and touched.kind = plans.kind and touched.day <= plans.as_of
        """
    due = """case when is_monthly
        then cast(date_trunc('month', since) + interval 2 month as date) - 1
        else since + cast(interval_days as integer) end"""
    return Told(
        f"""
        select as_of, account_id, max(greatest(0, date_diff('day', {due}, as_of))) as by_account,
          null as by_account__why
        from ({since}) where since is not null group by as_of, account_id
        """,
        otherwise="no_data",
    )
