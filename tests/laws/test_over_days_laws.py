"""What is told of many days at once is what the same metrics say when each day is asked by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from laws.lives import Company, Telling, companies
from tenure.metrics.compute import Computed
from tenure.metrics.declaration import Metric, built_in
from tenure.metrics.history.made import WHY, history
from tenure.metrics.questions import Defaults

TOLD = [metric for metric in built_in() if metric.answer_over]
EVEN = tuple(range(0, 7 * 14, 7))
UNEVEN = (0, 1, 2, 9, 31, 45, 90, 91, 200, 365, 500)

Rows = dict[tuple[date, str], tuple[Any, ...]]


def rows_of(company: Company, metrics: Sequence[Metric], days: Sequence[date]) -> tuple[Any, Rows]:
    telling = Telling(company)
    made = history(
        metrics,
        days,
        Computed(telling.memory, telling.reading),
        Defaults(company.as_of, "USD"),
    )
    names = sorted(n for c in made.columns for n in (c, c + WHY))
    listed = ", ".join(f'"{name}"' for name in ["as_of", "account_id", *names])
    found = {
        row[:2]: row[2:] for row in telling.memory.query(f"select {listed} from ({made.query})")
    }
    return (names, dict(made.columns)), found


@cache
def both(number: int, distances: tuple[int, ...]) -> tuple[list[str], Rows, Rows]:
    """Every function told at once, and asked day by day."""
    company = companies()[number]
    days = sorted(company.as_of - timedelta(days=back) for back in distances)
    (names, types), told = rows_of(company, TOLD, days)
    (asked_names, asked_types), asked = rows_of(
        company, [replace(metric, answer_over="") for metric in TOLD], days
    )
    assert (names, types) == (asked_names, asked_types)
    return names, told, asked


COMPANIES = range(len(companies()))


@pytest.mark.parametrize("number", COMPANIES, ids=[c.name for c in companies()])
@pytest.mark.parametrize("distances", [EVEN, UNEVEN], ids=["weeks", "uneven days"])
def test_many_days_at_once_are_each_day_by_itself(number: int, distances: tuple[int, ...]):
    names, told, asked = both(number, distances)
    assert told.keys() == asked.keys()
    for place, row in asked.items():
        got = dict(zip(names, told[place], strict=True))
        said = dict(zip(names, row, strict=True))
        different = {name: (got[name], said[name]) for name in names if got[name] != said[name]}
        assert not different, f"{place}: told and asked differ"


@pytest.mark.parametrize("metric", TOLD, ids=[metric.id for metric in TOLD])
def test_a_function_of_many_days_is_compared_in_values_and_in_reasons(metric: Metric):
    values: dict[str, set[Any]] = {}
    for number in COMPANIES:
        for distances in (EVEN, UNEVEN):
            names, told, _ = both(number, distances)
            for row in told.values():
                for name, value in zip(names, row, strict=True):
                    if name == metric.id or name.startswith(f"{metric.id}__"):
                        values.setdefault(name, set()).add(value)
    for name, found in values.items():
        known = found - {None}
        assert known, f"{name} is never known"
    assert any(len(found - {None}) >= 2 for name, found in values.items() if WHY not in name)
