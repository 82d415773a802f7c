"""Quotients of whole numbers in SQL, rounded once, as Python rounds them."""

from __future__ import annotations

from tenure.facts.sql import ident
from tenure.metrics.history.over_days import OverDays

EXACT = 2**53
"""Every whole number up to this one is a double; two such give the nearest double when divided."""


def divided(over: OverDays, made: str, numerator: str, denominator: str) -> str:
    """SQL for a quotient of two columns of whole numbers; null where the denominator is 0.

    Args:
        over: where tables are made.
        made: a table that was kept; the SQL stands in a query that reads it under this name.
        numerator: a HUGEINT column.
        denominator: likewise.
    """
    one, other = (f"{made}.{ident(column)}" for column in (numerator, denominator))
    plain = f"(case when {other} = 0 then null else cast({one} as double) / cast({other} as double) end)"
    beyond = over.reading.query(
        f"select distinct {one}, {other} from {made} "  # noqa: S608 - our own names
        f"where (abs({one}) > {EXACT} or abs({other}) > {EXACT}) and {other} <> 0"
    )
    if not beyond:
        return plain
    rows = [(top, bottom, top / bottom) for top, bottom in beyond]
    types = {"numerator": "HUGEINT", "denominator": "HUGEINT", "value": "DOUBLE"}
    large = over.register(f"large_{numerator}_{denominator}", types, rows)
    return (
        f"coalesce((select value from {large} where {large}.numerator = {one} "
        f"and {large}.denominator = {other}), {plain})"
    )


def nearest(whole: str) -> str:
    """SQL for the double nearest to a whole number; of a larger one by way of its digits."""
    return (
        f"(case when abs({whole}) <= {EXACT} then cast({whole} as double) "
        f"else cast(cast({whole} as varchar) as double) end)"
    )


def scaled(number: str, places: int = 6) -> str:
    """SQL for a decimal of so many places times a power of ten, as a whole number."""
    return f"cast(cast({number} as decimal(28,{places})) * cast(1{'0' * places} as decimal({places + 1},0)) as hugeint)"
