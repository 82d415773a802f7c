"""What a function reads that answers a metric on many days at once, and how what it tells becomes columns."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tenure.facts.sql import ident, literal
from tenure.kernel.errors import Bug
from tenure.kernel.unknown import Reason
from tenure.lake.values import WHY
from tenure.metrics.asked import Asked
from tenure.metrics.compute import missing_tables
from tenure.metrics.declaration import Metric
from tenure.metrics.history.asking import TYPES, column_of
from tenure.metrics.history.facts import FactsOver
from tenure.metrics.history.values import Value
from tenure.metrics.reading import Reading

THERE = "history_there"
"""Who there is on which day: number, as_of, account_id, is_begun, begins, account_start."""
NUMBERED = "history_numbered"
"""The as_ofs with their numbers, counted from 0."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a function tells of many days: a query of as_of, account_id and, per part, its value and reason.

    A part's column is called by its path, its reason's has `__why` behind it. An account that has begun and has no
    row is Unknown for the reason `otherwise`, and so is a part without a reason; one that has not begun is
    `undefined` where the query has no number. On the days in `unknown` all that have begun have no number.
    """

    query: str
    otherwise: Reason = "undefined"
    unknown: Mapping[date, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OverDays:
    """The questions of a history, one a day, and the facts they are answered from.

    `name` begins the names of the tables that are made on the way, which are gone once the query was asked. What
    several metrics work out alike they keep in `shared`, as long as the history is being made.
    """

    name: str
    metric: Metric
    questions: Sequence[Asked]
    facts: FactsOver
    shared: dict[Any, Any]
    made: list[str] = field(default_factory=list)

    @property
    def reading(self) -> Reading:
        """The facts of one day."""
        return self.facts.reading

    @property
    def days(self) -> tuple[date, ...]:
        """The as_ofs, in order."""
        return self.facts.days

    @property
    def last(self) -> Asked:
        """The question of the last day."""
        return self.questions[-1]

    def parameter(self, name: str) -> Any:
        """A parameter, the same on every day."""
        return self.last.parameters[name]

    def relation(self, fact: str) -> str:
        """A table or derived fact over all days, with the column `as_of` where its rows depend on the day."""
        return self.facts.relation(fact, [question.known for question in self.questions])

    def on_last_day(self, fact: str) -> str:
        """A table or derived fact as the last day sees it."""
        return self.reading.relation(fact, self.last.known)

    def keep(self, part: str, text: str) -> str:
        """The name of a table with the result of a SELECT."""
        name = self._named(part)
        self.reading.facts.keep(name, text)
        return name

    def register(self, part: str, types: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> str:
        """The name of a table with rows of our own."""
        listed = list(zip(*rows, strict=True)) or [()] * len(types)
        columns = dict(zip(types, listed, strict=True))
        name = self._named(part)
        self.reading.facts.register(name, columns, types=types)
        return name

    def _named(self, part: str) -> str:
        self.made.append(f"{self.name}_{part}")
        return self.made[-1]

    def by_day(self, part: str, types: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> str:
        """The name of a table with a row per day: as_of and what belongs to it, in order of the days."""
        made = ((day, *row) for day, row in zip(self.days, rows, strict=True))
        return self.register(part, {"as_of": "DATE", **types}, made)

    def runs(self, part: str, types: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> str:
        """SQL for rows that hold on several days: each begins with account_id, first day's number, number after the last."""
        whole = {"account_id": "VARCHAR", "first": "BIGINT", "after": "BIGINT", **types}
        name = self.register(part, whole, rows)
        listed = ", ".join(ident(column) for column in types)
        return (
            f"select as_of, account_id, {listed} from "
            f"(select account_id, unnest(range(first, after)) as number, {listed} from {name}) "
            f"join {NUMBERED} using (number)"
        )


Function = Callable[[OverDays], Told]


def told_of(
    metric: Metric,
    questions: Sequence[Asked],
    facts: FactsOver,
    name: str,
    shared: dict[Any, Any],
) -> tuple[bool, list[Value]]:
    """A metric's columns of a history, read from the table `name` that is made for them, if one is.

    Returns:
        Whether the table is there, with a row per as_of and account, and the columns.

    Raises:
        Unwritten: the function does not know these parameters; the metric must be asked day by day.
    """
    if missing_tables(metric, facts.reading):
        told = Told("", otherwise="no_data")
    else:
        over = OverDays(name, metric, questions, facts, shared)
        told = function_over(metric)(over)
        if told.query:
            facts.reading.facts.keep(name, told.query)
        for made in over.made:
            facts.reading.facts.drop(made)
    return bool(told.query), [
        _value(told, name, column_of(metric, path), path, TYPES[kind])
        for path, kind in metric.history.items()
    ]


def _value(told: Told, name: str, column: str, path: str, kind: str) -> Value:
    held, why = "null", "null"
    if told.query:
        held, why = f"{name}.{ident(path)}", f"{name}.{ident(path + WHY)}"
    if told.unknown:
        days = ", ".join(f"date '{day}'" for day in told.unknown)
        held = f"case when as_of in ({days}) then null else {held} end"
        blank = " ".join(
            f"when as_of = date '{day}' then {literal(reason)}"
            for day, reason in told.unknown.items()
        )
        why = f"case {blank} else {why} end"
    value = f"cast({held} as {kind})"
    reason = (
        f"case when {value} is not null then null when begins > as_of then 'undefined' "
        f"else coalesce({why}, {literal(told.otherwise)}) end"
    )
    return Value(column, value, kind, reason)


def function_over(metric: Metric) -> Function:
    """The function behind `answer_over = "python:module.name"`, a module of `metrics/over/`."""
    scheme, _, path = metric.answer_over.partition(":")
    module, _, name = path.partition(".")
    if scheme != "python" or not name:
        raise Bug(f"The metric `{metric.id}` names `{metric.answer_over}`, which is no function.")
    found: Function = getattr(importlib.import_module(f"tenure.metrics.over.{module}"), name)
    return found
