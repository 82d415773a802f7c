"""An ASOF join in Spark's words: every row on the right holds from its own day until the one of the next row.

The next row's day stands beside each row (a window over the columns that must be equal), and a row on the left meets
the one row whose stretch holds its day. Of several rows of one day the last is met, as one of them is by DuckDB.
"""

from __future__ import annotations

from sqlglot import exp

from tenure.lake.engines.spark_words import no_form

NEAR = "@near"
_TURNED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LTE: exp.GTE, exp.LT: exp.GT, exp.GTE: exp.LTE, exp.GT: exp.LT,
}  # fmt: skip
_BEYOND: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LTE: exp.GT, exp.LT: exp.GTE, exp.GTE: exp.LT, exp.GT: exp.LTE,
}  # fmt: skip
"""How the next row's day stands to the day asked, where this row's stands so."""


def asof(join: exp.Expr) -> exp.Expr:
    """The join, with the right side's next (or previous) day beside each row.

    Raises:
        LakeError: no single comparison beside equal columns, or all columns are selected without saying whose.
    """
    name, condition, text = join.this.alias_or_name, join.args.get("on"), join.sql("duckdb")
    select = join.find_ancestor(exp.Select)
    if condition is None or (select and any(isinstance(s, exp.Star) for s in select.selects)):
        raise no_form("This asof join", text)
    equal: list[exp.Expr] = []
    compared: list[exp.Expr] = []
    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        (equal if isinstance(part, exp.EQ) else compared).append(part)
    if len(compared) != 1 or type(compared[0]) not in _TURNED:
        raise no_form("This asof join", text)
    day, asked, sign = _sides(compared[0], name)
    keys = [_bare(_sides(part, name)[0]) for part in equal]
    side = exp.Lead if sign in (exp.LTE, exp.LT) else exp.Lag
    near = exp.Window(
        this=side(this=_bare(day)),
        partition_by=keys,
        order=exp.Order(expressions=[exp.Ordered(this=_bare(day), nulls_first=False)]),
    )
    rows = exp.select(exp.Star(), exp.alias_(near, NEAR, quoted=True)).from_(_unnamed(join.this))
    beside = exp.column(NEAR, table=name, quoted=True)
    ends = exp.or_(
        exp.Is(this=beside, expression=exp.Null()),
        _BEYOND[sign](this=beside.copy(), expression=asked.copy()),
    )
    made = join.copy()
    made.set("method", None)
    made.set("this", rows.subquery(name))
    made.set("on", exp.and_(*(part.copy() for part in (*equal, compared[0])), ends))
    return made


def _sides(part: exp.Expr, name: str) -> tuple[exp.Expr, exp.Expr, type[exp.Expr]]:
    """What is the right table's own, what it is compared with, and the sign as read from the right table's side."""
    one, other = part.this, part.expression
    if _is_of(one, name) and not _is_of(other, name):
        return one, other, type(part)
    if _is_of(other, name) and not _is_of(one, name):
        return other, one, _TURNED.get(type(part), type(part))
    raise no_form("This asof join", part.sql("duckdb"))


def _is_of(side: exp.Expr, name: str) -> bool:
    return any(column.table == name for column in side.find_all(exp.Column))


def _bare(side: exp.Expr) -> exp.Expr:
    """The same without the table's name, as it is called inside."""
    copy = side.copy()
    for column in copy.find_all(exp.Column):
        column.set("table", None)
    return copy


def _unnamed(relation: exp.Expr) -> exp.Expr:
    copy = relation.copy()
    if isinstance(copy, exp.Table):
        copy.set("alias", None)
    return copy
