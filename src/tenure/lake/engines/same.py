"""Rows with the ids that are one read as one; where none are, the rows as they are."""

from __future__ import annotations

from tenure.facts.sql import ident, literal
from tenure.facts.table import Table
from tenure.lake.identities import Same

ADDED_UP = ("time_totals", "usage_daily")
"""Tables whose rows are sums: two of one key, of two sources, are both counted."""


def columns_of(table: Table, same: Same) -> dict[str, str]:
    """The columns that hold ids of which some are one, each with the table that it names."""
    own = {table.key[0]: table.id} if table.id in same and len(table.key) == 1 else {}
    named = {n: column.refers_to for n, column in table.columns.items() if column.refers_to in same}
    return own | named


def read_as_one(table: Table, rows: str, same: Same) -> str:
    """SQL for the rows, with every id that is another one as that one; all rows, also where keys now meet.

    Args:
        table: whose rows.
        rows: a SELECT of columns `Table.sql_columns()`.
        same: what is one.
    """
    named = columns_of(table, same)
    return _renamed(table, rows, same, named) if named else rows


def one_per_key(table: Table, rows: str, same: Same) -> str:
    """SQL for the current rows as one: where two now have one key, that of the id that was kept stands.

    Sums (`ADDED_UP`) are all kept: what two sources counted is counted.
    """
    named = columns_of(table, same)
    if not named:
        return rows
    if table.id in ADDED_UP or not set(table.key) & named.keys():
        return _renamed(table, rows, same, named)
    listed = ", ".join(map(ident, table.sql_columns()))
    return f"select {listed} from ({_ranked(table, rows, same, named)}) where place_of_one = 1"


def set_aside(table: Table, rows: str, same: Same) -> str:
    """SQL for how many of the current rows do not stand because another one now has their key."""
    named = columns_of(table, same)
    if table.id in ADDED_UP or not set(table.key) & named.keys():
        return "select 0 as set_aside"
    return (
        "select count(*) as set_aside from "
        f"({_ranked(table, rows, same, named)}) where place_of_one > 1"
    )


def _ranked(table: Table, rows: str, same: Same, named: dict[str, str]) -> str:
    keys = ", ".join(map(ident, table.key))
    own = " and ".join(f"{ident(_raw(n))} = {ident(n)}" for n in named if n in table.key)
    raw = ", ".join(ident(_raw(n)) for n in named if n in table.key)
    renamed = _renamed(table, rows, same, named, raw=True)
    return (
        f"select *, row_number() over (partition by {keys} order by case when {own} then 0 else 1 end, "
        f"version_at desc, commit_no desc, {raw}) as place_of_one from ({renamed})"
    )


def _raw(name: str) -> str:
    return f"raw_{name}"


def _renamed(
    table: Table, rows: str, same: Same, named: dict[str, str], *, raw: bool = False
) -> str:
    read = {name: f"held.{ident(name)}" for name in table.sql_columns()}
    joins = []
    for number, (name, of) in enumerate(named.items()):
        pairs = ", ".join(f"({literal(a)}, {literal(b)})" for a, b in sorted(same[of].items()))
        joins.append(
            f"left join (values {pairs}) as one_{number}(other_id, kept_id) "
            f"on held.{ident(name)} = one_{number}.other_id"
        )
        read[name] = f"coalesce(one_{number}.kept_id, held.{ident(name)})"
    if table.id in named.values():  # nobody is above itself
        key = table.key[0]
        for name, of in named.items():
            if of == table.id and name != key:
                read[name] = f"nullif({read[name]}, {read[key]})"
    listed = ", ".join(f"{said} as {ident(name)}" for name, said in read.items())
    if raw:
        listed += "".join(f", held.{ident(n)} as {ident(_raw(n))}" for n in named if n in table.key)
    return f"select {listed} from ({rows}) as held {' '.join(joins)}"
