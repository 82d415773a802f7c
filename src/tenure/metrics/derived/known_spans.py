"""Derived fact `known_spans`: every line's time in force, for each stretch of days that sees it alike.

Grain: one row per line and stretch. Key: line_id, known_from. Rests on line_spans; inputs: contracts, contract_lines;
parameter: renewal_grace_days. What a day knows of renewals changes only on days when a contract of the account is
signed, starts or ends; between two of them every as_of sees the same spans. So a history needs no rerun (rulings A4).
On an as_of inside its stretch a line runs when `start <= as_of` and (`as_of < settled_end` or `as_of < live_end`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tenure.metrics.derived.contract_facts import Contract, Line
from tenure.metrics.derived.fact import DerivedFact
from tenure.metrics.derived.line_spans import FAR, Renewal, Span, line_spans, renewals, with_add_ons
from tenure.metrics.derived.lines_in_force import OF_A_LINE, is_committed

BEFORE = date.min
Stretch = tuple[date, date, Span]
"""First as_of that sees the span, first as_of that does not, and the span."""


@dataclass(slots=True)
class Books:
    """What belongs to one account's contracts: they, their lines with ARR, and their other lines."""

    contracts: dict[str, Contract] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)

    def turning_days(self) -> list[date]:
        """Days on which what is known of the renewals among these contracts may change (`is_known`)."""
        if len(self.contracts) < 2:
            return []  # nothing can follow anything
        first_line: dict[str | None, date] = {}
        for line in self.lines:
            known = first_line.get(line.contract_id)
            first_line[line.contract_id] = min(known, line.start) if known else line.start
        days = set()
        for contract in self.contracts.values():
            starts = first_line.get(contract.contract_id, contract.start)
            days |= {day for day in (contract.signed_on, starts) if day is not None}
        if any(contract.signed_on is None for contract in self.contracts.values()):
            days |= {c.end for c in self.contracts.values() if c.end is not None}
        return sorted(days)

    def seen_from(
        self, as_of: date, grace_days: int
    ) -> tuple[dict[str, list[Renewal]], list[Span]]:
        """The renewals known on `as_of` (see `with_add_ons`), and the spans with them."""
        links = renewals(self.contracts, self.lines, grace_days=grace_days, as_of=as_of)
        carried = with_add_ons(self.contracts, self.lines, links)
        every = [*self.lines, *self.others]
        return carried, line_spans(self.contracts, every, carried, grace_days=grace_days)

    def views(self, grace_days: int) -> list[View]:
        """What is known, for each stretch of as_ofs that knows the same."""
        days = self.turning_days()
        first = days[0] - timedelta(days=1) if days else BEFORE
        return [
            View(begins, until, *self.seen_from(day, grace_days))
            for day, begins, until in zip(
                [first, *days], [BEFORE, *days], [*days, FAR], strict=True
            )
        ]


@dataclass(frozen=True, slots=True)
class View:
    """What as_ofs from `since` to the day before `until` know: renewals by predecessor, and every line's span."""

    since: date
    until: date
    links: Mapping[str, list[Renewal]]
    spans: Sequence[Span]


def books_of(
    contracts: Mapping[str, Contract], lines: Iterable[Line], others: Iterable[Line]
) -> dict[str, Books]:
    """The books by account; `others` are lines without ARR."""
    books: dict[str, Books] = defaultdict(Books)
    for contract in contracts.values():
        books[contract.account_id].contracts[contract.contract_id] = contract
    for line in lines:
        books[_whose(line, contracts)].lines.append(line)
    for line in others:
        books[_whose(line, contracts)].others.append(line)
    return dict(books)


def _whose(line: Line, contracts: Mapping[str, Contract]) -> str:
    """Renewals are among the contracts of one account, whatever account a line names."""
    contract = contracts.get(line.contract_id) if line.contract_id else None
    return contract.account_id if contract else line.account_id


def stretches(views: Iterable[Sequence[View]]) -> list[Stretch]:
    """Every line's spans with the as-ofs that see them, from the views of each account."""
    found: list[Stretch] = []
    for own in views:
        held: dict[str, tuple[date, Span]] = {}
        for view in own:
            seen = {span.line.line_id: span for span in view.spans}
            for line_id, (since, span) in list(held.items()):
                if seen.get(line_id) != span:
                    found.append((since, view.since, span))
                    del held[line_id]
            for line_id, span in seen.items():
                held.setdefault(line_id, (view.since, span))
        found += ((since, FAR, span) for since, span in held.values())
    return found


def _rows(reading: Any, values: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    rows: dict[str, Mapping[str, Any]] = {
        row["line_id"]: row for row in reading.rows("contract_lines")
    }
    for known_from, known_until, span in reading.stretches(values["renewal_grace_days"]):
        line, row = span.line, rows.get(span.line.line_id)
        own: Sequence[Any] = (None, None, None, False, True)
        if row is not None:
            kind = row["kind"] or "recurring"
            own = (kind, row["unit"], row["quantity"], bool(row["is_trial"]), is_committed(row))
        yield (
            line.line_id, line.contract_id, span.account_id, line.product_id, *own, line.start, line.end,
            row is not None, span.start, span.settled_end, span.live_end,
            known_from, known_until,
            line.line_id, line.source.file, line.source.line,
        )  # fmt: skip


FACT = DerivedFact(
    id="known_spans",
    says="Every line's time in force, for each stretch of days that sees it alike.",
    grain="one row per contract line and stretch of days",
    key=("line_id", "known_from"),
    columns={
        **OF_A_LINE,
        "is_line": "bool",
        "start": "date",
        "settled_end": "date",
        "live_end": "date",
        "known_from": "date",
        "known_until": "date",
    },  # fmt: skip
    needs=("contract_lines",),
    reads=("contracts",),
    parameters=("renewal_grace_days",),
    leads_to="contract_lines",
    rows=_rows,
)
