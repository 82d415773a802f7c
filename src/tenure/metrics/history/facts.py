"""Tables and derived facts over many days: one relation, with the column `as_of` where rows depend on the day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tenure.metrics.declaration import Metric
from tenure.metrics.derived.fact import DerivedFact
from tenure.metrics.derived.tier import TIER, sql_types
from tenure.metrics.expressions import names_in
from tenure.metrics.reading import Inputs, Reading

VARYING = ("as_of", "on_day", "period_start", "period_end")
"""Parameters that differ from day to day; all others are the same on every day of a history."""

MOST_BITS = 62
"""So many fit into a whole number that has a sign."""

Knowns = Sequence[Mapping[str, Any]]
"""Per day of the history, what a question of that day knows: parameters, as_of, the period."""


def is_of_a_day(name: str) -> bool:
    """Whether the rows of a table or derived fact differ from one as_of to another."""
    return name in TIER and any(p in VARYING for p in TIER[name].parameters)


@dataclass(slots=True)
class FactsOver:
    """Relations of facts over the days of one history. Not frozen: it remembers what it made."""

    reading: Reading
    days: tuple[date, ...]
    wanted: Mapping[str, Set[str]]
    _made: dict[tuple[str, tuple[Any, ...]], str]
    bits: dict[str, dict[str, str]] = field(default_factory=dict)
    """Per fact the columns that have a column of bits beside them."""

    @classmethod
    def of(
        cls, reading: Reading, days: tuple[date, ...], metrics: Iterable[Metric] = ()
    ) -> FactsOver:
        """Nothing is made yet; `metrics` are those that will ask."""
        return cls(reading, days, _columns_named(metrics), {})

    def wants(self, fact: str, column: str) -> bool:
        """Whether a measure names the column; facts that rest on a fact may ask for any of its columns."""
        rests = any(fact in TIER[other].rests_on for other in TIER)
        return rests or column in self.wanted.get(fact, ())

    def relation(self, name: str, knowns: Knowns) -> str:
        """SQL for the rows: a name, or a query in parentheses; with `as_of` for a fact of a day."""
        if not is_of_a_day(name):
            return self.reading.relation(name, knowns[0])
        fact = TIER[name]
        own = tuple(tuple(known[p] for known in knowns) for p in fact.parameters)
        if (name, own) not in self._made:
            self._made[name, own] = self._over(fact, knowns)
        return self._made[name, own]

    def _over(self, fact: DerivedFact, knowns: Knowns) -> str:
        if fact.select_over is not None:
            return f"({fact.select_over(_InputsOver(self, knowns, fact.id))})"
        physical = f"{fact.id}_over_{len(self._made)}"
        if fact.select is None:
            self._register(fact, knowns, physical)
            return physical
        # Day by day: each day's relation rests on others of that day, of which only a few are kept.
        parts = []
        for number, known in enumerate(knowns):
            part = f"{physical}_{number}"
            text = fact.select(Inputs(self.reading, known))
            self.reading.facts.keep(
                part, f"select date '{known['as_of']}' as as_of, made.* from ({text}) as made"
            )
            parts.append(part)
        union = " union all ".join(f'select * from "{part}"' for part in parts)
        self.reading.facts.keep(physical, union)
        for part in parts:
            self.reading.facts.drop(part)
        return physical

    def _register(self, fact: DerivedFact, knowns: Knowns, physical: str) -> None:
        names = list(sql_types(fact))
        columns: dict[str, list[Any]] = {name: [] for name in ("as_of", *names)}
        for known in knowns:
            assert fact.rows is not None  # noqa: S101 - a fact is selected or made of rows
            for row in fact.rows(self.reading, known):
                columns["as_of"].append(known["as_of"])
                for name, value in zip(names, row, strict=True):
                    columns[name].append(value)
        self.reading.facts.register(physical, columns, types={"as_of": "DATE", **sql_types(fact)})


@dataclass(frozen=True, slots=True)
class _InputsOver:
    """What a derived fact over many days may read: facts over the same days, and what all days share."""

    over: FactsOver
    knowns: Knowns
    fact: str

    @property
    def month(self) -> date | None:
        return None

    def keep(self, name: str, text: str) -> str:
        kept = f"{self.fact}_{name}_over_{len(self.over._made)}"
        self.over.reading.facts.keep(kept, text)
        return kept

    def wants(self, column: str) -> bool:
        return self.over.wants(self.fact, column)

    def bits(self, column: str, text: str) -> str:
        facts = self.over.reading.facts
        values = facts.query(
            f"select distinct {column} from ({text}) where {column} is not null limit {MOST_BITS + 1}"  # noqa: S608 - our own names
        )
        if len(values) > MOST_BITS:
            return ""
        name, beside = f"{self.fact}_{column}s_over", f"{column}_bit"
        ordered = sorted(value for (value,) in values)
        facts.register(
            name,
            {column: ordered, beside: [1 << number for number in range(len(ordered))]},
            types={column: "VARCHAR", beside: "BIGINT"},
        )
        self.over.bits.setdefault(self.fact, {})[column] = beside
        return name

    @property
    def time_zone(self) -> str:
        return self.over.reading.time_zone

    @property
    def days(self) -> tuple[date, ...]:
        return self.over.days

    @property
    def as_ofs(self) -> str:
        listed = ", ".join(f"date '{day}'" for day in self.days)
        return f"select unnest([{listed}]) as as_of"

    def has(self, table_name: str) -> bool:
        return self.over.reading.has(table_name)

    def relation(self, name: str) -> str:
        return self.over.relation(name, self.knowns)

    def value(self, parameter: str) -> Any:
        return self.knowns[0][parameter]


def _columns_named(metrics: Iterable[Metric]) -> dict[str, set[str]]:
    """Per fact the columns that any measure of the metrics looks at."""
    found: dict[str, set[str]] = {}
    for metric in metrics:
        for measure in metric.measures.values():
            said = (measure.column or "true", measure.where or "true", measure.order or "true")
            found.setdefault(measure.from_, set()).update(*(names_in(text) for text in said))
    return found
