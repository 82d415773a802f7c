"""Whether two methods say the same of every account on every day."""

from __future__ import annotations

from pathlib import Path

import duckdb

from peers.numbers import NUMBERS

NEAR = 1e-9
"""Relative: floating sums in another order differ in the last digits, and nothing else may."""


class Disagreement(Exception):
    """Two methods differ in a number."""


def agree(one: Path, other: Path) -> dict[str, int]:
    """How many values of each number are known in both and equal.

    Raises:
        Disagreement: a row, a value, or its being unknown differs; or a number is known nowhere, which proves nothing.
    """
    with duckdb.connect() as connection:
        for name, file in (("one", one), ("other", other)):
            connection.execute(f"create view {name} as from read_parquet('{file}')")
        lone = connection.execute(
            "select count(*) from one full join other using (as_of, account_id) "
            "where one.account_id is null or other.account_id is null"
        ).fetchall()[0][0]
        if lone:
            raise Disagreement(f"{lone} rows stand in {one.stem} or {other.stem} alone.")
        return {number: _same(connection, number, one.stem, other.stem) for number in NUMBERS}


def _same(connection: duckdb.DuckDBPyConnection, number: str, one: str, other: str) -> int:
    near = f"abs(a - b) <= {NEAR} * greatest(abs(a), abs(b))"
    if number.endswith("_date"):
        near = "a = b"
    pairs = f"select as_of, account_id, one.{number} as a, other.{number} as b from one join other using (as_of, account_id)"
    wrong = connection.execute(
        f"select * from ({pairs}) where (a is null) <> (b is null) or not ({near}) order by all limit 3"
    ).fetchall()
    if wrong:
        raise Disagreement(
            f"{number}: {one} and {other} differ, for example (day, account, values) {wrong}."
        )
    known = int(connection.execute(f"select count(a) from ({pairs})").fetchall()[0][0])
    if not known:
        raise Disagreement(
            f"{number} is known of no account in {one} and {other}: nothing was compared."
        )
    return known
