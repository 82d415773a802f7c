"""Cohorts and lifetime: churn_rate_by_cohort, clv."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tenure.kernel.days import ONE_DAY, Period, add_months, month_start, months_between
from tenure.kernel.money import ratio, total
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.retention import sources_of
from tenure.metrics.asked import Asked, Cut, Result
from tenure.metrics.derived.arr_movements import Ledger
from tenure.metrics.reading import Reading


def churn_rate_by_cohort(reading: Reading, asked: Asked) -> Result:
    """Who of those that started together is still there, month end by month end, up to the period's end.

    A month end counts for a cohort once it has been reached by all its members (for a segment: by those
    who are old enough, see `observed_by_month_offset`); otherwise the cell is unknown, not 0.
    """
    period = asked.period
    chosen = reading.population(asked.where, asked.as_of)
    book = reading.ledger(
        as_of=asked.as_of,
        rate_day=period.opening_day,
        currency=asked.reporting_currency,
        grace_days=asked.grace_days,
        since=period.opening_day,
    )
    first = {
        a: moves[0].day
        for a, moves in book.by_account.items()
        if a in chosen and moves[0].type == "new"
    }
    started = {a: day for a, day in first.items() if period.holds(day)}
    groups: dict[str, list[str]] = {}
    for account_id in sorted(started):
        key = (
            reading.account_word(account_id, "segment", started[account_id])
            if asked.by == "segment"
            else reading.cohort_of(
                account_id, "quarter" if asked.by == "quarter" else "month", asked.grace_days
            )
        )
        groups.setdefault(key, []).append(account_id)
    cohorts: dict[str, Any] = {}
    reasons: dict[str, Reason] = {}
    for key in sorted(groups):
        days = {a: started[a] for a in groups[key]}
        cohorts[key] = _cohort(book, days, period, asked)
        for name in ("active_by_month_offset", "logo_retention", "churn", "arr_by_month_offset"):
            for place, cell in enumerate(cohorts[key][name]):
                if cell is None:
                    reasons[f"cohorts.{key}.{name}.{place}"] = "too_little_history"
    return Result(
        value=None,
        components={"cohorts": cohorts},
        unknown=None if cohorts else "undefined",
        reasons=reasons,
        cuts=[Cut(key, None, own["size"], own) for key, own in cohorts.items()],
        n=len(started),
        rows=sources_of(book, sorted(started)),
    )


def _cohort(book: Ledger, started: dict[str, date], period: Period, asked: Asked) -> dict[str, Any]:
    last = min(period.last_day, asked.as_of)
    size = len(started)
    offsets = months_between(min(started.values()), period.last_day) + 1
    active: list[int | None] = []
    arr: list[Decimal | None] = []
    observed: list[int] = []
    for offset in range(offsets):
        ends = {a: _month_end(day, offset) for a, day in started.items()}
        seen = [a for a, end in ends.items() if end <= last]
        observed.append(len(seen))
        if not seen or (asked.by != "segment" and len(seen) < size):
            active.append(None)
            arr.append(None)
            continue
        balances = [book.balance(a, ends[a]) for a in seen]
        active.append(sum(1 for balance in balances if balance > 0))
        arr.append(total(balances))
    retention = [None if a is None else ratio(a, n) for a, n in zip(active, observed, strict=True)]
    return {
        "size": size,
        "active_by_month_offset": active,
        "logo_retention": retention,
        "churn": [
            None if a is None else ratio(n - a, n) for a, n in zip(active, observed, strict=True)
        ],
        "arr_initial": total(book.by_account[a][0].after for a in started),
        "arr_by_month_offset": arr,
        "observed_by_month_offset": observed,
    }


def _month_end(day: date, offset: int) -> date:
    """The last day of the month `offset` months after that of `day`."""
    return add_months(month_start(day), offset + 1) - ONE_DAY


def clv(reading: Reading, asked: Asked) -> Result:
    """ARPA per month x gross margin / monthly logo churn, and the same a quarter earlier."""
    margin = asked.parameters["gross_margin"]
    margin = asked.gross_margin if margin is None else margin
    chosen = sorted(reading.population(asked.where, asked.as_of))
    now = _lifetime(reading, asked, asked.as_of, chosen, margin)
    earlier_day = add_months(asked.as_of + ONE_DAY, -3) - ONE_DAY
    before = _lifetime(reading, asked, earlier_day, chosen, margin)
    components: dict[str, Any] = {
        "value": now["value"],
        "arpa_month": now["arpa_month"],
        "monthly_logo_churn": now["monthly_logo_churn"],
        "previous_quarter": before["value"],
        "gross_margin": margin,
        "active_accounts": now["active_accounts"],
        "lost_logos": now["lost_logos"],
    }
    why: Reason = "no_data" if margin is None else "undefined"
    reasons: dict[str, Reason] = {
        name: why
        for name in ("value", "previous_quarter", "gross_margin")
        if components[name] is None
    }
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
            for s in reading.spans(asked.grace_days)
            if s.in_force(asked.as_of, asked.as_of) and s.account_id in set(chosen)
        ],
    )


def _lifetime(
    reading: Reading, asked: Asked, day: date, chosen: Sequence[str], margin: float | None
) -> dict[str, Any]:
    book = reading.ledger(
        as_of=min(day, asked.as_of),
        rate_day=day,
        currency=asked.reporting_currency,
        grace_days=asked.grace_days,
        since=add_months(month_start(day), -8),
    )
    active = [b for a in chosen if (b := book.balance(a, day)) > 0]
    arpa = total(active) / 12 / len(active) if active else None
    churn, lost = _monthly_churn(book, day, chosen, int(asked.parameters["churn_window_months"]))
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
