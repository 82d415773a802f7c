"""How steadily the product was used, on many days: usage_consistency."""

from __future__ import annotations

from tenure.metrics.answers.usage import FEWEST_WEEKS, last_weeks
from tenure.metrics.history.arithmetic import Unwritten
from tenure.metrics.history.over_days import THERE, OverDays, Told
from tenure.metrics.history.quotients import nearest

MOST_EVENTS = 10**16
"""Of more in a week the squares of 520 weeks would be too large for the engine's whole numbers."""


def usage_consistency(over: OverDays) -> Told:
    """Swing of weekly events and share of active weeks, from sums and sums of squares of whole numbers."""
    weeks = [last_weeks(day, over.parameter("weeks")) for day in over.days]
    windows = over.by_day(
        "windows", {"first": "DATE", "last": "DATE"}, ((own[0], own[-1]) for own in weeks)
    )
    weekly = over.keep(
        "weekly",
        f"""
        select account_id, cast(date_trunc('week', usage_date) as date) as week, sum(events) as events
        from {over.relation("account_days")}
        where usage_date between date '{weeks[0][0]}' and date '{over.days[-1]}' group by 1, 2
        """,
    )
    firsts = f"""
        select account_id, min(usage_date) as first_row,
          min(usage_date) filter (where events > 0 or units > 0) as first_use
        from {over.relation("account_days")} where usage_date <= date '{over.days[-1]}' group by 1
        """
    if (over.reading.query(f"select max(events) from {weekly}")[0][0] or 0) > MOST_EVENTS:  # noqa: S608 - our own name
        raise Unwritten
    own = over.keep(
        "own",
        f"""
        select account_id, begins, first_row, first_use, coalesce(begins, first_use) as start
        from ({firsts}) join (select account_id, begins from {THERE} where number = {len(over.days) - 1}) as there
          using (account_id)
        """,
    )
    sums = f"""
        select account_id, last, sum(events) as whole, sum(events * events) as squares,
          count(*) filter (where events <> 0) as active
        from {weekly} join {own} using (account_id)
        join (select distinct first, last from {windows}) on week between greatest(first, start) and last
        group by account_id, last
        """
    # Weeks begin on Mondays: the first that counts is the one on or after the account's start.
    counted = f"""
        select there.as_of, account_id,
          start is not null and first_row <= there.as_of and (own.begins is not null or start <= there.as_of) as is_known,
          greatest(0, date_diff('day', greatest(first, cast(date_trunc('week', start + 6) as date)), last) // 7 + 1) as n,
          cast(coalesce(whole, 0) as hugeint) as whole, cast(coalesce(squares, 0) as hugeint) as squares,
          coalesce(active, 0) as active
        from {THERE} as there join {own} as own using (account_id) join {windows} as windows using (as_of)
        left join ({sums}) as sums using (account_id, last) where is_begun
        """
    return Told(
        f"""
        select as_of, account_id,
          case when is_known and n >= {FEWEST_WEEKS} and whole <> 0
            then sqrt({nearest("(n * squares - whole * whole)")}) / {nearest("whole")} end as "by_account.cv",
          case when not is_known then 'no_data' when n < {FEWEST_WEEKS} then 'too_little_history'
            when active = 0 then 'undefined' end as "by_account.cv__why",
          case when is_known and n >= {FEWEST_WEEKS} then cast(active as double) / n end as "by_account.active_week_share",
          case when not is_known then 'no_data' when n < {FEWEST_WEEKS} then 'too_little_history' end
            as "by_account.active_week_share__why"
        from ({counted})
        """,
        otherwise="no_data",
    )
