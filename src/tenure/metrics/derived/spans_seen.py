"""The spans of all lines as a day sees them; for a few days each by itself, for many all stretches once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cached_property

from tenure.metrics.derived.contract_facts import Contract, Line
from tenure.metrics.derived.known_spans import Books, Stretch, View, books_of, stretches
from tenure.metrics.derived.line_spans import Renewal, Span, line_spans, renewals, with_add_ons
from tenure.metrics.recent import Recent

FEW_DAYS = 3
"""So many days' spans are worked out one by one; for more, all stretches of days are worked out together."""
FEW_ACCOUNTS = 20
"""So many accounts' spans are looked up; for more, all are read through."""


class SpansSeen:
    """Renewals and spans of one reading's contracts and lines. `others` are lines without ARR."""

    def __init__(
        self, contracts: Mapping[str, Contract], lines: Sequence[Line], others: Sequence[Line]
    ) -> None:
        self.contracts, self.lines, self.others = contracts, lines, others
        self._recent = Recent()
        self._days: dict[int, set[date]] = {}
        self._views: dict[int, list[tuple[Books, list[View]]]] = {}
        self._stretches: dict[int, list[Stretch]] = {}

    def links(self, grace_days: int, as_of: date) -> dict[str, list[Renewal]]:
        """Renewals known on `as_of`, by predecessor."""
        return self._recent.kept(
            "links",
            (grace_days, as_of),
            lambda: renewals(self.contracts, self.lines, grace_days=grace_days, as_of=as_of),
        )

    def carried(self, grace_days: int, as_of: date) -> dict[str, list[Renewal]]:
        """Renewals by predecessor, add-ons that go on inside their sibling's renewal included."""
        return self._recent.kept(
            "carried",
            (grace_days, as_of),
            lambda: with_add_ons(self.contracts, self.lines, self.links(grace_days, as_of)),
        )

    def spans(self, grace_days: int, as_of: date) -> list[Span]:
        """When each line that carries ARR is in force, with the renewals known on `as_of`."""

        def make() -> list[Span]:
            if self._are_many(grace_days, as_of):
                seen = self._seen(grace_days, as_of)
                return [span for span in seen if span.line.line_id in self._priced]
            links = self.carried(grace_days, as_of)
            return line_spans(self.contracts, self.lines, links, grace_days=grace_days)

        return self._recent.kept("spans", (grace_days, as_of), make)

    def spans_of(self, grace_days: int, as_of: date, accounts: Collection[str]) -> list[Span]:
        """The spans of some accounts, in the order of `spans`."""
        if len(accounts) > FEW_ACCOUNTS:
            return [s for s in self.spans(grace_days, as_of) if s.account_id in accounts]
        placed = self._recent.kept(
            "placed", (grace_days, as_of), lambda: _placed(self.spans(grace_days, as_of))
        )
        found = [one for account in accounts for one in placed.get(account, ())]
        return [span for _, span in sorted(found, key=lambda one: one[0])]

    def all_spans(self, grace_days: int, as_of: date) -> list[Span]:
        """The spans of lines that carry ARR, and of the others by the same rules."""

        def make() -> list[Span]:
            if self._are_many(grace_days, as_of):
                return self._seen(grace_days, as_of)
            links = self.carried(grace_days, as_of)
            others = line_spans(self.contracts, self.others, links, grace_days=grace_days)
            return [*self.spans(grace_days, as_of), *others]

        return self._recent.kept("all spans", (grace_days, as_of), make)

    def _are_many(self, grace_days: int, as_of: date) -> bool:
        days = self._days.setdefault(grace_days, set())
        days.add(as_of)
        return len(days) > FEW_DAYS

    @cached_property
    def _priced(self) -> frozenset[str]:
        return frozenset(line.line_id for line in self.lines)

    def _seen(self, grace_days: int, as_of: date) -> list[Span]:
        found = (
            span for since, until, span in self.stretches(grace_days) if since <= as_of < until
        )
        return sorted(found, key=lambda s: (s.account_id, s.start, s.line.line_id))

    def views(self, grace_days: int) -> list[tuple[Books, list[View]]]:
        """Each account's books, and what is known of them for each stretch of days."""
        if grace_days not in self._views:
            books = books_of(self.contracts, self.lines, self.others)
            self._views[grace_days] = [(own, own.views(grace_days)) for own in books.values()]
        return self._views[grace_days]

    def stretches(self, grace_days: int) -> list[Stretch]:
        """Every line's spans, others' included, with the days that see them."""
        if grace_days not in self._stretches:
            views = (views for _, views in self.views(grace_days))
            self._stretches[grace_days] = stretches(views)
        return self._stretches[grace_days]


def _placed(spans: Sequence[Span]) -> dict[str, list[tuple[int, Span]]]:
    """Spans by account, each with its place among all."""
    found: dict[str, list[tuple[int, Span]]] = defaultdict(list)
    for place, span in enumerate(spans):
        found[span.account_id].append((place, span))
    return found
