"""Reviews owed by plan, on many days: qbr_held and missed_operational_reviews."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from tenure.kernel.days import month_start
from tenure.metrics.answers.reviews import (
    QBR,
    QUARTERLY,
    REVIEW,
    in_a_row,
    last_complete_month,
    not_owed,
    plans_of,
)
from tenure.metrics.history.over_days import THERE, OverDays, Told


def qbr_held(over: OverDays) -> Told:
    """Whether a review with a customer took place by each day, of accounts whose plan holds its whole period."""
    periods = dict.fromkeys(question.period for question in over.questions)
    owed = over.register(
        "owed",
        {"account_id": "VARCHAR", "start": "DATE", "until": "DATE", "why": "VARCHAR"},
        [
            (account_id, period.start, period.end, not_owed(plans, period))
            for account_id, plans in plans_of(over.reading, QBR).items()
            for period in periods
        ],
    )
    of_days = over.by_day(
        "periods",
        {"start": "DATE", "until": "DATE"},
        ((question.period.start, question.period.end) for question in over.questions),
    )
    held = f"""
        select account_id, start, min(day) as held_on from {over.on_last_day("activity_days")}
        join (select distinct start, until from {of_days}) on day >= start and day < until
        where activity_type in {QUARTERLY!r} and status = 'completed' and has_attendee
        group by account_id, start
        """
    return Told(
        f"""
        select as_of, account_id, case when reason is null then is_held end as by_account, reason as by_account__why
        from (
          select as_of, account_id, coalesce(held_on <= as_of, false) as is_held,
            coalesce(why, case when not is_held and as_of < until - 1 then 'too_little_history' end) as reason
          from {THERE} join {of_days} using (as_of) join {owed} using (account_id, start, until)
          left join ({held}) as held using (account_id, start) where is_begun
        )
        """,
        otherwise="no_data",
    )


def missed_operational_reviews(over: OverDays) -> Told:
    """Complete months in a row that owed a review and had none; the same on all days with one last complete month."""
    months = {last_complete_month(day): None for day in over.days}
    missed = over.register(
        "missed",
        {"account_id": "VARCHAR", "month": "DATE", "missed": "BIGINT"},
        _missed(over, list(months)),
    )
    of_days = over.by_day(
        "months", {"month": "DATE"}, ((last_complete_month(day),) for day in over.days)
    )
    return Told(
        f"""
        select as_of, account_id, missed as by_account, case when missed is null then 'undefined' end as by_account__why
        from {THERE} join {of_days} using (as_of) join {missed} using (account_id, month) where is_begun
        """,
        otherwise="no_data",
    )


def _missed(over: OverDays, months: list[date]) -> Iterator[tuple[Any, ...]]:
    """Per account with a plan and last complete month the number of months missed, None where none was owed."""
    held: dict[str, set[date]] = defaultdict(set)
    for account_id, day in over.reading.query(
        f"select distinct account_id, day from {over.on_last_day('activity_days')} "  # noqa: S608 - our own name
        "where activity_type = $kind and status = 'completed'",
        kind=REVIEW,
    ):
        held[account_id].add(month_start(day))
    for account_id, plans in plans_of(over.reading, REVIEW).items():
        for month in months:
            yield account_id, month, in_a_row(plans, held[account_id], month)
