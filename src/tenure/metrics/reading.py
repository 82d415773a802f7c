"""One reading of the facts: rows and derived facts, each fetched once, for one question about some accounts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar, cast

from tenure.facts.table import table
from tenure.kernel.days import Period, month_of, quarter_of
from tenure.kernel.errors import Bug
from tenure.lake.engines.laid import Laid
from tenure.metrics.asked import GRACE_DAYS, Asked
from tenure.metrics.declaration import Catalogue
from tenure.metrics.derived.arr_movements import Changes, Ledger, arr_changes
from tenure.metrics.derived.book import UNASSIGNED, Owners, owners_from
from tenure.metrics.derived.contract_facts import (
    Contract,
    LinesRead,
    contracts_from,
    lines_from,
)
from tenure.metrics.derived.fact import DerivedFact, Trail
from tenure.metrics.derived.known_spans import Books, Stretch, View
from tenure.metrics.derived.line_spans import FAR, Renewal, Span
from tenure.metrics.derived.lines_in_force import other_lines
from tenure.metrics.derived.rates import ONE, Rates, rates_from
from tenure.metrics.derived.renewals_due import Due, renewals_due
from tenure.metrics.derived.spans_seen import SpansSeen
from tenure.metrics.derived.tier import TIER, sql_types
from tenure.metrics.recent import Recent
from tenure.metrics.source import Facts

T = TypeVar("T")
Row = Mapping[str, Any]

MOST_VARIANTS = 6
"""How many days' versions of one derived fact are kept at once."""


@dataclass(slots=True)
class Reading:
    """Facts plus what was derived from them so far. Not frozen: it remembers; it changes nothing."""

    facts: Facts
    reporting_currency: str
    time_zone: str = "UTC"
    catalogue: Catalogue | None = None
    laid: dict[str, Laid] = field(default_factory=dict)
    _kept: dict[Any, Any] = field(default_factory=dict)
    _made: dict[str, list[tuple[Any, str]]] = field(default_factory=dict)
    _recent: Recent = field(default_factory=Recent)

    def on(self, facts: Facts) -> Reading:
        """The same reading over another engine of the same snapshot: what Python made is shared, no relation is."""
        return replace(self, facts=facts, _made={}, laid={})

    def _keep(self, key: Any, make: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = make()
        kept: T = self._kept[key]
        return kept

    def kept(self, key: Any, make: Callable[[], T]) -> T:
        """What `make` gives, made once for this reading."""
        return self._keep(("kept", key), make)

    def has(self, table_name: str) -> bool:
        """Whether the table has ever been delivered; an empty one has."""
        return table_name in self.facts.tables()

    def rows(self, table_name: str) -> list[Row]:
        """All current rows as mappings, with their source file and line; none where the table is missing."""
        columns = [*table(table_name).columns, "source_file", "source_line"]

        def fetch() -> list[Row]:
            if not self.has(table_name):
                return []
            return [
                dict(zip(columns, row, strict=True)) for row in self.facts.rows(table_name, columns)
            ]

        return self._keep(("rows", table_name), fetch)

    def query(self, text: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a SELECT of our own over tables and derived facts, with values for `$name`."""
        return self.facts.query(text, parameters or None)

    def relation(self, name: str, values: Mapping[str, Any]) -> str:
        """The name by which a query reads a table or derived fact; a derived one is made if need be.

        Args:
            name: a table or derived fact.
            values: at least the parameters of the derived fact and of those below it.
        """
        if name not in TIER:
            return name
        fact = TIER[name]
        own = tuple((parameter, values[parameter]) for parameter in fact.parameters)
        made = self._made.setdefault(name, [])
        for key, physical in made:
            if key == own:
                return physical
        number = self._kept[("made", name)] = self._kept.get(("made", name), 0) + 1
        physical = f"{name}_at_{number}" if own else name
        self._make(fact, physical, values)
        made.append((own, physical))
        if len(made) > MOST_VARIANTS:
            self.facts.drop(made.pop(0)[1])
        return physical

    def once(self, name: str, make: Callable[[], None]) -> None:
        """Have `make` register a relation of this name, unless it did for the same facts before."""
        if name not in self._made:
            make()
            self._made[name] = [((), name)]

    def is_made(self, name: str) -> bool:
        """Whether a derived fact that depends on nothing but the facts is there already."""
        return bool(self._made.get(name)) and not TIER[name].parameters

    def trail(self, name: str, values: Mapping[str, Any]) -> Trail | None:
        """The rows a derived fact of sums adds up; None for one that leads to its rows itself."""
        made = TIER[name].trail if name in TIER else None
        return None if made is None else made(Inputs(self, values))

    def rows_at(self, table_name: str, lines: Mapping[str, set[int | None]]) -> list[Row]:
        """The current rows of a table that stand at these lines of these files."""
        columns = [*table(table_name).columns, "source_file", "source_line"]
        names = ", ".join(f'"{column}"' for column in columns)
        numbers = sorted({line for own in lines.values() for line in own if line is not None})
        found = self.query(
            f'select {names} from "{table_name}" where source_file in (select unnest($files)) '  # noqa: S608 - declared names
            "and (source_line is null or source_line in (select unnest($numbers)))",
            files=sorted(lines),
            numbers=numbers or [-1],
        )
        rows = [dict(zip(columns, row, strict=True)) for row in found]
        return [row for row in rows if row["source_line"] in lines[row["source_file"]]]

    def _make(self, fact: DerivedFact, physical: str, values: Mapping[str, Any]) -> None:
        if fact.select is not None:
            if fact.rolled:
                self.facts.roll(physical, fact.rolled, partial(self._selected, fact))
            else:
                self.facts.keep(physical, fact.select(Inputs(self, values)))
            return
        types = sql_types(fact)
        rows = self.derived(fact.id, values)
        columns = {name: [row[name] for row in rows] for name in types}
        self.facts.register(physical, columns, types=types)

    def _selected(self, fact: DerivedFact, rows: str, month: date | None) -> str:
        """The query of sums over some rows of the table they add up, of one month if one is named."""
        assert fact.select is not None  # noqa: S101 - sums are selected
        return fact.select(Inputs(self, {}, {fact.rolled: rows}, month))

    def derived(self, name: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a derived fact that is made in Python, kept for the days asked about last."""
        fact = TIER[name]
        if fact.rows is None:
            raise Bug(f"The derived fact `{name}` is selected, not made of rows.")
        own = tuple((parameter, values[parameter]) for parameter in fact.parameters)
        kept: dict[Any, list[Row]] = self._keep(("derived", name), dict)
        if own not in kept:
            names = list(sql_types(fact))
            made: list[Row] = [
                dict(zip(names, row, strict=True)) for row in fact.rows(self, values)
            ]
            if len(kept) >= MOST_VARIANTS:
                kept.pop(next(iter(kept)))
            kept[own] = made
        return kept[own]

    def accounts(self) -> dict[str, Row]:
        """Accounts by id."""
        return self._keep(
            "accounts", lambda: {row["account_id"]: row for row in self.rows("accounts")}
        )

    def contracts(self) -> dict[str, Contract]:
        """Contracts by id, drafts left out."""
        return self._keep("contracts", lambda: contracts_from(self.rows("contracts")))

    def lines(self) -> LinesRead:
        """The lines that carry ARR."""
        return self._keep(
            "lines",
            lambda: lines_from(
                self.rows("contract_lines"),
                self.rows("contracts"),
                {account_id: row["currency"] for account_id, row in self.accounts().items()},
                reporting_currency=self.reporting_currency,
            ),
        )

    def _seen(self) -> SpansSeen:
        return self._keep(
            "seen", lambda: SpansSeen(self.contracts(), self.lines().lines, other_lines(self))
        )

    def links(self, grace_days: int, as_of: date) -> dict[str, list[Renewal]]:
        """Renewals known on `as_of`, by predecessor."""
        return self._seen().links(grace_days, as_of)

    def carried(self, grace_days: int, as_of: date) -> dict[str, list[Renewal]]:
        """Renewals by predecessor, add-ons that go on inside their sibling's renewal included."""
        return self._seen().carried(grace_days, as_of)

    def spans(self, grace_days: int, as_of: date) -> list[Span]:
        """When each line that carries ARR is in force, with the renewals known on `as_of`."""
        return self._seen().spans(grace_days, as_of)

    def spans_of(self, grace_days: int, as_of: date, accounts: Collection[str]) -> list[Span]:
        """The same of some accounts, in the order of `spans`."""
        return self._seen().spans_of(grace_days, as_of, accounts)

    def all_spans(self, grace_days: int, as_of: date) -> list[Span]:
        """The spans of lines that carry ARR, and of the others by the same rules, as lines of no ARR."""
        return self._seen().all_spans(grace_days, as_of)

    def views(self, grace_days: int) -> list[tuple[Books, list[View]]]:
        """Each account's contracts and lines, and what is known of their renewals for each stretch of days."""
        return self._seen().views(grace_days)

    def stretches(self, grace_days: int) -> list[Stretch]:
        """Every line's spans, of all lines, with the days that see them."""
        return self._seen().stretches(grace_days)

    def rates(self) -> Rates:
        """Exchange rates."""
        return self._keep("rates", lambda: rates_from(self.rows("fx_rates")))

    def rate_on(self, day: date, to_currency: str) -> Callable[[str], Decimal]:
        """The rate from any currency into `to_currency` on `day`."""
        return lambda currency: self.rates().rate(currency, to_currency, day)

    def owners(self) -> Owners:
        """Who owns which account when."""
        return self._keep(
            "owners", lambda: owners_from(self.rows("account_assignments"), self.rows("accounts"))
        )

    def ledger(
        self,
        *,
        as_of: date,
        rate_day: date,
        currency: str,
        grace_days: int,
        within: frozenset[str] | None = None,
    ) -> Ledger:
        """The ARR ledger of the accounts in `within`, seen from `as_of`, at the rate of `rate_day`."""
        return Ledger(self.changes(as_of, grace_days), self.rate_on(rate_day, currency), within)

    def timeline(
        self, *, as_of: date, grace_days: int, within: frozenset[str] | None = None
    ) -> Ledger:
        """The ledger with every currency at 1: right for when an account came and went, not for amounts."""
        return Ledger(self.changes(as_of, grace_days), lambda _: ONE, within)

    def changes(self, as_of: date, grace_days: int) -> Changes:
        """What changed when, in native currencies."""
        return self._recent.kept(
            "changes",
            (as_of, grace_days),
            lambda: arr_changes(
                self.spans(grace_days, as_of),
                as_of=as_of,
                before=self.kept(("changes before", grace_days), dict),
            ),
        )

    def dues(self, *, as_of: date, period: Period, grace_days: int) -> list[Due]:
        """Contracts due in or at the edge of `period`."""
        return self._recent.kept(
            "dues",
            (as_of, period, grace_days),
            lambda: renewals_due(
                self.contracts(),
                self.lines().lines,
                self.links(grace_days, as_of),
                as_of=as_of,
                horizon=period,
                grace_days=grace_days,
            ),
        )

    def known_accounts(self, as_of: date) -> frozenset[str]:
        """Accounts on file, and those that only their contract lines name."""
        return self._recent.kept("known_accounts", as_of, lambda: self._known_accounts(as_of))

    def _known_accounts(self, as_of: date) -> frozenset[str]:
        named = {line.account_id for line in self.lines().lines if line.start <= as_of}
        return frozenset(self.accounts()) | named

    def begun_accounts(self, asked: Asked) -> list[str]:
        """The accounts a map of `asked` has a row for: on file, begun by as_of, and meant by `where`."""
        rows, day = self.accounts(), asked.as_of
        return sorted(
            a
            for a in self.population(asked.where, day)
            if a not in rows or rows[a]["start_date"] is None or rows[a]["start_date"] <= day
        )

    def began(self, account_id: str) -> date | None:
        """The day the account began: as on file, else its first assignment's start."""
        row = self.accounts().get(account_id)
        if row is not None and row["start_date"] is not None:
            return cast(date, row["start_date"])
        return self._first_assignments().get(account_id)

    def _first_assignments(self) -> dict[str, date]:
        def find() -> dict[str, date]:
            found: dict[str, date] = {}
            for row in self.rows("account_assignments"):
                day = row["start_date"]
                if row["account_id"] not in found or day < found[row["account_id"]]:
                    found[row["account_id"]] = day
            return found

        return self._keep("first_assignments", find)

    @property
    def knows_contracts(self) -> bool:
        """Whether anything was delivered from which ARR in force could be read."""
        return self.has("contract_lines") or self.has("contracts")

    def active_accounts(self, asked: Asked) -> frozenset[str]:
        """Accounts with ARR in force on as_of (of a period: on its last day, if that is earlier).

        Where no contracts were ever delivered, nobody can be told apart and every account counts.
        """
        begun = self.begun_accounts(asked)
        if not self.knows_contracts:
            return frozenset(begun)
        day, grace = asked.day, int(asked.parameters.get("renewal_grace_days") or GRACE_DAYS)
        times = self.timeline(as_of=asked.as_of, grace_days=grace)
        return frozenset(a for a in begun if times.balance(a, day) > 0)

    def population(self, where: Mapping[str, tuple[str, ...]], as_of: date) -> frozenset[str]:
        """The accounts that match every condition of `where` (account columns; `csm` is the owner on `as_of`)."""
        chosen = self.known_accounts(as_of)
        if "account" in where:
            chosen &= frozenset(where["account"])
        for column, values in where.items():
            meant = frozenset(values)
            chosen = frozenset(a for a in chosen if self.account_word(a, column, as_of) in meant)
        return chosen

    def account_word(self, account_id: str, column: str, day: date) -> str:
        """The account's value in a cut: its segment, owner, ...; `unassigned` where it has none."""
        if column == "account":
            return account_id
        if column == "csm":
            return self.owners().owner(account_id, day)
        row = self.accounts().get(account_id)
        value = row.get(column) if row else None
        return str(value) if value is not None else UNASSIGNED

    def first_arr_days(self, grace_days: int, as_of: date) -> dict[str, date]:
        """The first day each account had a paying line in force."""

        def find() -> dict[str, date]:
            first: dict[str, date] = {}
            for span in self.spans(grace_days, as_of):
                known = first.get(span.account_id)
                if span.arr > 0 and (known is None or span.start < known):
                    first[span.account_id] = span.start
            return first

        return self._recent.kept("first_arr", (grace_days, as_of), find)

    def cohort_of(self, account_id: str, by: str, asked: Asked) -> str:
        """The account's start cohort: `2025-03` or `2025-Q1`."""
        day = self.first_arr_days(asked.grace_days, asked.as_of).get(account_id)
        if day is None:
            return UNASSIGNED
        return quarter_of(day) if by == "quarter" else month_of(day)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one derived fact may read: this reading, with the values it is made for.

    `instead` names relations to read in place of tables: some of their rows.
    """

    reading: Reading
    values: Mapping[str, Any]
    instead: Mapping[str, str] = field(default_factory=dict)
    month: date | None = None

    @property
    def time_zone(self) -> str:
        """The workspace's time zone."""
        return self.reading.time_zone

    def has(self, table_name: str) -> bool:
        """Whether the table has been delivered."""
        return self.reading.has(table_name)

    def relation(self, name: str) -> str:
        """The name by which a query reads a table or derived fact."""
        return self.instead.get(name) or self.reading.relation(name, self.values)

    def value(self, parameter: str) -> Any:
        """The value of a parameter."""
        return self.values[parameter]


__all__ = ["FAR", "Facts", "Inputs", "Reading", "Row"]
