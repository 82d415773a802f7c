"""Plain metrics: measures become one query per table, one row per account and currency, and roll up from there.

Expressions are parsed to a tree and checked against the table's columns and the metric's parameters; text
that a person typed is never run as SQL. Sums are decimals or integers; division happens in Python (rulings A4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlglot
from sqlglot import exp

from tenure.facts.table import Table, table
from tenure.kernel.errors import DeclarationError, UnknownName
from tenure.metrics.declaration import Measure, Metric

ALLOWED = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Paren,
    exp.And,
    exp.Or,
    exp.Not,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.Is,
    exp.In,
    exp.Between,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Neg,
    exp.Coalesce,
)
"""What an expression may be made of: comparisons, logic and exact arithmetic on columns."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One query over one table: columns account_id, currency, then per measure its value and its missing count."""

    table: Table
    measures: tuple[str, ...]
    query: exp.Expr
    sources: exp.Expr

    def text(self) -> str:
        """The query as a person reads it."""
        return self.query.sql(dialect="duckdb", pretty=True)


def parse(expression: str, names: set[str], *, where: str) -> exp.Expr:
    """The expression as a checked tree.

    Raises:
        DeclarationError: it does not parse, names nothing known, or uses something not allowed.
    """
    try:
        tree = sqlglot.parse_one(expression, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise DeclarationError(
            f"`{expression}` cannot be read as an expression.",
            where=where,
            remedy="Use columns, numbers, 'words', comparisons, and/or/not, + - *.",
            code="expression.parse",
        ) from error
    for node in tree.walk():
        if not isinstance(node, ALLOWED):
            raise DeclarationError(
                f"`{node.sql()}` in `{expression}` is not allowed in a metric.",
                where=where,
                remedy="Use columns, numbers, 'words', comparisons, and/or/not, + - *, coalesce.",
                code="expression.not_allowed",
            )
        if isinstance(node, exp.Column) and (node.table or node.name not in names):
            known = UnknownName("column or parameter", node.sql(), names)
            raise DeclarationError(
                known.what, where=where, remedy=known.remedy, code="expression.name"
            )
    return tree


def plans(metric: Metric, values: Mapping[str, Any]) -> list[Plan]:
    """One plan per table the metric's measures read; `values` are its parameters, as_of and period days."""
    by_table: dict[str, list[str]] = {}
    for name, measure in metric.measures.items():
        by_table.setdefault(measure.from_, []).append(name)
    return [_plan(metric, table(name), measures, values) for name, measures in by_table.items()]


def _plan(metric: Metric, source: Table, names: Sequence[str], values: Mapping[str, Any]) -> Plan:
    columns = set(source.columns)
    selected: list[exp.Expr] = [_column("account_id"), _currency(source)]
    conditions = []
    for name in names:
        measure, place = metric.measures[name], f"{metric.id}.toml: measures.{name}"
        condition = _bound(
            parse(measure.where or "true", columns | set(values), where=place), values, columns
        )
        conditions.append(condition)
        value = (
            _bound(parse(measure.column, columns | set(values), where=place), values, columns)
            if measure.column
            else exp.Literal.number(1)
        )
        selected.append(exp.alias_(_aggregate(measure, value, condition), name, quoted=True))
        missing = exp.Filter(
            this=exp.Count(this=exp.Star()),
            expression=exp.Where(
                this=exp.and_(
                    condition.copy(), exp.Is(this=exp.paren(value.copy()), expression=exp.Null())
                )
            ),
        )
        selected.append(exp.alias_(missing, f"{name} missing", quoted=True))
    frm = exp.Table(this=exp.to_identifier(source.id, quoted=True))
    any_condition = exp.or_(*[c.copy() for c in conditions])
    query = (
        exp.select(*selected)
        .from_(frm.copy())
        .where(any_condition)
        .group_by(exp.Literal.number(1), exp.Literal.number(2))
    )
    keys = [_column(key) for key in source.key]
    sources = (
        exp.select(_column("account_id"), *keys[:1], _column("source_file"), _column("source_line"))
        .from_(frm)
        .where(any_condition.copy())
    )
    return Plan(source, tuple(names), query, sources)


def _column(name: str) -> exp.Expr:
    return exp.column(name, quoted=True)


def _currency(source: Table) -> exp.Expr:
    if "currency" in source.columns:
        return exp.alias_(_column("currency"), "currency", quoted=True)
    return exp.alias_(exp.cast(exp.Null(), "varchar"), "currency", quoted=True)


def _aggregate(measure: Measure, value: exp.Expr, condition: exp.Expr) -> exp.Expr:
    made: exp.Expr
    if measure.aggregate == "count":
        made = exp.Count(this=exp.Star())
    elif measure.aggregate == "sum":
        made = exp.Sum(this=value.copy())
    else:
        made = exp.func("list", value.copy(), dialect="duckdb")
    return exp.Filter(this=made, expression=exp.Where(this=condition.copy()))


def _bound(tree: exp.Expr, values: Mapping[str, Any], columns: set[str]) -> exp.Expr:
    """The tree with quoted columns, and parameters replaced by their values as typed literals."""

    def replace(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        if node.name in columns:
            return _column(node.name)
        return literal(values[node.name])

    return exp.paren(tree.transform(replace))


def literal(value: Any) -> exp.Expr:
    """A Python value as a typed SQL literal."""
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    if isinstance(value, int | float | Decimal):
        return exp.Literal.number(str(value))
    return exp.Literal.string(str(value))


def evaluate(expression: str, names: Mapping[str, Any], *, where: str) -> Any:
    """The value of an arithmetic expression over measures; None where a part is None or a denominator 0.

    Sums stay exact; a quotient is a float, as every ratio is.
    """
    return _evaluate(sqlglot.parse_one(expression, dialect="duckdb"), names, where)


def _evaluate(node: exp.Expr, names: Mapping[str, Any], where: str) -> Any:
    if isinstance(node, exp.Paren):
        return _evaluate(node.this, names, where)
    if isinstance(node, exp.Literal):
        return Decimal(node.this)
    if isinstance(node, exp.Column):
        if node.name not in names:
            known = UnknownName("measure", node.name, names)
            raise DeclarationError(
                known.what, where=where, remedy=known.remedy, code="expression.name"
            )
        return names[node.name]
    if not isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
        raise DeclarationError(
            f"`{node.sql()}` is not allowed in `value`.",
            where=where,
            remedy="Use measures, numbers and + - * /.",
            code="expression.not_allowed",
        )
    left, right = (_evaluate(side, names, where) for side in (node.left, node.right))
    if left is None or right is None:
        return None
    left, right = Decimal(left), Decimal(right)
    if isinstance(node, exp.Div):
        return None if right == 0 else float(left / right)
    if isinstance(node, exp.Mul):
        return left * right
    return left + right if isinstance(node, exp.Add) else left - right
