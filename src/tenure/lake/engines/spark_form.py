"""The Spark form of one SELECT in DuckDB's dialect: the tables it makes on the way, and its text.

A statement with queries before it comes apart into steps, each a SELECT over tables and the steps before it: one
marked `materialized` is worked out once there, and Spark, which has no such word, would work it out wherever it is
named; and sqlglot would move all of them to the top for Spark, where two of one name are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from tenure.lake.engines.spark_rules import RULES
from tenure.lake.engines.spark_words import no_form

Columns = Mapping[str, Mapping[str, str]]
"""Types in DuckDB's words by table and column."""
NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Step:
    """One SELECT on the way; the last has no name. `is_kept`: worked out once, however often it is named."""

    name: str
    tree: exp.Expr
    is_kept: bool = False

    @property
    def tables(self) -> frozenset[str]:
        """The tables and earlier steps it names."""
        return frozenset(table.name for table in self.tree.find_all(exp.Table))


def steps(text: str, name: str, parameters: Mapping[str, object] | None = None) -> list[Step]:
    """The statement taken apart, in the order in which it is worked out.

    Args:
        text: one SELECT in DuckDB's dialect.
        name: what the names of steps begin with.
        parameters: values for `$name`.
    """
    given = parameters or {}
    tree = sqlglot.parse_one(text, dialect="duckdb").transform(
        lambda node: (
            _constant(given[node.name])
            if isinstance(node, exp.Parameter | exp.Placeholder)
            else node
        )
    )
    found = list(_apart(tree, name))
    return [*found, Step("", tree)]


def spark_sql(tree: exp.Expr, columns: Columns) -> str:
    """The text of one step in Spark's dialect.

    Args:
        tree: DuckDB's.
        columns: of every table it names.

    Raises:
        LakeError: something in it has no Spark form.
    """
    text = tree.sql("duckdb")
    for number, node in enumerate(tree.walk()):
        node.meta[NUMBER] = number
    types = _types(tree, columns)
    for node in reversed(list(tree.walk(bfs=True))):  # what is inside comes first
        rule = RULES.get(type(node))
        if rule is not None:
            made = rule(node, lambda part: types.get(part.meta.get(NUMBER, -1)))
            if made is not node:
                node.replace(made)
    try:
        return tree.sql("spark", unsupported_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        raise no_form(f"A statement ({error})", text) from error


def _apart(tree: exp.Expr, name: str) -> Iterator[Step]:
    """The queries before the statement and inside it, taken out."""
    number = 0
    while (clause := tree.find(exp.With)) is not None:  # the outermost first
        query = clause.parent
        assert query is not None  # noqa: S101 - a WITH stands before a query
        for cte in list(clause.expressions):
            own, number = f"{name}__{cte.alias}_{number}", number + 1
            if cte.args["alias"].args.get("columns") or clause.recursive:
                raise no_form("A query before the statement that names its columns", cte.sql())
            body = cte.this
            cte.pop()
            yield from _apart(body, own)
            yield Step(own, body, is_kept=bool(cte.args.get("materialized")))
            _rename(query, cte.alias, own)
        clause.pop()


def _rename(query: exp.Expr, name: str, own: str) -> None:
    """Let the query read the step where it named the query before it; a closer one of that name hides it."""
    for table in list(query.find_all(exp.Table)):
        if table.name != name or _is_hidden(table, name, query):
            continue
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
        table.set("this", exp.to_identifier(own, quoted=True))


def _is_hidden(table: exp.Expr, name: str, query: exp.Expr) -> bool:
    node = table.parent
    while node is not None and node is not query:
        clause = node.args.get("with_")
        if clause is not None and any(cte.alias == name for cte in clause.expressions):
            return True
        node = node.parent
    return False


def _types(tree: exp.Expr, columns: Columns) -> dict[int, exp.DataType]:
    """Types by the number in a node's meta, as far as they can be told."""
    known: dict[str, object] = {name: dict(own) for name, own in columns.items()}
    schema = MappingSchema(known, dialect="duckdb", normalize=False)
    try:
        named = qualify(
            tree.copy(),
            schema=schema,
            dialect="duckdb",
            validate_qualify_columns=False,
            quote_identifiers=False,
            identify=False,
        )
        typed = annotate_types(named, schema=schema, dialect="duckdb")
    except SqlglotError:
        return {}  # Spark itself then refuses what would mean something else
    found: dict[int, exp.DataType] = {}
    for node in typed.walk():
        kind, number = node.type, node.meta.get(NUMBER)
        if number is not None and isinstance(kind, exp.DataType):
            found[number] = kind
    return found


def _constant(value: Any) -> exp.Expr:
    """A parameter's value as a typed constant."""
    if isinstance(value, list | tuple):
        return exp.Array(expressions=[_constant(one) for one in value])
    if isinstance(value, datetime):
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "timestamp")
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    return exp.convert(value)
