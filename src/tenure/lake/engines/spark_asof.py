"""An as-of join in Spark's words: of the rows that a join would pair, the one nearest to the row it stands beside.

Spark has no as-of join, and takes a query beside each row that may look at the rows before it: LATERAL. It works such
a query out once for all rows that ask the same, as a join.
"""

from __future__ import annotations

from sqlglot import exp

from tenure.lake.engines.spark_rules import no_form

NEAREST = "nearest"
TURNED = {exp.LTE: exp.GTE, exp.LT: exp.GT, exp.GTE: exp.LTE, exp.GT: exp.LT}


def without_asof(tree: exp.Expr) -> None:
    """Every as-of join of a statement said with LATERAL, in place.

    Raises:
        LakeError: one is not on equal columns and one inequality.
    """
    for join in list(tree.find_all(exp.Join)):
        method = join.args.get("method")
        if method == "ASOF":
            _said_beside(join)
        elif method == "POSITIONAL":
            raise no_form("A positional join", join.sql("duckdb"))


def _said_beside(join: exp.Join) -> None:
    name = join.this.alias_or_name
    on = join.args.get("on")
    equal, nearest = list[exp.Expr](), list[exp.Expr]()
    for part in on.flatten() if isinstance(on, exp.And) else [on]:
        own = _own_side(part, name)
        if own is not None and isinstance(part, exp.EQ):
            equal.append(own.copy())
        elif own is not None:
            nearest.append(_latest_or_earliest(part, own))
    if not equal or len(nearest) != 1:
        raise no_form(
            "An asof join on anything else than equal columns and one inequality",
            join.sql("duckdb"),
        )
    # By what is equal, so that where nothing is paired there is no row; the row as a whole, so that it is one row.
    found = exp.select(exp.alias_(nearest[0], NEAREST)).from_(join.this.copy()).where(on.copy())
    beside = exp.select(f"{NEAREST}.*").from_(found.group_by(*equal).subquery("found"))
    lateral = exp.Lateral(
        this=beside.subquery(), alias=exp.TableAlias(this=exp.to_identifier(name))
    )
    join.set("this", lateral)
    join.set("method", None)
    join.set("on", exp.true())
    if not join.side:
        join.set(
            "kind", "INNER"
        )  # said, lest it be printed as a comma, which binds less than the next join


def _own_side(part: exp.Expr | None, name: str) -> exp.Column | None:
    """The column of the joined table that a comparison names on one side alone."""
    if not isinstance(part, exp.EQ | exp.LTE | exp.LT | exp.GTE | exp.GT):
        return None
    for own, other in ((part.this, part.expression), (part.expression, part.this)):
        if isinstance(own, exp.Column) and own.table == name:
            return None if any(c.table == name for c in other.find_all(exp.Column)) else own
    return None


def _latest_or_earliest(part: exp.Expr, own: exp.Column) -> exp.Expr:
    kind = type(part) if part.this is own else TURNED[type(part)]
    whole = exp.Struct(
        expressions=[exp.Column(this=exp.Star(), table=exp.to_identifier(own.table))]
    )
    pick = exp.ArgMax if kind in (exp.LTE, exp.LT) else exp.ArgMin
    return pick(this=whole, expression=own.copy())
