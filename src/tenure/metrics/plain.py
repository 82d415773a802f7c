"""Answers of plain metrics: run the plans, convert currencies, and roll accounts up to the whole and its cuts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from tenure.kernel.money import ZERO
from tenure.kernel.unknown import Reason
from tenure.kernel.wording import counted
from tenure.metrics.added import Parts, Values, measured, rolled_up, zone_of
from tenure.metrics.answers.opening import contracts_unknown_note, cut_key
from tenure.metrics.asked import MOST_ROWS, Asked, Cut, Note, Result
from tenure.metrics.compiler import Plan, Scope, by_column, plans, trail
from tenure.metrics.declaration import Measure, Metric
from tenure.metrics.derived.book import UNASSIGNED
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.derived.fact import Trail
from tenure.metrics.derived.tier import columns_of, needs_of
from tenure.metrics.expressions import Run, final, names_in, runner
from tenure.metrics.gives import Part, read_part
from tenure.metrics.reading import Reading

BLANK = "unknown_when"
"""Where the reasons of an account say that nothing of it is known."""


class Engine(Protocol):
    """Runs a checked tree and gives rows."""

    def query(
        self, tree: Any, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """All rows of a SELECT."""
        ...


def answer_plain(metric: Metric, engine: Engine, reading: Reading, asked: Asked) -> Result:
    """The result of a metric that is declared by measures and a value over them."""
    known = asked.known
    begun = reading.begun_accounts(asked) if metric.per else []
    meant = reading.population(asked.where, asked.as_of) if asked.where else None
    scope = Scope(known, reading.time_zone, lambda fact: reading.relation(fact, known), meant)
    by_account: dict[str | None, Parts] = {}
    sources: list[SourceRow] = []
    total = 0
    # A fact that was never delivered has no rows; where that makes the metric Unknown, `needs` has said so.
    here = {m.from_ for m in metric.measures.values() if all(map(reading.has, needs_of(m.from_)))}
    for plan in plans(metric, scope, here):
        for row in engine.query(plan.query):
            _collect(by_account.setdefault(row[0], Parts()), row, plan, (metric, reading, asked))
        if asked.bare and metric.per:
            continue  # of a metric of rows, their number is its n
        summed = reading.trail(plan.fact, known)
        found, number = _sources(metric, engine, (plan, scope, summed), bare=asked.bare)
        sources, total = sources + found, total + number
    whole = _Whole(_Question(metric, engine, reading, asked, scope), by_account, begun, here)
    value, components, reasons, notes = whole.answer()
    return Result(
        value=value,
        components=components,
        unknown=(reasons.get("value") if value is None and not whole.is_map else None),
        reasons={path: reason for path, reason in reasons.items() if path != "value"}
        if whole.is_map
        else reasons,
        cuts=whole.cuts(),
        n=whole.n if metric.per else total,
        notes=notes,
        rows=sources,
        rows_total=total if total > len(sources) else None,
    )


def _sources(
    metric: Metric, engine: Engine, what: tuple[Plan, Scope, Trail | None], *, bare: bool
) -> tuple[list[SourceRow], int]:
    found = trail(metric, *what)
    if found is None:
        return [], 0
    if bare:
        return [], engine.query(found.number)[0][0]
    rows = [SourceRow(found.table, str(key), *place) for key, *place in engine.query(found.first)]
    return rows, engine.query(found.number)[0][0] if len(rows) == MOST_ROWS else len(rows)


def _collect(
    parts: Parts, row: tuple[Any, ...], plan: Plan, context: tuple[Metric, Reading, Asked]
) -> None:
    metric, reading, asked = context
    for place, name in enumerate(plan.measures):
        value, rows, gaps = row[2 + 3 * place : 5 + 3 * place]
        measure = metric.measures[name]
        if rows or gaps:
            parts.add(
                name, measure, _converted(measure, value, row[:2], reading, asked), rows, gaps
            )


def _converted(
    measure: Measure, value: Any, who: tuple[Any, ...], reading: Reading, asked: Asked
) -> Any:
    if measure.aggregate == "list":
        return sorted(item for item in (value or []) if item is not None)
    if not measure.convert:
        return value
    amount = Decimal(value) if value is not None else ZERO
    account = reading.accounts().get(who[0])
    currency = who[1] or (account["currency"] if account else None) or asked.reporting_currency
    day = asked.as_of if measure.convert == "as_of" else asked.period.opening_day
    return amount * reading.rates().rate(currency, asked.reporting_currency, day)


@dataclass(frozen=True, slots=True)
class _Question:
    """What was asked of which metric, and of what."""

    metric: Metric
    engine: Engine
    reading: Reading
    asked: Asked
    scope: Scope


class _Whole:
    """One metric's answer from the accounts' measures. Not frozen: it gathers notes on the way."""

    def __init__(
        self,
        question: _Question,
        by_account: Mapping[str | None, Parts],
        begun: Sequence[str],
        here: Collection[str],
    ) -> None:
        self.metric, self.engine = question.metric, question.engine
        self.reading, self.asked, scope = question.reading, question.asked, question.scope
        metric = self.metric
        self.scope, self.by_account, self.begun, self.here = scope, by_account, begun, here
        self.names = {*metric.measures, *metric.values, *scope.values}
        self.names |= {"value", "account_start"} if metric.per else set()
        self.parts = {
            name: read_part(text, where=f"{metric.id}.toml: gives.{name}")
            for name, text in metric.gives.items()
        }
        if metric.whole:
            self.parts["value"] = read_part(metric.whole, where=f"{metric.id}.toml: whole")
        self.values: dict[str, Values] = {}
        self.runs: dict[str, Run] = {}
        if metric.per:
            self.values = {account_id: self._account(account_id) for account_id in begun}
        self.n = len(self._counted(begun))

    def _counted(self, accounts: Iterable[str]) -> list[str]:
        """The accounts that the headline rests on: those with a value; of a share of active ones, the active ones."""
        known = [a for a in accounts if self.values[a][0]["value"] is not None]
        if not self.metric.whole or not self.parts["value"].is_active_only:
            return known
        active = self.reading.active_accounts(self.asked)
        return [a for a in known if a in active]

    @property
    def is_map(self) -> bool:
        """Whether the answer is a map alone, without a headline."""
        return bool(self.metric.per) and not self.metric.whole

    def _run(self, expression: str, values: Mapping[str, Any]) -> Any:
        """An expression over named values; it is read once."""
        if expression not in self.runs:
            self.runs[expression] = runner(expression, self.names, where=f"{self.metric.id}.toml")
        return self.runs[expression]({**self.scope.values, **values})

    def _measured(self, parts: Parts | None) -> Values:
        """The measures; one over a table that was never delivered is Unknown, unless another stands for it."""
        values, reasons = measured(self.metric, parts)
        for name, measure in self.metric.measures.items():
            if measure.from_ not in self.here and not self._has_stand_in(measure):
                values[name], reasons[name] = None, "no_data"
        return values, reasons

    def _has_stand_in(self, measure: Measure) -> bool:
        """Whether `needs` names the measure's table as one of several of which any will do."""
        alternatives = {
            w for need in self.metric.needs if " or " in need for w in need.split(" or ")
        }
        return set(needs_of(measure.from_)) <= alternatives

    def _account(self, account_id: str) -> Values:
        """The account's measures and value; the value is exact, as comparisons need it."""
        measures = self._measured(self.by_account.get(account_id))
        return self._valued(measures, {"account_start": self.reading.began(account_id)})

    def _valued(self, measures: Values, more: Mapping[str, Any]) -> Values:
        """Measures with the named values and the value of the metric, and why some are Unknown."""
        values, reasons = {**measures[0], **more}, dict(measures[1])
        for name, expression in {**self.metric.values, "value": self.metric.value}.items():
            values[name] = self._run(expression, values)
            if values[name] is None:
                reasons[name] = self._reason(expression, reasons)
        for reason, condition in self.metric.unknown_when.items():
            if self._run(condition, values):
                values["value"], reasons["value"] = None, reason
                reasons[BLANK] = reason
        return values, reasons

    def _reason(self, expression: str, reasons: Mapping[str, Reason]) -> Reason:
        """Why an expression is Unknown: a measure's reason if one is Unknown, else the metric's `empty`."""
        named = names_in(expression)
        found = next((reasons[name] for name in reasons if name in named), None)
        return found or self.metric.empty

    def answer(self) -> tuple[Any, dict[str, Any], dict[str, Reason], list[Note]]:
        """Value, components, reasons and notes of the whole question."""
        added = None if self.metric.per else self._added(self.by_account)
        value, components, reasons = self._parts_of(self.begun, added)
        return value, components, reasons, self._notes()

    def cuts(self) -> list[Cut]:
        """The same parts for each cut, without its maps and lists."""
        asked, reading = self.asked, self.reading
        if asked.by is None:
            return []
        if asked.by in self.metric.cut_columns:
            return self._cuts_by_column(self.metric.cut_columns[asked.by])
        of: Iterable[str | None] = self.begun if self.metric.per else self.by_account
        groups: dict[str, list[str | None]] = {}
        for account_id in of:
            # Rows that name no account are in a cut too: the parts make the whole.
            key = UNASSIGNED
            if account_id is not None:
                key = cut_key(reading, asked, account_id, asked.day)
            groups.setdefault(key, []).append(account_id)
        made = []
        for key in sorted(groups):
            own = groups[key]
            added = None if self.metric.per else self._added(own)
            named = [a for a in own if a is not None]
            value, components, reasons = self._parts_of(named, added, is_cut=True)
            n = len(self._counted(named) if self.metric.per else own)
            made.append(Cut(key, value, n, components, reasons.get("value")))
        return made

    def _cuts_by_column(self, column: str) -> list[Cut]:
        """Cuts by a column of the rows themselves, such as who acted."""
        groups: dict[str, Parts] = {}
        for name, measure in self.metric.measures.items():
            if measure.from_ in self.here and column in columns_of(measure.from_):
                for word, parts in self._words(name, column).items():
                    own = groups.setdefault(word or UNASSIGNED, Parts())
                    own.add(name, measure, parts.values[name], parts.rows[name], parts.gaps[name])
        made = []
        for key in sorted(groups):
            value, components, reasons = self._parts_of((), groups[key], is_cut=True)
            n = max(groups[key].rows.values(), default=0)
            made.append(Cut(key, value, n, components, reasons.get("value")))
        return made

    def _parts_of(
        self, accounts: Sequence[str], added: Parts | None, *, is_cut: bool = False
    ) -> tuple[Any, dict[str, Any], dict[str, Reason]]:
        components: dict[str, Any] = {}
        reasons: dict[str, Reason] = {}
        value, whole = None, None
        if added is not None:
            whole = self._valued(self._measured(added), {})
            value = final(whole[0]["value"])
            if value is None:
                reasons["value"] = whole[1]["value"]
            if not self.parts:
                components = {name: whole[0][name] for name in self.metric.measures}
                reasons |= {name: why for name, why in whole[1].items() if name in components}
        for name, part in self.parts.items():
            if is_cut and part.kind in ("per_account", "zone", "accounts", "per_column"):
                continue
            found, own = self._part(name, part, accounts, whole)
            reasons |= own
            if name == "value":
                value = found
            else:
                components[name] = found
        if self.metric.unit == "count" and isinstance(value, Decimal):
            value = int(value)
        return value, components, reasons

    def _part(
        self, name: str, part: Part, accounts: Sequence[str], whole: Values | None
    ) -> tuple[Any, dict[str, Reason]]:
        if part.kind == "per_column":
            return self._by_word(part), {}
        if part.kind == "over_all" or (whole is not None and part.kind != "per_account"):
            values = whole or self._valued(
                self._measured(self._added(accounts)), {"account_start": None}
            )
            return self._shown(name, part, values)
        if whole is not None:
            accounts = sorted(a for a in self.by_account if a)
            self.values = {a: self._account(a) for a in accounts}
        chosen = accounts
        if part.is_active_only:
            active = self.reading.active_accounts(self.asked)
            chosen = [a for a in accounts if a in active]
        if part.kind in ("per_account", "zone"):
            found: dict[str, Any] = {}
            reasons: dict[str, Reason] = {}
            for a in chosen:
                found[a], own = self._shown(f"{name}.{a}", part, self.values[a])
                reasons |= own
            return found, reasons
        by_account = {a: self._run(part.expression, self.values[a][0]) for a in chosen}
        if part.kind == "accounts":
            return [a for a, is_met in by_account.items() if is_met], {}
        return rolled_up(name, part, [one for one in by_account.values() if one is not None])

    def _shown(self, path: str, part: Part, known: Values) -> tuple[Any, dict[str, Reason]]:
        """One expression, zone or record over named values, and the reasons of what is Unknown in it."""
        values, reasons = known
        if BLANK in reasons and part.kind == "per_account":
            return None, {path: reasons[BLANK]}
        if part.names:
            record = {name: final(values.get(name)) for name in part.names}
            lacking = [name for name, found in record.items() if found is None]
            return record, {f"{path}.{n}": reasons.get(n, self.metric.empty) for n in lacking}
        found = self._run(part.expression, values)
        if found is None:
            named = part.expression in reasons
            why = reasons[part.expression] if named else self._reason(part.expression, reasons)
            return None, {path: why}
        return (zone_of(self.metric, found) if part.kind == "zone" else final(found)), {}

    def _words(self, name: str, column: str) -> dict[str | None, Parts]:
        """A measure for each word of a column of its fact, over the accounts that the answer is about."""
        measure, begun = self.metric.measures[name], set(self.begun)
        found: dict[str | None, Parts] = {}
        query = by_column(self.metric, name, column, self.scope)
        for account_id, word, *piece in self.engine.query(query):
            if not self.metric.per or account_id in begun:
                found.setdefault(word, Parts()).add(name, measure, *piece)
        return found

    def _by_word(self, part: Part) -> dict[str, Any]:
        name = part.expression
        nobody = UNASSIGNED if part.column == "user_id" else "unknown"
        found: dict[str, Any] = {}
        for word, parts in self._words(name, part.column).items():
            value, rows = parts.values[name], parts.rows[name]
            is_mean = self.metric.measures[name].aggregate == "mean"
            shown = final(Fraction(value) / rows) if is_mean and rows else value
            found[nobody if word is None else str(word)] = shown
        return dict(sorted(found.items()))

    def _added(self, accounts: Iterable[str | None]) -> Parts:
        whole = Parts()
        for account_id in sorted(accounts, key=lambda a: (a is None, a or "")):
            parts = self.by_account.get(account_id)
            for name, value in (parts.values if parts else {}).items():
                assert parts is not None  # noqa: S101 - its values were just read
                measure = self.metric.measures[name]
                whole.add(name, measure, value, parts.rows[name], parts.gaps[name])
        return whole

    def _notes(self) -> list[Note]:
        notes = []
        whole = self._added(self.by_account)
        for name, measure in self.metric.measures.items():
            gaps = whole.gaps.get(name, 0)
            if gaps and measure.aggregate in ("sum", "list", "distinct"):
                notes.append(_lacking(name, measure, gaps))
        asks = any(part.is_active_only for part in self.parts.values())
        if asks and not self.reading.knows_contracts:
            notes.append(contracts_unknown_note())
        return notes


def _lacking(name: str, measure: Measure, count: int) -> Note:
    outcome = "it is left out" if measure.missing == "skip" else f"`{name}` is therefore unknown"
    return Note(
        "warning",
        "value.missing",
        f"{counted(count, 'row has', 'rows have')} no `{measure.column}` in {measure.from_}; {outcome}.",
        f"Fill the columns of `{measure.column}` in {measure.from_} and import again.",
    )
