"""Arithmetic over measures as SQL, with the very numbers that `expressions` gives.

Whole numbers and decimals are exact in both. A quotient is exact there (a fraction) and rounded once when it
is shown; here both sides are brought to whole numbers first, so that one division rounds the same way.
What could differ (a quotient that is calculated with or compared) is not written at all: `Unwritten`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlglot import exp

from tenure.metrics.expressions import OVER_MEASURES, parse

Kind = Literal["whole", "number", "ratio", "day", "text", "truth", "nothing"]

SQL_TYPE: Mapping[Kind, str] = {
    "whole": "BIGINT", "number": "DECIMAL(28,6)", "ratio": "DOUBLE", "day": "DATE",
    "text": "VARCHAR", "truth": "BOOLEAN", "nothing": "VARCHAR",
}  # fmt: skip
MOST_PLACES = 12
_SIGNS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*",
}  # fmt: skip
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


class Unwritten(Exception):
    """The expression has no SQL that is sure to give the same number."""


@dataclass(frozen=True, slots=True)
class Term:
    """An expression's SQL, what it is, and the decimal places of a number."""

    sql: str
    kind: Kind
    places: int = 0


def written(expression: str, terms: Mapping[str, Term], *, where: str) -> Term:
    """The expression over named terms as one term.

    Raises:
        Unwritten: it must be asked instead.
    """
    tree = parse(expression, terms, where=where, allowed=OVER_MEASURES)
    return _Writer(terms).of(tree)


class _Writer:
    def __init__(self, terms: Mapping[str, Term]) -> None:
        self.terms = terms

    def of(self, node: exp.Expr) -> Term:
        if isinstance(node, exp.Paren):
            return self.of(node.this)
        if isinstance(node, exp.Column):
            return self.terms[node.name]
        if isinstance(node, exp.Literal | exp.Boolean | exp.Null):
            return _constant(node)
        if isinstance(node, exp.And | exp.Or):
            one, other = (self._truth(node.args[side]) for side in ("this", "expression"))
            return Term(f"({one} {'or' if isinstance(node, exp.Or) else 'and'} {other})", "truth")
        if isinstance(node, exp.Not):
            return Term(f"(not {self._truth(node.this)})", "truth")
        if isinstance(node, exp.Is):
            return Term(f"({self.of(node.this).sql} is null)", "truth")
        if isinstance(node, _COMPARED):
            return self._comparison(node)
        if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least):
            return self._several(node)
        if isinstance(node, exp.Case | exp.If):
            return self._choice(node)
        if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
            return self._arithmetic(node)
        return self._one(node)

    def _truth(self, node: exp.Expr) -> str:
        term = self.of(node)
        if term.kind not in ("truth", "nothing"):
            raise Unwritten
        return term.sql

    def _comparison(self, node: exp.Expr) -> Term:
        one, other = self.of(node.args["this"]), self.of(node.args["expression"])
        if "ratio" in (one.kind, other.kind):
            raise Unwritten  # compared as fractions there
        return Term(f"({one.sql} {_SIGNS[type(node)]} {other.sql})", "truth")

    def _several(self, node: exp.Expr) -> Term:
        parts = [self.of(part) for part in (node.this, *node.expressions)]
        kind, places = _common(parts)
        listed = ", ".join(part.sql for part in parts)
        if isinstance(node, exp.Coalesce):
            return Term(f"coalesce({listed})", kind, places)
        if kind == "ratio":
            raise Unwritten
        # One that is Unknown makes it Unknown; the engine would pass over it.
        lacks = " or ".join(f"{part.sql} is null" for part in parts)
        name = "greatest" if isinstance(node, exp.Greatest) else "least"
        return Term(f"(case when {lacks} then null else {name}({listed}) end)", kind, places)

    def _choice(self, node: exp.Expr) -> Term:
        branch = node.args["ifs"][0] if isinstance(node, exp.Case) else node
        other = node.args.get("default") if isinstance(node, exp.Case) else node.args.get("false")
        decides, then = self._truth(branch.this), self.of(branch.args["true"])
        otherwise = self.of(other) if other is not None else Term("null", "nothing")
        kind, places = _common([then, otherwise])
        return Term(
            f"(case when {decides} is null then null when {decides} then {then.sql} "
            f"else {otherwise.sql} end)",
            kind,
            places,
        )

    def _one(self, node: exp.Expr) -> Term:
        term = self.of(node.this)
        if term.kind not in ("whole", "number", "nothing"):
            raise Unwritten
        if isinstance(node, exp.Neg):
            return Term(f"(- {term.sql})", term.kind, term.places)
        if isinstance(node, exp.Abs):
            return Term(f"abs({term.sql})", term.kind, term.places)
        name = "ceil" if isinstance(node, exp.Ceil) else "floor"
        return Term(f"cast({name}({term.sql}) as bigint)", "whole")

    def _arithmetic(self, node: exp.Expr) -> Term:
        one, other = self.of(node.args["this"]), self.of(node.args["expression"])
        kinds = {one.kind, other.kind}
        if isinstance(node, exp.Sub) and kinds == {"day"}:
            return Term(f"date_diff('day', {other.sql}, {one.sql})", "whole")
        if "day" in kinds:
            if one.kind != "day" or other.kind != "whole":
                raise Unwritten
            sign = "-" if isinstance(node, exp.Sub) else "+"
            return Term(f"({one.sql} {sign} cast({other.sql} as integer))", "day")
        if not kinds <= {"whole", "number", "nothing"}:
            raise Unwritten
        if isinstance(node, exp.Div):
            return _quotient(one, other)
        sign = _SIGNS[type(node)]
        places = one.places + other.places if sign == "*" else max(one.places, other.places)
        if places > MOST_PLACES:
            raise Unwritten
        return Term(
            f"({one.sql} {sign} {other.sql})", "number" if "number" in kinds else "whole", places
        )


def _constant(node: exp.Expr) -> Term:
    if isinstance(node, exp.Null):
        return Term("null", "nothing")
    if isinstance(node, exp.Boolean):
        return Term(str(bool(node.this)).lower(), "truth")
    if node.is_string:
        return Term("'" + str(node.this).replace("'", "''") + "'", "text")
    return number(node.this)


def number(value: Any) -> Term:
    """A number typed in a declaration, or a parameter's: 0.85 is 17/20, no float."""
    text = str(value)
    if text.lstrip("-").isdecimal():
        return Term(text, "whole")
    places = len(text.partition(".")[2])
    if "e" in text.lower() or places > MOST_PLACES:
        raise Unwritten
    return Term(f"cast({text} as decimal(28,{places}))", "number", places)


def _common(parts: list[Term]) -> tuple[Kind, int]:
    kinds = {part.kind for part in parts} - {"nothing"}
    if kinds == {"whole", "number"}:
        kinds = {"number"}
    if len(kinds) > 1:
        raise Unwritten
    return kinds.pop() if kinds else "nothing", max(part.places for part in parts)


def _quotient(one: Term, other: Term) -> Term:
    places = max(one.places, other.places)
    left, right = (f"cast({_whole(term, places)} as double)" for term in (one, other))
    return Term(f"(case when {other.sql} = 0 then null else {left} / {right} end)", "ratio")


def _whole(term: Term, places: int) -> str:
    """The term times a power of ten, as a whole number; its double is the nearest there is, as the fraction's."""
    return (
        f"({term.sql} * cast(1{'0' * places} as decimal({places + 1},0)))" if places else term.sql
    )
