"""Roll-out on many days: deployment_completeness."""

from __future__ import annotations

from tenure.metrics.history.over_days import THERE, OverDays, Told


def deployment_completeness(over: OverDays) -> Told:
    """Planned teams that are live, of all planned teams: those with seats, or all where none has any."""
    return Told(
        f"""
        select as_of, account_id, count(*) filter (where live_date <= as_of) / count(*) as by_account,
          null as by_account__why
        from {THERE} join (
          select account_id, live_date from {over.relation("deployments")}
          qualify planned_seats is not null or not bool_or(planned_seats is not null) over (partition by account_id)
        ) as teams using (account_id)
        where is_begun group by as_of, account_id
        """,
        otherwise="no_data",
    )
