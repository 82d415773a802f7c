"""Reviews owed by plan: qbr_held and missed_operational_reviews."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tenure.kernel.days import Period, add_months, month_start
from tenure.kernel.money import ratio
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.cadence import attendance_notes
from tenure.metrics.answers.opening import by_cut
from tenure.metrics.asked import Asked, Cut, Result
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading, Row

QBR, REVIEW = "qbr", "operational_review"
QUARTERLY = ("qbr", "ebr")
"""Types of activity that hold the review of a quarter."""


def qbr_held(reading: Reading, asked: Asked) -> Result:
    """Whether a QBR or EBR with a customer took place, of accounts whose plan held the whole period."""
    period, chosen = asked.period, reading.begun_accounts(asked)
    acts = reading.relation("activity_days", asked.known)
    held: dict[str, SourceRow] = {}
    for account_id, key, file, line in reading.query(
        f"select account_id, source_key, source_file, source_line from {acts} "  # noqa: S608 - our own name
        f"where activity_type in {QUARTERLY!r} and status = 'completed' and has_attendee "
        "and day between $first and $last order by day, source_key",
        first=period.start,
        last=min(asked.as_of, period.last_day),
    ):
        held.setdefault(account_id, SourceRow("activities", key, file, line))
    plans = plans_of(reading, QBR)
    value: dict[str, bool | None] = {}
    reasons: dict[str, Reason] = {}
    for account_id in chosen:
        own = plans.get(account_id, ())
        reason = not_owed(own, period)
        if reason is None and account_id not in held and asked.as_of < period.last_day:
            reason = "too_little_history"
        value[account_id] = None if reason else account_id in held
        if reason:
            reasons[f"by_account.{account_id}"] = reason
    rate = _share(value.values())
    if rate is None:
        reasons["qbr_held_rate"] = "undefined"
    return Result(
        value=rate,
        unknown=None if rate is not None else "undefined",
        components={"by_account": value, "qbr_held_rate": rate},
        reasons=reasons,
        cuts=_cuts(reading, asked, value),
        n=sum(1 for found in value.values() if found is not None),
        notes=attendance_notes(reading),
        rows=[held[a] for a in chosen if value[a]],
    )


def _cuts(reading: Reading, asked: Asked, value: Mapping[str, bool | None]) -> list[Cut]:
    cuts = []
    for key, own in by_cut(reading, asked, value).items():
        known = [found for a in own if (found := value[a]) is not None]
        rate = _share(known)
        cuts.append(
            Cut(key, rate, len(known), {"qbr_held_rate": rate}, None if known else "undefined")
        )
    return cuts


def _share(values: Iterable[bool | None]) -> float | None:
    known = [value for value in values if value is not None]
    return ratio(sum(known), len(known))


def plans_of(reading: Reading, kind: str) -> dict[str, list[Row]]:
    """The plans of one touch type by account."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in reading.rows("cadence_plans"):
        if row["touch_type"] == kind:
            found[row["account_id"]].append(row)
    return found


def not_owed(plans: Sequence[Row], period: Period) -> Reason | None:
    """Why nothing was owed: no plan at all, or none that held the whole period; None where it was."""
    if not plans:
        return "no_data"
    return None if covers(plans, period) else "undefined"


def covers(plans: Iterable[Row], period: Period) -> bool:
    """Whether the plans, one after the other, hold on every day of the period."""
    reached = period.start
    for plan in sorted(plans, key=lambda row: row["start_date"]):
        if plan["start_date"] <= reached:
            end = plan["end_date"] or date.max
            reached = max(reached, end)
    return reached >= period.end


def missed_operational_reviews(reading: Reading, asked: Asked) -> Result:
    """Complete months in a row, up to the last one, that owed a review and had none."""
    as_of, chosen = asked.as_of, reading.begun_accounts(asked)
    acts = reading.relation("activity_days", asked.known)
    held: dict[str, set[date]] = defaultdict(set)
    for account_id, day in reading.query(
        f"select account_id, day from {acts} where activity_type = $kind "  # noqa: S608 - our own name
        "and status = 'completed' and day <= $as_of",
        kind=REVIEW,
        as_of=as_of,
    ):
        held[account_id].add(month_start(day))
    plans = plans_of(reading, REVIEW)
    missed: dict[str, int | None] = {}
    reasons: dict[str, Reason] = {}
    last = last_complete_month(as_of)
    for account_id in chosen:
        own = plans.get(account_id, [])
        missed[account_id] = in_a_row(own, held[account_id], last) if own else None
        if missed[account_id] is None:
            reasons[f"by_account.{account_id}"] = "undefined" if own else "no_data"
    active, threshold = reading.active_accounts(asked), asked.parameters["threshold"]
    return Result(
        value=None,
        components={
            "by_account": missed,
            "playbook_triggered": [
                a for a in chosen if a in active and (missed[a] or 0) >= threshold
            ],
        },
        reasons=reasons,
        n=sum(1 for found in missed.values() if found is not None),
        rows=[_source(plan) for a in chosen for plan in plans.get(a, ()) if missed[a] is not None],
    )


def last_complete_month(as_of: date) -> date:
    """The first day of the last month that is over at the end of `as_of`."""
    return add_months(month_start(as_of + timedelta(days=1)), -1)


def in_a_row(plans: Sequence[Row], held: set[date], last: date) -> int | None:
    """Months without a review, walking back from `last` while a plan covers them; None if it covers none."""
    count, month = 0, last
    if not covers(plans, Period(month, add_months(month, 1))):
        return None
    while month not in held and covers(plans, Period(month, add_months(month, 1))):
        count, month = count + 1, add_months(month, -1)
    return count


def _source(row: Mapping[str, Any]) -> SourceRow:
    return SourceRow("cadence_plans", row["account_id"], row["source_file"], row["source_line"])
