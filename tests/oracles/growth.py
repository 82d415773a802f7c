"""Expansion, contract value and lifetime value."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

from oracles.balance import ZERO, Movement, View
from oracles.days import ONE_DAY, add_months
from oracles.reading import NO_DATA, TOO_LITTLE, UNDEFINED, Missing
from oracles.renewals import share
from oracles.retention import flows, retention


def is_ramp(view: View, move: Movement) -> bool:
    """Whether everything that begins on the day of the movement is a step of a ramp."""
    begins = [
        line
        for line in view.company.lines
        if line.account == move.account
        and view.runs(line, move.day)
        and not view.runs(line, move.day - ONE_DAY)
    ]
    return bool(begins) and all(line.reason == "ramp" for line in begins)


def expansion_revenue(
    view: View, start: date, end: date, *, include_ramp: bool = True
) -> dict[str, object]:
    """Expansion movements of a period, per account and per owner on the day."""
    by_account: dict[str, Fraction] = defaultdict(lambda: ZERO)
    by_csm: dict[str, Fraction] = defaultdict(lambda: ZERO)
    for move in view.all_movements(start, end, start - ONE_DAY):
        if move.kind == "expansion" and (include_ramp or not is_ramp(view, move)):
            by_account[move.account] += move.delta
            by_csm[view.company.owner(move.account, move.day)] += move.delta
    return {
        "value": sum(by_account.values(), ZERO),
        "by_account": dict(by_account),
        "by_csm": dict(by_csm),
    }


def expansion_net(view: View, start: date, end: date) -> dict[str, object]:
    """Growth from the opening to the closing balance, opening accounts only."""
    found = {}
    for account in view.company.accounts:
        grown = flows(view, account, start, end, method="period_net", fx="constant")["expansion"]
        if grown:
            found[account] = grown
    return {"value": sum(found.values(), ZERO), "by_account": found}


def drops(view: View, start: date) -> dict[str, list[Fraction]]:
    """Expansion per owner in the quarter that starts on a day, the one before, and the one before that."""
    found: dict[str, list[Fraction]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for back in range(3):
        first = add_months(start, -3 * back)
        by_csm = expansion_revenue(view, first, add_months(first, 3))["by_csm"]
        assert isinstance(by_csm, dict)
        for user, amount in by_csm.items():
            found[user][back] = amount
    return found


def red_flags(
    view: View, start: date, sudden_drop: Fraction = Fraction(1, 4)
) -> dict[str, set[str]]:
    """Sudden and consistent drops per owner; the mean is left to the reader, it depends on who is in it."""
    flags = {}
    for user, (now, before, earlier) in drops(view, start).items():
        said = set()
        if before > 0 and (before - now) / before >= sudden_drop:
            said.add("sudden")
        if now < before < earlier:
            said.add("consistent")
        flags[user] = said
    return flags


def acv_growth(view: View, start: date, end: date) -> dict[str, object]:
    """ARR per active account at both ends, at the rate of the opening day."""
    first = start - ONE_DAY
    opening = {name: view.balance(name, first, first) for name in view.company.accounts}
    closing = {name: view.balance(name, end - ONE_DAY, first) for name in view.company.accounts}
    opening = {name: arr for name, arr in opening.items() if arr > 0}
    closing = {name: arr for name, arr in closing.items() if arr > 0}
    both = opening.keys() & closing.keys()
    acv_start = share(sum(opening.values(), ZERO), len(opening))
    acv_end = share(sum(closing.values(), ZERO), len(closing))
    growth: Fraction | Missing = UNDEFINED
    if isinstance(acv_start, Fraction) and isinstance(acv_end, Fraction):
        growth = acv_end / acv_start - 1
    stayed = share(
        sum((closing[name] for name in both), ZERO), sum((opening[name] for name in both), ZERO)
    )
    return {
        "acv_start": acv_start,
        "acv_end": acv_end,
        "acv_growth": growth,
        "acv_growth_like_for_like": stayed - 1 if isinstance(stayed, Fraction) else stayed,
    }


def month_churn(view: View, first: date) -> Fraction | Missing:
    """Share of the logos of the opening day that are gone at the end of the month that starts on `first`."""
    kept = retention(view, first, add_months(first, 1))["logo_retention"]
    return 1 - kept if isinstance(kept, Fraction) else UNDEFINED


def clv(
    view: View,
    *,
    margin: Fraction | None,
    window: int = 1,
    floor: Fraction | None = None,
    back: int = 0,
) -> dict[str, object]:
    """Margin per account and month over monthly logo churn; `back` looks some months further into the past."""
    after = (view.as_of + ONE_DAY).replace(day=1)
    last = add_months(after, -1 - back)
    if window == 6:
        now = add_months(view.as_of.replace(day=1), -back)
        months = [add_months(now, -turn) for turn in range(1, 7)]
    else:
        months = [last]
    rates = [month_churn(view, month) for month in months]
    known = [rate for rate in rates if isinstance(rate, Fraction)]
    churn: Fraction | Missing = (
        sum(known, ZERO) / len(rates) if len(known) == len(rates) else UNDEFINED
    )
    if floor is not None and isinstance(churn, Fraction):
        churn = max(churn, floor)
    last_day = view.as_of if not back else add_months(last, 1) - ONE_DAY
    held = [view.balance(name, last_day, view.as_of) for name in view.company.accounts]
    arpa = share(sum(held, ZERO), 12 * sum(1 for arr in held if arr > 0))
    value: Fraction | Missing = UNDEFINED
    if margin is None:
        value = NO_DATA
    elif isinstance(arpa, Fraction) and isinstance(churn, Fraction) and churn > 0:
        value = arpa * margin / churn
    return {"value": value, "arpa_month": arpa, "monthly_logo_churn": churn}


__all__ = ["TOO_LITTLE", "acv_growth", "clv", "expansion_net", "expansion_revenue", "red_flags"]
