"""Clocks, books, risk and pipeline on one day."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

from oracles.balance import ZERO, View
from oracles.days import ONE_DAY
from oracles.reading import UNDEFINED, Anything, Either, Missing
from oracles.renewals import Due, all_due, on_day, share

BENCHMARKS = {
    "enterprise": (5_000_000, 20_000_000),
    "mid_market": (1_000_000, 5_000_000),
    "smb": (500_000, 2_000_000),
}
GROW_METRICS = {"seat_utilization"}


def arr_in_force(view: View) -> dict[str, object]:
    """The balance at the end of as_of, who is late, who left and when."""
    day = view.as_of
    balances = {name: view.balance(name, day, day) for name in view.company.accounts}
    status: dict[str, str | Either] = {}
    left: dict[str, date] = {}
    for name, arr in balances.items():
        moves = view.movements(name, day)
        if arr > 0:
            status[name] = _standing(view, name)
        elif moves:
            status[name] = "churned"
            left[name] = moves[-1].day
    ups = [
        move.day
        for move in view.all_movements(date.min, day + ONE_DAY, day)
        if move.kind == "expansion"
    ]
    total = sum(balances.values(), ZERO)
    return {
        "arr": total,
        "mrr": total / 12,
        "active_accounts": sum(1 for arr in balances.values() if arr > 0),
        "arr_by_account": {name: balances[name] for name in status},
        "arr_before_upsell": view.total(max(ups) - ONE_DAY, day) if ups else UNDEFINED,
        "status": status,
        "churn_movement_date": left,
    }


def _standing(view: View, account: str) -> str | Either:
    """In grace, or not; between an end and a signed successor that has not begun, both words are true."""
    if view.late(account):
        return "late_renewal"
    waits = any(
        contract.account == account
        and contract.end
        and contract.end <= view.as_of < after.first_day
        for contract in view.company.contracts.values()
        for after in view.followers(contract)
    )
    return Either("active", "late_renewal") if waits else "active"


def days_to_renewal(view: View) -> dict[str, int | Missing]:
    """Days to the nearest end that nobody has renewed, of accounts with ARR; negative inside grace."""
    found: dict[str, int | Missing] = {}
    for name in view.company.accounts:
        waits = []
        for due in all_due(view) + _signed_ahead(view):
            if due.contract.account == name and _still_running(view, due):
                waits.append((due.day - view.as_of).days)
        active = view.balance(name, view.as_of, view.as_of) > 0
        found[name] = min(waits) if waits and active else UNDEFINED
    return found


def _signed_ahead(view: View) -> list[Due]:
    """The next contract of one already renewed, though it has not begun."""
    found = []
    for before in view.company.contracts.values():
        for after in view.followers(before):
            if after.first_day > view.as_of and after.end is not None:
                found.append(Due(after, after.end, on_day(after, after.end - ONE_DAY)))
    return found


def _still_running(view: View, due: Due) -> bool:
    return bool(due.renewable) and not due.renewed and (view.as_of < due.day or due.open)


def arr_per_csm(view: View) -> dict[str, object]:
    """ARR of the accounts each CSM looks after on as_of."""
    by_csm: dict[str, Fraction] = defaultdict(lambda: ZERO)
    segments: dict[str, set[str]] = defaultdict(set)
    for name in view.company.accounts:
        arr = view.balance(name, view.as_of, view.as_of)
        if arr > 0:
            owner = view.company.owner(name, view.as_of)
            by_csm[owner] += arr
            segments[owner].add(view.company.segment(name))
    people = [user for user in by_csm if user != "unassigned"]
    status = {}
    for user in people:
        if len(segments[user]) == 1 and (segment := next(iter(segments[user]))) in BENCHMARKS:
            low, high = BENCHMARKS[segment]
            status[user] = (
                "under" if by_csm[user] < low else "over" if by_csm[user] > high else "within"
            )
    total = sum((by_csm[user] for user in people), ZERO)
    nobody = by_csm.pop("unassigned", ZERO)
    return {
        "by_csm": dict(by_csm),
        "unassigned": nobody,
        "average": share(total, len(people)),
        "status": status if len(status) == len(people) else Anything(),
    }


def retention_risk(view: View, *, within: int | None = None) -> dict[str, object]:
    """Active accounts with an open warning that belongs to the renew question, once each."""
    clocks = days_to_renewal(view)
    at_risk = set()
    for row in view.company.rows["risk_flags"]:
        name = row["account_id"]
        cleared = row["cleared_date"] is not None and row["cleared_date"] <= view.as_of
        if name not in view.company.accounts or row["raised_date"] > view.as_of or cleared:
            continue
        if row["metric_id"] in GROW_METRICS or view.balance(name, view.as_of, view.as_of) <= 0:
            continue
        clock = clocks[name]
        if within is None or (isinstance(clock, int) and clock <= within):
            at_risk.add(name)
    amount = sum((view.balance(name, view.as_of, view.as_of) for name in at_risk), ZERO)
    return {
        "at_risk_accounts": len(at_risk),
        "arr_at_risk": amount,
        "share_of_arr": share(amount, view.total(view.as_of, view.as_of)),
    }


def expansion_pipeline(view: View) -> dict[str, object]:
    """Open, qualified expansion deals known on as_of."""
    count, plain, weighted, stale = 0, ZERO, ZERO, []
    for row in view.company.rows["opportunities"]:
        account = view.company.accounts.get(row["account_id"])
        wanted = (
            row["stage"] == "open"
            and row["is_qualified"]
            and row["opportunity_type"] == "expansion"
        )
        if account is None or not wanted or row["created_date"] > view.as_of:
            continue
        rate = view.company.rate(row["currency"] or account["currency"], view.as_of)
        amount = Fraction(row["amount_arr"]) * rate
        count, plain, weighted = (
            count + 1,
            plain + amount,
            weighted + amount * Fraction(row["probability"]),
        )
        if row["close_date"] < view.as_of:
            stale.append(row["opportunity_id"])
    return {
        "count": count,
        "potential_arr": plain,
        "weighted_arr": weighted,
        "stale": sorted(stale),
    }
