"""Measures become one query per fact: a row per account and currency, with three columns per measure.

Only checked trees are put together here; text that a person typed is never run as SQL. Sums are decimals or
integers; division happens in Python (rulings A4).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlglot import exp

from tenure.facts.table import ColumnType, table
from tenure.metrics.asked import MOST_ROWS
from tenure.metrics.declaration import Measure, Metric
from tenure.metrics.derived.fact import Trail
from tenure.metrics.derived.tier import TIER, columns_of
from tenure.metrics.expressions import parse
from tenure.metrics.windows import When, read_when


@dataclass(frozen=True, slots=True)
class Scope:
    """What a compiled query may refer to: the values of parameters and days, and where facts are found.

    `relation` gives the name by which a query reads a table or derived fact; `accounts` are the only
    ones meant, None for all.
    """

    values: Mapping[str, Any]
    time_zone: str
    relation: Callable[[str], str]
    accounts: Collection[str] | None = None

    def bounds(self, when: When) -> tuple[exp.Expr | None, exp.Expr]:
        """First day (None: no beginning) and last day of a window."""
        first, last = when.bounds(self.values)
        return None if first is None else literal(first), literal(last)


@dataclass(frozen=True, slots=True)
class Plan:
    """One query over one fact: columns account_id, currency, then per measure its value, its rows and its gaps.

    The second number counts rows that meet the condition and hold the value, the third those that lack it.
    """

    fact: str
    measures: tuple[str, ...]
    query: exp.Expr
    condition: exp.Expr

    def text(self) -> str:
        """The query as a person reads it."""
        return self.query.sql(dialect="duckdb", pretty=True)


@dataclass(frozen=True, slots=True)
class Source:
    """The table behind a number: its first rows as key, file and line, and how many there are."""

    table: str
    first: exp.Expr
    number: exp.Expr


def plans(metric: Metric, scope: Scope, facts: Collection[str] | None = None) -> list[Plan]:
    """One plan per fact the metric's measures read, of those in `facts` (None: all)."""
    by_fact: dict[str, list[str]] = {}
    for name, measure in metric.measures.items():
        if facts is None or measure.from_ in facts:
            by_fact.setdefault(measure.from_, []).append(name)
    return [_plan(metric, fact, measures, scope) for fact, measures in by_fact.items()]


def _plan(metric: Metric, fact: str, names: Sequence[str], scope: Scope) -> Plan:
    types = columns_of(fact)
    selected: list[exp.Expr] = [_column("account_id"), _currency(types)]
    conditions = []
    for name in names:
        condition = condition_of(metric, name, scope)
        conditions.append(condition)
        selected += outputs(metric, name, condition, scope)
    any_condition = exp.or_(*[c.copy() for c in conditions], copy=False)
    query = _grouped(selected, _relation(fact, scope), any_condition.copy())
    return Plan(fact, tuple(names), query, any_condition)


def by_column(metric: Metric, name: str, column: str, scope: Scope) -> exp.Expr:
    """The query of one measure for each account and word of a column: account, word, value, rows, gaps."""
    condition = condition_of(metric, name, scope)
    made = outputs(metric, name, condition, scope)
    relation = _relation(metric.measures[name].from_, scope)
    return _grouped([_column("account_id"), _column(column), *made], relation, condition.copy())


def _grouped(selected: Sequence[exp.Expr], relation: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """One row per value of the first two columns; takes the trees as they are, since copying takes longer than asking."""
    return (
        exp.select(*selected, copy=False)
        .from_(relation, copy=False)
        .where(condition, copy=False)
        .group_by(exp.Literal.number(1), exp.Literal.number(2), copy=False)
    )


def trail(metric: Metric, plan: Plan, scope: Scope, summed: Trail | None) -> Source | None:
    """The table behind a plan with the queries of its first source rows (key, file, line) and of their number.

    A derived fact of sums leads back to the rows of `summed`; None where there is no such way.
    """
    if summed is not None:
        return _added_up(metric, plan, scope, summed)
    is_derived = plan.fact in TIER
    source = TIER[plan.fact].leads_to if is_derived else plan.fact
    if not source:
        return None
    key = "source_key" if is_derived else table(source).key[0]
    newest = "" if is_derived or scope.accounts is None else table(source).happened
    return _source(source, key, _relation(plan.fact, scope), plan.condition, newest)


def _added_up(metric: Metric, plan: Plan, scope: Scope, summed: Trail) -> Source:
    """Rows on the days that the fact or the measures' windows reach, of the accounts meant."""
    days = [(summed.first, summed.last)]
    for name in plan.measures if summed.last is None else ():
        when = when_of(metric, name, scope)
        if when is not None:
            days.append(when.bounds(scope.values))
    # A measure that only asks whether there is anything at all has no beginning: its rows explain nothing.
    firsts = [first for first, _ in days if first is not None]
    lasts = [last for _, last in days if last is not None]
    parts = [] if scope.accounts is None else [_among("account_id", scope.accounts)]
    day = _column(summed.day)
    if firsts:
        parts.append(exp.GTE(this=day.copy(), expression=literal(min(firsts))))
    if lasts:
        parts.append(exp.LTE(this=day.copy(), expression=literal(max(lasts))))
    condition = exp.and_(*parts) if parts else exp.Boolean(this=True)
    key, newest = table(summed.table).key[0], "" if scope.accounts is None else summed.day
    return _source(summed.table, key, _relation(summed.table, scope), condition, newest)


def _source(name: str, key: str, frm: exp.Expr, condition: exp.Expr, newest: str) -> Source:
    """`newest` names the column by which the rows of accounts that were asked about come newest first."""
    rows = exp.select(_column(key), _column("source_file"), _column("source_line"))
    first = rows.from_(frm.copy(), copy=False).where(condition.copy(), copy=False)
    counted = exp.select(exp.Count(this=exp.Star()), copy=False)
    number = counted.from_(frm.copy(), copy=False).where(condition.copy(), copy=False)
    order: list[exp.Expr] = [exp.Literal.number(2), exp.Literal.number(3)]
    if newest:
        order.insert(0, exp.Ordered(this=_column(newest), desc=True, nulls_first=False))
    ordered = first.order_by(*order, copy=False)
    return Source(name, ordered.limit(MOST_ROWS, copy=False), number)


def when_of(metric: Metric, name: str, scope: Scope) -> When | None:
    """The window a measure looks at; None where it looks at every row."""
    measure = metric.measures[name]
    if not measure.when:
        return None
    return read_when(
        measure.when,
        columns_of(measure.from_),
        scope.values,
        has_period="period_start" in scope.values,
        where=f"{metric.id}.toml: measures.{name}",
    )


def condition_of(metric: Metric, name: str, scope: Scope) -> exp.Expr:
    """`where`, `when` and the accounts meant, as one condition over the measure's fact."""
    measure, types = metric.measures[name], columns_of(metric.measures[name].from_)
    place = f"{metric.id}.toml: measures.{name}"
    parts = []
    if measure.where:
        parts.append(_expression(measure.where, types, scope, place))
    when = when_of(metric, name, scope)
    if when is not None:
        parts.append(when.condition(*scope.bounds(when), types, scope.time_zone))
    if scope.accounts is not None:
        parts.append(_among("account_id", scope.accounts))
    return exp.paren(exp.and_(*parts, copy=False), copy=False) if parts else exp.Boolean(this=True)


def outputs(metric: Metric, name: str, condition: exp.Expr, scope: Scope) -> list[exp.Expr]:
    """A measure over the rows that meet its condition: its value, the rows that hold it, those that lack it."""
    measure = metric.measures[name]
    place = f"{metric.id}.toml: measures.{name}"
    types = columns_of(measure.from_)
    value: exp.Expr = (
        _expression(measure.column, types, scope, place)
        if measure.column
        else exp.Literal.number(1)
    )
    lacks = exp.Is(this=exp.paren(value.copy(), copy=False), expression=exp.Null())
    made = _filtered(_aggregate(measure, value), condition)
    held = _filtered(exp.Count(this=exp.paren(value.copy(), copy=False)), condition)
    gaps = _filtered(exp.Count(this=exp.Star()), exp.and_(condition.copy(), lacks, copy=False))
    return [
        exp.alias_(made, name, quoted=True, copy=False),
        exp.alias_(held, f"{name} rows", quoted=True, copy=False),
        exp.alias_(gaps, f"{name} gaps", quoted=True, copy=False),
    ]


def _aggregate(measure: Measure, value: exp.Expr) -> exp.Expr:
    this = value.copy()
    if measure.aggregate == "count":
        return exp.Count(this=exp.Star())
    if measure.aggregate in ("sum", "mean"):
        return exp.Sum(this=this)
    if measure.aggregate == "distinct":
        is_key = measure.from_ in TIER and set(TIER[measure.from_].key) == {
            "account_id",
            measure.column,
        }
        # In the rows of one account a key column is distinct by itself; counting is much faster.
        return exp.Count(this=this if is_key else exp.Distinct(expressions=[this]))
    if measure.aggregate == "min":
        return exp.Min(this=this)
    if measure.aggregate == "max":
        return exp.Max(this=this)
    if measure.aggregate == "any":
        return exp.LogicalOr(this=this)
    if measure.aggregate == "latest":
        return exp.ArgMax(this=this, expression=_column(measure.order))
    return exp.func("list", this, dialect="duckdb")


def _filtered(aggregate: exp.Expr, condition: exp.Expr) -> exp.Expr:
    if isinstance(condition, exp.Boolean) and condition.this:
        return aggregate  # every row: a filter that holds always costs as much as one that does not
    return exp.Filter(this=aggregate, expression=exp.Where(this=condition.copy()))


def _relation(fact: str, scope: Scope) -> exp.Expr:
    return exp.Table(this=exp.to_identifier(scope.relation(fact), quoted=True))


def _column(name: str) -> exp.Expr:
    return exp.column(name, quoted=True)


def _currency(types: Mapping[str, ColumnType]) -> exp.Expr:
    if "currency" in types:
        return exp.alias_(_column("currency"), "currency", quoted=True)
    return exp.alias_(exp.cast(exp.Null(), "varchar"), "currency", quoted=True)


def _among(column: str, values: Iterable[str]) -> exp.Expr:
    chosen = sorted(values)
    if not chosen:
        return exp.Boolean(this=False)
    return exp.In(this=_column(column), expressions=[exp.Literal.string(v) for v in chosen])


def _expression(text: str, types: Mapping[str, ColumnType], scope: Scope, place: str) -> exp.Expr:
    """The checked tree with quoted columns, and parameters replaced by their values as typed literals."""
    tree = parse(text, {*types, *scope.values}, where=place)

    def replace(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        return _column(node.name) if node.name in types else literal(scope.values[node.name])

    return exp.paren(tree.transform(replace), copy=False)


def literal(value: Any) -> exp.Expr:
    """A Python value as a typed SQL literal; what is a tree already (a column of days) as it is."""
    if isinstance(value, exp.Expr):
        return value.copy()
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    if isinstance(value, int | float | Decimal):
        return exp.Literal.number(str(value))
    return exp.Literal.string(str(value))
