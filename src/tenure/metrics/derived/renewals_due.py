"""Derived fact `renewals_due`: what came up for renewal, and what became of it (G6, G7, G8).

Grain: one row per contract and due date (an auto-renewing contract falls due again every term). Key:
contract_id, due. Inputs: contracts, contract_lines, line_spans; parameters: as_of, grace. Depends on as_of.
Multi-year contracts that are not due are not here. Does not promise that an inferred renewal is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from tenure.kernel.days import ONE_DAY, Period
from tenure.kernel.money import ZERO
from tenure.metrics.derived.contract_facts import Contract, Line, SourceRow
from tenure.metrics.derived.line_spans import Renewal

DueConvention = Literal["end_date", "last_covered_day"]


@dataclass(frozen=True, slots=True)
class Due:
    """One contract's renewal. Amounts are native, by currency, so that any rate can be applied later."""

    contract_id: str
    account_id: str
    ends: date
    renewable: Mapping[str, Decimal]
    renewed: Mapping[str, Decimal]
    is_renewed: bool
    is_open: bool
    is_inferred: bool
    started: date | None
    sources: tuple[SourceRow, ...]

    def due_on(self, convention: DueConvention) -> date:
        """The due date: the end date, or the last covered day for finance teams that count so."""
        return self.ends if convention == "end_date" else self.ends - ONE_DAY


@dataclass(frozen=True, slots=True)
class _View:
    """What one reading knows: all contracts, their recurring lines, who follows whom, seen from when."""

    contracts: Mapping[str, Contract]
    lines: Mapping[str, list[Line]]
    links: Mapping[str, list[Renewal]]
    as_of: date
    grace: timedelta


def renewals_due(
    contracts: Mapping[str, Contract],
    lines: Iterable[Line],
    links: Mapping[str, list[Renewal]],
    *,
    as_of: date,
    horizon: Period,
    grace_days: int,
) -> list[Due]:
    """Every renewal that ends inside `horizon` or on its end, seen from `as_of`, sorted by end and contract.

    Callers cut by `Due.due_on`, since the convention moves a due date by one day.
    """
    by_contract: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.contract_id is not None:
            by_contract[line.contract_id].append(line)
    view = _View(contracts, by_contract, links, as_of, timedelta(days=grace_days))
    found = []
    for contract in contracts.values():
        for ends, is_rolled in term_ends(
            contract, links.get(contract.contract_id, []), horizon, view.grace
        ):
            if ends - ONE_DAY > as_of:
                continue  # not due yet by either convention, so in no sum
            covered = _covered_on_last_day(contract, view)
            if any(amount > 0 for amount in _by_currency(covered).values()):
                found.append(
                    _rolled(contract, ends, covered, view)
                    if is_rolled
                    else _final(contract, ends, covered, view)
                )
    return sorted(_share_with_add_ons(found), key=lambda d: (d.ends, d.contract_id))


def term_ends(
    contract: Contract, followers: list[Renewal], horizon: Period, grace: timedelta
) -> list[tuple[date, bool]]:
    """The contract's due dates inside the horizon, each with whether it renews itself there (rulings A5)."""
    if contract.end is None:
        return []
    last = contract.last_end
    until = min((link.starts for link in followers), default=None)
    ends: list[tuple[date, bool]] = []
    due, times = contract.end, 0
    while due <= horizon.end:
        goes_on = contract.rolls and (last is None or due < last)
        is_rolled = goes_on and (until is None or until > due + grace)
        if due >= horizon.start:
            ends.append((due, is_rolled))
        times += 1
        following = contract.next_end(times) if is_rolled else None
        if following is None:
            break
        due = following
    return ends


def _covered_on_last_day(contract: Contract, view: _View) -> list[Line]:
    """The lines of the last covered day as planned: an early renewal does not shrink what was due (G6)."""
    end = contract.end
    return [
        line
        for line in view.lines.get(contract.contract_id, [])
        if end is not None and line.start < end and (line.end is None or line.end >= end)
    ]


def _rolled(contract: Contract, ends: date, covered: list[Line], view: _View) -> Due:
    """It renews itself on its end at the same ARR (rulings A5); on its last covered day it is still open."""
    renewable = _by_currency(covered)
    is_renewed = ends <= view.as_of
    return Due(
        contract_id=contract.contract_id,
        account_id=contract.account_id,
        ends=ends,
        renewable=renewable,
        renewed=renewable if is_renewed else {},
        is_renewed=is_renewed,
        is_open=not is_renewed,
        is_inferred=False,
        started=contract.start,
        sources=(contract.source, *(line.source for line in covered)),
    )


def _final(contract: Contract, ends: date, covered: list[Line], view: _View) -> Due:
    """It is renewed by successors known by then, or lost, or still open inside its grace."""
    known = [
        link
        for link in view.links.get(contract.contract_id, [])
        if link.starts <= ends + view.grace
    ]
    after = [line for link in known for line in _opening_lines(link, view)]
    # On its last covered day a term still runs; whether it is lost by then is known only of one given up.
    given_up = not contract.has_grace or (
        contract.notice_on is not None and contract.notice_on <= view.as_of
    )
    may_come = not given_up and view.as_of < contract.waits_until(ends, view.grace)
    return Due(
        contract_id=contract.contract_id,
        account_id=contract.account_id,
        ends=ends,
        renewable=_by_currency(covered),
        renewed=_by_currency(after),
        is_renewed=bool(known),
        is_open=not known and may_come,
        is_inferred=any(link.is_inferred for link in known),
        started=contract.start,
        sources=(contract.source, *(line.source for line in (*covered, *after))),
    )


def _opening_lines(link: Renewal, view: _View) -> list[Line]:
    """The successor's recurring lines in force on its first day; later ones are mid-term expansion."""
    return [
        line
        for line in view.lines.get(link.successor, [])
        if line.start <= link.starts and (line.end is None or line.end > link.starts)
    ]


def _by_currency(lines: Iterable[Line]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        sums[line.currency] += line.arr
    return dict(sums)


def _share_with_add_ons(found: list[Due]) -> list[Due]:
    """Add-ons renewed inside their sibling's renewal (G8).

    A co-termed add-on is a contract of the same account that ends on the same day and started later. If
    it has no successor of its own, what the sibling's successor holds beyond the sibling's own renewable
    ARR renews the add-on, up to the add-on's renewable ARR.
    """
    groups: dict[tuple[str, date], list[int]] = defaultdict(list)
    for place, due in enumerate(found):
        groups[due.account_id, due.ends].append(place)
    shared = list(found)
    for places in groups.values():
        for giver in [place for place in places if found[place].is_renewed]:
            for taker in sorted(
                places, key=lambda p: (found[p].started or date.min, found[p].contract_id)
            ):
                if not shared[taker].is_renewed and _is_add_on(shared[taker], shared[giver]):
                    shared[giver], shared[taker] = _move_surplus(shared[giver], shared[taker])
    return shared


def _is_add_on(taker: Due, giver: Due) -> bool:
    return taker.started is not None and giver.started is not None and taker.started > giver.started


def _move_surplus(giver: Due, taker: Due) -> tuple[Due, Due]:
    """Hand over what the giver's renewal holds beyond its own renewable, per currency."""
    given: dict[str, Decimal] = {}
    for currency, needed in taker.renewable.items():
        surplus = giver.renewed.get(currency, ZERO) - giver.renewable.get(currency, ZERO)
        if surplus > 0 and needed > 0:
            given[currency] = min(surplus, needed)
    if not given:
        return giver, taker
    left = {
        currency: amount - given.get(currency, ZERO) for currency, amount in giver.renewed.items()
    }
    return replace(giver, renewed=left), replace(
        taker, renewed=given, is_renewed=True, is_open=False, is_inferred=True
    )
