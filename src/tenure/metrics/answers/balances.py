"""ARR in force and its movements: arr_in_force, arr_movements with its roll-forward and months."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from tenure.kernel.days import ONE_DAY, month_of
from tenure.kernel.errors import Bug, UserError
from tenure.kernel.money import ZERO, total
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.opening import cut_key, opening_ledger, sources_of
from tenure.metrics.asked import Asked, Cut, Result
from tenure.metrics.derived.arr_movements import Ledger, Movement
from tenure.metrics.derived.flows import flows, rates_of
from tenure.metrics.derived.rates import MissingRate
from tenure.metrics.reading import Reading

TYPES = ("new", "expansion", "reactivation", "downsell", "churn")


def arr_in_force(reading: Reading, asked: Asked) -> Result:
    """The balance on a day, at that day's rate, by account."""
    as_of = asked.as_of
    population = reading.population(asked.where, as_of)
    chosen = sorted(population)
    book = reading.ledger(
        as_of=as_of,
        rate_day=as_of,
        currency=asked.reporting_currency,
        grace_days=asked.grace_days,
        within=population,
    )
    times = reading.timeline(as_of=as_of, grace_days=asked.grace_days, within=population)
    balances = {account_id: book.balance(account_id, as_of) for account_id in chosen}
    arr = total(balances.values())
    before, reasons = _before_upsell(reading, asked, population)
    status = _status(reading, asked, times, population)
    cuts = _cuts(reading, asked, balances)
    components: dict[str, Any] = {
        "arr": arr,
        "mrr": arr / 12,
        "active_accounts": sum(1 for balance in balances.values() if balance > 0),
        "arr_by_account": balances,
        "arr_before_upsell": before,
        "status": status,
        "churn_movement_date": {
            account_id: times.changes[account_id][-1].day
            for account_id, word in status.items()
            if word == "churned"
        },
    }
    if asked.by is not None:
        components[f"arr_by_{asked.by}"] = {cut.key: cut.value for cut in cuts}
    return Result(
        value=arr,
        components=components,
        reasons=reasons,
        cuts=cuts,
        n=components["active_accounts"],
        rows=[
            s.source
            for s in reading.spans_of(asked.grace_days, asked.as_of, balances)
            if s.in_force(as_of, as_of)
        ],
    )


def _whole_ledger(reading: Reading, asked: Asked, chosen: frozenset[str]) -> Ledger:
    return reading.ledger(
        as_of=asked.as_of,
        rate_day=asked.as_of,
        currency=asked.reporting_currency,
        grace_days=asked.grace_days,
        within=chosen,
    )


def _before_upsell(
    reading: Reading, asked: Asked, chosen: frozenset[str]
) -> tuple[Decimal | None, dict[str, Reason]]:
    """The whole balance at the end of the day before the latest expansion, at the rate of as_of."""
    book = _whole_ledger(reading, asked, chosen)
    try:
        days = [m.day for m in book.movements() if m.type == "expansion"]
        if not days:
            return None, {"arr_before_upsell": "undefined"}
        day_before = max(days) - ONE_DAY
        return total(book.balance(account_id, day_before) for account_id in chosen), {}
    except MissingRate:
        return None, {"arr_before_upsell": "no_data"}


def _status(
    reading: Reading, asked: Asked, book: Ledger, chosen: Collection[str]
) -> dict[str, str]:
    """`active`, `late_renewal` (carried by grace alone) or `churned`, for accounts that ever had ARR."""
    late = {
        s.account_id
        for s in reading.spans_of(asked.grace_days, asked.as_of, chosen)
        if s.arr > 0 and s.start <= asked.as_of and s.is_late(asked.as_of)
    }
    status = {}
    for account_id in sorted(chosen):
        if account_id not in book.changes:
            continue
        if book.balance(account_id, asked.as_of) > 0:
            status[account_id] = "late_renewal" if account_id in late else "active"
        else:
            status[account_id] = "churned"
    return status


def _cuts(reading: Reading, asked: Asked, balances: dict[str, Decimal]) -> list[Cut]:
    if asked.by is None:
        return []
    groups: dict[str, dict[str, Decimal]] = {}
    for account_id, balance in balances.items():
        groups.setdefault(cut_key(reading, asked, account_id, asked.as_of), {})[account_id] = (
            balance
        )
    cuts = []
    for key in sorted(groups):
        arr = total(groups[key].values())
        active = sum(1 for balance in groups[key].values() if balance > 0)
        cuts.append(Cut(key, arr, active, {"arr": arr, "mrr": arr / 12, "active_accounts": active}))
    return cuts


def arr_movements(reading: Reading, asked: Asked) -> Result:
    """The ledger of a period, or up to a day; as a roll-forward; or by month."""
    if asked.parameters["view"] == "rollforward":
        return _rollforward(reading, asked)
    period = asked.maybe_period
    chosen = reading.population(asked.where, asked.as_of)
    book = (
        opening_ledger(reading, asked, period, chosen)
        if period
        else _whole_ledger(reading, asked, chosen)
    )
    moves = book.movements(period)
    components: dict[str, Any] = {
        "movements": [_row(reading, m) for m in moves],
        "arr_on": {
            day.isoformat(): total(book.balance(a, day) for a in chosen)
            for day in _days(asked.parameters["on"])
        },
        "churned_logos": len({m.account_id for m in moves if m.type == "churn"}),
    }
    if asked.by == "month":
        components["by_month"] = by_month(moves)
    return Result(
        value=None if asked.by == "month" else len(moves),
        components=components,
        n=len({m.account_id for m in moves}),
        rows=sources_of(book, sorted({m.account_id for m in moves})),
    )


def _days(on: Any) -> list[date]:
    return list(on) if on else []


def _row(reading: Reading, move: Movement) -> dict[str, Any]:
    row = {
        "account_id": move.account_id,
        "movement_date": move.day,
        "movement_type": move.type,
        "arr_delta": move.delta,
        "arr_before": move.before,
        "arr_after": move.after,
        "owner_id": reading.owners().owner(move.account_id, move.day),
    }
    # Where no line states a reason there is none to be unknown: the key is left out.
    return row | {"reason": move.reason} if move.reason is not None else row


def by_month(moves: Iterable[Movement]) -> dict[str, dict[str, dict[str, Any]]]:
    """Count and signed sum per month and type; types without rows are left out."""
    months: dict[str, dict[str, dict[str, Any]]] = {}
    for move in moves:
        cell = months.setdefault(month_of(move.day), {}).setdefault(
            move.type, {"count": 0, "arr_delta": ZERO}
        )
        cell["count"] += 1
        cell["arr_delta"] += move.delta
    return dict(sorted(months.items()))


def _rollforward(reading: Reading, asked: Asked) -> Result:
    """Opening + movements + fx = closing, per account and in total, or nothing is answered (5.3, step 5)."""
    if asked.maybe_period is None:
        raise UserError(
            "A roll-forward needs a period.",
            remedy="Give `start` and `end`, or `period` such as 2026-Q1.",
            code="period.missing",
        )
    period = asked.period
    population = reading.population(asked.where, asked.as_of)
    chosen = sorted(population)
    book = opening_ledger(reading, asked, period, population)
    last = min(period.last_day, asked.as_of)
    spot = reading.ledger(
        as_of=asked.as_of,
        rate_day=last,
        currency=asked.reporting_currency,
        grace_days=asked.grace_days,
        within=population,
    )
    moves = book.movements(period)
    sums = {kind: total(m.delta for m in moves if m.type == kind) for kind in TYPES}
    opening = total(book.balance(a, period.opening_day) for a in chosen)
    fx_by_account = {a: spot.balance(a, last) - book.balance(a, last) for a in chosen}
    closing = total(spot.balance(a, last) for a in chosen)
    fx = total(fx_by_account.values())
    if opening + total(sums.values()) + fx != closing:
        raise Bug(
            f"The roll-forward of {period} does not tie: {opening} + {sums} + {fx} is not {closing}."
        )
    rates = rates_of(flows(book, period, method="period_net", chosen=chosen))
    moved = total(sums.values())
    components = {
        "opening_arr": opening,
        "new": sums["new"],
        "expansion": sums["expansion"],
        "reactivation": sums["reactivation"],
        "downsell": -sums["downsell"],
        "churn": -sums["churn"],
        "fx": fx,
        "closing_arr": closing,
        "opening_mrr": opening / 12,
        "movements_mrr": moved / 12,
        "fx_mrr": fx / 12,
        "closing_mrr": closing / 12,
        "nrr": rates["nrr"],
        "fx_by_account": {a: amount for a, amount in fx_by_account.items() if amount != 0},
    }
    return Result(
        value=closing,
        components=components,
        reasons={} if rates["nrr"] is not None else {"nrr": "undefined"},
        n=len({m.account_id for m in moves}),
        rows=sources_of(book, sorted({m.account_id for m in moves})),
    )
