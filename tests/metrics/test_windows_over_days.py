"""Windows of usage over many days at once hold what each day's own question holds, whatever the windows' length."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from memory import Memory

from oracles.product import world
from tenure.metrics.history.facts import FactsOver
from tenure.metrics.reading import Reading

WORLDS = (1, 4)
LENGTHS = (1, 7, 28, 31, 90, 400)
GAPS = (0, 3, 7, 11, 30, 45, 120)
"""Days back from the company's last day: uneven, some in one month, some months apart."""


@pytest.fixture(scope="module", params=WORLDS)
def company(request: pytest.FixtureRequest) -> tuple[Memory, date]:
    made = world(request.param)
    return Memory(made.rows), made.today


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("column", ["active_days", "events"])
def test_people_of_a_window_are_the_same_from_bits_from_days_and_asked_by_itself(
    company: tuple[Memory, date], length: int, column: str
) -> None:
    memory, last = company
    days = tuple(sorted(last - timedelta(days=gap) for gap in GAPS))
    reading = Reading(memory, "USD")
    knowns = [{"as_of": day, "window_days": length} for day in days]
    over = FactsOver.of(reading, days)
    over.wanted = {"user_window": {column}}
    chosen = f"account_id, product_user_id, {column}, department"
    made = f"select as_of, {chosen} from {over.relation('user_window', knowns)}"  # noqa: S608

    expected: list[tuple[Any, ...]] = []
    for day, known in zip(days, knowns, strict=True):
        rows = memory.query(f"select {chosen} from {reading.relation('user_window', known)}")  # noqa: S608
        expected += [(day, *row) for row in rows]
    assert sorted(memory.query(made), key=str) == sorted(expected, key=str)
    assert len(expected) > len(days)
