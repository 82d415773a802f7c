"""The ledger as answers: movements, roll-forward, months."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

from oracles.balance import UP, ZERO, View
from oracles.days import ONE_DAY, month_name
from oracles.retention import retention

KINDS = ("new", "expansion", "reactivation", "downsell", "churn")


def movement_rows(
    view: View, start: date | None = None, end: date | None = None
) -> list[dict[str, object]]:
    """One row per movement, by account and day, without currency rows."""
    rate_day = start - ONE_DAY if start else view.as_of
    moves = view.all_movements(start or date.min, end or view.as_of + ONE_DAY, rate_day)
    return [
        {
            "account_id": move.account,
            "movement_date": move.day,
            "movement_type": move.kind,
            "arr_delta": move.delta,
            "arr_before": move.before,
            "arr_after": move.after,
        }
        for move in sorted(moves, key=lambda move: (move.account, move.day))
    ]


def rollforward(view: View, start: date, end: date) -> dict[str, object]:
    """Opening to closing; what the rates did stands apart."""
    opening_day, closing_day = start - ONE_DAY, min(end - ONE_DAY, view.as_of)
    sums = dict.fromkeys(KINDS, ZERO)
    for move in view.all_movements(start, end, opening_day):
        sums[move.kind] += abs(move.delta)
    opening, closing = view.total(opening_day, opening_day), view.total(end - ONE_DAY, closing_day)
    fx = closing - view.total(end - ONE_DAY, opening_day)
    moved = sum((amount if name in UP else -amount for name, amount in sums.items()), ZERO)
    return {
        "opening_arr": opening,
        **sums,
        "fx": fx,
        "closing_arr": closing,
        "opening_mrr": opening / 12,
        "movements_mrr": moved / 12,
        "fx_mrr": fx / 12,
        "closing_mrr": closing / 12,
        "nrr": retention(view, start, end)["nrr"],
    }


def by_month(view: View, start: date, end: date) -> dict[str, dict[str, dict[str, object]]]:
    """How many movements of each type in each month, and their signed sum, at the rate of the opening day."""
    found: dict[str, dict[str, dict[str, Fraction | int]]] = defaultdict(dict)
    for move in view.all_movements(start, end, start - ONE_DAY):
        cell = found[month_name(move.day)].setdefault(move.kind, {"count": 0, "arr_delta": ZERO})
        cell["count"] += 1
        cell["arr_delta"] += move.delta
    return {month: dict(cells) for month, cells in found.items()}
