"""Derived fact `arr_movements`: the ARR ledger (metrics 5.3, steps 3-5).

Grain: one row per account and day on which its ARR changed. Key: account_id, movement_date. Inputs:
line_spans, fx_rates, owners; parameters: as_of, rate day, grace. Depends on as_of: a missing renewal may
still come. Amounts are netted per account and day in native currency and converted at ONE rate, so that
currency never makes a movement (G4). Does not promise which product moved: that would be an allocation.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from tenure.kernel.days import Period
from tenure.kernel.errors import Bug
from tenure.kernel.money import ZERO, total
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.derived.line_spans import FAR, Span

MovementType = Literal["new", "expansion", "downsell", "churn", "reactivation"]
RAMP = "ramp"


@dataclass(frozen=True, slots=True)
class Movement:
    """One account's ARR change on one day, in the reporting currency; `ramp_delta` is the part that was agreed before."""

    account_id: str
    day: date
    type: MovementType
    delta: Decimal
    before: Decimal
    after: Decimal
    reason: str | None
    ramp_delta: Decimal
    sources: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """All movements from the first day, by account in order of day, seen from `as_of`."""

    as_of: date
    by_account: Mapping[str, tuple[Movement, ...]]

    def movements(self, period: Period | None = None) -> list[Movement]:
        """Movements inside `period` (all without one), sorted by day and account."""
        found = (m for moves in self.by_account.values() for m in moves)
        inside = [m for m in found if period is None or period.holds(m.day)]
        return sorted(inside, key=lambda m: (m.day, m.account_id))

    def balance(self, account_id: str, day: date) -> Decimal:
        """The account's ARR at the end of `day`."""
        moves = self.by_account.get(account_id, ())
        place = bisect_right(moves, day, key=lambda m: m.day)
        return moves[place - 1].after if place else ZERO

    def balances(self, day: date) -> dict[str, Decimal]:
        """ARR at the end of `day` of every account that ever had any."""
        return {account_id: self.balance(account_id, day) for account_id in sorted(self.by_account)}


def ledger(spans: Iterable[Span], *, as_of: date, rate: Callable[[str], Decimal]) -> Ledger:
    """The ledger seen from `as_of`, at the one rate per currency that `rate` gives.

    Raises:
        Bug: opening plus movements is not the closing balance of an account.
    """
    by_account: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        if span.start <= as_of:
            by_account[span.account_id].append(span)
    rates: dict[str, Decimal] = {}
    made = {}
    for account_id, own in by_account.items():
        for span in own:
            if span.line.currency not in rates:
                rates[span.line.currency] = rate(span.line.currency)
        moves = _movements_of(account_id, own, as_of, rates)
        _check(account_id, own, moves, as_of, rates)
        if moves:
            made[account_id] = tuple(moves)
    return Ledger(as_of, made)


def _movements_of(
    account_id: str, spans: Sequence[Span], as_of: date, rates: Mapping[str, Decimal]
) -> list[Movement]:
    starting: dict[date, list[Span]] = defaultdict(list)
    ending: dict[date, list[Span]] = defaultdict(list)
    for span in spans:
        starting[span.start].append(span)
        end = span.end_seen_from(as_of)
        if end <= as_of:
            ending[end].append(span)
    before, was_active, moves = ZERO, False, []
    for day in sorted(starting.keys() | ending.keys()):
        begun, ended = starting.get(day, []), ending.get(day, [])
        delta = _worth(begun, rates) - _worth(ended, rates)
        if delta == 0:
            continue
        after = before + delta
        kind = movement_type(before, after, was_active=was_active)
        moves.append(
            Movement(
                account_id=account_id,
                day=day,
                type=kind,
                delta=delta,
                before=before,
                after=after,
                reason=_reason(begun),
                ramp_delta=_ramp_part(begun, ended, rates, delta) if kind == "expansion" else ZERO,
                sources=tuple(span.source for span in (*begun, *ended)),
            )
        )
        was_active = was_active or after > 0
        before = after
    return moves


def movement_type(before: Decimal, after: Decimal, *, was_active: bool) -> MovementType:
    """New, reactivation and churn are asked BEFORE up and down (G14)."""
    if before <= 0 < after:
        return "reactivation" if was_active else "new"
    if after <= 0 < before:
        return "churn"
    return "expansion" if after > before else "downsell"


def _worth(spans: Iterable[Span], rates: Mapping[str, Decimal]) -> Decimal:
    return total(span.arr * rates[span.line.currency] for span in spans)


def _reason(begun: Sequence[Span]) -> str | None:
    reasons = sorted({span.line.reason for span in begun if span.line.reason})
    return " + ".join(reasons) or None


def _ramp_part(
    begun: Sequence[Span], ended: Sequence[Span], rates: Mapping[str, Decimal], delta: Decimal
) -> Decimal:
    """What ramp steps add: the step less the line of the same contract and product that it takes over from."""
    steps = [span for span in begun if span.line.reason == RAMP]
    if not steps:
        return ZERO
    places = {(span.line.contract_id, span.line.product_id) for span in steps}
    replaced = [span for span in ended if (span.line.contract_id, span.line.product_id) in places]
    return max(ZERO, min(delta, _worth(steps, rates) - _worth(replaced, rates)))


def _check(
    account_id: str,
    spans: Sequence[Span],
    moves: Sequence[Movement],
    as_of: date,
    rates: Mapping[str, Decimal],
) -> None:
    """Opening (nothing) plus movements must be what is in force today, exactly (5.3, step 5)."""
    in_force = _worth((span for span in spans if span.in_force(as_of, as_of)), rates)
    moved = total(move.delta for move in moves)
    if moved != in_force:
        raise Bug(
            f"The ledger of account `{account_id}` does not tie: movements sum to {moved}, "
            f"but {in_force} is in force on {as_of}.",
            remedy="Please report this with the account's contracts and lines.",
        )


__all__ = ["FAR", "Ledger", "Movement", "MovementType", "ledger", "movement_type"]
