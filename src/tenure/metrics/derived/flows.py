"""The opening cohort's flows in a period: what each account with ARR at the start did with it (G2).

Grain: one row per account with ARR on the opening day. Inputs: the ledger at one rate; parameters: period,
method. Pure: a ledger in, rows and rates out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tenure.kernel.days import Period
from tenure.kernel.money import ZERO, ratio, total
from tenure.metrics.derived.arr_movements import Ledger


@dataclass(frozen=True, slots=True)
class Flow:
    """What one account of the opening cohort did in a period, at one rate."""

    account_id: str
    start: Decimal
    end: Decimal
    expansion: Decimal
    downsell: Decimal
    churn: Decimal

    @property
    def is_lost(self) -> bool:
        """Whether the logo is gone at the period's end."""
        return self.end <= 0


def flows(book: Ledger, period: Period, *, method: str, chosen: Iterable[str]) -> list[Flow]:
    """One flow per chosen account with ARR on the opening day.

    `period_net` compares the two ends; `gross_flows` sums the movements up to the account's first churn.
    """
    made = []
    for account_id in sorted(chosen):
        start = book.balance(account_id, period.opening_day)
        if start <= 0:
            continue
        end = book.balance(account_id, period.last_day)
        parts = net_of(start, end) if method == "period_net" else _gross(book, account_id, period)
        made.append(Flow(account_id, start, end, *parts))
    return made


def net_of(start: Decimal, end: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Expansion, downsell and churn between two balances; start is above 0."""
    if end <= 0:
        return ZERO, ZERO, start
    return max(end - start, ZERO), max(start - end, ZERO), ZERO


def _gross(book: Ledger, account_id: str, period: Period) -> tuple[Decimal, Decimal, Decimal]:
    expansion = downsell = churn = ZERO
    for move in book.moves(account_id, period):
        if move.type == "expansion":
            expansion += move.delta
        elif move.type == "downsell":
            downsell -= move.delta
        elif move.type == "churn":
            # It left the opening cohort here; what a return brings is reactivation, not retention.
            return expansion, downsell, -move.delta
    return expansion, downsell, churn


def rates_of(own: Sequence[Flow]) -> dict[str, Any]:
    """The sums and rates over some flows; a rate over nothing is None."""
    opening = total(f.start for f in own)
    expansion, downsell, churn = (
        total(getattr(f, part) for f in own) for part in ("expansion", "downsell", "churn")
    )
    lost = sum(1 for f in own if f.is_lost)
    return {
        "opening_arr": opening,
        "expansion": expansion,
        "downsell": downsell,
        "churn": churn,
        "nrr": ratio(opening + expansion - downsell - churn, opening),
        "grr": ratio(opening - downsell - churn, opening),
        "expansion_rate": ratio(expansion, opening),
        "opening_logos": len(own),
        "lost_logos": lost,
        "logo_retention": ratio(len(own) - lost, len(own)),
    }
