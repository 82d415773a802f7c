"""Where Spark means something else than DuckDB by the same words: one rule per kind of expression.

A rule gets a node of DuckDB's tree and gives the node that means the same on Spark (with ANSI on, the zone UTC, and
decimals that keep their places; see `spark_session.py`). What sqlglot's own printer already says right has no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from tenure.kernel.errors import LakeError

TypeOf = Callable[[exp.Expr], exp.DataType | None]
"""The type of a node, None where it is not known."""
Rule = Callable[[exp.Expr, TypeOf], exp.Expr]

SAME = frozenset({"bit_count"})
"""Functions without a name of their own in sqlglot that mean the same on both engines."""

UTC = "is called UTC"
OF_WHOLE = ("TINYINT", "SMALLINT", "INT", "BIGINT")
WIDER = {
    "UTINYINT": "SMALLINT", "USMALLINT": "INT", "UINT": "BIGINT", "UBIGINT": "DECIMAL(20, 0)",
    "INT128": "DECIMAL(38, 0)", "UINT128": "DECIMAL(38, 0)",
}  # fmt: skip
"""DuckDB's types that Spark does not have, with the next wider one it has."""


def no_form(what: str, text: str) -> LakeError:
    """Something that DuckDB is asked and Spark cannot be."""
    return LakeError(
        f"{what} has no Spark form yet.",
        where=text[:2000],
        remedy="Refresh with `--engine duckdb`; the history before is unchanged. Please report the sentence.",
        code="engine.spark_form",
    )


def _difference(node: exp.Expr, type_of: TypeOf) -> exp.Expr:
    """Two days lie a number of days apart, no interval; a day less a number is a day."""
    one, other = type_of(node.this), type_of(node.expression)
    if _is(one, "DATE") and _is(other, "DATE"):
        days = exp.DateDiff(this=node.this, expression=node.expression, unit=exp.var("DAY"))
        return exp.cast(days, "bigint")
    if _is(one, "DATE"):
        return exp.Sub(this=node.this, expression=_whole(node.expression))
    return node


def _sum(node: exp.Expr, type_of: TypeOf) -> exp.Expr:
    """A day and a number make a day, whatever whole number it is."""
    for day, number in ((node.this, node.expression), (node.expression, node.this)):
        if _is(type_of(day), "DATE"):
            return exp.Add(this=day, expression=_whole(number))
    return node


def _whole(number: exp.Expr) -> exp.Expr:
    return number if isinstance(number, exp.Literal) else exp.cast(number, "int")


def _quotient(node: exp.Expr, type_of: TypeOf) -> exp.Expr:  # noqa: ARG001 - a rule
    """`/` gives a double, of decimals too."""
    sides = {side: exp.cast(node.args[side], "double") for side in ("this", "expression")}
    return exp.Div(**sides, typed=True, safe=False)


def _cast(node: exp.Expr, type_of: TypeOf) -> exp.Expr:
    """A number with places is rounded to a whole one, not cut off; types that Spark lacks become wider."""
    kind: exp.DataType = node.args["to"]
    wanted = kind.this.value if isinstance(kind.this, exp.DType) else ""
    if wanted in WIDER:
        node.set("to", exp.DataType.build(WIDER[wanted]))
    value = node.this
    if wanted in OF_WHOLE and not isinstance(value, exp.Floor | exp.Ceil | exp.Round | exp.IntDiv):
        given = type_of(value)
        if _is(given, "DOUBLE", "FLOAT"):
            node.set("this", exp.Anonymous(this="RINT", expressions=[value]))
        elif _is(given, "DECIMAL"):
            node.set("this", exp.Round(this=value, decimals=exp.Literal.number(0)))
    return node


def _furthest(node: exp.Expr, type_of: TypeOf) -> exp.Expr:  # noqa: ARG001 - a rule
    """Rows without a value do not count; Spark would give them back as the value of the largest order."""
    known = exp.Not(this=exp.Is(this=exp.paren(node.this.copy()), expression=exp.Null()))
    order = exp.Case(ifs=[exp.If(this=known, true=node.expression)])
    return type(node)(this=node.this, expression=order)


def _windowed(node: exp.Expr, type_of: TypeOf) -> exp.Expr:  # noqa: ARG001 - a rule
    """Spark filters no aggregate over a window, and numbers no rows without an order.

    Where no order is asked, everything else that is selected gives one: a table that has to be made again after an
    executor was lost must number its rows as before.
    """
    inner = node.this
    if isinstance(inner, exp.Filter):
        held, aggregate = inner.expression.this, inner.this
        counts_rows = isinstance(aggregate.this, exp.Star)
        value = exp.Literal.number(1) if counts_rows else aggregate.this
        aggregate.set("this", exp.Case(ifs=[exp.If(this=held, true=value)]))
        node.set("this", aggregate)
    if isinstance(inner, exp.RowNumber) and not node.args.get("order") and not node.alias:
        select = node.find_ancestor(exp.Select)
        others = [] if select is None else [s for s in select.selects if not s.find(exp.Window)]
        by = [exp.Ordered(this=one.unalias().copy(), nulls_first=False) for one in others]
        if not by:
            raise no_form("`row_number()` without an order", node.sql("duckdb"))
        node.set("order", exp.Order(expressions=by))
    return node


def _hash(node: exp.Expr, type_of: TypeOf) -> exp.Expr:  # noqa: ARG001 - a rule
    """Another number than DuckDB's: a hash may tell rows apart, and never be shown or kept."""
    return exp.Anonymous(this="XXHASH64", expressions=node.expressions)


def _function(node: exp.Expr, type_of: TypeOf) -> exp.Expr:
    name = node.name.lower()
    if name == "hash":
        return _hash(node, type_of)
    if name == "timezone":
        zone, moment = node.expressions
        return _in_zone(moment, zone)
    if name not in SAME and name not in ("rint", "xxhash64"):
        raise no_form(f"The function `{name}`", node.sql("duckdb"))
    return node


def _zone(node: exp.Expr, type_of: TypeOf) -> exp.Expr:  # noqa: ARG001 - a rule
    return _in_zone(node.this, node.args["zone"])


def _in_zone(moment: exp.Expr, zone: exp.Expr) -> exp.Expr:
    """A stored moment called UTC is itself, as the session is UTC; only what was called UTC is shown elsewhere."""
    bare = moment.unnest()
    if zone.name == "UTC" and not bare.meta.get(UTC):
        bare.meta[UTC] = True
        return bare
    if not bare.meta.get(UTC):
        raise no_form("A moment of another zone than UTC", moment.sql("duckdb"))
    return exp.Anonymous(this="FROM_UTC_TIMESTAMP", expressions=[bare, zone])


def _is(kind: exp.DataType | None, *names: str) -> bool:
    return kind is not None and isinstance(kind.this, exp.DType) and kind.this.value in names


RULES: Mapping[type[exp.Expr], Rule] = {
    exp.Sub: _difference,
    exp.Add: _sum,
    exp.Div: _quotient,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.ArgMax: _furthest,
    exp.ArgMin: _furthest,
    exp.Window: _windowed,
    exp.Anonymous: _function,
    exp.AtTimeZone: _zone,
}
