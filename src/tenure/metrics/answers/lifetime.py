"""Cohorts and lifetime: churn_rate_by_cohort, clv."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from tenure.kernel.days import ONE_DAY, Period, add_months, month_start, months_between
from tenure.kernel.money import ratio, total
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.opening import missing_rate_note, opening_ledger, sources_of
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.derived.arr_movements import Ledger
from tenure.metrics.derived.rates import MissingRate
from tenure.metrics.reading import Reading


def churn_rate_by_cohort(reading: Reading, asked: Asked) -> Result:
    """Who of those that started together is still there, month end by month end, up to the period's end.

    A month end counts for a cohort once all its members have reached it; before, the cell is unknown, not 0.
    """
    period = asked.period
    chosen = reading.population(asked.where, asked.as_of)
    times = reading.timeline(as_of=asked.as_of, grace_days=asked.grace_days, within=chosen)
    first = {m.account_id: m.day for m in times.movements() if m.type == "new"}
    started = {a: day for a, day in first.items() if period.holds(day)}
    book, notes = _priced(reading, asked, frozenset(started))
    groups: dict[str, list[str]] = {}
    for account_id in sorted(started):
        key = (
            reading.account_word(account_id, "segment", started[account_id])
            if asked.by == "segment"
            else reading.cohort_of(
                account_id, "quarter" if asked.by == "quarter" else "month", asked
            )
        )
        groups.setdefault(key, []).append(account_id)
    cohorts: dict[str, Any] = {}
    reasons: dict[str, Reason] = {}
    for key in sorted(groups):
        days = {a: started[a] for a in groups[key]}
        cohorts[key] = _cohort(times, book, days, period, min(period.last_day, asked.as_of))
        if book is None:
            reasons[f"cohorts.{key}.arr_initial"] = "no_data"
        for name in ("active_by_month_offset", "logo_retention", "churn", "arr_by_month_offset"):
            for place, cell in enumerate(cohorts[key][name]):
                if cell is None:
                    young = cohorts[key]["active_by_month_offset"][place] is None
                    reasons[f"cohorts.{key}.{name}.{place}"] = (
                        "too_little_history" if young else "no_data"
                    )
    return Result(
        value=None,
        components={"cohorts": cohorts},
        unknown=None if cohorts else "undefined",
        reasons=reasons,
        cuts=[Cut(key, None, own["size"], own) for key, own in cohorts.items()],
        n=len(started),
        notes=notes,
        rows=sources_of(times, sorted(started)),
    )


def _priced(
    reading: Reading, asked: Asked, accounts: frozenset[str]
) -> tuple[Ledger | None, list[Note]]:
    """The ledger at the period's opening rate; None, with a note, where that rate is missing."""
    try:
        return opening_ledger(reading, asked, asked.period, accounts), []
    except MissingRate as missing:
        return None, [missing_rate_note(missing, "the cohorts' ARR is left out")]


def _cohort(
    times: Ledger, book: Ledger | None, started: dict[str, date], period: Period, last: date
) -> dict[str, Any]:
    size = len(started)
    active: list[int | None] = []
    arr: list[Decimal | None] = []
    for offset in range(months_between(min(started.values()), period.last_day) + 1):
        ends = {a: _month_end(day, offset) for a, day in started.items()}
        if max(ends.values()) > last:
            active.append(None)
            arr.append(None)
            continue
        active.append(sum(1 for a, end in ends.items() if times.balance(a, end) > 0))
        arr.append(None if book is None else total(book.balance(a, end) for a, end in ends.items()))
    return {
        "size": size,
        "active_by_month_offset": active,
        "logo_retention": [None if a is None else ratio(a, size) for a in active],
        "churn": [None if a is None else ratio(size - a, size) for a in active],
        "arr_initial": None
        if book is None
        else total(book.balance(a, day) for a, day in started.items()),
        "arr_by_month_offset": arr,
    }


def _month_end(day: date, offset: int) -> date:
    """The last day of the month `offset` months after that of `day`."""
    return add_months(month_start(day), offset + 1) - ONE_DAY


def clv(reading: Reading, asked: Asked) -> Result:
    """ARPA per month x gross margin / monthly logo churn, and the same a quarter earlier."""
    margin = asked.parameters["gross_margin"]
    margin = asked.gross_margin if margin is None else margin
    chosen = reading.population(asked.where, asked.as_of)
    now = _lifetime(reading, asked, asked.as_of, chosen, margin)
    earlier_day = add_months(asked.as_of + ONE_DAY, -3) - ONE_DAY
    why: Reason = "no_data" if margin is None else "undefined"
    why_before = why
    try:
        earlier = _lifetime(reading, asked, earlier_day, chosen, margin)["value"]
    except MissingRate:
        earlier, why_before = None, "no_data"
    components: dict[str, Any] = {
        "value": now["value"],
        "arpa_month": now["arpa_month"],
        "monthly_logo_churn": now["monthly_logo_churn"],
        "previous_quarter": earlier,
        "gross_margin": margin,
        "active_accounts": now["active_accounts"],
        "lost_logos": now["lost_logos"],
    }
    reasons: dict[str, Reason] = {}
    if now["value"] is None:
        reasons["value"] = why
    if earlier is None:
        reasons["previous_quarter"] = why_before
    if margin is None:
        reasons["gross_margin"] = "no_data"
    reasons |= {
        name: "undefined"
        for name in ("arpa_month", "monthly_logo_churn")
        if components[name] is None
    }
    return Result(
        value=now["value"],
        components=components,
        unknown=why if now["value"] is None else None,
        reasons=reasons,
        n=now["active_accounts"],
        rows=[
            s.source
            for s in reading.spans(asked.grace_days, asked.as_of)
            if s.in_force(asked.as_of, asked.as_of) and s.account_id in chosen
        ],
    )


def _lifetime(
    reading: Reading, asked: Asked, day: date, chosen: frozenset[str], margin: float | None
) -> dict[str, Any]:
    """Lifetime value as it was asked on `day`."""
    times = reading.timeline(as_of=day, grace_days=asked.grace_days, within=chosen)
    active = frozenset(a for a in chosen if times.balance(a, day) > 0)
    arr = total(_balances(reading, asked, day, active).values())
    arpa = arr / 12 / len(active) if active else None
    churn, lost = _monthly_churn(times, day, chosen, int(asked.parameters["churn_window_months"]))
    floor = asked.parameters["churn_floor"]
    if churn is not None and floor is not None:
        churn = max(churn, Decimal(str(floor)))
    value = None
    if arpa is not None and margin is not None and churn:
        value = arpa * Decimal(str(margin)) / churn
    return {
        "value": value,
        "arpa_month": arpa,
        "monthly_logo_churn": None if churn is None else float(churn),
        "active_accounts": len(active),
        "lost_logos": lost,
    }


def _balances(
    reading: Reading, asked: Asked, day: date, active: frozenset[str]
) -> dict[str, Decimal]:
    book = reading.ledger(
        as_of=day,
        rate_day=day,
        currency=asked.reporting_currency,
        grace_days=asked.grace_days,
        within=active,
    )
    return {account_id: book.balance(account_id, day) for account_id in active}


def _monthly_churn(
    book: Ledger, day: date, chosen: Iterable[str], window: int
) -> tuple[Decimal | None, int]:
    """Mean monthly logo churn. One month: the last complete one; more: those before the month of `day`."""
    newest = month_start(day + ONE_DAY) if window == 1 else month_start(day)
    rates, lost_in_all = [], 0
    for back in range(window, 0, -1):
        month = Period(add_months(newest, -back), add_months(newest, -back + 1))
        opening = [a for a in chosen if book.balance(a, month.opening_day) > 0]
        lost = sum(1 for a in opening if book.balance(a, month.last_day) <= 0)
        lost_in_all += lost
        if not opening:
            return None, lost_in_all
        rates.append(Decimal(lost) / len(opening))
    return total(rates) / len(rates), lost_in_all
