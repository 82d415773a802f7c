"""Answers of plain metrics: run the plans, convert currencies, roll accounts up to the whole and its cuts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from tenure.kernel.money import ZERO
from tenure.kernel.unknown import Reason
from tenure.kernel.wording import counted
from tenure.metrics.answers.opening import cut_key
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.compiler import Plan, evaluate, plans
from tenure.metrics.declaration import Measure, Metric
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading


class Engine(Protocol):
    """Runs a checked tree and gives rows."""

    def query(self, tree: Any) -> list[tuple[Any, ...]]:
        """All rows of a SELECT."""
        ...


@dataclass(slots=True)
class _Parts:
    """Measures of one account, or of several added up."""

    values: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)

    def add(self, other: _Parts) -> None:
        for name, value in other.values.items():
            self.values[name] = self.values[name] + value if name in self.values else value
        for name, count in other.missing.items():
            self.missing[name] = self.missing.get(name, 0) + count


def answer_plain(metric: Metric, engine: Engine, reading: Reading, asked: Asked) -> Result:
    """The result of a metric that is declared by measures and a value over them."""
    known: dict[str, Any] = {**asked.parameters, "as_of": asked.as_of}
    if asked.maybe_period is not None:
        known |= {"period_start": asked.maybe_period.start, "period_end": asked.maybe_period.end}
    by_account: dict[str, _Parts] = {}
    sources: list[SourceRow] = []
    chosen = reading.population(asked.where, asked.as_of) if asked.where else None
    for plan in plans(metric, known):
        for row in engine.query(plan.query):
            if chosen is None or row[0] in chosen:
                _collect(
                    by_account.setdefault(row[0], _Parts()), row, plan, (metric, reading, asked)
                )
        for account_id, key, file, line in engine.query(plan.sources):
            if chosen is None or account_id in chosen:
                sources.append(SourceRow(plan.table.id, str(key), file, line))
    whole = _added(by_account.values(), metric)
    value, components, reasons, notes = _finish(metric, whole)
    return Result(
        value=value,
        components=components,
        unknown=reasons.get("value", "undefined") if value is None else None,
        reasons=reasons,
        cuts=_cuts(metric, reading, asked, by_account),
        n=len(sources),
        notes=notes,
        rows=sources,
    )


def _collect(
    parts: _Parts, row: tuple[Any, ...], plan: Plan, context: tuple[Metric, Reading, Asked]
) -> None:
    metric, reading, asked = context
    for place, name in enumerate(plan.measures):
        value, missing = row[2 + 2 * place], row[3 + 2 * place]
        measure = metric.measures[name]
        one = _Parts({name: _converted(measure, value, row[:2], reading, asked)})
        # A count counts rows; only sums and lists can lack the thing they collect.
        if measure.aggregate != "count" and missing:
            one.missing[name] = missing
        parts.add(one)


def _converted(
    measure: Measure, value: Any, who: tuple[Any, ...], reading: Reading, asked: Asked
) -> Any:
    if measure.aggregate == "count":
        return int(value)
    if measure.aggregate == "list":
        return sorted(item for item in (value or []) if item is not None)
    amount = Decimal(value) if value is not None else ZERO
    if not measure.convert:
        return amount
    account = reading.accounts().get(who[0])
    currency = who[1] or (account["currency"] if account else None) or asked.reporting_currency
    day = asked.as_of if measure.convert == "as_of" else asked.period.opening_day
    return amount * reading.rates().rate(currency, asked.reporting_currency, day)


def _added(parts: Iterable[_Parts], metric: Metric) -> _Parts:
    empty = {"count": 0, "sum": ZERO, "list": []}
    whole = _Parts({name: empty[m.aggregate] for name, m in metric.measures.items()})
    for one in parts:
        whole.add(one)
    return whole


def _finish(
    metric: Metric, parts: _Parts
) -> tuple[Any, dict[str, Any], dict[str, Reason], list[Note]]:
    """Value and components; a measure that lacks some of its values is Unknown or said to be partial."""
    components: dict[str, Any] = {}
    reasons: dict[str, Reason] = {}
    notes = []
    for name, measure in metric.measures.items():
        lacking = parts.missing.get(name, 0)
        components[name] = (
            sorted(parts.values[name]) if measure.aggregate == "list" else parts.values[name]
        )
        if lacking:
            notes.append(_lacking(name, measure, lacking))
            if measure.missing == "unknown":
                components[name], reasons[name] = None, "no_data"
    value = evaluate(metric.value, components, where=f"{metric.id}.toml: value")
    if value is not None and metric.unit == "count":
        value = int(value)
    if value is None:
        reasons["value"] = "no_data" if reasons else "undefined"
    return value, components, reasons, notes


def _lacking(name: str, measure: Measure, count: int) -> Note:
    outcome = "it is left out" if measure.missing == "skip" else f"`{name}` is therefore unknown"
    return Note(
        "warning",
        "value.missing",
        f"{counted(count, 'row has', 'rows have')} no `{measure.column}` in {measure.from_}; {outcome}.",
        f"Fill the columns of `{measure.column}` in {measure.from_} and import again.",
    )


def _cuts(
    metric: Metric, reading: Reading, asked: Asked, by_account: Mapping[str, _Parts]
) -> list[Cut]:
    if asked.by is None:
        return []
    groups: dict[str, list[_Parts]] = {}
    for account_id, parts in by_account.items():
        groups.setdefault(cut_key(reading, asked, account_id, asked.as_of), []).append(parts)
    cuts = []
    for key in sorted(groups):
        value, components, _, _ = _finish(metric, _added(groups[key], metric))
        cuts.append(Cut(key, value, len(groups[key]), components))
    return cuts
