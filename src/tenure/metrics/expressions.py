"""Expressions of a metric: read to a tree, checked against the names there are, run exactly.

What a person typed is never run as SQL text. A condition over rows becomes part of a query as a checked
tree; arithmetic over measures runs here, on whole numbers, decimals and fractions, so that a share of
17/20 meets a line of 0.85. An Unknown part makes the whole Unknown (None), a zero denominator too.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

from tenure.kernel.errors import DeclarationError, UnknownName

Names = Mapping[str, Any]
Run = Callable[[Names], Any]

OVER_ROWS = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.And, exp.Or,
    exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between,
    exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Coalesce, exp.Lower, exp.Trim,
)  # fmt: skip
"""What a condition or column over rows may be made of: comparisons, logic and exact arithmetic."""

OVER_MEASURES = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.And, exp.Or,
    exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.Add, exp.Sub, exp.Mul,
    exp.Div, exp.Neg, exp.Coalesce, exp.Greatest, exp.Least, exp.Abs, exp.Ceil, exp.Floor, exp.If,
    exp.Case,
)  # fmt: skip
"""What an expression over measures may be made of."""

ROW_WORDS = (
    "columns, numbers, 'words', comparisons, and/or/not, in, between, + - *, coalesce, lower, trim"
)
MEASURE_WORDS = "measures, parameters, numbers, comparisons, and/or/not, + - * /, coalesce, greatest, least, abs, ceil, floor, if"

DEEPEST = 100
"""How many levels an expression may have: what is deeper cannot be worked on without running out of stack."""

HINTS: dict[type[exp.Expr], str] = {
    exp.Div: "Rows are counted and added up; divide in `value`, over measures.",
    exp.CurrentDate: "The day asked about is `as_of`.",
    exp.Like: "Compare whole words with = or in.",
}


def parse(
    expression: str,
    names: Collection[str],
    *,
    where: str,
    allowed: tuple[type[exp.Expr], ...] = OVER_ROWS,
) -> exp.Expr:
    """The expression as a checked tree.

    Raises:
        DeclarationError: it does not parse, names nothing known, or uses something not allowed.
    """
    words = ROW_WORDS if allowed is OVER_ROWS else MEASURE_WORDS
    try:
        tree = _tree(expression)
    except sqlglot.errors.SqlglotError as error:
        raise DeclarationError(
            f"`{expression}` cannot be read as an expression.",
            where=where,
            remedy=f"Use {words}.",
            code="expression.parse",
        ) from error
    except RecursionError:
        raise _too_deep(expression, where) from None
    if _depth(tree) > DEEPEST:
        raise _too_deep(expression, where)
    for node in tree.walk():
        if not isinstance(node, allowed):
            named = _refused(node)
            within = "" if named == f"`{expression}`" else f" in `{expression}`"
            raise DeclarationError(
                f"{named}{within} is not allowed in a metric.",
                where=where,
                remedy=HINTS.get(type(node), f"Use {words}."),
                code="expression.not_allowed",
            )
        if isinstance(node, exp.Column) and (node.table or node.name not in names):
            kind = "column or parameter" if allowed is OVER_ROWS else "measure, value or parameter"
            known = UnknownName(kind, written(node), names)
            raise DeclarationError(
                known.what, where=where, remedy=known.remedy, code="expression.name"
            )
    return tree


def _depth(tree: exp.Expr) -> int:
    """The levels of a tree, counted without going down into it."""
    level, depth = [tree], 0
    while level:
        level = [child for node in level for child in node.iter_expressions()]
        depth += 1
    return depth


def _too_deep(expression: str, where: str) -> DeclarationError:
    return DeclarationError(
        f"The expression `{expression[:30]}…` is nested too deeply to be read.",
        where=where,
        remedy="Take brackets away, write `in` for a chain of `or`, or say it in several measures or values.",
        code="expression.parse",
    )


def _refused(node: exp.Expr) -> str:
    """What is not allowed, as a person would call it."""
    if isinstance(node, exp.Query):
        return "A query of its own"
    if isinstance(node, exp.Func):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
        return f"The function `{name.lower()}`"
    return f"`{written(node)}`"


def written(node: exp.Expr) -> str:
    """A tree as a person writes it: keywords and functions in small letters."""
    return _WORDS.sub(
        lambda word: word[0].strip('"') if word[0][0] in "'\"" else word[0].lower(),
        node.sql(dialect="duckdb"),
    )


_WORDS = re.compile(r"'[^']*'|\"[^\"]*\"|[A-Z_]{2,}")


@cache
def _tree(expression: str) -> exp.Expr:
    """The expression as a tree, read once; nobody may change it (`transform` makes copies).

    A comment is dropped: it would be the one piece of typed text that goes into a query as it stands.
    """
    tree = sqlglot.parse_one(expression, dialect="duckdb")
    for node in tree.walk():
        node.comments = None
    return tree


@cache
def names_in(expression: str) -> frozenset[str]:
    """The columns, measures and parameters an expression names; it is checked elsewhere."""
    tree = _tree(expression)
    return frozenset(column.name for column in tree.find_all(exp.Column))


def runner(expression: str, names: Collection[str], *, where: str) -> Run:
    """The expression over measures as a function of their values.

    The result is a whole number, Decimal, Fraction, day, word or true/false; None where a part is Unknown
    or a denominator 0. `final` turns it into what an answer holds.
    """
    return _run(parse(expression, names, where=where, allowed=OVER_MEASURES))


def final(value: Any) -> Any:
    """A result as an answer holds it: a quotient is a float."""
    return float(value) if isinstance(value, Fraction) else value


def exact(value: Any) -> Any:
    """A parameter or measure as a number that compares exactly: 0.85 is 17/20, not the nearest float."""
    return Fraction(str(value)) if isinstance(value, float) else value


_COMPARE: dict[type[exp.Expr], Callable[[Any, Any], Any]] = {
    exp.EQ: operator.eq, exp.NEQ: operator.ne, exp.GT: operator.gt, exp.GTE: operator.ge,
    exp.LT: operator.lt, exp.LTE: operator.le,
}  # fmt: skip


def _run(node: exp.Expr) -> Run:
    if isinstance(node, exp.Paren):
        return _run(node.this)
    if isinstance(node, exp.Literal):
        constant = node.this if node.is_string else _number(node.this)
        return lambda _: constant
    if isinstance(node, exp.Boolean):
        truth = bool(node.this)
        return lambda _: truth
    if isinstance(node, exp.Null):
        return lambda _: None
    if isinstance(node, exp.Column):
        name = node.name
        return lambda names: exact(names[name])
    if isinstance(node, exp.Neg | exp.Abs | exp.Ceil | exp.Floor | exp.Not):
        return _one(node)
    if isinstance(node, exp.Is):
        this = _run(node.this)
        return lambda names: this(names) is None
    if isinstance(node, exp.And | exp.Or):
        return _logic(node)
    if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least):
        return _several(node)
    if isinstance(node, exp.Case | exp.If):
        return _choice(node)
    return _two(node)


def _choice(node: exp.Expr) -> Run:
    """`if(condition, one, other)`; an Unknown condition makes it Unknown."""
    branch = node.args["ifs"][0] if isinstance(node, exp.Case) else node
    other = node.args.get("default") if isinstance(node, exp.Case) else node.args.get("false")
    decide, then = _run(branch.this), _run(branch.args["true"])
    otherwise = _run(other) if other is not None else (lambda _: None)

    def run(names: Names) -> Any:
        is_met = decide(names)
        return None if is_met is None else then(names) if is_met else otherwise(names)

    return run


def _number(text: str) -> int | Decimal:
    return int(text) if text.isdecimal() else Decimal(text)


def _one(node: exp.Expr) -> Run:
    does: dict[type[exp.Expr], Callable[[Any], Any]] = {
        exp.Neg: operator.neg, exp.Abs: abs, exp.Ceil: math.ceil, exp.Floor: math.floor,
        exp.Not: operator.not_,
    }  # fmt: skip
    act, this = does[type(node)], _run(node.this)

    def run(names: Names) -> Any:
        value = this(names)
        return None if value is None else act(value)

    return run


def _logic(node: exp.Expr) -> Run:
    """Three-valued: false and Unknown is false, true or Unknown is true."""
    left, right = _run(node.args["this"]), _run(node.args["expression"])
    decides = isinstance(node, exp.Or)

    def run(names: Names) -> bool | None:
        values = (left(names), right(names))
        if any(value is not None and bool(value) is decides for value in values):
            return decides
        return None if None in values else not decides

    return run


def _several(node: exp.Expr) -> Run:
    parts = [_run(part) for part in (node.this, *node.expressions)]
    if isinstance(node, exp.Coalesce):
        return lambda names: next(
            (v for v in (part(names) for part in parts) if v is not None), None
        )
    choose = max if isinstance(node, exp.Greatest) else min

    def run(names: Names) -> Any:
        values = [part(names) for part in parts]
        return None if None in values else choose(values)

    return run


def _two(node: exp.Expr) -> Run:
    left, right = _run(node.args["this"]), _run(node.args["expression"])
    act = _COMPARE.get(type(node)) or _ARITHMETIC[type(node)]

    def run(names: Names) -> Any:
        one, other = left(names), right(names)
        return None if one is None or other is None else act(*_alike(one, other))

    return run


def _alike(one: Any, other: Any) -> tuple[Any, Any]:
    """Decimals join a fraction as fractions; Python will not mix them."""
    if isinstance(one, Fraction) and isinstance(other, Decimal):
        return one, Fraction(other)
    if isinstance(other, Fraction) and isinstance(one, Decimal):
        return Fraction(one), other
    return one, other


def _minus(one: Any, other: Any) -> Any:
    if isinstance(one, date):
        return (one - other).days if isinstance(other, date) else one - timedelta(days=other)
    return one - other


def _plus(one: Any, other: Any) -> Any:
    return one + timedelta(days=other) if isinstance(one, date) else one + other


def _divided(one: Any, other: Any) -> Fraction | None:
    return None if other == 0 else Fraction(one) / Fraction(other)


_ARITHMETIC: dict[type[exp.Expr], Callable[[Any, Any], Any]] = {
    exp.Add: _plus, exp.Sub: _minus, exp.Mul: operator.mul, exp.Div: _divided,
}  # fmt: skip
