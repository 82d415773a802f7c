"""What fell due, and what became of it (G7, G8)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from oracles.balance import ZERO, View, due_days
from oracles.days import ONE_DAY
from oracles.reading import UNDEFINED, Company, Contract, Missing

Money = dict[str, Fraction]  # currency -> amount


@dataclass
class Due:
    """One contract at one of its ends; money still per currency."""

    contract: Contract
    day: date
    renewable: Money
    renewed: Money = field(default_factory=dict)
    open: bool = False


def on_day(contract: Contract, day: date, *, rolled: bool = False) -> Money:
    """ARR of the contract's lines on a day, as they were scheduled."""
    held: Money = defaultdict(lambda: ZERO)
    for line in contract.lines:
        goes_on = line.end is None or day < line.end or (rolled and line.end == contract.end)
        if line.start <= day and goes_on:
            held[line.currency] += line.arr
    return {currency: arr for currency, arr in held.items() if arr}


def all_due(view: View) -> list[Due]:
    """Every end that is known on as_of, with what was renewed; one without ARR is not due, but may have a sibling."""
    found = [due for contract in view.company.contracts.values() for due in _ends(view, contract)]
    for due in found:
        if not due.renewed:
            _take_surplus(view, due, found)
    for due in found:
        waiting = view.as_of < due.day or (view.as_of - due.day).days < view.grace
        due.open = not due.renewed and waiting and not due.contract.cancelled(view.as_of)
    return found


def _ends(view: View, contract: Contract) -> list[Due]:
    """The end of a contract; for one that renews itself, every end it has reached so far and the next."""
    if contract.end is None or contract.first_day > view.as_of:
        return []
    found = []
    stop = view.stops_rolling(contract)
    followers = view.followers(contract)
    for day in due_days(contract):
        due = Due(contract, day, on_day(contract, day - ONE_DAY, rolled=day != contract.end))
        answers = [after for after in followers if (after.first_day - day).days <= view.grace]
        for after in answers:
            for currency, arr in on_day(after, after.first_day).items():
                due.renewed[currency] = due.renewed.get(currency, ZERO) + arr
        rolls_on = not answers and (stop is None or day < stop)
        if rolls_on and day <= view.as_of:
            due.renewed = dict(due.renewable)
        found.append(due)
        if not rolls_on or day > view.as_of:
            return found
    return found


def _take_surplus(view: View, due: Due, everything: list[Due]) -> None:
    """A co-termed add-on without a successor of its own lives on in the one that follows its sibling."""
    for sibling in _followed_siblings(view, due, everything):
        if due.contract.first_day >= _start_after(view, sibling):
            continue
        for currency, wanted in due.renewable.items():
            surplus = sibling.renewed.get(currency, ZERO) - sibling.renewable.get(currency, ZERO)
            moved = min(surplus, wanted - due.renewed.get(currency, ZERO))
            if moved > 0:
                due.renewed[currency] = due.renewed.get(currency, ZERO) + moved
                sibling.renewed[currency] -= moved
                view.replaced[due.contract.name] = _start_after(view, sibling)


def _followed_siblings(view: View, due: Due, everything: list[Due]) -> list[Due]:
    """Contracts with the same end that began earlier and were followed, if this one was not."""
    mine = due.contract
    if view.followers(mine):
        return []
    return [
        other
        for other in everything
        if other.contract.account == mine.account
        and other.day == due.day
        and other.contract.start < mine.start
        and view.followers(other.contract)
    ]


def _start_after(view: View, due: Due) -> date:
    return min(after.first_day for after in view.followers(due.contract))


def look(company: Company, as_of: date, grace: int = 30) -> View:
    """A view that also knows which add-ons went into the contract that follows their sibling (G8).

    Such an add-on ends where that contract begins, and grace does not keep it beside what replaced it.
    """
    view = View(company, as_of, grace)
    all_due(view)
    return view


def unsettled(view: View) -> bool:
    """Whether the pages leave open what became of an add-on whose sibling was followed.

    Not taken up, it ends with its own contract or with its sibling's, with grace or without: on a common end outside
    grace that is all the same. A sibling without ARR, or one already replaced when the add-on began, is no sibling to
    some readers.
    """
    everything = all_due(view)
    for due in everything:
        for sibling in _followed_siblings(view, due, everything):
            undecided = (view.as_of - due.day).days < view.grace
            apart = _start_after(view, sibling) != due.day
            taken_up = due.contract.name in view.replaced
            odd = not sibling.renewable or due.contract.first_day >= _start_after(view, sibling)
            if odd or (not taken_up and (undecided or apart)):
                return True
    return False


def renewal_rates(
    view: View, start: date, end: date, *, convention: str = "end_date", logo_rule: str = "any"
) -> dict[str, object]:
    """The answer shared by the three renewal rates, at the rate of the opening day."""
    opening = start - ONE_DAY

    def money(amounts: Money) -> Fraction:
        return sum(
            (arr * view.company.rate(currency, opening) for currency, arr in amounts.items()), ZERO
        )

    shift = ONE_DAY if convention == "last_covered_day" else 0 * ONE_DAY
    # What falls due after as_of is not due yet, and in no sum.
    dues = [
        due
        for due in all_due(view)
        if start <= due.day - shift < end
        and due.day - shift <= view.as_of
        and money(due.renewable) > 0
    ]
    by_account: dict[str, list[Due]] = defaultdict(list)
    for due in dues:
        by_account[due.contract.account].append(due)
    kept = {
        account: (any if logo_rule == "any" else all)(money(due.renewed) > 0 for due in ends)
        for account, ends in by_account.items()
    }
    renewable = sum((money(due.renewable) for due in dues), ZERO)
    renewed = sum((money(due.renewed) for due in dues), ZERO)
    least = sum((min(money(due.renewable), money(due.renewed)) for due in dues), ZERO)
    lost = [
        (
            view.balance(due.contract.account, due.day, opening) > 0,
            max(money(due.renewable) - money(due.renewed), ZERO),
        )
        for due in dues
        if not due.open
    ]
    waiting = sum((money(due.renewable) for due in dues if due.open), ZERO)
    return {
        "renewable_arr": renewable,
        "renewed_arr": renewed,
        "downsell": sum((amount for stayed, amount in lost if stayed), ZERO),
        "churn": sum((amount for stayed, amount in lost if not stayed), ZERO),
        "expansion_at_renewal": renewed - least,
        "gross_renewal_rate": share(least, renewable),
        "net_renewal_rate": share(renewed, renewable),
        "logo_renewal_rate": share(sum(kept.values()), len(kept)),
        "open_arr": waiting,
        "gross_renewal_rate_resolved": share(least, renewable - waiting),
    }


def share(part: Fraction | int, whole: Fraction | int) -> Fraction | Missing:
    """part / whole; Unknown where the whole is 0."""
    return Fraction(part) / Fraction(whole) if whole else UNDEFINED
