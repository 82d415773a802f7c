"""Derived fact `arr_movements`: the ARR ledger (metrics 5.3, steps 3-5).

Grain: one row per account and day on which its ARR changed. Key: account_id, movement_date. Inputs:
line_spans, fx_rates; parameters: as_of, rate day, grace. Depends on as_of: a missing renewal may still
come. Amounts are netted per account and day in native currency and priced at ONE rate, so that currency
never makes a movement (G4). Does not promise which product moved: that would be an allocation.

Two steps, since what changed when does not depend on a rate: `arr_changes` nets the spans in native
currencies, once; a `Ledger` prices what it is asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from tenure.kernel.days import Period
from tenure.kernel.errors import Bug
from tenure.kernel.money import ZERO
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.derived.line_spans import Span

MovementType = Literal["new", "expansion", "downsell", "churn", "reactivation"]
RAMP = "ramp"

Native = Mapping[str, Decimal]
"""Amounts by currency; a currency without an amount is not in it."""

NOTHING: Native = {}


@dataclass(frozen=True, slots=True)
class Change:
    """One account's day of change, in native currencies: what it had before and after, and why."""

    day: date
    before: Native
    after: Native
    ramp: Native
    reason: str | None
    sources: tuple[SourceRow, ...]


Changes = Mapping[str, tuple[Change, ...]]
"""All changes by account, in order of day."""


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


@dataclass(slots=True)
class Ledger:
    """The changes of some accounts (`within`; None: all), priced at one rate per currency when asked.

    A rate is looked up only for an amount that is not zero, so that a rate nobody needs cannot be missing.
    """

    changes: Changes
    rate: Callable[[str], Decimal]
    within: frozenset[str] | None = None
    _rates: dict[str, Decimal] = field(default_factory=dict)

    def accounts(self) -> list[str]:
        """Accounts that ever had ARR, sorted."""
        if self.within is None:
            return sorted(self.changes)
        return sorted(a for a in self.within if a in self.changes)

    def balance(self, account_id: str, day: date) -> Decimal:
        """The account's ARR at the end of `day`."""
        own = self.changes.get(account_id, ())
        place = bisect_right(own, day, key=_day_of)
        return self.worth(own[place - 1].after) if place else ZERO

    def moves(self, account_id: str, period: Period | None = None) -> list[Movement]:
        """The account's movements in order of day."""
        found = []
        was_active = False
        for change in self.changes.get(account_id, ()):
            if period is None or period.holds(change.day):
                move = self._movement(account_id, change, was_active=was_active)
                if move is not None:
                    found.append(move)
            # Whether it ever paid is asked in native amounts: one rate more or less does not matter.
            was_active = was_active or any(amount > 0 for amount in change.after.values())
        return found

    def movements(self, period: Period | None = None) -> list[Movement]:
        """All movements inside `period` (all without one), sorted by day and account."""
        found = [move for account_id in self.accounts() for move in self.moves(account_id, period)]
        return sorted(found, key=lambda m: (m.day, m.account_id))

    def _movement(self, account_id: str, change: Change, *, was_active: bool) -> Movement | None:
        before, after = self.worth(change.before), self.worth(change.after)
        if before == after:
            return None
        kind = movement_type(before, after, was_active=was_active)
        ramp = ZERO
        if kind == "expansion" and change.ramp:
            ramp = max(ZERO, min(after - before, self.worth(change.ramp)))
        return Movement(
            account_id, change.day, kind, after - before, before, after, change.reason, ramp, change.sources
        )  # fmt: skip

    def worth(self, amounts: Native) -> Decimal:
        """Native amounts at the ledger's rates, added up."""
        worth = ZERO
        for currency, amount in amounts.items():
            if currency not in self._rates:
                self._rates[currency] = self.rate(currency)
            worth += amount * self._rates[currency]
        return worth


def _day_of(change: Change) -> date:
    return change.day


Seen = tuple[tuple[int, date], ...]
"""Spans by identity, each with its end as a day sees it; the last day there is where it has not ended."""
Before = dict[str, tuple[Seen, Sequence[Span], tuple[Change, ...]]]
"""An account's changes as another day saw them, with the spans they were made of, which stay alive with it."""


def arr_changes(
    spans: Iterable[Span], *, as_of: date, before: Before | None = None
) -> dict[str, tuple[Change, ...]]:
    """What changed when, seen from `as_of`, by account.

    Args:
        spans: the lines' spans as the day knows them.
        as_of: the day.
        before: what other days saw; an account whose spans look the same on this day has the same changes.

    Raises:
        Bug: an account's changes do not sum to what is in force on `as_of`.
    """
    by_account: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        if span.start <= as_of:
            by_account[span.account_id].append(span)
    made = {}
    held: Before = {} if before is None else before
    for account_id, own in by_account.items():
        seen = tuple((id(span), _end_seen(span, as_of)) for span in own)
        if account_id not in held or held[account_id][0] != seen:
            changes = _changes_of(own, as_of)
            _check(account_id, own, changes, as_of)
            held[account_id] = seen, own, tuple(changes)
        if held[account_id][2]:
            made[account_id] = held[account_id][2]
    return made


def _end_seen(span: Span, as_of: date) -> date:
    end = span.end_seen_from(as_of)
    return end if end <= as_of else date.max


def _changes_of(spans: Sequence[Span], as_of: date) -> list[Change]:
    starting: dict[date, list[Span]] = {}
    ending: dict[date, list[Span]] = {}
    for span in spans:
        starting.setdefault(span.start, []).append(span)
        end = span.end_seen_from(as_of)
        if end <= as_of:
            ending.setdefault(end, []).append(span)
    changes = []
    now: Native = NOTHING
    for day in sorted(starting.keys() | ending.keys()):
        begun, ended = starting.get(day, []), ending.get(day, [])
        after = _moved(now, begun, ended)
        if after == now:
            continue
        sources = tuple(span.line.source for span in (*begun, *ended))
        changes.append(Change(day, now, after, _ramp_part(begun, ended), _reason(begun), sources))
        now = after
    return changes


def _moved(now: Native, begun: Iterable[Span], ended: Iterable[Span]) -> Native:
    """Amounts after some lines began and others ended; what is zero drops out."""
    after = dict(now)
    for span in begun:
        after[span.line.currency] = after.get(span.line.currency, ZERO) + span.line.arr
    for span in ended:
        after[span.line.currency] = after.get(span.line.currency, ZERO) - span.line.arr
    return {currency: amount for currency, amount in after.items() if amount != 0}


def movement_type(before: Decimal, after: Decimal, *, was_active: bool) -> MovementType:
    """New, reactivation and churn are asked BEFORE up and down (G14)."""
    if before <= 0 < after:
        return "reactivation" if was_active else "new"
    if after <= 0 < before:
        return "churn"
    return "expansion" if after > before else "downsell"


def _reason(begun: Sequence[Span]) -> str | None:
    reasons = sorted({span.line.reason for span in begun if span.line.reason})
    return " + ".join(reasons) or None


def _ramp_part(begun: Sequence[Span], ended: Sequence[Span]) -> Native:
    """What ramp steps add: the step less the line of the same contract and product that it takes over from."""
    steps = [span for span in begun if span.line.reason == RAMP]
    if not steps:
        return NOTHING
    places = {(span.line.contract_id, span.line.product_id) for span in steps}
    replaced = [s for s in ended if (s.line.contract_id, s.line.product_id) in places]
    return _moved(NOTHING, steps, replaced)


def _check(account_id: str, spans: Sequence[Span], changes: Sequence[Change], as_of: date) -> None:
    """Nothing plus all changes must be what is in force on as_of, exactly and per currency (5.3, step 5)."""
    in_force = _moved(NOTHING, (span for span in spans if span.in_force(as_of, as_of)), ())
    moved = changes[-1].after if changes else NOTHING
    if moved != in_force:
        raise Bug(
            f"The ledger of account `{account_id}` does not tie: its movements sum to {dict(moved)}, "
            f"but {dict(in_force)} is in force on {as_of}.",
            remedy="Please report this with the account's contracts and lines.",
        )
