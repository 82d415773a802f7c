"""What is told of many days at once is what the same metrics say when each day is asked by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from laws.lives import ASKED, Company, Telling, companies
from oracles.company import company, seeded
from oracles.life import scene
from tenure.metrics.compute import Computed
from tenure.metrics.declaration import Metric, built_in
from tenure.metrics.history import over_days
from tenure.metrics.history.made import WHY, history
from tenure.metrics.questions import Defaults

EVEN = tuple(range(0, 7 * 14, 7))
UNEVEN = (0, 1, 2, 9, 31, 45, 90, 91, 200, 365, 500)
USUAL: dict[str, Any] = ASKED["time_to_activation"]
OTHER: dict[str, Any] = {
    "activation_feature": "export", "min_events": 9, "weeks": 5, "window_days": 10, "include_ramp": False,
    "renewal_grace_days": 0, "renewal_window_days": 200, "flat_band_points": 0.5, "min_observations": 3,
    "min_span_days": 10,
}  # fmt: skip
ASKED_OF = {"weeks": (EVEN, USUAL), "uneven days": (UNEVEN, USUAL), "otherwise": (UNEVEN, OTHER)}
"""Which days before the company's own, and what the workspace sets in place of our defaults."""

Rows = dict[tuple[date, str], tuple[Any, ...]]
WITH_REVIEWS, WITH_CURRENCIES = (3, 4, 16, 29, 37), range(8)
RATELESS = (date(2025, 3, 1), date(2025, 7, 1))
"""Days of which every other company with currencies has no rates."""


@cache
def told_companies() -> tuple[Company, ...]:
    """The laws' own companies, lives with reviews owed, and contracts in several currencies."""
    lives = [(f"life {seed}", scene(seed)) for seed in WITH_REVIEWS]
    found = [Company(name, life.rows, life.zone, life.pivot) for name, life in lives]
    for seed in WITH_CURRENCIES:
        rows = company(seeded(seed), currencies=("USD", "EUR", "GBP"))
        rows["fx_rates"] = [
            row
            for row in rows["fx_rates"]
            if seed % 2 or not RATELESS[0] <= row["rate_date"] < RATELESS[1]
        ]
        found.append(Company(f"currencies {seed}", rows, "UTC", date(2025, 9, 30)))
    return (*companies(), *found)


COMPANIES = range(len(told_companies()))
NAMES = [c.name for c in told_companies()]


def preset(metric: Metric, said: dict[str, Any]) -> Metric:
    parameters = {
        name: replace(parameter, default=said.get(name, parameter.default))
        for name, parameter in metric.parameters.items()
    }
    return replace(metric, parameters=parameters)


TOLD = [metric for metric in built_in() if metric.answer_over]


def rows_of(this: Company, metrics: Sequence[Metric], days: Sequence[date]) -> tuple[Any, Rows]:
    telling = Telling(this)
    computed = Computed(telling.memory, telling.reading)
    made = history(metrics, days, computed, Defaults(this.as_of, "USD"))
    names = sorted(n for c in made.columns for n in (c, c + WHY))
    listed = ", ".join(f'"{name}"' for name in ["as_of", "account_id", *names])
    rows = telling.memory.query(f"select {listed} from ({made.query})")
    return (names, dict(made.columns)), {row[:2]: row[2:] for row in rows}


@cache
def both(number: int, how: str) -> tuple[list[str], Rows, Rows]:
    """Every function told at once, and asked day by day."""
    this, (distances, said) = told_companies()[number], ASKED_OF[how]
    days = sorted(this.as_of - timedelta(days=back) for back in distances)
    metrics = [preset(metric, said) for metric in TOLD]
    (names, types), told = rows_of(this, metrics, days)
    alone = [replace(metric, answer_over="") for metric in metrics]
    (asked_names, asked_types), asked = rows_of(this, alone, days)
    assert (names, types) == (asked_names, asked_types)
    return names, told, asked


def test_every_function_with_a_history_tells_of_many_days_at_once():
    assert {m.id for m in TOLD} == {m.id for m in built_in() if m.answer and m.history}


@pytest.mark.parametrize("number", COMPANIES, ids=NAMES)
@pytest.mark.parametrize("how", ASKED_OF)
def test_many_days_at_once_are_each_day_by_itself(number: int, how: str):
    names, told, asked = both(number, how)
    assert told.keys() == asked.keys()
    for place, row in asked.items():
        got = dict(zip(names, told[place], strict=True))
        said = dict(zip(names, row, strict=True))
        different = {name: (got[name], said[name]) for name in names if got[name] != said[name]}
        assert not different, f"{place}: told and asked differ"


@cache
def shown() -> dict[str, Counter[Any]]:
    """How often each column showed what, over all companies and days."""
    found: dict[str, Counter[Any]] = {}
    for number in COMPANIES:
        for how in ASKED_OF:
            names, told, _ = both(number, how)
            for row in told.values():
                for name, value in zip(names, row, strict=True):
                    found.setdefault(name, Counter())[value] += 1
    return found


@pytest.mark.parametrize("metric", TOLD, ids=[metric.id for metric in TOLD])
def test_the_days_compared_show_many_values_and_more_than_one_reason(metric: Metric):
    own = {n: c for n, c in shown().items() if n == metric.id or n.startswith(f"{metric.id}__")}
    assert len(own) == 2 * len(metric.history)
    for name, counts in own.items():
        if name.endswith(WHY):
            continue
        known = sum(times for value, times in counts.items() if value is not None)
        assert known >= 25, f"{name} is known {known} times"
        assert len(counts.keys() - {None}) >= 2, f"{name} is always the same"
        reasons = sum(times for why, times in own[name + WHY].items() if why is not None)
        late = own[name + WHY].get("source_late", 0)
        # A late source is said beside a value that stands; every other reason stands in place of one.
        assert 0 <= reasons - (sum(counts.values()) - known) <= late


def test_days_without_a_rate_are_among_those_compared():
    unknown = {
        column: sum(times for why, times in shown()[column + WHY].items() if why == "no_data")
        for column in ("arr_in_force", "quarterly_expansion_revenue")
    }
    assert min(unknown.values()) >= 25, unknown


def test_a_function_that_does_not_know_a_view_is_asked_day_by_day():
    this = companies()[0]
    metric = built_in().metrics["expansion_revenue_by_account"]
    other = preset(metric, {"method": "period_net"})
    (_, types), rows = rows_of(this, [other], [this.as_of])
    assert list(types) == [metric.id]
    assert rows == rows_of(this, [replace(other, answer_over="")], [this.as_of])[1]
    assert over_days.function_over(metric).__name__ == metric.id
