"""Coverage (metrics 3.1): cadence, reviews and what they go with, counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from oracles.balance import ZERO
from oracles.days import ONE_DAY, add_months, each_day, month_end
from oracles.reading import NO_DATA, TOO_LITTLE, UNDEFINED, Missing
from oracles.renewals import all_due, share
from oracles.standing import Life, Row, covers

Found = dict[str, Any]


def plans_of(life: Life, account: str, kind: str | None = None) -> list[Row]:
    """The account's plans, of one touch type or of all."""
    return [
        row
        for row in life.table("cadence_plans")
        if row["account_id"] == account and kind in (None, row["touch_type"])
    ]


def slots(plan: Row, until: date) -> Iterator[tuple[date, date]]:
    """Slots of a plan, first day and first day after, that end by `until` and by the plan's own end."""
    first = plan["start_date"]
    if plan["calendar_month"] and first.day > 1:
        first = month_end(first) + ONE_DAY
    while True:
        step = timedelta(days=plan["interval_days"] or 0)
        after = add_months(first, 1) if plan["calendar_month"] else first + step
        if after > until or (plan["end_date"] is not None and after > plan["end_date"]):
            return
        yield first, after
        first = after


def attainment(life: Life, account: str, start: date, end: date) -> Found | Missing:
    """Slots due and attained of the account's worst touch type."""
    plans = plans_of(life, account)
    if not plans:
        return NO_DATA
    until = min(end, life.as_of + ONE_DAY)
    worst: list[tuple[Fraction, int, int]] = []
    for kind in sorted({plan["touch_type"] for plan in plans}):
        due = attained = 0
        days = {day for day, its in life.touches(account) if kind in ("any", its)}
        for plan in plans_of(life, account, kind):
            for first, after in slots(plan, until):
                if after > start:
                    due += 1
                    attained += any(day in days for day in each_day(first, after))
        if due:
            worst.append((Fraction(attained, due), -due, attained))
    if not worst:
        return UNDEFINED
    value, due, attained = min(worst)
    return {"slots_due": -due, "slots_attained": attained, "value": value}


def cadence_attainment(life: Life, start: date, end: date, *, detail: str = "full") -> Found:
    """Slots attained over slots due, per account; how many accounts attained all of theirs."""
    each = {name: attainment(life, name, start, end) for name in life.accounts}
    known = [one for one in each.values() if not isinstance(one, Missing)]
    rate = share(sum(1 for one in known if one["value"] == 1), len(known))
    pooled = share(
        sum(one["slots_attained"] for one in known), sum(one["slots_due"] for one in known)
    )
    if detail == "value":
        each = {n: one if isinstance(one, Missing) else one["value"] for n, one in each.items()}
    return {
        "by_account": each,
        "coverage_rate": rate,
        "accounts_with_due_slots": len(known),
        "value": pooled,
    }


def days_since_last_touch(life: Life, *, threshold_days: int = 60) -> Found:
    """Days without a qualifying touch."""
    days = {name: life.days_untouched(name) for name in life.accounts}
    return {
        "by_account": days,
        "never_touched": sorted(name for name in days if not life.touches(name)),
        "untouched_60_plus": life.listed(at_least(days, threshold_days)),
    }


def at_least(days: dict[str, Any], threshold: int) -> list[str]:
    """Keys whose number is known and reaches the threshold."""
    return [name for name, n in days.items() if not isinstance(n, Missing) and n >= threshold]


def days_past_cadence(life: Life, *, threshold_days: int = 30) -> Found:
    """Days past the planned cadence, by the plan that is furthest behind."""
    days: dict[str, int | Missing] = {}
    for name in life.accounts:
        behind = [
            past
            for plan in plans_of(life, name)
            if covers(plan, life.as_of) and (past := _behind(life, name, plan)) is not None
        ]
        days[name] = max(behind) if behind else NO_DATA
    return {"by_account": days, "overdue_30_plus": life.listed(at_least(days, threshold_days))}


def _behind(life: Life, account: str, plan: Row) -> int | None:
    since = life.last_touch(account, plan["touch_type"])
    if since is None and plan["touch_type"] == "any":
        since = life.began(account)
    elif since is None:
        since = max(plan["start_date"], life.began(account) or plan["start_date"])
    if since is None:
        return None
    if plan["calendar_month"]:
        due = month_end(month_end(since) + ONE_DAY)
    else:
        due = since + timedelta(days=plan["interval_days"])
    return max(0, (life.as_of - due).days)


def qbr_held(life: Life, start: date, end: date) -> Found:
    """Whether a QBR or EBR took place where one was planned for the whole period."""
    held: dict[str, bool | Missing] = {}
    for name in life.accounts:
        plans = plans_of(life, name, "qbr")
        whole = all(any(covers(plan, day) for plan in plans) for day in each_day(start, end))
        if not plans or not whole:
            held[name] = UNDEFINED if plans else NO_DATA
            continue
        held[name] = any(
            row["account_id"] == name
            and row["activity_type"] in ("qbr", "ebr")
            and start <= day < end
            and life.was_attended(row)
            for day, row in life.completed()
        )
        if not held[name] and life.as_of < end - ONE_DAY:
            held[name] = TOO_LITTLE
    told = [one for one in held.values() if not isinstance(one, Missing)]
    rate = share(sum(told), len(told))
    return {"by_account": held, "qbr_held_rate": rate, "value": rate}


def missed_operational_reviews(life: Life, *, threshold: int = 2) -> Found:
    """Complete months in a row, up to the last one, with a plan and without a review."""
    missed: dict[str, int | Missing] = {}
    for name in life.accounts:
        plans = plans_of(life, name, "operational_review")
        after = (life.as_of + ONE_DAY).replace(day=1)
        last = covered = _planned_month(plans, month := add_months(after, -1))
        count = 0
        while covered and not _reviewed(life, name, month):
            count += 1
            month = add_months(month, -1)
            covered = _planned_month(plans, month)
        missed[name] = count if last else UNDEFINED if plans else NO_DATA
    return {"by_account": missed, "playbook_triggered": life.listed(at_least(missed, threshold))}


def _planned_month(plans: list[Row], first: date) -> bool:
    """Whether every day of the month has a plan; a changed plan is two rows."""
    days = each_day(first, add_months(first, 1))
    return all(any(covers(plan, day) for plan in plans) for day in days)


def _reviewed(life: Life, account: str, first: date) -> bool:
    return any(
        row["account_id"] == account
        and row["activity_type"] == "operational_review"
        and first <= day <= month_end(first)
        for day, row in life.completed()
    )


def coverage_renewal_delta(
    life: Life,
    start: date,
    end: date,
    *,
    coverage_period: tuple[date, date] | None = None,
    basis: str = "logo",
) -> Found:
    """Renewal rates of the accounts at their cadence and below it in the period before."""
    first, after = coverage_period or (add_months(start, -3), start)
    kept: dict[bool, list[bool]] = {True: [], False: []}
    renewable, renewed = {True: ZERO, False: ZERO}, {True: ZERO, False: ZERO}
    dues = [
        (due.contract.account, money(life, due.renewable, start), money(life, due.renewed, start))
        for due in all_due(life.view)
        if start <= due.day < end and due.day <= life.as_of
    ]
    dues = [due for due in dues if due[0] in life.accounts and due[1] > 0]
    for name in {account for account, _, _ in dues}:
        found = attainment(life, name, first, after)
        if isinstance(found, Missing):
            continue
        full = found["value"] == 1
        mine = [(owed, again) for account, owed, again in dues if account == name]
        kept[full].append(any(again > 0 for _, again in mine))
        renewable[full] += sum((owed for owed, _ in mine), ZERO)
        renewed[full] += sum((min(owed, again) for owed, again in mine), ZERO)
    rates = {
        full: share(sum(kept[full]), len(kept[full]))
        if basis == "logo"
        else share(renewed[full], renewable[full])
        for full in (True, False)
    }
    at, below = rates[True], rates[False]
    known = isinstance(at, Fraction) and isinstance(below, Fraction)
    return {
        "renewal_rate_at_cadence": at,
        "renewal_rate_below_cadence": below,
        "n_at_cadence": len(kept[True]),
        "n_below_cadence": len(kept[False]),
        "delta_points": 100 * (at - below) if known else UNDEFINED,
        "dollar_value": (at - below) * renewable[False] if known else UNDEFINED,
        "value": 100 * (at - below) if known else UNDEFINED,
    }


def money(life: Life, amounts: dict[str, Fraction], start: date) -> Fraction:
    """Amounts per currency in the reporting currency, at the rate of the opening day."""
    rate_day = start - ONE_DAY
    return sum((n * life.company.rate(c, rate_day) for c, n in amounts.items()), ZERO)
