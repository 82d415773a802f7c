"""Retention of the opening base, logos and cohorts (G2, G4, G11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from oracles.balance import ZERO, Movement, View
from oracles.days import ONE_DAY, add_months, month_end, month_name, quarter_name
from oracles.reading import TOO_LITTLE, Missing
from oracles.renewals import share


def flows(
    view: View, account: str, start: date, end: date, *, method: str, fx: str
) -> dict[str, Fraction]:
    """Opening, closing, expansion, downsell and churn of one account over a period."""
    opening_day = start - ONE_DAY
    closing_day = min(end - ONE_DAY, view.as_of)
    rate_day = opening_day if fx == "constant" else closing_day
    opening = view.balance(account, opening_day, opening_day)
    closing = view.balance(account, end - ONE_DAY, rate_day)
    found = {
        "opening": opening,
        "closing": closing,
        "expansion": ZERO,
        "downsell": ZERO,
        "churn": ZERO,
    }
    if opening == 0:
        return found
    if method == "period_net":
        found["expansion"] = max(closing - opening, ZERO)
        found["churn" if closing == 0 else "downsell"] = max(opening - closing, ZERO)
        return found
    for move in view.movements(account, opening_day):
        if start <= move.day < end:
            found[move.kind] += abs(move.delta)
            if move.kind == "churn":
                break
    return found


def retention(
    view: View,
    start: date,
    end: date,
    *,
    method: str = "period_net",
    fx: str = "constant",
    only: set[str] | None = None,
) -> dict[str, object]:
    """The answer shared by nrr, grr and expansion_rate; `only` restricts it to some accounts."""
    accounts = [name for name in view.company.accounts if only is None or name in only]
    every = {name: flows(view, name, start, end, method=method, fx=fx) for name in accounts}
    cohort = {name: flow for name, flow in every.items() if flow["opening"] > 0}
    sums = {
        part: sum((flow[part] for flow in cohort.values()), ZERO)
        for part in ("opening", "expansion", "downsell", "churn")
    }
    base, lost = sums["opening"], sum(1 for flow in cohort.values() if flow["closing"] == 0)
    last = min(end - ONE_DAY, view.as_of)
    left = base - sums["downsell"] - sums["churn"]
    return {
        "opening_arr": base,
        "expansion": sums["expansion"],
        "downsell": sums["downsell"],
        "churn": sums["churn"],
        "nrr": share(left + sums["expansion"], base),
        "grr": share(left, base),
        "expansion_rate": share(sums["expansion"], base),
        "opening_logos": len(cohort),
        "lost_logos": lost,
        "logo_retention": share(len(cohort) - lost, len(cohort)),
        "closing_arr_spot": (
            spot := sum((view.balance(name, end - ONE_DAY, last) for name in cohort), ZERO)
        ),
        "fx_effect": spot
        - sum((view.balance(name, end - ONE_DAY, start - ONE_DAY) for name in cohort), ZERO),
        "reactivation_excluded": sum(
            (_returned(view, name, start, end, method, every) for name in accounts), ZERO
        ),
    }


def _returned(
    view: View,
    account: str,
    start: date,
    end: date,
    method: str,
    every: dict[str, dict[str, Fraction]],
) -> Fraction:
    """ARR that came back in the period and is in neither rate."""
    if method == "period_net" and every[account]["opening"] > 0:
        return ZERO
    moves = view.movements(account, start - ONE_DAY)
    return sum(
        (move.delta for move in moves if start <= move.day < end and move.kind == "reactivation"),
        ZERO,
    )


def quarters(
    view: View, start: date, end: date, *, method: str = "period_net"
) -> tuple[list[object], object]:
    """NRR of each 3-month piece from the start of the period, and their product."""
    rates: list[object] = []
    product: Fraction | Missing = Fraction(1)
    while start < end:
        after = min(add_months(start, 3), end)
        rate = retention(view, start, after, method=method)["nrr"]
        rates.append(rate)
        if isinstance(rate, Fraction) and isinstance(product, Fraction):
            product *= rate
        elif isinstance(rate, Missing):
            product = rate
        start = after
    return rates, product


def by(view: View, start: date, key: Callable[[str], str]) -> dict[str, set[str]]:
    """Opening accounts per bucket of a cut."""
    opening_day = start - ONE_DAY
    found: dict[str, set[str]] = defaultdict(set)
    for account in view.company.accounts:
        if view.balance(account, opening_day, opening_day) > 0:
            found[key(account)].add(account)
    return found


def first_arr(view: View, account: str, rate_day: date) -> Movement | None:
    """The movement with which an account became a customer."""
    return next((move for move in view.movements(account, rate_day) if move.kind == "new"), None)


def logos_stripe(view: View, start: date, end: date) -> dict[str, object]:
    """Churn events in the window over those active at the start plus those who came."""
    opening = retention(view, start, end)["opening_logos"]
    moves = view.all_movements(start, end, start - ONE_DAY)
    churned = sum(1 for move in moves if move.kind == "churn")
    base = opening + sum(1 for move in moves if move.kind == "new")
    rate = share(churned, base)
    return {
        "churned_subscribers": churned,
        "denominator": base,
        "logo_churn_rate": rate,
        "logo_retention": 1 - rate if isinstance(rate, Fraction) else rate,
    }


def cohorts(
    view: View, start: date, end: date, *, cut: str = "month"
) -> dict[str, dict[str, object]]:
    """Who started inside the period, followed month by month to its end."""
    rate_day = start - ONE_DAY
    groups: dict[str, dict[str, Movement]] = defaultdict(dict)
    for account in view.company.accounts:
        first = first_arr(view, account, rate_day)
        if first and start <= first.day < end:
            name = {
                "month": month_name(first.day),
                "quarter": quarter_name(first.day),
                "segment": view.company.segment(account),
            }[cut]
            groups[name][account] = first
    return {name: _cohort(view, members, end, rate_day) for name, members in groups.items()}


def _cohort(
    view: View, members: dict[str, Movement], end: date, rate_day: date
) -> dict[str, object]:
    size, initial = len(members), sum((first.after for first in members.values()), ZERO)
    active: list[object] = []
    arr: list[object] = []
    earliest = min(first.day for first in members.values())
    offset = 0
    while month_end(add_months(earliest.replace(day=1), offset)) < end:
        ends = {
            name: month_end(add_months(first.day.replace(day=1), offset))
            for name, first in members.items()
        }
        if max(ends.values()) > view.as_of or max(ends.values()) >= end:
            active.append(TOO_LITTLE)
            arr.append(TOO_LITTLE)
        else:
            held = [view.balance(name, day, rate_day) for name, day in ends.items()]
            active.append(sum(1 for amount in held if amount > 0))
            arr.append(sum(held, ZERO))
        offset += 1
    kept = [share(number, size) if isinstance(number, int) else number for number in active]
    return {
        "size": size,
        "active_by_month_offset": active,
        "logo_retention": kept,
        "churn": [1 - one if isinstance(one, Fraction) else one for one in kept],
        "arr_initial": initial,
        "arr_by_month_offset": arr,
    }
