"""Current rows as metrics ask for them: the same question is read once, and never from a table that has changed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from deliveries import Delivery, write

from tenure.lake import snapshots
from tenure.lake.engines import current
from tenure.lake.engines.current import CurrentRows
from tenure.lake.engines.duckdb import Engine
from tenure.lake.lake import Lake

ALL = "select account_id from accounts where arr >= $least order by 1"


class Counting(Engine):
    """An engine that counts what it is asked."""

    asked = 0

    def rows(self, *question: Any) -> list[tuple[Any, ...]]:
        self.asked += 1
        return super().rows(*question)


@pytest.fixture
def rows(lake: Lake) -> Iterator[CurrentRows]:
    names = ("a", "b", "c")
    sent = [{"account_id": n, "name": n.title(), "arr": Decimal(100)} for n in names]
    write(lake, Delivery("i1", {"accounts": sent}))
    with Counting(lake, snapshots.newest(lake)) as engine:
        yield CurrentRows(engine, 1)


def asked(rows: CurrentRows) -> int:
    assert isinstance(rows.engine, Counting)
    return rows.engine.asked


def test_the_same_question_is_read_once_and_another_value_is_another_question(
    rows: CurrentRows,
) -> None:
    first = rows.query(ALL, {"least": 50})
    again = rows.query(ALL, {"least": 50})
    none = rows.query(ALL, {"least": 500})

    assert (first, again, none) == ([("a",), ("b",), ("c",)], first, [])
    assert asked(rows) == 2


def test_who_changes_the_rows_it_got_changes_nobody_elses(rows: CurrentRows) -> None:
    rows.query(ALL, {"least": 50}).clear()

    assert len(rows.query(ALL, {"least": 50})) == 3


def test_a_table_that_is_made_anew_is_read_anew(rows: CurrentRows) -> None:
    seen = []
    for number in (1, 2):
        rows.register("mine", {"number": [number]}, types={"number": "integer"})
        seen += rows.query("select number from mine")
        rows.drop("mine")
    for number in (3, 4):
        rows.keep("kept", f"select {number} as number")  # noqa: S608 - our own number
        seen += rows.query("select number from kept")

    assert seen == [(1,), (2,), (3,), (4,)]


def test_no_more_than_so_many_rows_are_kept_and_the_oldest_go_first(
    rows: CurrentRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "MOST_KEPT", 4)
    rows.query(ALL, {"least": 50})
    rows.query(ALL, {"least": 60})  # six rows in all: the first three go
    before = asked(rows)

    rows.query(ALL, {"least": 60})
    assert asked(rows) == before
    rows.query(ALL, {"least": 50})
    assert asked(rows) == before + 1
