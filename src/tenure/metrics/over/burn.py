"""When bought units run out, seen from many days: burn_rate_forecast."""

from __future__ import annotations

from tenure.metrics.history.over_days import THERE, OverDays, Told
from tenure.metrics.history.quotients import divided, scaled

LAST_DAY = "date '9999-12-31'"
PARTS = (
    "projected_utilization", "consumed", "daily_burn", "days_to_exhaustion", "exhaustion_date",
    "projected_consumption",
)  # fmt: skip


def burn_rate_forecast(over: OverDays) -> Told:
    """Units used, burn, and the day they run out, from sums of whole millionths of a unit."""
    counted = over.keep("counted", _counted(over, _used(over)))
    found = {
        "daily_burn": divided(over, counted, "lately", "per_day"),
        "days_to_exhaustion": f"case when {counted}.lately = 0 and {counted}.still = 0 then 0 else "
        f"{divided(over, counted, 'still_by_days', 'lately')} end",
        "projected_consumption": divided(over, counted, "by_the_end", "per_day"),
        "projected_utilization": divided(over, counted, "by_the_end", "of_all"),
        "consumed": f"{counted}.used",
        "exhaustion_date": _day(),
    }
    listed = ", ".join(
        f'{found[part]} as "by_account.{part}", null as "by_account.{part}__why"' for part in PARTS
    )
    return Told(f"select as_of, account_id, {listed} from {counted}")


def _used(over: OverDays) -> str:
    """Terms with the units used since they began, and since the last days began."""
    terms = over.keep(
        "terms",
        f"""
        select as_of, account_id, committed, start_date as start, end_date,
          least({over.parameter("window_days")}, date_diff('day', start_date, as_of) + 1) as days
        from {over.relation("consumption_terms")} as terms join {THERE} as there using (as_of, account_id)
        where is_begun and committed is not null and start_date is not null
        """,
    )
    so_far = over.keep(
        "so_far",
        f"""
        select account_id, usage_date as day, sum(units) over (partition by account_id order by usage_date) as units
        from {over.relation("account_days")}
        where units is not null and account_id in (select account_id from {terms})
        """,
    )
    ends = {"now": "as_of", "before": "start - 1", "earlier": "as_of - cast(days as integer)"}
    joined = " ".join(
        f"asof left join {so_far} as {name} on {name}.account_id = terms.account_id and {name}.day <= {day}"
        for name, day in ends.items()
    )
    units = {name: f"coalesce({name}.units, 0)" for name in ends}
    return f"""
        select terms.*, cast({units["now"]} - {units["before"]} as decimal(28,6)) as used,
          cast({units["now"]} - {units["earlier"]} as decimal(28,6)) as in_days
        from {terms} as terms {joined}
        """


def _counted(over: OverDays, used: str) -> str:
    """Numerators and denominators as whole numbers; `days` is the burn's, `ahead` those until the end."""
    return f"""
        select *, still * days as still_by_days, 1000000 * days as per_day, days * committed_whole as of_all,
          case when end_date is not null then used_whole * days + lately * ahead end as by_the_end
        from (
          select as_of, account_id, used, end_date, cast(days as hugeint) as days,
            {scaled("used")} as used_whole, {scaled("in_days")} as lately, {scaled("committed")} as committed_whole,
            greatest({scaled("committed - used")}, 0::hugeint) as still,
            cast(greatest(date_diff('day', as_of, end_date) - 1, 0) as hugeint) as ahead
          from ({used})
        )
        """


def _day() -> str:
    """as_of + ceil(days to go), where a calendar holds it; division of whole numbers cuts towards zero."""
    up = "still_by_days // lately + (still_by_days % lately <> 0 and lately > 0)::bigint"
    days = f"(case when lately <> 0 then {up} when still = 0 then 0 end)"
    return (
        f"case when {days} <= date_diff('day', as_of, {LAST_DAY}) "
        f"then as_of + cast({days} as integer) end"
    )
