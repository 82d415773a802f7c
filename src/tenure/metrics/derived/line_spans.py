"""Derived fact `line_spans`: when each line is in force, after renewals are linked (metrics 5.3, steps 1-2).

Grain: one row per recurring line. Key: line_id. Inputs: contracts, contract_lines; parameter: grace days.
Depends on as_of only through which renewals are known by then. Seen from `as_of`, a span is in force on
day d <= as_of when `start <= d` and (`d < settled_end` or `as_of < live_end`).
Does not promise: that an inferred renewal is one; it is marked, so that a person can say otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tenure.kernel.money import ZERO
from tenure.metrics.derived.contract_facts import Contract, Line, SourceRow

FAR = date.max
INFER_BEFORE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Renewal:
    """Contract `successor` carries on contract `predecessor`; `starts` is the successor's first line's start."""

    predecessor: str
    successor: str
    starts: date
    is_inferred: bool


@dataclass(frozen=True, slots=True)
class Span:
    """One line's time in force.

    `settled_end` is final; before `live_end` a missing renewal may still come. `late_from` is the day
    from which only a late renewal carries the line, None where there was none.
    """

    line: Line
    start: date
    settled_end: date
    live_end: date
    late_from: date | None = None

    @property
    def account_id(self) -> str:
        """Whose line it is."""
        return self.line.account_id

    @property
    def arr(self) -> Decimal:
        """Annual value in the line's own currency."""
        return self.line.arr

    @property
    def source(self) -> SourceRow:
        """Where the line came from."""
        return self.line.source

    def end_seen_from(self, as_of: date) -> date:
        """The first day without service as far as `as_of` can tell; FAR while it still runs."""
        if as_of < self.live_end or as_of < self.settled_end:
            return FAR
        return self.settled_end

    def is_late(self, as_of: date) -> bool:
        """Whether the line runs on `as_of` only because a renewal is late."""
        if self.settled_end <= as_of < self.live_end:
            return True
        return self.late_from is not None and self.late_from <= as_of < self.settled_end

    def in_force(self, day: date, as_of: date) -> bool:
        """Whether the line counts on `day`, seen from `as_of` (day <= as_of)."""
        return self.start <= day < self.end_seen_from(as_of)


def renewals(
    contracts: Mapping[str, Contract], lines: Iterable[Line], *, grace_days: int, as_of: date
) -> dict[str, list[Renewal]]:
    """Renewals known on `as_of` by predecessor: explicit links first, then inferred ones, one to one (rulings A5).

    Inferred: same account, same product where both are known, a start within [end - 90 days,
    end + grace], an end later than the predecessor's, nearest first. A cancelled contract has no
    inferred successor.
    """
    first_start: dict[str, date] = {}
    products: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        if line.contract_id is None:
            continue
        known = first_start.get(line.contract_id)
        first_start[line.contract_id] = min(known, line.start) if known else line.start
        if line.product_id is not None:
            products[line.contract_id].add(line.product_id)
    found: dict[str, list[Renewal]] = defaultdict(list)
    for contract in sorted(contracts.values(), key=lambda c: c.contract_id):
        predecessor = contracts.get(contract.renews) if contract.renews else None
        starts = first_start.get(contract.contract_id, contract.start)
        if predecessor is None or starts is None or not _may_follow(predecessor, contract, starts):
            continue
        if not is_known(predecessor, contract, starts, as_of=as_of):
            continue
        found[predecessor.contract_id].append(
            Renewal(predecessor.contract_id, contract.contract_id, starts, is_inferred=False)
        )
    for renewal in _inferred(contracts, first_start, products, found, as_of, grace_days):
        found[renewal.predecessor].append(renewal)
    return dict(found)


def is_known(before: Contract, after: Contract, starts: date, *, as_of: date) -> bool:
    """Whether somebody standing on `as_of` can know that `after` follows `before`.

    A running one is known, a signed one from its signature. One without a signature date is also known
    while the old contract still runs: it is on file before it was needed; decision `unsigned-renewals`.
    """
    if starts <= as_of:
        return True
    if after.signed_on is not None:
        return after.signed_on <= as_of
    return before.end is None or before.end > as_of


def _may_follow(predecessor: Contract, contract: Contract, starts: date) -> bool:
    """A link to itself, to another account's contract or backwards in time is not a renewal."""
    return (
        predecessor.contract_id != contract.contract_id
        and predecessor.account_id == contract.account_id
        and (predecessor.start is None or starts > predecessor.start)
    )


def _inferred(
    contracts: Mapping[str, Contract],
    first_start: Mapping[str, date],
    products: Mapping[str, set[str]],
    explicit: Mapping[str, list[Renewal]],
    as_of: date,
    grace_days: int,
) -> list[Renewal]:
    by_account: dict[str, list[Contract]] = defaultdict(list)
    for contract in contracts.values():
        by_account[contract.account_id].append(contract)
    chosen: list[Renewal] = []
    for siblings in by_account.values():
        if len(siblings) < 2:
            continue
        pairs = []
        for before in siblings:
            if before.end is None or before.contract_id in explicit or before.is_cancelled:
                continue
            for after in siblings:
                starts = first_start.get(after.contract_id)
                if starts is None or after.renews is not None:
                    continue
                if not _may_follow(before, after, starts):
                    continue
                if not is_known(before, after, starts, as_of=as_of):
                    continue
                if (
                    not before.end - INFER_BEFORE
                    <= starts
                    <= before.end + timedelta(days=grace_days)
                ):
                    continue
                if after.end is not None and after.end <= before.end:
                    continue
                ours, theirs = products.get(before.contract_id), products.get(after.contract_id)
                if ours and theirs and not ours & theirs:
                    continue
                distance = abs((starts - before.end).days)
                pairs.append((distance, starts, before.contract_id, after.contract_id))
        used_before, used_after = set(), set()
        for _, starts, before_id, after_id in sorted(pairs):
            if before_id in used_before or after_id in used_after:
                continue
            used_before.add(before_id)
            used_after.add(after_id)
            chosen.append(Renewal(before_id, after_id, starts, is_inferred=True))
    return chosen


def with_add_ons(
    contracts: Mapping[str, Contract], lines: Iterable[Line], links: Mapping[str, list[Renewal]]
) -> dict[str, list[Renewal]]:
    """The renewals, and those of co-termed add-ons that their sibling's renewal takes in (G8).

    An add-on is a contract of the same account that ends on the same day and started later. Without a
    successor of its own it goes on in its sibling's where that is worth more than the sibling was: it
    must not run beside it through its grace. Where nothing is left over, the add-on was not renewed.
    """
    worth = _worth_by_contract(lines)
    carried = dict(links)
    by_end: dict[tuple[str, date], list[Contract]] = defaultdict(list)
    for contract in contracts.values():
        if contract.end is not None:
            by_end[contract.account_id, contract.end].append(contract)
    for siblings in by_end.values():
        leading = [c for c in siblings if c.contract_id in links and c.start is not None]
        for add_on in siblings:
            if add_on.contract_id in links or add_on.is_cancelled or add_on.start is None:
                continue
            takers = [
                link
                for older in leading
                if older.start is not None and older.start < add_on.start
                for link in links[older.contract_id]
                if link.starts > add_on.start and _takes_in(worth, older, link)
            ]
            if takers:
                first = min(takers, key=lambda link: (link.starts, link.successor))
                carried[add_on.contract_id] = [
                    Renewal(add_on.contract_id, first.successor, first.starts, is_inferred=True)
                ]
    return carried


def _worth_by_contract(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.contract_id is not None:
            found[line.contract_id].append(line)
    return found


def _takes_in(worth: Mapping[str, list[Line]], before: Contract, link: Renewal) -> bool:
    """Whether the successor opens with more than its predecessor closed with, in any currency."""
    surplus: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in worth.get(link.successor, []):
        if line.start <= link.starts and (line.end is None or line.end > link.starts):
            surplus[line.currency] += line.arr
    for line in worth.get(before.contract_id, []):
        if (
            before.end is not None
            and line.start < before.end
            and (line.end is None or line.end >= before.end)
        ):
            surplus[line.currency] -= line.arr
    return any(amount > 0 for amount in surplus.values())


def line_spans(
    contracts: Mapping[str, Contract],
    lines: Iterable[Line],
    links: Mapping[str, list[Renewal]],
    *,
    grace_days: int,
) -> list[Span]:
    """One span per line, sorted by account, start and line id; lines that a renewal leaves no day drop out."""
    spans = []
    for line in lines:
        contract = contracts.get(line.contract_id) if line.contract_id else None
        followers = links.get(contract.contract_id, []) if contract else []
        next_start = min((link.starts for link in followers), default=None)
        span = _span(line, contract, next_start, grace_days)
        if span.settled_end > span.start:
            spans.append(span)
    return sorted(spans, key=lambda s: (s.account_id, s.start, s.line.line_id))


def _span(line: Line, contract: Contract | None, next_start: date | None, grace_days: int) -> Span:
    """The rules of G5 and G6 for one line."""
    end = line.end or FAR
    ends_with_contract = contract is not None and line.end is not None and line.end == contract.end
    if contract is None or not ends_with_contract:
        # A line that ends before its contract was dropped on purpose; only an early renewal shortens it.
        settled = min(end, next_start) if next_start is not None and next_start < end else end
        return Span(line, line.start, settled, settled)
    grace, stops = timedelta(days=grace_days), contract.last_end
    if next_start is not None:
        # Early renewals shorten; a contract that renews itself runs until it is replaced or stops.
        if next_start <= end or (contract.rolls and (stops is None or next_start <= stops)):
            return Span(line, line.start, next_start, next_start)
        if stops is not None and next_start - stops <= grace:
            return Span(line, line.start, next_start, next_start, late_from=stops)
    if stops is None:
        return Span(line, line.start, FAR, FAR)
    return Span(line, line.start, stops, contract.waits_until(stops, grace))
